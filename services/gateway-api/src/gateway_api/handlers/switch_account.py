"""Users go from one of their accounts to another, and leave one."""

from datetime import datetime
from uuid import UUID

from gateway_api.handlers.edit_users import edit_user
from gateway_api.handlers.start_session import new_token
from gateway_api.store import audit, users
from volley_chassis.database import Pool


class NoSessionError(Exception):
    """The session has ended meanwhile."""


class NoMemberError(Exception):
    """The user may not enter this account."""


async def switch_account(pool: Pool, left: UUID, session: bytes, account_id: UUID) -> tuple[str, datetime]:
    """A session of the same user in another account, for as long as this one would have lasted; this one ends.

    The audit log of the account that is entered says so; the door notes the request in the one that is `left`. The
    session has a token of its own: what is known of the former for a moment, in any replica, is never the wrong one.
    """
    token = new_token()
    async with pool.acquire() as connection, connection.transaction():
        await users.hold_session(connection, session)
        ended = await users.end_session(connection, session)
        if ended is None:
            raise NoSessionError
        user_id, expires = ended
        if await users.start_session(connection, token, user_id, account_id, expires) is None:
            raise NoMemberError
    if account_id != left and (entered := await users.sign_in(pool, token)):
        await audit.end(pool, await audit.begin(pool, entered, "POST", "/v1/sessions"), 201)
    return token, expires


async def leave_account(pool: Pool, user_id: UUID, account_id: UUID) -> None:
    """The user is deactivated there; an administrator may take them back. Raises NoMemberError, LastAdminError."""
    user = await users.find(pool, account_id, user_id)
    if user is None or user.disabled_at is not None:
        raise NoMemberError
    await edit_user(pool, account_id, user_id, None, None, active=False, if_match=None)
