"""Receipts and replies by webhook: in batches, signed (Standard Webhooks), again and again until they are taken."""

import asyncio
import time
from collections import deque
from datetime import UTC, datetime
from itertools import count
from typing import Any, Literal

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout
from standardwebhooks import Webhook

from volley_tools.simulator.ledger import Event
from volley_tools.simulator.provider import Provider

Kind = Literal["receipts", "inbound"]

_BATCH = 500
_GATHER_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 2.0


class Webhooks:
    """What waits to be posted to the client's webhook URL."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._waiting: dict[Kind, deque[tuple[dict[str, Any], Event]]] = {"receipts": deque(), "inbound": deque()}
        self._something = asyncio.Event()
        self._posting = 0
        self._numbers = count(1)
        self._run = f"{time.time_ns():x}"

    def __len__(self) -> int:
        return self._posting + sum(map(len, self._waiting.values()))

    def put(self, kind: Kind, body: dict[str, Any], event: Event) -> None:
        """Post `body` and record the `event` when that is done; nothing without a webhook URL."""
        if self._provider.options.webhook_url:
            at = datetime.fromtimestamp(event.at + self._provider.ledger.wall_offset, UTC)
            self._waiting[kind].append((body | {"at": at.isoformat()}, event))
            self._something.set()

    def reset(self) -> None:
        for waiting in self._waiting.values():
            waiting.clear()

    async def run(self) -> None:
        """Post until cancelled."""
        async with ClientSession(timeout=ClientTimeout(total=10)) as client:
            while True:
                await self._something.wait()
                self._something.clear()
                await asyncio.sleep(_GATHER_SECONDS)
                for kind, waiting in self._waiting.items():
                    while waiting:
                        await self._post_batch(client, kind, waiting)

    async def _post_batch(
        self, client: ClientSession, kind: Kind, waiting: deque[tuple[dict[str, Any], Event]]
    ) -> None:
        batch = [waiting.popleft() for _ in range(min(_BATCH, len(waiting)))]
        self._posting = len(batch)
        body = msgspec.json.encode({kind: [item for item, _ in batch]})
        message_id = f"{self._run}-{next(self._numbers)}"
        pause = 0.05
        while not await self._post(client, message_id, body):
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        for _, event in batch:
            self._provider.record(event)
        self._posting = 0

    async def _post(self, client: ClientSession, message_id: str, body: bytes) -> bool:
        options = self._provider.options
        now = datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(options.webhook_secret).sign(message_id, now, body.decode()),
        }
        try:
            async with client.post(options.webhook_url, data=body, headers=headers) as response:
                return response.ok
        except (ClientError, TimeoutError):
            return False
