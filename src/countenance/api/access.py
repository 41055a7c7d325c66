"""Who may ask: an API key in ``Authorization: Bearer`` or ``X-Api-Key``, and what its roles allow it.

What a role may do stands in the table of roles (``countenance.authority.shipped_roles``) and nowhere here. A
key acts in the first of its roles that may. No key acts as a person concerned: it would be everybody's. That
person shows the receipt that nobody else holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, cast

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from countenance.api.attempts import AttemptBook
from countenance.authority import Act, Author, Role, shipped_roles
from countenance.kernel import CallerError
from countenance.runtime import Services
from countenance.store import ApiKeyRefused

__all__ = ["Caller", "CallerKey", "Clerk", "Installed", "MaybeCaller", "RoleMissing", "acting"]

_BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", description="An API key of this installation.")
_HEADER = APIKeyHeader(
    name="X-Api-Key", auto_error=False, scheme_name="api-key", description="An API key of this installation."
)
_LONGEST_KEY: Final = 200


class RoleMissing(CallerError):
    """The API key is good, but not for this."""

    code = "role-missing"
    default_remedy = "Ask the operator for a key with the role that is needed."


def installed_services(request: Request) -> Services:
    """Return the services that the application was built over."""
    return cast("Services", request.app.state.services)


Installed = Annotated[Services, Depends(installed_services)]


def presented_key(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    header: Annotated[str | None, Security(_HEADER)],
) -> str | None:
    """Return the key that the request carries; ``None`` if it carries none."""
    return bearer.credentials if bearer is not None else header


Presented = Annotated[str | None, Depends(presented_key)]


@dataclass(frozen=True, slots=True)
class CallerKey:
    """Whoever asks, as far as this package knows: the key, never a person.

    Attributes:
        prefix: the public part of the key.
        roles: what it may do.
    """

    prefix: str
    roles: frozenset[str]


_NOBODY: Final = CallerKey(prefix="none", roles=frozenset({Role.CLERK.value}))
"""Who asks where the settings switched keys off; possible on loopback alone."""


def require_caller(request: Request, services: Installed, presented: Presented) -> CallerKey:
    """Return the key that the request carries.

    A plain function, so that FastAPI runs the slow hash in its thread pool.

    Raises:
        ApiKeyRefused: if there is no key, or it isn't a good one; in the same words.
        TooManyAttempts: if too many keys from the caller's address were wrong.
    """
    if not services.settings.auth:
        return _NOBODY
    words = "The request carries no API key that is good here."
    if presented is None or len(presented) > _LONGEST_KEY:
        raise ApiKeyRefused(words)
    attempts = cast("AttemptBook", request.app.state.attempts)
    address = request.client.host if request.client is not None else "unknown"
    attempts.require_room(address)
    try:
        record = services.api_keys.check(presented)
    except ApiKeyRefused as error:
        attempts.failed(address)
        raise ApiKeyRefused(words) from error
    return CallerKey(record.prefix, frozenset(record.roles))


def find_caller(request: Request, services: Installed, presented: Presented) -> CallerKey | None:
    """Return the key that the request carries; ``None`` if it carries none.

    Raises:
        ApiKeyRefused: if it carries one that isn't good.
    """
    return None if presented is None else require_caller(request, services, presented)


Caller = Annotated[CallerKey, Depends(require_caller)]
MaybeCaller = Annotated[CallerKey | None, Depends(find_caller)]


def acting(caller: CallerKey, act: Act, *, key: str | None = None) -> Author:
    """Return as whom a key acts: the first of its roles that may.

    Args:
        caller: whoever asks.
        act: what is to be done.
        key: the evidence key under which something is to be filed; a role that may file it goes first.

    Raises:
        RoleMissing: if none of its roles may.
    """
    table = shipped_roles()
    role = table.acting(caller.roles - {Role.SUBJECT.value}, act)
    if role is None:
        msg = f"This key may not {act.words}."
        raise RoleMissing(msg)
    if key is not None:
        filing = [each for each in table.terms if each.value in caller.roles and table.may_file(each, key)]
        role = filing[0] if filing else role
    return Author(role, caller.prefix)


def require_clerk(caller: Caller) -> CallerKey:
    """Return the caller if the key may carry out scenes.

    Raises:
        RoleMissing: if it may not.
    """
    acting(caller, Act.CARRY_OUT_SCENE)
    return caller


Clerk = Annotated[CallerKey, Depends(require_clerk)]
