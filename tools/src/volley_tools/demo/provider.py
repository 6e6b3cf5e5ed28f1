"""The provider of the story: what the simulator is told to do, and its side of what happened."""

from typing import Any

import aiohttp
import msgspec

from volley_tools.demo.api import until
from volley_tools.demo.evidence import Ledger
from volley_tools.simulator.options import FIXED, Options

SYSTEM_ID, PASSWORD = "volley", "secret"
BEHAVIOUR: dict[str, Any] = {
    "latency_ms": 10,
    "jitter_ms": 10,
    "failures": {"ESME_RINVDSTADR": 8, "ESME_RTHROTTLED": 3},
    "failures_clear_after": 2,  # a number that is throttled gets through at the third try
    "delivery_ms": 200,
    "delivery_jitter_ms": 800,
    "undelivered": 15,
    "receipt_twice": 20,
    "click": 120,
    "preview": 80,
    "scanner": 50,
    "optout": 12,
    "optout_scanner": 30,
    "stop": 8,
}


def smpp_config(port: int) -> dict[str, Any]:
    """The configuration of a route to it."""
    return {"host": "127.0.0.1", "port": port, "system_id": SYSTEM_ID, "password": PASSWORD}


def http_config(url: str) -> dict[str, Any]:
    """The configuration of a route to it over HTTP."""
    return {"url": url, "token": "secret", "webhook_secret": Options().webhook_secret}


class Provider:
    """The simulator at `url` (its HTTP port)."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self.url = url

    async def behave(self, **changes: Any) -> None:
        """Change what it does, by the names of its options."""
        async with self._session.patch(f"{self.url}/control", json=changes) as answer:
            answer.raise_for_status()

    async def start_over(self, *, web: str) -> None:
        """Empty the ledger and go back to the default manners; links are opened at `web` (host:port)."""
        async with self._session.post(f"{self.url}/ledger/reset") as answer:
            answer.raise_for_status()
        defaults = msgspec.to_builtins(Options(web=web))
        await self.behave(**{name: value for name, value in defaults.items() if name not in FIXED})

    async def count(self) -> int:
        """How many messages it has accepted."""
        return int(msgspec.json.decode(await self._read("/ledger/pending"))["messages"])

    async def accepted(self, count: int, *, seconds: float) -> None:
        """Wait until it has accepted at least `count` messages."""

        async def enough() -> bool:
            return await self.count() >= count

        await until(enough, seconds=seconds, what=f"{count} messages at the provider")

    async def quiet(self, seconds: float) -> None:
        """Wait until nothing is on its way any more: receipts, replies, phones."""
        await until(self._nothing_pending, seconds=seconds, what="the phones to be done")

    async def ledger(self) -> Ledger:
        summary = msgspec.json.decode(await self._read("/ledger/summary"))
        messages = msgspec.json.Decoder().decode_lines(await self._read("/ledger/messages"))
        events = msgspec.json.Decoder().decode_lines(await self._read("/ledger/events"))
        return Ledger(messages=messages, events=events, summary=summary)

    async def pending(self) -> dict[str, int]:
        """How much is still about to happen by itself, by kind; only what there is."""
        found = msgspec.json.decode(await self._read("/ledger/pending"))
        return {kind: count for kind, count in found["pending"].items() if count}

    async def _nothing_pending(self) -> bool:
        return not await self.pending()

    async def _read(self, path: str) -> bytes:
        async with self._session.get(self.url + path) as answer:
            answer.raise_for_status()
            return await answer.read()
