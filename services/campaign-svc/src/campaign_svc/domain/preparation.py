"""Decisions of processing: whether a campaign can be prepared at all, which recipients are looked at more closely,
and what their messages look like.
"""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from campaign_svc.domain.audience import DROPPED
from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.capacity import PoolState
from campaign_svc.domain.forecast import Sampled
from campaign_svc.domain.target import FurtherLink
from volley_sms import Template, field_of_link, parts, simplify

FORECAST_SAMPLE = 4000
"""Recipients whose messages are rendered for the forecast: enough for its parts to be within a percent or two."""
SAMPLE = 200
"""Contacts that the content is weighed on."""
VALUES_SEEN = 2000
"""Recipients whose fields moderation looks at."""
SAMPLE_URL = "https://link.example/xxxxxxxx"


class UnpreparableError(Exception):
    """Something outside the draft is missing; the campaign goes back to its author with the reason."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        self.sentence = sentence
        super().__init__(sentence)


def require_pools(states: Mapping[str, PoolState | None], campaign_id: UUID) -> list[PoolState]:
    """`states` is what link-svc says, by purpose. Raises UnpreparableError where it is not what the texts need."""
    for purpose, state in states.items():
        if state is None or state.purpose != purpose or state.campaign_id not in {None, campaign_id}:
            sentence = f"The {purpose} pool that the campaign names does not exist. Choose another one, then submit."
            raise UnpreparableError("unknown_pool", sentence)
    return [state for state in states.values() if state]


def require_recipients(recipients: int, dropped: Mapping[str, int]) -> None:
    """Raises UnpreparableError for an empty audience, saying where everybody went."""
    if recipients == 0:
        reasons = ", ".join(f"{count} {DROPPED[reason]}" for reason, count in sorted(dropped.items()))
        sentence = f"Nobody is left to text{': ' + reasons if reasons else ': the segments are empty'}."
        raise UnpreparableError("no_recipients", sentence)


def require_currency(campaign: Campaign, currency: str) -> None:
    """Raises UnpreparableError for a budget that cannot be compared with the cost."""
    if campaign.budget_amount is not None and campaign.budget_currency != currency:
        sentence = f"The budget is in {campaign.budget_currency}, but the rate card is in {currency}."
        raise UnpreparableError("budget_currency", sentence)


def sample_seqs(recipients: int, most: int = FORECAST_SAMPLE) -> list[int]:
    """At most `most` recipients, always the same: somebody of each of as many equal stretches, so that a pattern among
    them is neither followed nor missed.
    """
    size = min(recipients, most)
    firsts = [index * recipients // size for index in range(size)]
    ends = [*firsts[1:], recipients] if size else []
    return [first + zlib.crc32(first.to_bytes(4)) % (end - first) for first, end in zip(firsts, ends, strict=True)]


def sample_of(stretches: Sequence[tuple[int, int]], most: int = FORECAST_SAMPLE) -> list[int]:
    """The same of recipients who stand in stretches of (first, how many)."""
    found, before = [], 0
    seqs = iter(sample_seqs(sum(count for _, count in stretches), most))
    seq = next(seqs, None)
    for first, count in stretches:
        while seq is not None and seq < before + count:
            found.append(first + seq - before)
            seq = next(seqs, None)
        before += count
    return found


def render(
    template: Template, fields: Mapping[str, str], number: str, urls: Mapping[str, str], *, transliterate: bool = False
) -> str:
    """The message of one recipient with sample URLs (`short_url`, `short_url.name`, `optout_url`)."""
    text = template.render({**fields, "number": number, **urls})
    return simplify(text) if transliterate else text


def sampled(country: str, text: str, seq: int) -> Sampled:
    return Sampled(country, parts(text).count, seq)


def sample_urls(pools: Sequence[PoolState], links: Sequence[FurtherLink]) -> dict[str, str]:
    """URLs as long as the pools' get."""
    urls = {"short_url": SAMPLE_URL, "optout_url": SAMPLE_URL}
    urls |= {f"{pool.purpose}_url": pool.sample_url for pool in pools}
    return urls | {field_of_link(link.name): urls["short_url"] for link in links}


def starts_at(campaign: Campaign, at: datetime) -> datetime:
    """When the forecast assumes that sending starts."""
    return max(campaign.start_at, at) if campaign.start_mode == "at" and campaign.start_at else at
