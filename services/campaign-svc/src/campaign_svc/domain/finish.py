"""When a campaign will be done: the pace of its sender, shared with others, its cap, and the hours of its people."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import NamedTuple

import msgspec

from campaign_svc.domain.hours import Hours, stretches
from volley_contracts import Stretch

EVENTS = 20_000
"""Changes of who is sent to that are followed; what takes more of them has no end that could be told."""
NOTHING = 1e-6


class Pause(msgspec.Struct, frozen=True):
    """The end of a wave: nothing is sent for some seconds when only so many parts of each group are left."""

    left: tuple[float, ...]
    seconds: float


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign still has to send, in parts by group (one group without hours), and its own cap a second. What
    others keep it from sending under its cap it makes up for, up to a `backlog` of parts. It `begins` at once where no
    time is given.
    """

    parts: tuple[float, ...]
    zones: tuple[tuple[str, ...], ...] = ()
    countries: tuple[str | None, ...] = ()
    hours: Hours | None = None
    cap: int | None = None
    backlog: float = 0.0
    pauses: tuple[Pause, ...] = ()
    begins: datetime | None = None


class Course(NamedTuple):
    """What is left of loads that share a sender, by load, in parts, at some times; between them it falls evenly."""

    times: list[datetime]
    left: list[list[float]]

    def left_at(self, no: int, at: datetime) -> float:
        """Of a load, at a time that the course has or nearly has."""
        after = bisect_right(self.times, at)
        if after in {0, len(self.times)}:
            return self.left[max(after - 1, 0)][no]
        before, then = self.times[after - 1], self.times[after]
        falls = self.left[after - 1][no] - self.left[after][no]
        return self.left[after - 1][no] - falls * ((at - before) / (then - before))

    def when(self, no: int, left: float) -> datetime:
        """When no more than so much is left of a load; the end of the course if that never comes."""
        after = bisect_left(self.left, -left, key=lambda each: -each[no])
        if after in {0, len(self.times)}:
            return self.times[min(after, len(self.times) - 1)]
        falls = self.left[after - 1][no] - self.left[after][no]
        return self.times[after - 1] + (self.times[after] - self.times[after - 1]) * (
            (self.left[after - 1][no] - left) / falls
        )


class _Run:
    """A load on its way: the group that is sent to is the one whose hours end first, as feeding has it."""

    def __init__(self, load: Load, at: datetime) -> None:
        self.left = list(load.parts)
        self._cap, self._backlog, self._waiting = load.cap, load.backlog, 0.0
        self._begins = load.begins or at
        self._pauses = list(load.pauses)
        self._until: datetime | None = None
        places = zip_longest(load.zones, load.countries)
        self._hours = [stretches(load.hours, zones, at, country) for zones, country in places] if load.hours else []
        self._now: list[Stretch | None] = [next(one, None) for one in self._hours]

    def active(self, at: datetime) -> int | None:
        """The group that is sent to; None if nobody is."""
        if at < self._begins:
            return None
        self._pause(at)
        found: list[tuple[datetime, int]] = []
        for no in self._in_turn():
            if not self._hours:
                return no
            stretch = self._stretch(no, at)
            if stretch and stretch.opens <= at:
                found.append((stretch.closes, no))
        return min(found)[1] if found else None

    def change(self, at: datetime) -> datetime | None:
        """When it or its next wave begins, or hours next begin or end for somebody who is left."""
        if at < self._begins:
            return self._begins
        times = [
            stretch.closes if stretch.opens <= at else stretch.opens
            for no in self._in_turn()
            if self._hours and (stretch := self._stretch(no, at))
        ]
        return self._until or min(times, default=None)

    @property
    def cap(self) -> int | None:
        """What is fed at the cap leaves faster while some of it waits."""
        return None if self._waiting > NOTHING else self._cap

    def caught_up(self, pace: float) -> float | None:
        """In how many seconds nothing waits any more at a pace above the cap."""
        return (
            self._waiting / (pace - self._cap) if self._cap and self._waiting > NOTHING and pace > self._cap else None
        )

    def send(self, no: int, pace: float, seconds: float) -> None:
        self.left[no] -= pace * seconds
        if self._cap:
            waits = self._waiting + (self._cap - pace) * seconds
            self._waiting = min(max(waits, 0.0), self._backlog)

    def done(self) -> bool:
        return all(left <= NOTHING for left in self.left)

    def due(self, no: int) -> float:
        """What is left of a group in this wave."""
        return self.left[no] - (self._pauses[0].left[no] if self._pauses else 0.0)

    def _in_turn(self) -> list[int]:
        return [] if self._until else [no for no in range(len(self.left)) if self.due(no) > NOTHING]

    def _pause(self, at: datetime) -> None:
        """Begin a pause where a wave is sent, and end it when its time has come."""
        while self._pauses:
            if self._until is None and not self._in_turn():
                self._until = at + timedelta(seconds=self._pauses[0].seconds)
            if self._until is None or at < self._until:
                return
            self._until = None
            del self._pauses[0]

    def _stretch(self, no: int, at: datetime) -> Stretch | None:
        while (stretch := self._now[no]) and stretch.closes <= at:
            self._now[no] = next(self._hours[no], None)
        return stretch


def course(
    loads: Sequence[Load], *, parts_per_second: int, start: datetime, until: datetime | None = None
) -> tuple[Course, datetime | None]:
    """How some loads go that share a sender from `start` on: `until` then, or until the first of them is sent. And
    when that one is sent; None if it never comes to an end.
    """
    runs, at = [_Run(load, start) for load in loads], start
    found = Course([], [])
    for _ in range(EVENTS):
        found.times.append(at)
        found.left.append([0.0 if run.done() else sum(run.left) for run in runs])
        if runs[0].done() if until is None else at >= until:
            return found, at
        active = [(one, no) for one in runs if (no := one.active(at)) is not None]
        paces = _shares([one.cap for one, _ in active], parts_per_second)
        seconds = [one.due(no) / pace for (one, no), pace in zip(active, paces, strict=True)]
        seconds += [(change - at).total_seconds() for one in runs if (change := one.change(at))]
        seconds += [
            soon for (one, _), pace in zip(active, paces, strict=True) if (soon := one.caught_up(pace)) is not None
        ]
        if not seconds:
            break
        step = min(seconds)
        for (one, no), pace in zip(active, paces, strict=True):
            one.send(no, pace, step)
        # Rounded up, so that a change of hours is never stopped short of.
        at += timedelta(microseconds=int(step * 1e6) + 1)
    return found, None


def finish_at(mine: Load, others: Sequence[Load], *, parts_per_second: int, start: datetime) -> datetime | None:
    """When `mine` is sent if all of them share a sender from `start` on; None if it never comes to an end."""
    return course([mine, *others], parts_per_second=parts_per_second, start=start)[1]


def _shares(caps: Sequence[int | None], pace: float) -> list[float]:
    """A fair share for each: who is capped below it leaves the rest to the others."""
    shares = [0.0] * len(caps)
    waiting = sorted(range(len(caps)), key=lambda no: caps[no] or pace)
    for position, no in enumerate(waiting):
        fair = pace / (len(waiting) - position)
        shares[no] = min(fair, caps[no] or fair)
        pace -= shares[no]
    return shares
