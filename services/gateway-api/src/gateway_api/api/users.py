"""Users of an account, and their invitations."""

from uuid import UUID

from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway_api.api.accounts import After, Limit
from gateway_api.api.schemas import Invitation, MadeUser, NewUser, Page, UserEdit, last_admin, page_of, with_invitation
from gateway_api.handlers.edit_users import (
    EmailTakenError,
    PasswordElsewhereError,
    UnknownUserError,
    add_user,
    edit_user,
    invite_user,
    tag,
)
from gateway_api.handlers.revoke_key import LastAdminError
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

    With a password, or with an invitation: pass its token on to the user, who chooses a password within a week. Who is
    a user of another account already accepts it by the password of there, and comes as a guest: with a role of this
    account, and the same sign-in.
    """
    check_name("name", data.name)
    try:
        user, token, until = await add_user(pool, caller.account_id, data.email, data.name, data.role, data.password)
    except EmailTakenError as error:
        errors = [FieldError("email", "is taken")]
        detail = "There is a user of this address: here, or in another account whose invitation is not accepted yet."
        raise Problem(409, "email_taken", detail, errors=errors) from error
    except PasswordElsewhereError as error:
        fix = "Leave it out: the invitation is accepted by the password that there is."
        raise problems.invalid(FieldError("password", "is another account's to set", fix)) from error
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
    """Show a user"""
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

    A user who is deactivated is signed out of the account, and their API keys there end. All but the sessions come back
    when the user is activated again.
    """
    if data.name is not None:
        check_name("name", data.name)
    try:
        user = await edit_user(
            pool, caller.account_id, user_id, data.name, data.role, active=data.active, if_match=if_match
        )
    except UnknownUserError as error:
        raise problems.not_found("user") from error
    except LastAdminError as error:
        raise last_admin() from error
    return Tagged(user, tag(user))


@post("/v1/users/{user_id:uuid}/invitation", tags=["Accounts"], opt={"role": "admin", "secret": True})
async def post_user_invitation(
    user_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Invitation:
    """Invite an active user again

    Also for who has forgotten the password: the account that they came to first invites them to choose another, and
    others, where they are guests, invite them anew after that. The token before it ends.
    """
    try:
        return Invitation(*await invite_user(pool, caller.account_id, user_id))
    except PasswordElsewhereError as error:
        detail = (
            "This guest has joined. The account that they came to first can invite them to choose another password."
        )
        raise Problem(409, "password_elsewhere", detail) from error
    except UnknownUserError as error:
        raise problems.not_found("active user") from error


ROUTES = [post_user, get_users, get_agents, get_user, patch_user, post_user_invitation]
