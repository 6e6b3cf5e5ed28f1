"""Users, their invitations, sessions and passwords."""

import math
from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway_api.api.accounts import After, Limit
from gateway_api.api.schemas import (
    Acceptance,
    Credentials,
    Invitation,
    MadeUser,
    NewUser,
    Page,
    PasswordChange,
    Session,
    UserEdit,
    page_of,
    with_invitation,
)
from gateway_api.clients.rate_limit import RateLimiter
from gateway_api.domain.users import cookie_of
from gateway_api.handlers.edit_users import EmailTakenError, UnknownUserError, add_user, edit_user, invite_user, tag
from gateway_api.handlers.start_session import (
    TooManyTriesError,
    WrongPasswordError,
    WrongTokenError,
    accept_invitation,
    change_password,
    start_session,
)
from gateway_api.store import users
from gateway_api.store.users import Agent, User
from volley_chassis import problems
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, Problem, check_name


@post("/v1/users", tags=["Accounts"], opt={"role": "admin", "secret": True})
async def post_user(data: JSONBody[NewUser], caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> MadeUser:
    """Add a user

    With a password, or with an invitation: pass its token on to the user, who chooses a password within a week.
    """
    check_name("name", data.name)
    try:
        user, token, until = await add_user(pool, caller.account_id, data.email, data.name, data.role, data.password)
    except EmailTakenError as error:
        errors = [FieldError("email", "is taken")]
        raise Problem(409, "email_taken", "There is a user of this address.", errors=errors) from error
    return with_invitation(user, token, until)


@get("/v1/users", tags=["Accounts"], opt={"role": "admin"})
async def get_users(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], limit: Limit = 50, after: After = None
) -> Page[User]:
    """List the users

    Deactivated ones too: histories and the audit log name them by their addresses.
    """
    items = await users.page(pool, caller.account_id, after, limit + 1)
    return page_of(items, limit, [item.id for item in items])


@get("/v1/agents", tags=["Inbox"], opt={"role": "viewer"})
async def get_agents(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], limit: Limit = 50, after: After = None
) -> Page[Agent]:
    """List the agents

    The account's active users: conversations are assigned to them by address.
    """
    items = await users.agents(pool, caller.account_id, after, limit + 1)
    return page_of(items, limit, [item.id for item in items])


@get("/v1/users/{user_id:uuid}", tags=["Accounts"], opt={"role": "admin"})
async def get_user(
    user_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[User]:
    """Read a user"""
    user = await users.find(pool, caller.account_id, user_id)
    if user is None:
        raise problems.not_found("user")
    return Tagged(user, tag(user))


@patch("/v1/users/{user_id:uuid}", tags=["Accounts"], opt={"role": "admin"})
async def patch_user(
    user_id: FromPath[UUID],
    data: JSONBody[UserEdit],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> Tagged[User]:
    """Rename a user, change the role, deactivate

    A user who is deactivated is signed out everywhere, and can be activated again.
    """
    if data.name is not None:
        check_name("name", data.name)
    try:
        user = await edit_user(
            pool, caller.account_id, user_id, data.name, data.role, active=data.active, if_match=if_match
        )
    except UnknownUserError as error:
        raise problems.not_found("user") from error
    return Tagged(user, tag(user))


@post("/v1/users/{user_id:uuid}/invitation", tags=["Accounts"], opt={"role": "admin", "secret": True})
async def post_user_invitation(
    user_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Invitation:
    """Invite an active user again

    Also for who has forgotten the password. The token before it ends.
    """
    try:
        return Invitation(*await invite_user(pool, caller.account_id, user_id))
    except UnknownUserError as error:
        raise problems.not_found("active user") from error


@post("/v1/invitations", tags=["Accounts"], opt={"role": "public", "secret": True}, status_code=204)
async def post_invitation(data: JSONBody[Acceptance], pool: NamedDependency[Pool]) -> None:
    """Accept an invitation

    It sets the password, once, and ends all sessions of the user.
    """
    try:
        await accept_invitation(pool, data.token, data.password)
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
    client = request.client.host if request.client else ""
    try:
        token, expires = await start_session(pool, limiter, data.email, data.password, client)
    except TooManyTriesError as error:
        raise _too_many(error) from error
    except WrongPasswordError as error:
        raise Problem(401, "wrong_password", "No active user has this address and this password.") from error
    cookie = cookie_of(token, request.headers.get("origin"))
    return Response(Session(token, expires), headers={"set-cookie": cookie})


@delete("/v1/sessions", tags=["Accounts"], opt={"role": "viewer"}, status_code=204)
async def delete_session(request: Request[Any, Any, Any], pool: NamedDependency[Pool]) -> Response[None]:
    """Sign out

    The session that the request was sent with ends. API keys are revoked instead.
    """
    session = request.headers.get("x-volley-session")
    if session is None:
        raise Problem(409, "no_session", "This is an API key: it is not signed out, but revoked.")
    await users.end_session(pool, bytes.fromhex(session))
    return Response(None, status_code=204, headers={"set-cookie": cookie_of("", request.headers.get("origin"))})


@put("/v1/me/password", tags=["Accounts"], opt={"role": "viewer"}, status_code=204)
async def put_password(
    data: JSONBody[PasswordChange],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    limiter: NamedDependency[RateLimiter],
) -> None:
    """Change one's own password

    For users. All their sessions end, this one too.
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


def _too_many(error: TooManyTriesError) -> Problem:
    if error.wait is None:
        detail = "Tries to sign in cannot be counted now; try again."
        return Problem(503, "unavailable", detail, headers={"retry-after": "2"})
    wait = math.ceil(error.wait)
    return Problem(429, "too_many_tries", f"Too many tries: wait {wait} s.", headers={"retry-after": str(wait)})


ROUTES = [
    post_user,
    get_users,
    get_agents,
    get_user,
    patch_user,
    post_user_invitation,
    post_invitation,
    post_session,
    delete_session,
    put_password,
]
