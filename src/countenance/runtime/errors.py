"""What an installation says when it can't be built."""

from __future__ import annotations

from countenance.kernel import OperatorError

__all__ = ["DemoFolderForeign", "InstallationUnsafe", "SettingsInvalid"]


class SettingsInvalid(OperatorError):
    """A setting is unknown, of the wrong form or outside its limits."""

    code = "settings-invalid"
    default_remedy = "Correct the settings that the message names; docs/reference/settings.md lists them all."


class InstallationUnsafe(OperatorError):
    """The installation would serve, or keep its keys, in a way that isn't safe; it doesn't start."""

    code = "installation-unsafe"
    default_remedy = "Change what the message names; `countenance doctor` checks again."


class DemoFolderForeign(OperatorError):
    """The folder given for the demonstration holds an installation that isn't one."""

    code = "demo-folder-foreign"
    default_remedy = "Give a new folder; a demonstration never writes into a real installation."
