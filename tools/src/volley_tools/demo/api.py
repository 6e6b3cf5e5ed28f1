"""A small client of Volley's public REST API, as any program would write one."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp


class ApiError(Exception):
    """The API answered with a problem."""

    def __init__(self, method: str, path: str, problem: dict[str, Any]) -> None:
        super().__init__(f"{method} {path}: {problem.get('status')} {problem.get('detail')}")
        self.status = int(problem.get("status", 0))
        self.problem = problem


class Api:
    """Calls the gateway at `url` with an API key. Answers are JSON values; problems raise ApiError."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str) -> None:
        self.session = session
        self.url = url
        self.headers = {"authorization": f"Bearer {key}"}

    async def get(self, path: str, **query: str | int) -> Any:
        return await self._call("GET", path, params=query)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return await self._call("POST", path, json=body)

    async def patch(self, path: str, body: dict[str, Any]) -> Any:
        return await self._call("PATCH", path, json=body)

    async def put(self, path: str, body: dict[str, Any]) -> Any:
        return await self._call("PUT", path, json=body)

    async def delete(self, path: str) -> None:
        await self._call("DELETE", path)

    async def upload(self, path: str, content: bytes, **query: str) -> Any:
        """POST a CSV file."""
        return await self._call("POST", path, data=content, params=query, headers={"content-type": "text/csv"})

    async def pages(self, path: str, **query: str | int) -> AsyncIterator[dict[str, Any]]:
        """All items of a list, page by page."""
        after: dict[str, str] = {}
        while True:
            page = await self.get(path, limit=200, **after, **query)
            for item in page["items"]:
                yield item
            if not page["next"]:
                return
            after = {"after": page["next"]}

    async def _call(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> Any:
        async with self.session.request(
            method, self.url + path, headers=self.headers | (headers or {}), **options
        ) as answer:
            if answer.status >= 400:
                problem = await answer.json(content_type=None)
                raise ApiError(method, path, problem)
            return await answer.json() if answer.content_length != 0 and answer.status != 204 else None


async def until(condition: Any, *, seconds: float, what: str) -> Any:
    """Poll an async function until it gives something true, and give that; TimeoutError says what did not come."""
    try:
        async with asyncio.timeout(seconds):
            while not (found := await condition()):  # noqa: ASYNC110 - the API is polled
                await asyncio.sleep(0.1)
            return found
    except TimeoutError:
        raise TimeoutError(f"waited {seconds:.0f} s for {what}") from None
