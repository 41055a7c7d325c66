"""What an installation says when it can't be built."""

from __future__ import annotations

from countenance.kernel import OperatorError

__all__ = ["DemoFolderForeign", "InstallationNotReady", "ModelNotForThis", "SettingsInvalid"]


class SettingsInvalid(OperatorError):
    """A setting is unknown, of the wrong form or outside its limits."""

    code = "settings-invalid"
    default_remedy = "Correct the settings that the message names; docs/reference/settings.md lists them all."


class InstallationNotReady(OperatorError):
    """The installation would serve or keep its keys in an unsafe way, or lacks a part; it doesn't start."""

    code = "installation-not-ready"
    default_remedy = "Change what the message names; `countenance doctor` checks again."


class ModelNotForThis(OperatorError):
    """A setting names a network of another job, or one that this version has no code for."""

    code = "model-not-for-this"
    default_remedy = (
        "Leave the setting out, or name a network of that job; `countenance models list` shows them."
    )


class DemoFolderForeign(OperatorError):
    """The folder given for the demonstration holds an installation that isn't one."""

    code = "demo-folder-foreign"
    default_remedy = "Give a new folder; a demonstration never writes into a real installation."
