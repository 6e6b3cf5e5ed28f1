"""Sessions, passwords and invitations: how users come in, go from account to account, and leave."""

import math
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway_api.api.schemas import Acceptance, Credentials, PasswordChange, Session, Switch, last_admin
from gateway_api.clients.rate_limit import RateLimiter
from gateway_api.domain.users import cookie_of
from gateway_api.handlers.revoke_key import LastAdminError
from gateway_api.handlers.start_session import (
    TooManyTriesError,
    WrongPasswordError,
    WrongTokenError,
    accept_invitation,
    change_password,
    start_session,
)
from gateway_api.handlers.switch_account import NoMemberError, NoSessionError, leave_account, switch_account
from gateway_api.store import users
from volley_chassis import problems
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, Problem


@post("/v1/invitations", tags=["Accounts"], opt={"role": "public", "secret": True}, status_code=204)
async def post_invitation(
    request: Request[Any, Any, Any],
    data: JSONBody[Acceptance],
    pool: NamedDependency[Pool],
    limiter: NamedDependency[RateLimiter],
) -> None:
    """Accept an invitation

    It sets the password, once, and ends all sessions of the user; other accounts, where they are a guest, have to
    invite them again. A guest's invitation sets nothing: it is accepted by the password that they sign in with.
    """
    try:
        await accept_invitation(pool, limiter, data.token, data.password, _client(request))
    except TooManyTriesError as error:
        raise _too_many(error) from error
    except WrongPasswordError as error:
        fix = "Give the one that you sign in with."
        raise problems.invalid(FieldError("password", "is not the password of this user", fix)) from error
    except WrongTokenError as error:
        fix = "Ask an administrator of your account for another one."
        raise problems.invalid(FieldError("token", "is unknown, used or expired", fix)) from error


@post("/v1/sessions", tags=["Accounts"], opt={"role": "public", "secret": True})
async def post_session(
    request: Request[Any, Any, Any],
    data: JSONBody[Credentials],
    pool: NamedDependency[Pool],
    limiter: NamedDependency[RateLimiter],
) -> Response[Session]:
    """Sign in

    For 12 hours. Browsers get a cookie; with it, writes need the Origin of this address.
    """
    try:
        token, expires = await start_session(
            pool, limiter, data.email, data.password, _client(request), data.account_id
        )
    except TooManyTriesError as error:
        raise _too_many(error) from error
    except WrongPasswordError as error:
        raise Problem(401, "wrong_password", "No active user has this address and this password.") from error
    return _session(request, token, expires)


@post("/v1/sessions/switch", tags=["Accounts"], opt={"role": "viewer", "secret": True, "keyless": True})
async def post_switch(
    request: Request[Any, Any, Any],
    data: JSONBody[Switch],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
) -> Response[Session]:
    """Go to another account of one's own

    `accounts` of /v1/me are those that there are. The session ends; the new one, with the role that the user has there,
    lasts no longer. Sent again it is refused, since the session that it was sent with is over: it takes no
    Idempotency-Key.
    """
    try:
        token, expires = await switch_account(pool, caller.account_id, _session_of(request), data.account_id)
    except NoMemberError as error:
        fix = "GET /v1/me lists the accounts that you may enter."
        raise problems.invalid(FieldError("account_id", "is no account of yours", fix)) from error
    except NoSessionError as error:
        raise _ended() from error
    return _session(request, token, expires)


@delete("/v1/me/accounts/{account_id:uuid}", tags=["Accounts"], opt={"role": "viewer"}, status_code=204)
async def delete_my_account(
    request: Request[Any, Any, Any], account_id: FromPath[UUID], pool: NamedDependency[Pool]
) -> None:
    """Leave an account

    The user's sessions and API keys there end; an administrator of it may activate user and keys again.
    """
    user = await users.of_session(pool, _session_of(request))
    if user is None:
        raise _ended()
    try:
        await leave_account(pool, user.id, account_id)
    except NoMemberError as error:
        raise problems.not_found("account of yours") from error
    except LastAdminError as error:
        raise last_admin() from error


@delete("/v1/sessions", tags=["Accounts"], opt={"role": "viewer"}, status_code=204)
async def delete_session(request: Request[Any, Any, Any], pool: NamedDependency[Pool]) -> Response[None]:
    """Sign out

    The session that the request was sent with ends. API keys are revoked instead.
    """
    await users.end_session(pool, _session_of(request))
    return Response(None, status_code=204, headers={"set-cookie": cookie_of("", request.headers.get("origin"))})


@put("/v1/me/password", tags=["Accounts"], opt={"role": "viewer"}, status_code=204)
async def put_password(
    data: JSONBody[PasswordChange],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    limiter: NamedDependency[RateLimiter],
) -> None:
    """Change one's own password

    For users. It is the same in all their accounts. All their sessions end, this one too.
    """
    kind, _, email = caller.actor.partition(":")
    if kind != "user":
        raise Problem(409, "no_session", "API keys have no password.")
    try:
        await change_password(pool, limiter, email, data.current, data.new)
    except TooManyTriesError as error:
        raise _too_many(error) from error
    except WrongPasswordError as error:
        raise problems.invalid(FieldError("current", "is not the password")) from error


def _client(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else ""


def _session_of(request: Request[Any, Any, Any]) -> bytes:
    """The digest of the token that the request was sent with."""
    session = request.headers.get("x-volley-session")
    if session is None:
        detail = "This is an API key: it has no session, belongs to one account, and ends by being revoked."
        raise Problem(409, "no_session", detail)
    return bytes.fromhex(session)


def _session(request: Request[Any, Any, Any], token: str, expires: datetime) -> Response[Session]:
    return Response(Session(token, expires), headers={"set-cookie": cookie_of(token, request.headers.get("origin"))})


def _ended() -> Problem:
    return Problem(401, "unauthorized", "The session has ended: sign in again.")


def _too_many(error: TooManyTriesError) -> Problem:
    if error.wait is None:
        detail = "Tries to sign in cannot be counted now; try again."
        return Problem(503, "unavailable", detail, headers={"retry-after": "2"})
    wait = math.ceil(error.wait)
    return Problem(429, "too_many_tries", f"Too many tries: wait {wait} s.", headers={"retry-after": str(wait)})


ROUTES = [post_invitation, post_session, post_switch, delete_session, delete_my_account, put_password]
