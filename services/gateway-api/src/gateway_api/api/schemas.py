"""What the gateway's own API takes and answers."""

from typing import Annotated, Generic, TypeVar
from uuid import UUID

import msgspec

from gateway_api.store.accounts import Account
from gateway_api.store.api_keys import ApiKey
from volley_chassis.http import Role

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
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
    two seconds' worth at once; null: as many as the platform lets every key send, which is also the most.
    """

    name: Name
    role: Role
    scopes: list[str] | None = None
    rate_per_second: Annotated[float, msgspec.Meta(ge=0.01)] | None = None


class MadeApiKey(ApiKey, frozen=True, kw_only=True):
    """`key` is shown this once; only a digest of it is kept."""

    key: str


class MadeAccount(Account, frozen=True, kw_only=True):
    """`api_key` is the account's first admin key."""

    api_key: MadeApiKey


class Me(msgspec.Struct, frozen=True):
    """Who the API key is: its account, its role, and the name under which histories know it."""

    account: Account
    key: ApiKey
    role: Role
    actor: str


def made(record: ApiKey, key: str) -> MadeApiKey:
    return MadeApiKey(**msgspec.structs.asdict(record), key=key)


def page_of(items: list[T], limit: int, ids: list[UUID]) -> Page[T]:
    """One page of `limit`, from a read of one more."""
    return Page(items[:limit], str(ids[limit - 1]) if len(items) > limit else None)
