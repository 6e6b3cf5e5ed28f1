"""The simulator put together: the only place that knows all of its parts."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from volley_tools.simulator import journal
from volley_tools.simulator.api import Api
from volley_tools.simulator.http_door import HttpDoor
from volley_tools.simulator.options import Options
from volley_tools.simulator.phones import Phones
from volley_tools.simulator.provider import Provider
from volley_tools.simulator.smpp_door import SmppDoor
from volley_tools.simulator.twilio_door import TwilioDoor

_MAX_BODY = 8 << 20
_PULSE_SECONDS = 0.002


class Simulator:
    """Start it, use its ports, stop it."""

    smpp_port: int
    http_port: int

    def __init__(self, options: Options) -> None:
        self.provider = Provider(options)
        self.smpp = SmppDoor(self.provider)
        self.http = HttpDoor(self.provider)
        self.twilio = TwilioDoor(self.provider)
        self._journal_path = Path(options.ledger) if options.ledger else None

    async def start(self) -> None:
        """Listen on both ports; OSError if one is taken."""
        if self._journal_path:
            self._load(self._journal_path)
        replies = {"smpp": self.smpp.send_reply, "http": self.http.send_reply, "twilio": self.twilio.send_reply}
        self.phones = Phones(self.provider, replies)
        self.provider.on_delivered = self.phones.act
        self._webhooks = asyncio.gather(self.http.webhooks.run(), self.twilio.callbacks.run())
        self._pulse = asyncio.create_task(self._notice_pauses())
        self.smpp_port = await self.smpp.start()
        self.http_port = await self._serve_http()

    async def stop(self) -> None:
        """Close every connection; what was not delivered yet is not."""
        self.provider.stop()
        await self.smpp.stop()
        self._http_server.close()
        self.http.close()
        await self._runner.cleanup()
        self._pulse.cancel()
        self._webhooks.cancel()
        with suppress(asyncio.CancelledError):
            await self._webhooks
        await self.phones.close()
        if self.provider.journal:
            self.provider.journal.close()

    def reset(self) -> None:
        """An empty ledger, and nothing on its way."""
        self.provider.reset()
        self.smpp.reset()
        self.http.reset()
        self.twilio.reset()
        self.phones.reset()

    def pending(self) -> dict[str, int]:
        """What is still about to happen by itself."""
        return {
            "deliveries": self.provider.undelivered,
            "smpp": len(self.smpp.outbox) + sum(session.unacknowledged for session in self.smpp.sessions),
            "webhooks": len(self.http.webhooks) + len(self.twilio.callbacks),
            "phones": self.phones.busy,
        }

    async def _notice_pauses(self) -> None:
        """A process that the machine keeps waiting reads late; who judges arrival times must know by how much."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_PULSE_SECONDS)
            now, ledger = time.monotonic(), self.provider.ledger
            ledger.longest_pause = max(ledger.longest_pause, now - before - _PULSE_SECONDS)
            ledger.looks.append(now)

    def _load(self, path: Path) -> None:
        if path.exists():
            for line in journal.read(path):
                self.provider.ledger.load(line)
            self.http.know_again()
        self.provider.journal = journal.Journal(path)

    async def _serve_http(self) -> int:
        app = web.Application(client_max_size=_MAX_BODY)
        app.add_routes(self.http.routes())
        app.add_routes(self.twilio.routes())
        app.add_routes(Api(self.provider, self.pending, self.reset).routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        server = self._runner.server
        assert server
        options = self.provider.options
        self._http_server = await asyncio.get_running_loop().create_server(
            lambda: self.http.connection(server), options.host, options.http_port
        )
        port: int = self._http_server.sockets[0].getsockname()[1]
        return port
