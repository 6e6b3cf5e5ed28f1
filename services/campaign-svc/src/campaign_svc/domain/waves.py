"""Portions in which an audience is sent to. A test of the variants is the first of them, ended by its clicks."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec

from campaign_svc.domain.hours import Group

MAX_WAVES = 20
MAX_WAIT_MINUTES = 30 * 24 * 60

Share = Annotated[int, msgspec.Meta(ge=1, le=99)]


class Wave(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`share` percent of the audience. The next wave begins `wait_minutes` after the last message of this one left."""

    share: Share
    wait_minutes: Annotated[int, msgspec.Meta(ge=1, le=MAX_WAIT_MINUTES)]


class Winner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The variants are sent to `test_share` percent of the audience by their ratios, and the one with the higher click
    rate to the rest.

    It is named between `min_wait_minutes` and `max_wait_minutes` after the test was sent, as soon as the comparison of
    the variants says so; if it does not, the rest gets them by their ratios.
    """

    test_share: Share
    metric: Literal["click_rate"] = "click_rate"
    min_wait_minutes: Annotated[int, msgspec.Meta(ge=0, le=MAX_WAIT_MINUTES)] = 0
    max_wait_minutes: Annotated[int, msgspec.Meta(ge=1, le=MAX_WAIT_MINUTES)]


class Halt(msgspec.Struct, frozen=True):
    """The end of a wave: after `share` percent of the audience, with `beyond` people left, for so many `seconds`."""

    share: int
    beyond: int
    seconds: float


def plan(waves: Sequence[Wave], winner: Winner | None) -> tuple[Wave, ...]:
    """All waves but the rest, the test in front."""
    test = [Wave(share=winner.test_share, wait_minutes=winner.max_wait_minutes)] if winner else []
    return (*test, *waves)


def share_of(planned: Sequence[Wave], wave: int) -> int:
    """Percent of the audience that have had their turn when the wave (from 0) is over."""
    return sum(one.share for one in planned[: wave + 1]) if wave < len(planned) else 100


def portion(first: int, count: int, share: int) -> int:
    """How many of a stretch of the audience belong to `share` percent of it: in all just that, rounded up."""
    return _up_to(first + count, share) - _up_to(first, share)


def _up_to(people: int, share: int) -> int:
    return -(-people * share // 100)


def of_groups(groups: Sequence[Group], share: int) -> list[Group]:
    """The groups without those whose turn comes in a later wave: of each about the same share."""
    return [msgspec.structs.replace(g, count=portion(g.first_seq, g.count, share)) for g in groups]


def halts(planned: Sequence[Wave], wave: int, *, recipients: int, sent_at: datetime | None, at: datetime) -> list[Halt]:
    """What still lies ahead of the end; the one that is under way is shorter by what has passed of it."""
    found = []
    for no, one in enumerate(planned[wave:], wave):
        wait = timedelta(minutes=one.wait_minutes)
        if no == wave and sent_at:
            wait = max(sent_at + wait - at, timedelta(0))
        share = share_of(planned, no)
        found.append(Halt(share, recipients - portion(0, recipients, share), wait.total_seconds()))
    return found


def what_is_wrong(waves: Sequence[Wave], winner: Winner | None) -> Iterator[tuple[str, str, str]]:
    """Field, message and fix of what is illegal."""
    if len(waves) > MAX_WAVES:
        yield "schedule.waves", f"there are {len(waves)}", f"use at most {MAX_WAVES}"
    total = sum(one.share for one in plan(waves, winner))
    if total > 99:
        of_test = " with that of the test" if winner else ""
        yield "schedule.waves", f"the shares{of_test} sum to {total}", "leave at least 1 percent for the rest"
    if winner and winner.min_wait_minutes > winner.max_wait_minutes:
        message = f"{winner.min_wait_minutes} is more than max_wait_minutes, {winner.max_wait_minutes}"
        yield "content.winner.min_wait_minutes", message, "give a shorter wait, or a longer one at most"


_BEGUN = "what has begun stays as it is"


def what_is_too_late(
    before: tuple[Sequence[Wave], Winner | None], after: tuple[Sequence[Wave], Winner | None], wave: int
) -> Iterator[tuple[str, str, str]]:
    """What a launched campaign, in its `wave` (from 0), may not change any more: field, message and fix.

    Of the wave that is under way the wait may still be changed, of a test both waits.
    """
    (waves, winner), (new_waves, new_winner) = before, after
    if _fixed(winner, over=wave > 0) != _fixed(new_winner, over=wave > 0):
        fix = "change its waits while it lasts, let the next wave begin, or change the ratios of the variants"
        yield "content.winner", _BEGUN, fix
    current = wave - (1 if winner else 0)
    if current < 0:
        return
    begun = [*waves[:current], *(one.share for one in waves[current : current + 1])]
    kept = [*new_waves[:current], *(one.share for one in new_waves[current : current + 1])]
    if begun != kept or (current >= len(waves) and new_waves != waves):
        yield "schedule.waves", _BEGUN, f"leave the first {min(current + 1, len(waves))} waves, and change later ones"


def _fixed(winner: Winner | None, *, over: bool) -> object:
    return winner if over or winner is None else winner.test_share
