"""One hand-over over SMPP: its parts in the order of their due times, and what becomes of them and of their messages.

A message of several parts is submitted when all of its parts are. Its parts belong together: once one was refused the
others are not written any more; once one was taken the others are tried again for a while, and a message that
still misses a part is refused as incomplete, for it can neither arrive nor be sent again.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from dispatch_svc.domain.handover import Handed, HandoverResult, Outbound

COMPLETE_WITHIN = 1.0
"""Seconds in which a message that was begun may still be completed after a stop."""
RETRY_PART_AFTER = 0.5
RETRY_PARTS_WITHIN = 10.0
INCOMPLETE = "incomplete"
# What a message comes to when its parts disagree: the first of these that one of them came to.
_WORST_FIRST: tuple[HandoverResult, ...] = ("refused", "unknown", "retry", "not_sent", "submitted")


class _Tally:
    """What is known of the parts of one message of several: a result (None: not yet) and an id each."""

    __slots__ = ("error", "give_up", "ids", "in_flight", "results", "retry_after")

    def __init__(self, parts: int) -> None:
        self.results: list[HandoverResult | None] = [None] * parts
        self.ids = [""] * parts
        self.error: str | None = None
        self.retry_after = 0.0
        self.in_flight = 0
        self.give_up: float | None = None

    @property
    def begun(self) -> bool:
        """The provider has some part of it, or may have."""
        return self.in_flight > 0 or "submitted" in self.results

    @property
    def hopeless(self) -> bool:
        return any(result not in {None, "submitted"} for result in self.results)

    @property
    def torn(self) -> bool:
        """The provider took some parts, surely not the others, and may take them yet."""
        results = set(self.results)
        return "submitted" in results and bool(results & {"retry", "not_sent"}) and not results & {"refused", "unknown"}

    def folded(self, ref: str) -> Handed:
        result = next(result for result in _WORST_FIRST if result in self.results)
        if result == "submitted":
            return Handed(ref, result, self.ids if all(self.ids) else [])
        return Handed(ref, result, [], self.error, self.retry_after)


class Batch:
    """`handed` has an entry a message, `left` counts those that are open. A part is named (message, part)."""

    __slots__ = ("_bell", "_tallies", "_waiting", "handed", "left", "messages", "stopped")

    def __init__(self, messages: list[Outbound]) -> None:
        self.messages = messages
        self.handed: list[Handed | None] = [None] * len(messages)
        self.left = len(messages)
        self.stopped = False
        self._tallies = {
            number: _Tally(len(message.parts)) for number, message in enumerate(messages) if len(message.parts) > 1
        }
        parts = [(message.due, number, 0) for number, message in enumerate(messages)]
        for number, tally in self._tallies.items():
            dues = messages[number].part_due or [messages[number].due]
            parts += [(dues[min(part, len(dues)) - 1], number, part) for part in range(1, len(tally.results))]
        parts.sort()
        self._waiting = deque(parts)
        self._bell: asyncio.Future[None] | None = None

    def results(self) -> list[Handed]:
        """When nothing is left."""
        return [handed for handed in self.handed if handed is not None]

    def wait(self, now: float) -> float | None:
        """Seconds until the next part may be written (not above 0: now), None when none waits."""
        return self._waiting[0][0] - now if self._waiting else None

    def take(self, now: float, most: int) -> list[tuple[int, int]]:
        """The parts to write now, at most `most`."""
        taken: list[tuple[int, int]] = []
        waiting, tallies = self._waiting, self._tallies
        while waiting and most:
            due, number, part = waiting[0]
            tally = tallies.get(number) if tallies else None
            if tally is not None and tally.hopeless:
                waiting.popleft()
                self.failed(number, part, "not_sent", now)
                continue
            if due > now:
                break
            waiting.popleft()
            if tally is not None:
                tally.in_flight += 1
            taken.append((number, part))
            most -= 1
        return taken

    def answered(self, number: int, part: int, provider_id: str, now: float) -> None:
        """The provider took the part."""
        tally = self._tallies.get(number)
        if tally is None:
            # Without an id, which some providers leave out, no receipt can be matched.
            self._close(number, Handed(self.messages[number].ref, "submitted", [provider_id] if provider_id else []))
            return
        tally.in_flight -= 1
        tally.ids[part] = provider_id
        tally.results[part] = "submitted"
        self._settle(number, tally, now)

    def failed(
        self,
        number: int,
        part: int,
        result: HandoverResult,
        now: float,
        error: str | None = None,
        *,
        retry_after: float = 0.0,
        written: bool = False,
    ) -> None:
        """The part comes to `result`, which is not "submitted"; `written`: after it was taken."""
        tally = self._tallies.get(number)
        if tally is None:
            self._close(number, Handed(self.messages[number].ref, result, [], error, retry_after))
            return
        tally.in_flight -= written
        tally.results[part] = result
        tally.error = error or tally.error
        tally.retry_after = max(retry_after, tally.retry_after)
        self._settle(number, tally, now)

    def stop(self, now: float) -> None:
        """Nothing leaves any more but the rest of messages that were begun, within COMPLETE_WITHIN."""
        self.stopped = True
        self._drop(now, lambda due, tally: tally.begun and abs(due - now) <= COMPLETE_WITHIN)

    def give_back(self, now: float) -> None:
        """Nothing can leave at the moment: only messages that were begun wait, RETRY_PARTS_WITHIN at most."""

        def may_wait(_due: float, tally: _Tally) -> bool:
            if not tally.begun:
                return False
            tally.give_up = tally.give_up or now + RETRY_PARTS_WITHIN
            return now <= tally.give_up

        self._drop(now, may_wait)

    def ring(self) -> None:
        """Something changed: `pause` returns."""
        if self._bell and not self._bell.done():
            self._bell.set_result(None)

    async def pause(self, seconds: float) -> None:
        """Wait for so long at most, less if `ring` is called."""
        loop = asyncio.get_running_loop()
        self._bell = loop.create_future()
        timer = loop.call_later(seconds, self.ring)
        try:
            await self._bell
        finally:
            timer.cancel()
            self._bell = None

    def _drop(self, now: float, keep: Callable[[float, _Tally], bool]) -> None:
        waiting, self._waiting = self._waiting, deque()
        for due, number, part in waiting:
            tally = self._tallies.get(number)
            if tally is not None and not tally.hopeless and keep(due, tally):
                self._waiting.append((due, number, part))
            else:
                self.failed(number, part, "not_sent", now)

    def _settle(self, number: int, tally: _Tally, now: float) -> None:
        """Close the message if none of its parts can change any more."""
        if tally.in_flight or (None in tally.results and not tally.hopeless):
            return
        if not tally.torn:
            self._close(number, tally.folded(self.messages[number].ref))
        elif self.stopped or now > (tally.give_up or now):
            self._close(number, Handed(self.messages[number].ref, "refused", [], INCOMPLETE))
        else:
            self._again(number, tally, now)

    def _again(self, number: int, tally: _Tally, now: float) -> None:
        """Write what a torn message misses once more."""
        tally.give_up = tally.give_up or now + RETRY_PARTS_WITHIN
        missing = [part for part, result in enumerate(tally.results) if result != "submitted"]
        for part in missing:
            tally.results[part] = None
        others = [entry for entry in self._waiting if entry[1] != number]
        self._waiting = deque(sorted([*others, *((now + RETRY_PART_AFTER, number, part) for part in missing)]))
        self.ring()

    def _close(self, number: int, handed: Handed) -> None:
        if self.handed[number] is None:
            self.handed[number] = handed
            self.left -= 1
            if not self.left:
                self.ring()
