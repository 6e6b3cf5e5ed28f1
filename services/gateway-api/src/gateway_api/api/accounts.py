"""Accounts, API keys, the audit log, and who one is."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from gateway_api.api.schemas import MadeAccount, MadeApiKey, Me, NewAccount, NewApiKey, Page, last_admin, made, page_of
from gateway_api.config import Settings
from gateway_api.handlers.add_account import NameTakenError, add_account
from gateway_api.handlers.make_key import make_key
from gateway_api.handlers.revoke_key import LastAdminError, UnknownKeyError, revoke_key
from gateway_api.handlers.verify_audit import Verification, verify_audit
from gateway_api.store import accounts, api_keys, audit, users
from gateway_api.store.accounts import Account
from gateway_api.store.api_keys import ApiKey
from volley_chassis import problems
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, Problem, check_name, in_utc
from volley_contracts import now

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many at most.")]
After = Annotated[UUID | None, QueryParameter(description="The `next` of the page before.")]

KnownFact = Annotated[int | None, QueryParameter(ge=1, le=2**62, description="`facts` of an earlier verification.")]
KnownHead = Annotated[
    str | None, QueryParameter(pattern="^[0-9a-f]{64}$", description="`head` of that verification: it must still hold.")
]


@get("/v1/me", tags=["Accounts"], opt={"role": "viewer"})
async def get_me(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Me:
    """Who the caller is"""
    kind, _, name = caller.actor.partition(":")
    user = await users.by_email(pool, caller.account_id, name) if kind == "user" else None
    key = await api_keys.by_prefix(pool, caller.account_id, name) if kind == "key" else None
    entered = await users.accounts_of(pool, user.id) if user else []
    return Me(await accounts.find(pool, caller.account_id), key, user, caller.role, caller.actor, entered)


@post("/v1/accounts", tags=["Accounts"], opt={"role": "admin", "secret": True})
async def post_account(
    data: JSONBody[NewAccount], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> MadeAccount:
    """Add an account

    For administrators of the platform's own account. The answer holds the new account's first admin key, this once.
    """
    await _check_platform(pool, caller)
    check_name("name", data.name)
    try:
        account, record, key = await add_account(pool, data.name)
    except NameTakenError as error:
        detail = "There is an account of this name; choose another."
        raise Problem(409, "name_taken", detail, errors=[FieldError("name", "is taken")]) from error
    return MadeAccount(**msgspec.structs.asdict(account), api_key=made(record, key))


@get("/v1/accounts", tags=["Accounts"], opt={"role": "admin"})
async def get_accounts(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], limit: Limit = 50, after: After = None
) -> Page[Account]:
    """List the accounts

    For administrators of the platform's own account.
    """
    await _check_platform(pool, caller)
    items = await accounts.page(pool, after, limit + 1)
    return page_of(items, limit, [item.id for item in items])


@post("/v1/api-keys", tags=["Accounts"], opt={"role": "admin", "secret": True})
async def post_api_key(
    data: JSONBody[NewApiKey],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    config: NamedDependency[Settings],
    scopes: NamedDependency[list[str]],
) -> MadeApiKey:
    """Make an API key

    The answer holds the key, this once.
    """
    check_name("name", data.name)
    _check_limits(data, scopes, config.rate_per_second)
    owner = await _owner(pool, caller, data.user_id)
    expires_at = await _end(pool, caller, data.expires_at)
    async with pool.acquire() as connection:
        record, key = await make_key(
            connection,
            caller.account_id,
            data.name,
            data.role,
            scopes=data.scopes and sorted(set(data.scopes)),
            rate_per_second=data.rate_per_second,
            user_id=owner,
            expires_at=expires_at,
        )
    return made(record, key)


@get("/v1/api-keys", tags=["Accounts"], opt={"role": "admin"})
async def get_api_keys(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], limit: Limit = 50, after: After = None
) -> Page[ApiKey]:
    """List the API keys

    Revoked ones too: histories and the audit log name them by their prefix.
    """
    items = await api_keys.page(pool, caller.account_id, after, limit + 1)
    return page_of(items, limit, [item.id for item in items])


@delete("/v1/api-keys/{key_id:uuid}", tags=["Accounts"], opt={"role": "admin"})
async def delete_api_key(key_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> None:
    """Revoke an API key

    It ends at once. The account's last admin key, of those without scopes and without an end, cannot be revoked.
    """
    try:
        await revoke_key(pool, caller.account_id, key_id)
    except UnknownKeyError as error:
        raise problems.not_found("API key") from error
    except LastAdminError as error:
        raise last_admin() from error


@get("/v1/audit-log", tags=["Accounts"], opt={"role": "admin"})
async def get_audit_log(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], limit: Limit = 50, after: After = None
) -> Page[audit.Entry]:
    """List write requests in the audit log

    Every write request of the account's API keys, the newest first: who, what, when, and the status of the answer.
    """
    items = await audit.page(pool, caller.account_id, after, limit + 1)
    return page_of(items, limit, [item.id for item in items])


@get("/v1/audit-log/verification", tags=["Accounts"], opt={"role": "admin"})
async def get_audit_verification(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], fact: KnownFact = None, head: KnownHead = None
) -> Verification:
    """Verify the audit log

    Every entry and its answer are facts in a chain: each one's hash covers it and the hash before it. Whoever changes,
    removes or slips in an entry breaks the chain or stands beside it.
    """
    if (fact is None) != (head is None):
        field = "fact" if fact is None else "head"
        raise problems.invalid(FieldError(field, "is missing", "Give `fact` and `head` together, or neither."))
    known = None if fact is None or head is None else (fact, head)
    return await verify_audit(pool, caller.account_id, known, at=now())


async def _owner(pool: Pool, caller: Caller, named: UUID | None) -> UUID | None:
    """The user whom a new key belongs to: the one named, else the one who makes it."""
    if named:
        if await users.find(pool, caller.account_id, named) is None:
            raise problems.invalid(FieldError("user_id", f"there is no user {named}", "See GET /v1/users."))
        return named
    kind, _, email = caller.person.partition(":")
    maker = await users.by_email(pool, caller.account_id, email) if kind == "user" else None
    return maker.id if maker else None


async def _end(pool: Pool, caller: Caller, wanted: datetime | None) -> datetime | None:
    """When a new key expires: not yet, and not after the one that makes it."""
    ends = in_utc("expires_at", wanted)
    if ends is not None and ends <= now():
        raise problems.invalid(FieldError("expires_at", "is over", "Give a time to come, or leave it out."))
    kind, _, name = caller.actor.partition(":")
    maker = await api_keys.by_prefix(pool, caller.account_id, name) if kind == "key" else None
    if maker and maker.expires_at and (ends is None or ends > maker.expires_at):
        message = "is later than the key that makes it lasts"
        raise problems.invalid(FieldError("expires_at", message, f"Give {maker.expires_at.isoformat()} at most."))
    return ends


def _check_limits(data: NewApiKey, scopes: list[str], most: float) -> None:
    if data.scopes is not None and not data.scopes:
        raise problems.invalid(FieldError("scopes", "is empty", "Name some, or leave it out for all."))
    for number, scope in enumerate(data.scopes or []):
        if scope not in scopes:
            fix = f"There are {', '.join(scopes)}."
            raise problems.invalid(FieldError(f"scopes[{number}]", "is no scope", fix))
    if data.rate_per_second is not None and data.rate_per_second > most:
        message = "is more than the platform lets a key send"
        raise problems.invalid(FieldError("rate_per_second", message, f"Give {most:g} at most."))


async def _check_platform(pool: Pool, caller: Caller) -> None:
    if not (await accounts.find(pool, caller.account_id)).platform:
        raise Problem(403, "forbidden", "Only administrators of the platform's own account manage accounts.")
