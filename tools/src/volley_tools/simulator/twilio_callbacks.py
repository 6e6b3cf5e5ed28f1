"""Callbacks as Twilio makes them: a form a callback, signed over its address and its parameters."""

import asyncio
import hmac
from base64 import b64encode
from collections import deque
from typing import NamedTuple

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from volley_tools.simulator.ledger import Event
from volley_tools.simulator.provider import Provider

_AT_ONCE = 16
_LONGEST_PAUSE_SECONDS = 2.0


class _Callback(NamedTuple):
    url: str
    forms: list[dict[str, str]]
    event: Event


class TwilioCallbacks:
    """What waits to be posted, again and again until it is taken."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._waiting: deque[_Callback] = deque()
        self._something = asyncio.Semaphore(0)
        self._posting = 0

    def __len__(self) -> int:
        return self._posting + len(self._waiting)

    def put(self, url: str, forms: list[dict[str, str]], event: Event) -> None:
        """Post `forms` one after the other and record the `event` when that is done; nothing without an address."""
        if url:
            self._waiting.append(_Callback(url, forms, event))
            self._something.release()

    def reset(self) -> None:
        self._waiting.clear()

    async def run(self) -> None:
        """Post until cancelled."""
        async with ClientSession(timeout=ClientTimeout(total=10)) as client, asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(self._work(client))

    async def _work(self, client: ClientSession) -> None:
        while True:
            await self._something.acquire()
            if not self._waiting:  # they were forgotten
                continue
            url, forms, event = self._waiting.popleft()
            self._posting += 1
            for form in forms:
                await self._post_surely(client, url, form)
            self._provider.record(event)
            self._posting -= 1

    async def _post_surely(self, client: ClientSession, url: str, form: dict[str, str]) -> None:
        pause = 0.05
        while not await self._post(client, url, form):
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _post(self, client: ClientSession, url: str, form: dict[str, str]) -> bool:
        options = self._provider.options
        said = {**form, "AccountSid": options.account_sid, "ApiVersion": "2010-04-01"}
        headers = {"X-Twilio-Signature": _signature(options.auth_token, url, said)}
        try:
            async with client.post(URL(url, encoded=True), data=said, headers=headers) as response:
                return response.ok
        except (ClientError, TimeoutError):
            return False


def _signature(token: str, url: str, form: dict[str, str]) -> str:
    said = url + "".join(name + form[name] for name in sorted(form))
    return b64encode(hmac.digest(token.encode(), said.encode(), "sha1")).decode()
