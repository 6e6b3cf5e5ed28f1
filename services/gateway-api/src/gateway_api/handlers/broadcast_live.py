"""Live events to whoever listens: each account's readers, each with a short queue of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec

from gateway_api import metrics
from volley_chassis.kafka import Received
from volley_contracts import AlertRaised, AlertResolved, CampaignMoved, Event, LiveFigures, encode

QUEUE = 256
READERS_OF_ACCOUNT = 500
NAMES: dict[type[Event], str] = {
    LiveFigures: "figures",
    CampaignMoved: "campaign_moved",
    AlertRaised: "alert_raised",
    AlertResolved: "alert_resolved",
}
END = None


class Live(msgspec.Struct, frozen=True):
    """One event as it goes out, as server-sent events are written: the same bytes for every reader."""

    wire: bytes


def written(name: str, id_: str, data: bytes) -> Live:
    """An event of this name, with its CloudEvents id and its data as JSON of one line."""
    return Live(b"id: %b\r\nevent: %b\r\ndata: %b\r\n\r\n" % (_line(id_), name.encode(), data))


def _line(text: str) -> bytes:
    """An id comes from outside, and must not end its line."""
    return "".join(text.splitlines()).encode()


class Reader:
    """One open stream. `queue` holds what it has not read yet; END ends it."""

    def __init__(self, campaign_id: UUID | None) -> None:
        self.campaign_id = campaign_id
        self.queue: asyncio.Queue[Live | None] = asyncio.Queue(QUEUE)

    def wants(self, campaign_id: UUID | None) -> bool:
        """Events that name no campaign (the end of an alert) are for everybody."""
        return self.campaign_id is None or campaign_id is None or campaign_id == self.campaign_id

    def end(self) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(END)


class Hub:
    """All open streams of this process."""

    def __init__(self) -> None:
        self._readers: dict[UUID, set[Reader]] = {}
        self._closed = False

    def is_full(self, account_id: UUID) -> bool:
        """Whether the account has as many streams open as it may."""
        return len(self._readers.get(account_id, ())) >= READERS_OF_ACCOUNT

    @contextmanager
    def reading(self, account_id: UUID, campaign_id: UUID | None) -> Iterator[Reader]:
        """A reader of the account's events from now on."""
        readers = self._readers.setdefault(account_id, set())
        reader = Reader(campaign_id)
        if self._closed:
            reader.end()
        readers.add(reader)
        metrics.LIVE_READERS.inc()
        try:
            yield reader
        finally:
            metrics.LIVE_READERS.dec()
            readers.discard(reader)
            if not readers and self._readers.get(account_id) is readers:
                del self._readers[account_id]

    async def publish(self, received: Received[Event]) -> None:
        """Hand the event to its account's readers. One whose queue is full is dropped, and nobody waits for it."""
        event = received.data
        readers = self._readers.get(event.account_id)
        if not readers:
            return
        live = written(NAMES[type(event)], received.id, encode(event))
        campaign_id: UUID | None = getattr(event, "campaign_id", None)
        for reader in list(readers):
            if not reader.wants(campaign_id):
                continue
            if reader.queue.full():
                readers.discard(reader)
                reader.end()
                metrics.LIVE_DROPPED.inc()
            else:
                reader.queue.put_nowait(live)

    def close(self) -> None:
        """End every stream: the process stops, and readers connect to another."""
        self._closed = True
        for readers in self._readers.values():
            for reader in readers:
                reader.end()

    async def close_at_the_end(self) -> None:
        """A background loop that does nothing until it is cancelled."""
        try:
            await asyncio.Event().wait()
        finally:
            self.close()
