"""What the gateway's own API takes and answers."""

from datetime import datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

import msgspec

from gateway_api.domain.users import EMAIL, LONGEST_PASSWORD, SHORTEST_PASSWORD
from gateway_api.store.accounts import Account
from gateway_api.store.api_keys import ApiKey
from gateway_api.store.users import Membership, User
from volley_chassis.http import Role
from volley_chassis.problems import Problem

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254, pattern=EMAIL)]
Password = Annotated[str, msgspec.Meta(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]
Given = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_PASSWORD)]
T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """`next` goes into `?after=` for the next page; null at the end."""

    items: list[T]
    next: str | None


class NewAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name


class NewApiKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`scopes` limit the key to groups of requests, named as this page names them (`campaigns`, `rate-card`), or to
    reading them (`campaigns:read`); null: all that the role allows. `rate_per_second` is how many requests it may send,
    two seconds' worth at once; null: as many as the platform lets every key send, which is also the most. `user_id` is
    the user whom it belongs to, who answers for what it does; null: the user who makes it, by session or by own key.
    It ends at `expires_at`; null: when it is revoked. A key that expires makes none that lasts longer.
    """

    name: Name
    role: Role
    scopes: list[str] | None = None
    rate_per_second: Annotated[float, msgspec.Meta(ge=0.01)] | None = None
    user_id: UUID | None = None
    expires_at: datetime | None = None


class MadeApiKey(ApiKey, frozen=True, kw_only=True):
    """`key` is shown this once; only a digest of it is kept."""

    key: str


class MadeAccount(Account, frozen=True, kw_only=True):
    """`api_key` is the account's first admin key."""

    api_key: MadeApiKey


class Me(msgspec.Struct, frozen=True):
    """Who the caller is, an API key or a user: the account, the role, and the name under which histories know it.

    `accounts` are those that the user may enter (POST /v1/sessions/switch), this one among them; a key has none.
    """

    account: Account
    key: ApiKey | None
    user: User | None
    role: Role
    actor: str
    accounts: list[Membership]


class NewUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without `password` the answer holds an invitation, with which the user chooses one. Who has a password already,
    as a user of another account, is invited without, and comes as a guest.
    """

    email: Email
    name: Name
    role: Role
    password: Password | None = None


class UserEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays. `active: false` ends the user's sessions at once."""

    name: Name | None = None
    role: Role | None = None
    active: bool | None = None


class Invitation(msgspec.Struct, frozen=True):
    """`token` is shown this once, and is accepted once."""

    token: str
    expires_at: datetime


class MadeUser(User, frozen=True, kw_only=True):
    invitation: Invitation | None


class Acceptance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`password` is the new one; a guest's is the one that they sign in with."""

    token: Given
    password: Password


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`account_id` is the account to enter; null: the one that the user came to first, of those that they may enter."""

    email: Given
    password: Given
    account_id: UUID | None = None


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    account_id: UUID


class Session(msgspec.Struct, frozen=True):
    """`token` goes into `Authorization: Bearer`; browsers have it in a cookie as well."""

    token: str
    expires_at: datetime


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    current: Given
    new: Password


def last_admin() -> Problem:
    detail = "It is the account's last admin key without scopes and without an end: make another one first."
    return Problem(409, "last_admin_key", detail)


def made(record: ApiKey, key: str) -> MadeApiKey:
    return MadeApiKey(**msgspec.structs.asdict(record), key=key)


def with_invitation(user: User, token: str | None, until: datetime | None) -> MadeUser:
    invitation = Invitation(token, until) if token and until else None
    return MadeUser(**msgspec.structs.asdict(user), invitation=invitation)


def page_of(items: list[T], limit: int, ids: list[UUID]) -> Page[T]:
    """One page of `limit`, from a read of one more."""
    return Page(items[:limit], str(ids[limit - 1]) if len(items) > limit else None)
