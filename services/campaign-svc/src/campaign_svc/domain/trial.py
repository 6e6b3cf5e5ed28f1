"""How a test of the variants ends: with a winner, or without one when it has lasted as long as it may."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from campaign_svc.domain.waves import Winner
from volley_contracts import ComparisonVerdict, Tried


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What stats-svc last said of the variants; see its event VariantsCompared."""

    verdict: ComparisonVerdict
    winner: int | None
    p_value: float | None
    variants: list[Tried]
    at: datetime


class Ending(msgspec.Struct, frozen=True):
    """Why a wave is over, for machines and for people, and the variant that the rest gets (None: by the ratios)."""

    code: str
    sentence: str
    variant: int | None = None


def ending(
    winner: Winner, said: Comparison | None, *, variants: int, same_texts: bool, sent_at: datetime, at: datetime
) -> Ending | None:
    """Whether a test that was sent at `sent_at` is over. What was said of texts that were changed meanwhile counts for
    nothing. None: it goes on.
    """
    if at < sent_at + timedelta(minutes=winner.min_wait_minutes):
        return None
    if same_texts and said and said.verdict == "winner" and said.winner is not None and said.winner < variants:
        chance = f" (p = {said.p_value:.2g}, whenever one looks)" if said.p_value is not None else ""
        sentence = f"Variant {said.winner} goes to the rest: {_figures(said)}{chance}."
        return Ending("winner_chosen", sentence, said.winner)
    if at < sent_at + timedelta(minutes=winner.max_wait_minutes):
        return None
    why = _figures(said) if same_texts else "the texts were changed during the test"
    return Ending(
        "no_winner", f"No winner within {winner.max_wait_minutes} minutes: {why}. The rest goes by the ratios."
    )


def look_again(winner: Winner, *, sent_at: datetime, at: datetime) -> datetime:
    """When a test that goes on may be over for another reason than news of its clicks."""
    least = sent_at + timedelta(minutes=winner.min_wait_minutes)
    return least if at < least else sent_at + timedelta(minutes=winner.max_wait_minutes)


def _figures(said: Comparison | None) -> str:
    reached = [one for one in said.variants if one.reached] if said else []
    rates = [(one, 100 * min(one.clickers / one.reached, 1)) for one in reached]
    words = [f"variant {one.variant} was clicked by {rate:.2f}% of {one.reached:,} people" for one, rate in rates]
    return ", ".join(words) or "nothing is known of clicks"


def only(ratios: Sequence[int], variant: int) -> list[int]:
    """The ratios when one variant goes to everybody."""
    return [100 if no == variant else 0 for no in range(len(ratios))]


def anew(ratios: Sequence[int]) -> list[int]:
    """The ratios of a duplicate: equal ones where a test, or a person, had given some variant to nobody any more."""
    if all(ratios):
        return list(ratios)
    share, left = divmod(100, len(ratios))
    return [share + (no < left) for no in range(len(ratios))]
