"""A person in several accounts: invited, accepted, going from one to another, with a role in each, and leaving."""

from typing import Any

from gateway_api.domain.api_keys import digest_of
from volley_contracts import new_id

from .conftest import Gateway, Service
from .test_users import OTHER, PASSWORD, joined, signed_in, status


async def account(gateway: Gateway, name: str) -> tuple[str, str]:
    """The admin key of a new account, and its id."""
    key = await gateway.account(f"{name} {new_id()}")
    return key, (await gateway.ask("GET", "/v1/me", key))[1]["account"]["id"]


async def invited(gateway: Gateway, key: str, email: str, role: str = "viewer") -> dict[str, Any]:
    answer, made = await gateway.ask("POST", "/v1/users", key, json={"email": email, "name": "Guest", "role": role})
    assert answer.status == 201, made
    return dict(made)


async def accepts(gateway: Gateway, made: dict[str, Any], password: str = PASSWORD) -> int:
    body = {"token": made["invitation"]["token"], "password": password}
    return (await gateway.ask("POST", "/v1/invitations", None, json=body))[0].status


async def entering(gateway: Gateway, email: str, account_id: str, password: str = PASSWORD) -> str | None:
    """The token of a session in the account."""
    body = {"email": email, "password": password, "account_id": account_id}
    answer, made = await gateway.ask("POST", "/v1/sessions", None, json=body)
    assert answer.status in {201, 401}, made
    return made.get("token")


async def test_only_the_password_makes_somebody_a_guest(gateway: Gateway) -> None:
    home = await joined(gateway, "ada@example.com")
    other, other_id = await account(gateway, "others")
    body = {"email": "Ada@example.com", "name": "Ada", "role": "admin"}
    answer, problem = await gateway.ask("POST", "/v1/users", other, json=body | {"password": OTHER})
    assert (answer.status, problem["errors"][0]["field"]) == (422, "password")
    assert (await gateway.ask("GET", "/v1/users", other))[1]["items"] == []

    made = await invited(gateway, other, "Ada@example.com", "admin")
    assert [made[field] for field in ("id", "guest", "joined")] == [home["id"], True, False]
    assert await entering(gateway, "ada@example.com", other_id) is None
    assert await accepts(gateway, made, OTHER) == 422  # who made the invitation has its token, and chooses nothing
    assert await entering(gateway, "ada@example.com", other_id, OTHER) is None
    first = await signed_in(gateway, "ada@example.com")
    assert await accepts(gateway, made) == 204
    assert await accepts(gateway, made) == 422
    assert await status(gateway, first) == 200
    assert (await gateway.ask("GET", f"/v1/users/{home['id']}", other))[1]["joined"]
    for path in ("", f"/{home['id']}/invitation"):
        body = {"email": "ada@example.com", "name": "Ada", "role": "admin"}
        answer, problem = await gateway.ask("POST", f"/v1/users{path}", other, json=body)
        assert (answer.status, problem["code"]) == (409, "password_elsewhere" if path else "email_taken")


async def test_a_guest_has_a_role_in_each_account_and_goes_from_one_to_another(
    gateway: Gateway, service: Service
) -> None:
    await joined(gateway, "bea@example.com", "operator")
    other, other_id = await account(gateway, "others")
    await accepts(gateway, await invited(gateway, other, "bea@example.com"))
    first = await signed_in(gateway, "bea@example.com")
    _, me = await gateway.ask("GET", "/v1/me", first)
    assert [(each["id"], each["role"]) for each in me["accounts"]] == [
        (me["account"]["id"], "operator"),
        (other_id, "viewer"),
    ]
    assert (await gateway.ask("POST", "/v1/things", first))[0].status == 200

    stranger, stranger_id = await account(gateway, "strangers")
    for id_, expected in ((stranger_id, 422), (other_id, 201)):
        answer, switched = await gateway.ask("POST", "/v1/sessions/switch", first, json={"account_id": id_})
        assert answer.status == expected, switched
    second = switched["token"]
    assert f"volley_session={second};" in answer.headers["set-cookie"]
    assert [await status(gateway, token) for token in (first, second)] == [401, 200]
    _, there = await gateway.ask("GET", "/v1/me", second)
    assert (there["account"]["id"], there["role"], there["user"]["name"]) == (other_id, "viewer", "Guest")
    assert there["actor"] == me["actor"] == "user:bea@example.com"
    assert (await gateway.ask("POST", "/v1/things", second))[0].status == 403
    assert (await gateway.ask("GET", "/v1/things", second))[0].status == 200
    assert [asked.headers["x-volley-account"] for asked in service.asked] == [me["account"]["id"], other_id]
    _, log = await gateway.ask("GET", "/v1/audit-log", other)
    assert [(entry["path"], entry["status"]) for entry in log["items"] if entry["actor"] == me["actor"]] == [
        ("/v1/things", 403),
        ("/v1/sessions", 201),
        ("/v1/invitations", 204),
    ]
    await gateway.ask("PATCH", f"/v1/users/{me['user']['id']}", other, json={"role": "operator", "name": "Bea"})
    assert (await gateway.ask("POST", "/v1/things", second))[0].status == 200
    home = await signed_in(gateway, "bea@example.com")
    assert (await gateway.ask("GET", "/v1/me", home))[1]["user"]["name"] == "Ada"
    made = {"name": "hers", "role": "viewer", "user_id": me["user"]["id"]}
    assert (await gateway.ask("POST", "/v1/api-keys", other, json=made))[1]["user_id"] == me["user"]["id"]
    assert (await gateway.ask("POST", "/v1/api-keys", stranger, json=made))[0].status == 422


async def test_a_guest_is_sent_away_or_leaves_and_only_there(gateway: Gateway) -> None:
    user = await joined(gateway, "cleo@example.com")
    other, other_id = await account(gateway, "others")
    await accepts(gateway, await invited(gateway, other, "cleo@example.com"))
    home = await signed_in(gateway, "cleo@example.com")
    path = f"/v1/users/{user['id']}"
    there = await entering(gateway, "cleo@example.com", other_id)
    assert there
    await gateway.ask("PATCH", path, other, json={"active": False})
    assert [await status(gateway, token) for token in (home, there)] == [200, 401]
    assert await entering(gateway, "cleo@example.com", other_id) is None
    await gateway.ask("PATCH", path, other, json={"active": True})
    there = await entering(gateway, "cleo@example.com", other_id)
    assert there
    assert (await gateway.ask("DELETE", f"/v1/me/accounts/{new_id()}", home))[0].status == 404
    answer, problem = await gateway.ask("DELETE", f"/v1/me/accounts/{other_id}", other)
    assert (answer.status, problem["code"]) == (409, "no_session")
    for expected in (204, 404):
        assert (await gateway.ask("DELETE", f"/v1/me/accounts/{other_id}", home))[0].status == expected
    assert [await status(gateway, token) for token in (home, there)] == [200, 401]
    assert (await gateway.ask("GET", path, other))[1]["disabled_at"] is not None

    await gateway.ask("PATCH", path, other, json={"active": True})
    await gateway.ask("PATCH", path, json={"active": False})  # from where they came: they stay a guest
    assert await status(gateway, home) == 401
    there = await signed_in(gateway, "cleo@example.com")
    assert (await gateway.ask("GET", "/v1/me", there))[1]["account"]["id"] == other_id
    change = {"current": PASSWORD, "new": OTHER}
    assert (await gateway.ask("PUT", "/v1/me/password", there, json=change))[0].status == 204
    assert await status(gateway, there) == 401
    assert await entering(gateway, "cleo@example.com", other_id, OTHER)


async def test_keys_end_with_their_user_and_never_the_account_s_last(gateway: Gateway) -> None:
    await joined(gateway, "gus@example.com")
    other, other_id = await account(gateway, "others")
    made = await invited(gateway, other, "gus@example.com", "admin")
    await accepts(gateway, made)
    session = await entering(gateway, "gus@example.com", other_id)
    assert session
    _, key = await gateway.ask("POST", "/v1/api-keys", session, json={"name": "his", "role": "admin"})
    for active, expected in ((False, 401), (True, 200)):
        await gateway.ask("PATCH", f"/v1/users/{made['id']}", other, json={"active": active})
        assert await status(gateway, key["key"]) == expected

    session = await entering(gateway, "gus@example.com", other_id)
    _, me = await gateway.ask("GET", "/v1/me", other)
    assert (await gateway.ask("DELETE", f"/v1/api-keys/{me['key']['id']}", key["key"]))[0].status == 204
    for method, path in (("PATCH", f"/v1/users/{made['id']}"), ("DELETE", f"/v1/me/accounts/{other_id}")):
        answer, problem = await gateway.ask(method, path, session, json={"active": False})
        assert (answer.status, problem["code"]) == (409, "last_admin_key")
    assert [await status(gateway, each) for each in (session or "", key["key"])] == [200, 200]


async def test_a_password_of_the_first_account_s_invitation_opens_no_other(gateway: Gateway) -> None:
    user = await joined(gateway, "dora@example.com")
    other, other_id = await account(gateway, "others")
    await accepts(gateway, await invited(gateway, other, "dora@example.com"))
    there = await entering(gateway, "dora@example.com", other_id)
    assert there
    _, invitation = await gateway.ask("POST", f"/v1/users/{user['id']}/invitation")
    assert await accepts(gateway, {"invitation": invitation}, OTHER) == 204
    assert await status(gateway, there) == 401
    assert await entering(gateway, "dora@example.com", other_id, OTHER) is None
    assert await signed_in(gateway, "dora@example.com", OTHER)
    path = f"/v1/users/{user['id']}"
    assert (await gateway.ask("GET", path, other))[1]["joined"] is False
    _, invitation = await gateway.ask("POST", f"{path}/invitation", other)
    assert await accepts(gateway, {"invitation": invitation}, OTHER) == 204
    assert await entering(gateway, "dora@example.com", other_id, OTHER)


async def test_who_has_not_joined_yet_is_nobody_s_guest(gateway: Gateway) -> None:
    """Or whoever invited last would choose the password for both."""
    await invited(gateway, await gateway.account("first"), "eve@example.com")
    body = {"email": "eve@example.com", "name": "Eve", "role": "admin"}
    answer, problem = await gateway.ask("POST", "/v1/users", json=body)
    assert (answer.status, problem["code"]) == (409, "email_taken")


async def test_to_the_release_before_a_guest_s_session_is_nobody_s(gateway: Gateway) -> None:
    """While an upgrade goes on its processes serve too, and would take the session for one of the first account."""
    user = await joined(gateway, "fay@example.com")
    other, other_id = await account(gateway, "others")
    await accepts(gateway, await invited(gateway, other, "fay@example.com"))
    tokens = [await signed_in(gateway, "fay@example.com"), await entering(gateway, "fay@example.com", other_id)]
    sign_in = """
        SELECT u.account_id FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.digest = $1 AND s.expires_at > now() AND u.disabled_at IS NULL
    """
    found = [await gateway.pool.fetchval(sign_in, digest_of(token)) for token in tokens if token]
    assert [bool(account_id) for account_id in found] == [True, False]
    start = "INSERT INTO sessions (digest, user_id, expires_at) VALUES ($1, $2, now() + interval '1 hour')"
    await gateway.pool.execute(start, digest_of("vs_of_before"), user["id"])
    assert await status(gateway, "vs_of_before") == 200
