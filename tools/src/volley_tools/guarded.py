"""What holds for every edit, for the services' tests: with If-Match, of two who saw the same only one is heard."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from httpx import AsyncClient

Ask = Callable[[str, str, Any, dict[str, str]], Awaitable["Answer"]]
"""Sends method, path, JSON (or None) and headers."""


class Answer(msgspec.Struct, frozen=True):
    """`etag` is None where there is none."""

    status: int
    etag: str | None
    body: Any


class Edit(msgspec.Struct, frozen=True):
    """How a thing is edited (to one state or to another) at `path`; `read` is where its ETag is."""

    method: str
    path: str
    one: dict[str, Any]
    other: dict[str, Any]
    read: str

    @classmethod
    def of(cls, path: str, one: dict[str, Any], other: dict[str, Any], method: str = "PATCH") -> "Edit":
        return cls(method, path, one, other, path)


def asking(client: "AsyncClient", caller: dict[str, str] | None = None) -> Ask:
    """Ask by this client, with the headers of the caller where it has none of its own."""

    async def ask(method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        answer = await client.request(method, path, json=body, headers=(caller or {}) | headers)
        return Answer(answer.status_code, answer.headers.get("etag"), answer.json() if answer.content else None)

    return ask


async def check_edits(ask: Ask, edit: Edit) -> None:
    """Two at once with the same ETag: one is refused with 412, and passes with the ETag of today. Who names none, or
    any, is heard as ever.
    """
    seen = await ask("GET", edit.read, None, {})
    assert seen.status == 200, seen
    assert seen.etag
    bodies = (edit.one, edit.other)
    answers = await asyncio.gather(
        *(ask(edit.method, edit.path, body, {"If-Match": f'"elsewhere", {seen.etag}'}) for body in bodies)
    )
    assert sorted(answer.status for answer in answers) == [200, 412], answers
    (loser,) = (number for number, answer in enumerate(answers) if answer.status == 412)
    now = (await ask("GET", edit.read, None, {})).etag
    assert now == answers[1 - loser].etag != seen.etag
    refused = answers[loser].body
    assert (refused["code"], refused["current"]) == ("stale", now)
    assert "Read it again" in refused["detail"]
    again = await ask(edit.method, edit.path, bodies[loser], {"If-Match": now or ""})
    assert again.status == 200, again
    assert again.etag == (await ask("GET", edit.read, None, {})).etag != now
    for headers in ({}, {"If-Match": "*"}):
        answer = await ask(edit.method, edit.path, bodies[1 - loser], headers)
        assert answer.status == 200, answer


async def check_removal(ask: Ask, path: str, read: str | None = None) -> None:
    """Refused with 412 by an ETag of another time, carried out by that of now."""
    seen = await ask("GET", read or path, None, {})
    assert seen.etag
    refused = await ask("DELETE", path, None, {"If-Match": '"elsewhere"'})
    assert (refused.status, refused.body["current"]) == (412, seen.etag)
    assert (await ask("GET", read or path, None, {})).etag == seen.etag
    removed = await ask("DELETE", path, None, {"If-Match": seen.etag})
    assert removed.status == 204, removed
