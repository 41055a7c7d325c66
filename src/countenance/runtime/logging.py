"""Structured logs, JSON lines on standard error, that can't hold what they must not.

Rules kept here:

* Faces, vectors, scores, keys, tokens, receipts, names and file names are struck out, whoever logs them: by
  the name of the member, by the type of the value, and by its form.
* An exception is logged by its type and where it arose. Its message isn't: a library's message may quote
  what it was given.
* What libraries log passes through the same gate.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

from countenance.runtime.settings import Settings

__all__ = ["STRUCK_OUT", "configure_logging", "strike_out"]

STRUCK_OUT: Final = "[struck out]"

_MEMBERS: Final = re.compile(
    r"picture|image|photo|face|frame|pixel|crop|vector|embedding|template|preview|score|threshold|similarity"
    r"|secret|password|token|receipt|cookie|authorization|api_key|root_key|signature"
    r"|name$|^guest|^holder|file|path|folder|address|content",
    re.IGNORECASE,
)
_KEPT: Final = frozenset({"path"})
"""Members that fit the pattern and are safe: the access log writes known paths alone."""
_FORMS: Final = re.compile(
    r"cnt_[a-z2-7]{8}_[a-z2-7]{52}"  # an API key
    r"|[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"  # a compact JWS
    r"|[A-Za-z0-9+/]{200,}={0,2}"  # encoded bytes
)
_PLAIN: Final = (str, int, float, bool, type(None))
_LONGEST: Final = 2000
_TALKATIVE: Final = ("alembic", "PIL", "multipart", "python_multipart", "asyncio")
"""Libraries whose lesser events say nothing about this installation."""


def strike_out(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return a log event without what logs must not hold; a structlog processor."""
    return {
        key: STRUCK_OUT if _MEMBERS.search(key) and key not in _KEPT else _value(value)
        for key, value in event.items()
    }


def _value(value: object) -> object:
    if isinstance(value, str):
        return _FORMS.sub(STRUCK_OUT, value)[:_LONGEST]
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return strike_out(None, "", {str(key): inner for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return [_value(inner) for inner in value]
    return STRUCK_OUT


def _tell_exception(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its type, and the function and line of each step to it."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised if isinstance(raised, BaseException) else raised[1] if isinstance(raised, tuple) else None
    if error is not None:
        steps = traceback.extract_tb(error.__traceback__)
        event["raised"] = type(error).__name__
        event["where"] = [f"{step.name}:{step.lineno}" for step in steps[-8:]]
    return event


def configure_logging(settings: Settings) -> None:
    """Set up structlog and the standard library's logging alike.

    Args:
        settings: says which events are too minor to log.
    """
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _tell_exception,
                strike_out,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for talkative in _TALKATIVE:
        logging.getLogger(talkative).setLevel(max(level, logging.WARNING))
