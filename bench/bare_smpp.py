"""The bare loop beside `smpp_campaign`: a process that only keeps an SMSC's window full with the same texts.

`python -m bench.bare_smpp HOST PORT SYSTEM_ID PASSWORD MESSAGES WINDOW` prints messages a second and its own CPU time a
message in microseconds.
"""

import asyncio
import sys
import time
from typing import cast

import uvloop

from bench import people
from volley_smpp import (
    BIND_TRANSCEIVER,
    RESPONSE,
    SUBMIT_SM,
    Address,
    Bind,
    FrameSplitter,
    SubmitEncoder,
    encode_bind,
    header,
)

TEXT = (
    b"Hi Zoe, the sale in Springfield is on: https://s.bench.example/12345678 Opt out: https://o.bench.example/12345678"
)

LONGEST = 60.0


class Loop(asyncio.Protocol):
    """Binds, then writes as much as the window has room for whenever answers came."""

    def __init__(self, bind: Bind, messages: int, window: int) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._bind, self._messages, self._window = bind, messages, window
        self._numbers = [people.number(index)[1:] for index in range(messages)]
        self._encode = SubmitEncoder(Address(5, 0, "bare")).encode
        self._splitter = FrameSplitter()
        self._written = self._answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it
        self._transport.write(encode_bind(BIND_TRANSCEIVER, 1, self._bind))

    def data_received(self, data: bytes) -> None:
        for frame in self._splitter.feed(data):
            head = header(frame)
            assert not head.status, "the SMSC refused something"
            self._answered += head.command == SUBMIT_SM | RESPONSE
        if self._answered == self._messages:
            self.done.set_result(None)
            return
        end = min(self._answered + self._window, self._messages)
        pdus = [self._encode(number + 2, self._numbers[number], TEXT) for number in range(self._written, end)]
        self._written = end
        self._transport.write(b"".join(pdus))


async def main(host: str, port: str, system_id: str, password: str, messages: str, window: str) -> None:
    bind = Bind(system_id, password)
    loop = Loop(bind, int(messages), int(window))
    began, used = time.monotonic(), time.process_time()
    transport, _ = await asyncio.get_running_loop().create_connection(lambda: loop, host, int(port))
    async with asyncio.timeout(LONGEST):
        await loop.done
    seconds = time.monotonic() - began
    transport.close()
    print(int(messages) / seconds, (time.process_time() - used) / int(messages) * 1e6)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
