"""Live events to whoever listens: each account's readers, each with a short queue of its own."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import dropwhile
from time import monotonic
from uuid import UUID

import msgspec

from gateway_api import metrics
from gateway_api.domain.live import Subject, Wanted, subject_of
from volley_chassis.kafka import Received
from volley_contracts import AlertRaised, AlertResolved, CampaignMoved, Event, LiveFigures, encode

QUEUE = 256
READERS_OF_ACCOUNT = 500
KEPT = 10_000
"""Events of all accounts that are kept for readers who come back: about as many half kilobytes."""
OVERLAP_SECONDS = 1.0
"""Replicas hear events in slightly different orders: who comes back to another hears some again, and misses none."""

NAMES: dict[type[Event], str] = {
    LiveFigures: "figures",
    CampaignMoved: "campaign_moved",
    AlertRaised: "alert_raised",
    AlertResolved: "alert_resolved",
}
END = None


class Live(msgspec.Struct, frozen=True):
    """One event as it goes out, as server-sent events are written: the same bytes for every reader.

    `heard` is the monotonic time, in seconds, at which this process heard it.
    """

    id: str
    name: str
    subject: Subject
    wire: bytes
    heard: float


def written(name: str, id_: str, data: bytes) -> bytes:
    """An event of this name, with its CloudEvents id and its data as JSON of one line."""
    return b"id: %b\r\nevent: %b\r\ndata: %b\r\n\r\n" % (id_.encode(), name.encode(), data)


def _line(text: str) -> str:
    """An id comes from outside, and must not end its line."""
    return "".join(text.splitlines())


class Reader:
    """One open stream. `queue` holds what it has not read yet; END ends it."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.queue: asyncio.Queue[Live | None] = asyncio.Queue(QUEUE)

    def end(self) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(END)


class Hub:
    """All open streams of this process, and what went out lately."""

    def __init__(self) -> None:
        self._readers: dict[UUID, set[Reader]] = {}
        self._kept: dict[UUID, deque[Live]] = {}
        self._order: deque[UUID] = deque()
        self._closed = False

    def is_full(self, account_id: UUID) -> bool:
        """Whether the account has as many streams open as it may."""
        return len(self._readers.get(account_id, ())) >= READERS_OF_ACCOUNT

    @contextmanager
    def reading(self, account_id: UUID, wanted: Wanted) -> Iterator[Reader]:
        """A reader of the account's events from now on."""
        readers = self._readers.setdefault(account_id, set())
        reader = Reader(wanted)
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

    def last_id(self, account_id: UUID) -> str | None:
        """Of the latest event that is kept."""
        kept = self._kept.get(account_id)
        return kept[-1].id if kept else None

    def missed(self, account_id: UUID, wanted: Wanted, last_id: str) -> list[Live] | None:
        """What came after the event of that id, of figures only the last of each campaign; None where it is not known
        any more.
        """
        kept = self._kept.get(account_id, ())
        last = next((live for live in reversed(kept) if live.id == last_id), None)
        if last is None:
            return None
        since = last.heard - OVERLAP_SECONDS
        later = list(dropwhile(lambda live: live.heard < since, kept))
        newest = {live.subject.campaign_id: live for live in later if live.name == NAMES[LiveFigures]}
        return [
            live
            for live in later
            if live.id != last_id
            and wanted.matches(live.subject)
            and (live.name != NAMES[LiveFigures] or newest[live.subject.campaign_id] is live)
        ]

    async def publish(self, received: Received[Event]) -> None:
        """Hand the event to its account's readers. One whose queue is full is dropped, and nobody waits for it."""
        event = received.data
        name, id_ = NAMES[type(event)], _line(received.id)
        live = Live(id_, name, subject_of(event), written(name, id_, encode(event)), monotonic())
        self._keep(event.account_id, live)
        readers = self._readers.get(event.account_id, set())
        for reader in list(readers):
            if not reader.wanted.matches(live.subject):
                continue
            if reader.queue.full():
                readers.discard(reader)
                reader.end()
                metrics.LIVE_DROPPED.inc()
            else:
                reader.queue.put_nowait(live)

    def _keep(self, account_id: UUID, live: Live) -> None:
        self._kept.setdefault(account_id, deque()).append(live)
        self._order.append(account_id)
        if len(self._order) > KEPT:
            oldest = self._order.popleft()
            self._kept[oldest].popleft()
            if not self._kept[oldest]:
                del self._kept[oldest]

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
