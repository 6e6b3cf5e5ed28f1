"""Who has signed in, and what the scopes of an API key let it do."""

import re
from collections.abc import Iterable
from uuid import UUID

import msgspec

from volley_chassis.http import Role

ACCOUNTS = "accounts"
_READ = ":read"


class SignedIn(msgspec.Struct, frozen=True):
    """A user, or the owner of a valid key. `actor` is the name in histories and in the audit log.

    `scopes` None allows all that the role does; `rate_per_second` None is the platform's rate. `stale`: the last use
    was noted more than a minute ago. `session` is the digest of a user's token. `owner` is the user, named as an actor,
    whom a key belongs to, if it does to one.
    """

    id: UUID
    account_id: UUID
    actor: str
    role: Role
    scopes: list[str] | None = None
    rate_per_second: float | None = None
    stale: bool = False
    session: bytes | None = None
    owner: str | None = None
    account_name: str = ""


def group_of(tag: str) -> str:
    """The word by which scopes name the requests of a tag: `rate-card`."""
    return re.sub(r"\W+", "-", tag.lower())


def scopes_of(groups: Iterable[str]) -> list[str]:
    """Every scope that there is. Who could write keys could write itself one without scopes: that is in none."""
    return sorted({f"{group}{_READ}" for group in groups} | set(groups) - {ACCOUNTS})


def in_scope(scopes: list[str] | None, group: str, *, reads: bool) -> bool:
    return scopes is None or group in scopes or (reads and f"{group}{_READ}" in scopes)
