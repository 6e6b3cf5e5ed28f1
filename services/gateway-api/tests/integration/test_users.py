"""Users sign in, with a cookie or a token, and are gone when they should be."""

import hashlib
import json
from typing import Any

import pytest

from gateway_api.clients.rate_limit import open_redis
from gateway_api.handlers import start_session

from .conftest import ADMIN, CLOSED_PORT, ORIGIN, Gateway, Service, Start

PASSWORD, OTHER = "correct horse battery", "staple battery horse"


async def joined(gateway: Gateway, email: str, role: str = "operator") -> dict[str, Any]:
    body = {"email": email, "name": "Ada", "role": role, "password": PASSWORD}
    answer, made = await gateway.ask("POST", "/v1/users", json=body)
    assert answer.status == 201, made
    return dict(made)


async def signed_in(gateway: Gateway, email: str, password: str = PASSWORD) -> str:
    body = {"email": email, "password": password}
    answer, made = await gateway.ask("POST", "/v1/sessions", None, json=body)
    assert answer.status == 201, made
    return str(made["token"])


async def status(gateway: Gateway, token: str) -> int:
    return (await gateway.ask("GET", "/v1/me", token))[0].status


async def test_an_invitation_sets_a_password_once(gateway: Gateway) -> None:
    body = {"email": "Invited@Example.com", "name": "Ada", "role": "viewer"}
    _, made = await gateway.ask("POST", "/v1/users", json=body)
    assert (made["email"], made["joined"]) == ("invited@example.com", False)
    for number, expected in enumerate((204, 422)):
        acceptance = {"token": made["invitation"]["token"], "password": f"{PASSWORD} {number}"}
        assert (await gateway.ask("POST", "/v1/invitations", None, json=acceptance))[0].status == expected
    token = await signed_in(gateway, "INVITED@example.com", f"{PASSWORD} 0")
    again, invitation = await gateway.ask("POST", f"/v1/users/{made['id']}/invitation")
    assert again.status == 201
    await gateway.pool.execute("UPDATE users SET invited_until = now() WHERE email = 'invited@example.com'")
    acceptance = {"token": invitation["token"], "password": OTHER}
    assert (await gateway.ask("POST", "/v1/invitations", None, json=acceptance))[0].status == 422
    assert await status(gateway, token) == 200
    kept = str([dict(row) for table in ("users", "sessions") for row in await gateway.pool.fetch(f"TABLE {table}")])
    assert not [secret for secret in (PASSWORD, token, invitation["token"]) if secret in kept]


async def test_a_user_acts_by_name_and_role(gateway: Gateway, service: Service) -> None:
    await joined(gateway, "acts@example.com")
    token = await signed_in(gateway, "acts@example.com")
    _, me = await gateway.ask("GET", "/v1/me", token)
    assert (me["user"]["email"], me["key"], me["role"]) == ("acts@example.com", None, "operator")
    assert (await gateway.ask("POST", "/v1/things", token))[0].status == 200
    assert service.asked[0].headers["x-volley-actor"] == me["actor"] == "user:acts@example.com"
    assert (await gateway.ask("GET", "/v1/users", token))[0].status == 403
    _, log = await gateway.ask("GET", "/v1/audit-log?limit=2")
    assert [(entry["actor"], entry["path"]) for entry in log["items"]] == [
        (me["actor"], "/v1/things"),
        (me["actor"], "/v1/sessions"),
    ]


async def test_a_key_belongs_to_who_made_it_or_to_the_user_it_was_made_for(gateway: Gateway, service: Service) -> None:
    admin, other = await joined(gateway, "owner@example.com", "admin"), await joined(gateway, "other@example.com")
    session = await signed_in(gateway, "owner@example.com")
    own = await gateway.ask("POST", "/v1/api-keys", session, json={"name": "mine", "role": "admin"})
    of_own = await gateway.ask("POST", "/v1/api-keys", own[1]["key"], json={"name": "its", "role": "operator"})
    wanted = {"name": "for another", "role": "operator", "user_id": other["id"]}
    given = await gateway.ask("POST", "/v1/api-keys", session, json=wanted)
    nobodys = await gateway.ask("POST", "/v1/api-keys", json={"name": "nobody's", "role": "operator"})
    keys = [made for _, made in (own, of_own, given, nobodys)]
    assert [key["user_id"] for key in keys] == [admin["id"], admin["id"], other["id"], None]
    for key in keys:
        await gateway.ask("POST", "/v1/things", key["key"], headers={"X-Volley-Owner": "user:eve@example.com"})
    owners = [asked.headers.get("x-volley-owner") for asked in service.asked]
    assert owners == ["user:owner@example.com", "user:owner@example.com", "user:other@example.com", None]
    stranger = await gateway.account("owners")
    answer, problem = await gateway.ask("POST", "/v1/api-keys", stranger, json={**wanted, "role": "viewer"})
    assert (answer.status, problem["errors"][0]["field"]) == (422, "user_id")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_cookie_signs_in_and_its_writes_need_the_own_origin(
    gateway: Gateway, service: Service, scheme: str
) -> None:
    email = f"{scheme}@example.com"
    await joined(gateway, email)
    own = gateway.url.replace("http", scheme, 1)
    body = {"email": email, "password": PASSWORD}
    foreign = {"Origin": "https://evil.example"}
    assert (await gateway.ask("POST", "/v1/sessions", None, json=body, headers=foreign))[0].status == 403
    answer, made = await gateway.ask("POST", "/v1/sessions", None, json=body, headers={"Origin": own})
    set_cookie = answer.headers["set-cookie"]
    assert ("; HttpOnly" in set_cookie, "; SameSite=Lax" in set_cookie) == (True, True)
    assert ("; Secure" in set_cookie) == (scheme == "https")
    cookie = {"Cookie": f"other=1; volley_session={made['token']}"}
    assert (await gateway.ask("GET", "/v1/me", None, headers=cookie))[0].status == 200
    for origin in (None, "https://evil.example", "null", ORIGIN):
        headers = cookie | ({"Origin": origin} if origin else {})
        answer, problem = await gateway.ask("POST", "/v1/things", None, headers=headers)
        assert (answer.status, problem["code"]) == (403, "foreign_origin")
    assert service.asked == []
    answer, _ = await gateway.ask("DELETE", "/v1/sessions", None, headers=cookie | {"Origin": own})
    assert (answer.status, "Max-Age=0" in answer.headers["set-cookie"]) == (204, True)
    assert await status(gateway, made["token"]) == 401


async def test_sessions_end(gateway: Gateway) -> None:
    user = await joined(gateway, "ends@example.com")
    tokens = [await signed_in(gateway, "ends@example.com") for _ in range(2)]
    change = {"current": OTHER, "new": OTHER}
    answer, problem = await gateway.ask("PUT", "/v1/me/password", tokens[0], json=change)
    assert (answer.status, problem["errors"][0]["field"]) == (422, "current")
    change["current"] = PASSWORD
    assert (await gateway.ask("PUT", "/v1/me/password", tokens[0], json=change))[0].status == 204
    assert [await status(gateway, token) for token in tokens] == [401, 401]
    token = await signed_in(gateway, "ends@example.com", OTHER)
    path = f"/v1/users/{user['id']}"
    _, ended = await gateway.ask("PATCH", path, json={"active": False})
    assert ended["disabled_at"] is not None
    assert await status(gateway, token) == 401
    assert (await gateway.ask("POST", f"{path}/invitation"))[0].status == 404
    _, back = await gateway.ask("PATCH", path, json={"active": True, "role": "admin"})
    assert (back["disabled_at"], back["role"], back["name"]) == (None, "admin", "Ada")
    assert await status(gateway, token) == 401


async def test_a_session_expires(gateway: Gateway) -> None:
    await joined(gateway, "expires@example.com")
    token = await signed_in(gateway, "expires@example.com")
    await gateway.pool.execute("UPDATE sessions SET expires_at = now()")
    assert await status(gateway, token) == 401


async def test_tries_are_limited_and_unknown_addresses_are_answered_alike(gateway: Gateway, start: Start) -> None:
    await joined(gateway, "known@example.com")
    seen = {}
    for email in ("known@example.com", "nobody@example.com"):
        body = {"email": email, "password": "wrong"}
        answers = [await gateway.ask("POST", "/v1/sessions", None, json=body) for _ in range(6)]
        seen[email] = [(answer.status, problem["code"]) for answer, problem in answers]
    assert seen["known@example.com"] == seen["nobody@example.com"]
    assert seen["known@example.com"] == [(401, "wrong_password")] * 5 + [(429, "too_many_tries")]
    async with start(redis_url=f"redis://127.0.0.1:{CLOSED_PORT}/0") as uncounted:
        body = {"email": "known@example.com", "password": PASSWORD}
        assert (await uncounted.ask("POST", "/v1/sessions", None, json=body))[0].status == 503


async def test_tries_of_a_client_are_limited_whatever_address_it_tries_and_says_to_have(
    start: Start, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_session, "_CLIENT_TRIES_PER_SECOND", 1 / 6000)  # none comes back while this lasts
    async with start(trusted_proxies="127.0.0.0/8, 10.9.0.0/16") as gateway, open_redis(redis_url) as redis:
        await joined(gateway, "office@example.com")

        async def sign_in(chain: str, email: str = "office@example.com", password: str = PASSWORD) -> Any:
            await redis.delete("volley:gateway:rate:sign-in")  # what all of them may try together
            body = {"email": email, "password": password}
            answer, _ = await gateway.ask("POST", "/v1/sessions", None, json=body, headers={"X-Forwarded-For": chain})
            return answer

        for _ in range(4):
            assert (await sign_in("203.0.113.7")).status == 201
        wrong = [(await sign_in("203.0.113.7", f"{number}@example.com")).status for number in range(20)]
        assert wrong == [401] * 20
        for chain in ("203.0.113.7", "198.51.100.1, 203.0.113.7", "198.51.100.1, ::ffff:203.0.113.7, 10.9.0.1"):
            refused = await sign_in(chain)
            assert (refused.status, 0 < int(refused.headers["retry-after"]) <= 6000) == (429, True)
        assert (await sign_in("203.0.113.8")).status == 201


async def test_a_request_that_names_a_user_must_name_an_active_one_of_the_account(
    gateway: Gateway, service: Service
) -> None:
    user = await joined(gateway, "agent@example.com")
    _, listed = await gateway.ask("GET", "/v1/agents?limit=200")
    assert {"id": user["id"], "email": "agent@example.com", "name": "Ada"} in listed["items"]
    stranger = await gateway.account("strangers to agents")
    for body, key, status in (
        ({"assigned_to": "agent@example.com"}, ADMIN, 200),
        ({"assigned_to": None}, ADMIN, 200),
        ({"assigned_to": 7}, ADMIN, 200),  # no name at all: the service's to refuse
        ({"assigned_to": "agent@example.com"}, stranger, 422),
        ({"assigned_to": "nobody@example.com"}, ADMIN, 422),
        ({"assigned_to": "\0"}, ADMIN, 422),
    ):
        answer, said = await gateway.ask("PATCH", "/v1/things/7", key, json=body)
        assert answer.status == status, said
        if status == 422:
            assert (said["code"], said["errors"][0]["field"]) == ("invalid", "assigned_to")
    bodies = [json.dumps(body).encode() for body in ({"assigned_to": "agent@example.com"}, {"assigned_to": None})]
    assert service.bodies[:2] == [hashlib.sha256(body).hexdigest() for body in bodies]
    for body in (b"[1]", b"{", b"\xff"):
        assert (await gateway.ask("PATCH", "/v1/things/7", data=body))[0].status == 200
    await gateway.ask("PATCH", f"/v1/users/{user['id']}", json={"active": False})
    body = {"assigned_to": "agent@example.com"}
    assert (await gateway.ask("PATCH", "/v1/things/7", json=body))[0].status == 422
    assert "agent@example.com" not in str(await gateway.ask("GET", "/v1/agents?limit=200"))


async def test_users_belong_to_one_account(gateway: Gateway) -> None:
    user = await joined(gateway, "mine@example.com")
    stranger = await gateway.account("strangers to users")
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/invitation")):
        answer, _ = await gateway.ask(method, f"/v1/users/{user['id']}{path}", stranger, json={})
        assert answer.status == 404
    assert (await gateway.ask("GET", "/v1/users", stranger))[1]["items"] == []
    body = {"email": "mine@example.com", "name": "x", "role": "viewer"}
    assert (await gateway.ask("POST", "/v1/users", json=body))[1]["code"] == "email_taken"
    for more in ({"email": "no"}, {"email": "ü@example.com"}, {"password": "short"}, {"role": "god"}, {"name": " "}):
        assert (await gateway.ask("POST", "/v1/users", stranger, json=body | more))[0].status == 422
