"""The steps of creating a campaign: what may be edited when, what is illegal, and what submitting still needs."""

import re
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from campaign_svc.domain import draft_content, waves
from campaign_svc.domain.campaign import MAX_NAME, Campaign
from campaign_svc.domain.fault import Fault, InvalidDraftError, control_fault
from campaign_svc.domain.hours import MIDNIGHT
from campaign_svc.domain.lifecycle import LAUNCHED, PREPARED
from volley_contracts import Status
from volley_sms import is_reserved

TEXT = frozenset({"variants", "transliterate"})
CONTENT = TEXT | {"target_url", "links", "utm", "links_expire_after"}
"""The texts and where their short URLs lead."""
POOLS = frozenset({"short_pool_id", "short_domains", "optout_pool_id", "optout_domains"})
SCHEDULE = frozenset({"start_mode", "start_at", "lateness_limit_s"})
HOURS = frozenset({"hours"})
WAVES = frozenset({"waves", "winner"})
AUDIENCE = frozenset({"include", "exclude", "sender_id"})
BASICS = frozenset({"name", "tags"})
PACE = frozenset({"budget_amount", "budget_currency", "max_parts_per_second", "breakers"})
EVERYTHING = BASICS | CONTENT | POOLS | SCHEDULE | HOURS | WAVES | AUDIENCE | PACE | {"type"}

EDITABLE: dict[Status, frozenset[str]] = {
    "draft": EVERYTHING,
    "rejected": EVERYTHING,
    "processing": BASICS,
    "ready": BASICS | CONTENT | POOLS | SCHEDULE | HOURS | WAVES | PACE,
    "scheduled": BASICS | CONTENT | POOLS | SCHEDULE | HOURS | WAVES | PACE,
    "started": BASICS | TEXT | POOLS | HOURS | WAVES | PACE,
    "sending": BASICS | TEXT | POOLS | HOURS | WAVES | PACE,
    "paused": BASICS | TEXT | POOLS | HOURS | WAVES | PACE,
    "suspended": BASICS | TEXT | POOLS | HOURS | WAVES | PACE,
    "aborted": frozenset(),
    "finished": frozenset(),
    "deleted": frozenset(),
}
"""The fields that may be edited in each status. Messages that were sent lead to the target URLs: they stay."""

MAX_TAGS, MAX_TAG = 50, 64
MAX_SEGMENTS = 100
MAX_PACE = 100_000
MIN_LATENESS_S = 60  # a start is never exactly on time
MAX_LATENESS_S = 7 * 24 * 3600
MAX_DECIMALS = 12
MAX_AHEAD_DAYS = 5 * 366
MAX_DATES = 100


class NotEditableError(Exception):
    """Fields that may not change in this status."""

    def __init__(self, status: Status, fields: Collection[str]) -> None:
        self.status = status
        self.fields = sorted(fields)
        self.editable = sorted(EDITABLE[status])
        super().__init__(f"A {status} campaign's {', '.join(self.fields)} cannot be changed.")


def edit(
    campaign: Campaign, changes: dict[str, Any], *, known_fields: Collection[str], at: datetime, half_done: bool = False
) -> Campaign:
    """The campaign with the changes (column -> value). `known_fields` are the attribute names of the account.

    Raises NotEditableError, InvalidDraftError. A draft may be saved `half_done`: what is legal but not finished is then
    for `missing` to list. Outside drafts the result must be complete.
    """
    changes = {name: value for name, value in changes.items() if getattr(campaign, name) != value}
    if not changes:
        return campaign
    if refused := changes.keys() - EDITABLE[campaign.status]:
        raise NotEditableError(campaign.status, refused)
    updated_at = max(at, campaign.updated_at)
    edited = msgspec.structs.replace(campaign, **changes, updated_at=updated_at, revision=campaign.revision + 1)
    found = faults(edited, changes, known_fields=known_fields, at=at)
    if campaign.status not in {"draft", "rejected"}:
        found += missing(edited)
    elif not half_done:
        found += unfinished(edited, changes)
    if campaign.status in PREPARED | LAUNCHED and (campaign.hours is None) != (edited.hours is None):
        found.append(Fault("schedule.hours", *_NO_GROUPS))
    elif campaign.status in PREPARED | LAUNCHED and _skips_holidays(edited) and not _skips_holidays(campaign):
        found.append(Fault("schedule.hours.skip_holidays", *_NO_COUNTRIES))
    if campaign.status in PREPARED and edited.planned_waves and not campaign.planned_waves:
        found.append(Fault("content.winner" if edited.winner else "schedule.waves", *_NO_SAMPLE))
    if campaign.status in LAUNCHED:
        found += _waves_too_late(campaign, edited)
        found += () if found else _other_links(campaign, edited)
    if found:
        raise InvalidDraftError(found)
    return edited


def faults(campaign: Campaign, changed: Collection[str], *, known_fields: Collection[str], at: datetime) -> list[Fault]:
    """What is illegal in the changed fields."""
    return [
        *(_basics(campaign) if BASICS & set(changed) else ()),
        *(_audience(campaign) if AUDIENCE & set(changed) else ()),
        *draft_content.illegal(campaign, changed, known_fields),
        *(_schedule(campaign, at) if SCHEDULE & set(changed) else ()),
        *(_hours(campaign) if HOURS & set(changed) else ()),
        *(_waves(campaign) if WAVES & set(changed) else ()),
        *(_pace(campaign) if PACE & set(changed) else ()),
    ]


def unfinished(campaign: Campaign, changed: Collection[str]) -> list[Fault]:
    """What is begun and not yet whole in the changed fields."""
    return [
        *(draft_content.half_written(campaign) if "variants" in changed else ()),
        *(_half_scheduled(campaign) if SCHEDULE & set(changed) else ()),
    ]


def missing(campaign: Campaign) -> list[Fault]:
    """What submitting still needs."""
    found = unfinished(campaign, EVERYTHING)
    if not campaign.include:
        found.append(Fault("audience.include", "no segment is chosen", "name at least one segment"))
    if campaign.sender_id is None:
        found.append(Fault("sender_id", "no sender ID is chosen", "name one of the account's senders"))
    if not campaign.variants:
        found.append(Fault("content.variants", "there is no text", "write at least one variant"))
    if campaign.start_mode is None:
        found.append(Fault("schedule", "no start is chosen", "choose now, at (with a time) or manual"))
    return [*found, *draft_content.lacking(campaign)]


def _other_links(campaign: Campaign, edited: Campaign) -> Iterator[Fault]:
    """Recipients on their way have the URLs that the texts asked for when they were fed, and no others."""
    before, after = (set(filter(is_reserved, draft_content.fields_of_texts(each))) for each in (campaign, edited))
    for name in sorted((before ^ after) - {"number"}):
        what = "take {{ %s }} away from" if name in before else "bring {{ %s }} into"
        message = f"cannot {what % name} the texts of a campaign that was launched"
        yield Fault("content.variants", message, "keep the links of the texts, or abort and send a duplicate")


def _basics(campaign: Campaign) -> Iterator[Fault]:
    name = campaign.name
    if not name.strip() or len(name) > MAX_NAME:
        yield Fault("name", f"has {len(name)} characters", f"use 1 to {MAX_NAME}, not only blanks")
    elif fault := control_fault("name", name):
        yield fault
    if len(campaign.tags) > MAX_TAGS:
        yield Fault("tags", f"there are {len(campaign.tags)} tags", f"use at most {MAX_TAGS}")
    for index, tag in enumerate(campaign.tags):
        if not tag.strip() or len(tag) > MAX_TAG:
            yield Fault(f"tags[{index}]", f"has {len(tag)} characters", f"use 1 to {MAX_TAG}, not only blanks")
        elif fault := control_fault(f"tags[{index}]", tag):
            yield fault


def _audience(campaign: Campaign) -> Iterator[Fault]:
    for name, segments in (("include", campaign.include), ("exclude", campaign.exclude)):
        if len(segments) > MAX_SEGMENTS:
            yield Fault(f"audience.{name}", f"names {len(segments)} segments", f"name at most {MAX_SEGMENTS}")
    if both := set(campaign.include) & set(campaign.exclude):
        segment = min(both)
        yield Fault("audience.exclude", f"segment {segment} is also included", "include or exclude it, not both")


def _half_scheduled(campaign: Campaign) -> Iterator[Fault]:
    if campaign.start_mode == "at" and campaign.start_at is None:
        yield Fault("schedule.at", "is missing", "give the time with its zone, such as 2031-05-01T09:00:00Z")


def _schedule(campaign: Campaign, at: datetime) -> Iterator[Fault]:
    if campaign.start_mode != "at" and campaign.start_at is not None:
        yield Fault(
            "schedule.at", f"has no meaning with start {campaign.start_mode}", 'leave it out, or use start "at"'
        )
    if campaign.start_at is not None and campaign.start_at <= at:
        yield Fault("schedule.at", "is in the past", 'give a later time, or use start "now"')
    if campaign.start_at is not None and campaign.start_at - at > timedelta(days=MAX_AHEAD_DAYS):
        yield Fault("schedule.at", "is too far ahead", f"give a time within {MAX_AHEAD_DAYS} days")
    if not MIN_LATENESS_S <= campaign.lateness_limit_s <= MAX_LATENESS_S:
        message = f"is {campaign.lateness_limit_s}"
        yield Fault("schedule.lateness_limit_s", message, f"use {MIN_LATENESS_S} to {MAX_LATENESS_S} seconds")


_NO_GROUPS = (
    "recipients were put in order for the hours, or the lack of them, when the campaign was prepared",
    "change the hours, or abort and send a duplicate",
)
_NO_SAMPLE = (
    "recipients were not put in a random order when the campaign was prepared: the first ones are no fair sample",
    "send all at once, or abort and send a duplicate",
)
_NO_COUNTRIES = (
    "recipients were put in order without their countries when the campaign was prepared",
    "name the dates in skip_dates, or abort and send a duplicate",
)


def _skips_holidays(campaign: Campaign) -> bool:
    return campaign.hours is not None and campaign.hours.skip_holidays


def _hours(campaign: Campaign) -> Iterator[Fault]:
    hours = campaign.hours
    if hours is None:
        return
    if hours.closes <= hours.opens and hours.closes != MIDNIGHT:
        fix = "give a later time, or 00:00 for the end of the day"
        yield Fault("schedule.hours.closes", f"{hours.closes:%H:%M} is not after {hours.opens:%H:%M}", fix)
    if not hours.days or len(set(hours.days)) != len(hours.days):
        yield Fault("schedule.hours.days", "names no day, or one twice", "name one to seven days")
    if len(hours.skip_dates) > MAX_DATES:
        yield Fault("schedule.hours.skip_dates", f"names {len(hours.skip_dates)} dates", f"name at most {MAX_DATES}")


def _waves(campaign: Campaign) -> Iterator[Fault]:
    for wrong in waves.what_is_wrong(campaign.waves, campaign.winner):
        yield Fault(*wrong)


def _waves_too_late(campaign: Campaign, edited: Campaign) -> Iterator[Fault]:
    before, after = (campaign.waves, campaign.winner), (edited.waves, edited.winner)
    for late in waves.what_is_too_late(before, after, campaign.wave):
        yield Fault(*late)


def _pace(campaign: Campaign) -> Iterator[Fault]:
    amount, currency, pace = campaign.budget_amount, campaign.budget_currency, campaign.max_parts_per_second
    if amount is not None and not (amount.is_finite() and Decimal(0) < amount < Decimal("1e12")):
        yield Fault("budget.amount", f"is {amount}", "give a positive amount, such as 250.00")
    elif amount is not None and -int(amount.as_tuple().exponent) > MAX_DECIMALS:
        yield Fault("budget.amount", "has too many decimals", f"give at most {MAX_DECIMALS}")
    if currency is not None and not re.fullmatch(r"[A-Z]{3}", currency):
        yield Fault("budget.currency", f"{currency[:10]!r} is no currency", "give an ISO 4217 code, such as EUR")
    elif currency is not None and campaign.status in PREPARED | LAUNCHED and campaign.forecast:
        costs_in = campaign.forecast.currency  # of drafts it may be an earlier one; their preparation compares
        if currency != costs_in:
            yield Fault("budget.currency", f"is {currency}, but the rate card is in {costs_in}", f"use {costs_in}")
    if pace is not None and not 1 <= pace <= MAX_PACE:
        yield Fault("max_parts_per_second", f"is {pace}", f"use 1 to {MAX_PACE}, or null for the sender's own pace")
