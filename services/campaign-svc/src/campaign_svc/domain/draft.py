"""The steps of creating a campaign: what may be edited when, what is illegal, and what submitting still needs."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from campaign_svc.domain import waves
from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.characters import control_in
from campaign_svc.domain.hours import MIDNIGHT
from campaign_svc.domain.target import FurtherLink, Utm, what_is_wrong
from volley_contracts import Status
from volley_sms import (
    RESERVED_FIELDS,
    TemplateError,
    compile_template,
    field_of_link,
    is_reserved,
    link_of_field,
    of_contacts,
)

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

PREPARED: frozenset[Status] = frozenset({"ready", "scheduled", "started", "sending", "paused", "suspended"})
"""In these the recipients are in the order in which they are fed."""
LAUNCHED: frozenset[Status] = frozenset({"started", "sending", "paused", "suspended"})

MAX_NAME = 255
MAX_TAGS, MAX_TAG = 50, 64
MAX_SEGMENTS = 100
MAX_VARIANTS = 10
MAX_TEXT = 2000
MAX_URL = 2048
MAX_LINKS, MAX_LINK_NAME = 9, 32
MAX_UTM = 200
MAX_LINK_DAYS = 3650
MAX_PACE = 100_000
MAX_LATENESS_S = 7 * 24 * 3600
MAX_DECIMALS = 12
MAX_AHEAD_DAYS = 5 * 366
MAX_DATES = 100


class Fault(msgspec.Struct, frozen=True):
    """One illegal or missing field: its path in the API, what is wrong, and the fix."""

    field: str
    message: str
    fix: str


class InvalidDraftError(Exception):
    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{fault.field}: {fault.message}" for fault in faults))


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
    if campaign.status in PREPARED and (campaign.hours is None) != (edited.hours is None):
        found.append(Fault("schedule.hours", *_NO_GROUPS))
    elif campaign.status in PREPARED and _skips_holidays(edited) and not _skips_holidays(campaign):
        found.append(Fault("schedule.hours.skip_holidays", *_NO_COUNTRIES))
    if campaign.status in PREPARED - LAUNCHED and edited.planned_waves and not campaign.planned_waves:
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
        *(_variants(campaign, known_fields) if "variants" in changed else ()),
        *(_url(campaign.target_url, "content.target_url", known_fields) if "target_url" in changed else ()),
        *(_further(campaign, known_fields) if "links" in changed else ()),
        *(_utm(campaign) if {"utm", "target_url", "links"} & set(changed) else ()),
        *(_expiry(campaign) if "links_expire_after" in changed else ()),
        *(_schedule(campaign, at) if SCHEDULE & set(changed) else ()),
        *(_hours(campaign) if HOURS & set(changed) else ()),
        *(_waves(campaign) if WAVES & set(changed) else ()),
        *(_pace(campaign) if PACE & set(changed) else ()),
    ]


def unfinished(campaign: Campaign, changed: Collection[str]) -> list[Fault]:
    """What is begun and not yet whole in the changed fields."""
    return [
        *(_half_written(campaign) if "variants" in changed else ()),
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
    return [*found, *_links(campaign), *_nothing_to_choose(campaign)]


def _other_links(campaign: Campaign, edited: Campaign) -> Iterator[Fault]:
    """Recipients on their way have the URLs that the texts asked for when they were fed, and no others."""
    before, after = (set(filter(is_reserved, _fields(each))) for each in (campaign, edited))
    for name in sorted((before ^ after) - {"number"}):
        what = "take {{ %s }} away from" if name in before else "bring {{ %s }} into"
        message = f"cannot {what % name} the texts of a campaign that was launched"
        yield Fault("content.variants", message, "keep the links of the texts, or abort and send a duplicate")


def _fields(campaign: Campaign) -> set[str]:
    return fields_of(campaign.texts, None)


def fields_of(texts: Sequence[str], target_url: str | None, links: Sequence[FurtherLink] = ()) -> set[str]:
    """What legal templates name."""
    targets = (target_url or "", *(link.target_url for link in links))
    return {field for text in (*texts, *targets) for field in compile_template(text).fields}


def fields_used(campaign: Campaign) -> list[str]:
    """The contact attributes that the texts and the target URLs use, sorted. They are legal."""
    return sorted(of_contacts(fields_of(campaign.texts, campaign.target_url, campaign.links)))


def _basics(campaign: Campaign) -> Iterator[Fault]:
    name = campaign.name
    if not name.strip() or len(name) > MAX_NAME:
        yield Fault("name", f"has {len(name)} characters", f"use 1 to {MAX_NAME}, not only blanks")
    elif fault := _controls("name", name):
        yield fault
    if len(campaign.tags) > MAX_TAGS:
        yield Fault("tags", f"there are {len(campaign.tags)} tags", f"use at most {MAX_TAGS}")
    for index, tag in enumerate(campaign.tags):
        if not tag.strip() or len(tag) > MAX_TAG:
            yield Fault(f"tags[{index}]", f"has {len(tag)} characters", f"use 1 to {MAX_TAG}, not only blanks")
        elif fault := _controls(f"tags[{index}]", tag):
            yield fault


def _controls(path: str, text: str, but: str = "") -> Fault | None:
    message = control_in(text, but)
    return Fault(path, message, "take it out") if message else None


def _audience(campaign: Campaign) -> Iterator[Fault]:
    for name, segments in (("include", campaign.include), ("exclude", campaign.exclude)):
        if len(segments) > MAX_SEGMENTS:
            yield Fault(f"audience.{name}", f"names {len(segments)} segments", f"name at most {MAX_SEGMENTS}")
    if both := set(campaign.include) & set(campaign.exclude):
        segment = min(both)
        yield Fault("audience.exclude", f"segment {segment} is also included", "include or exclude it, not both")


def _variants(campaign: Campaign, known_fields: Collection[str]) -> Iterator[Fault]:
    if len(campaign.variants) > MAX_VARIANTS:
        yield Fault("content.variants", f"there are {len(campaign.variants)}", f"use at most {MAX_VARIANTS}")
    for index, variant in enumerate(campaign.variants):
        path = f"content.variants[{index}]"
        if not (0 if campaign.status in LAUNCHED else 1) <= variant.ratio <= 100:
            yield Fault(f"{path}.ratio", f"is {variant.ratio}", "use 1 to 100 percent")
        if variant.name is not None and not 1 <= len(variant.name) <= MAX_NAME:
            yield Fault(f"{path}.name", f"has {len(variant.name)} characters", f"use 1 to {MAX_NAME}, or leave it out")
        elif variant.name and (fault := _controls(f"{path}.name", variant.name)):
            yield fault
        yield from _text(variant.text, f"{path}.text", known_fields)


def _half_written(campaign: Campaign) -> Iterator[Fault]:
    total = sum(variant.ratio for variant in campaign.variants)
    if campaign.variants and total != 100:
        yield Fault("content.variants", f"the ratios sum to {total}", "give ratios in percent that sum to 100")
    for index, variant in enumerate(campaign.variants):
        if not variant.text.strip():
            message = f"has {len(variant.text)} characters"
            yield Fault(f"content.variants[{index}].text", message, f"use 1 to {MAX_TEXT}, not only blanks")


def _text(text: str, path: str, known_fields: Collection[str]) -> Iterator[Fault]:
    if len(text) > MAX_TEXT:
        yield Fault(path, f"has {len(text)} characters", f"use 1 to {MAX_TEXT}, not only blanks")
        return
    if fault := _controls(path, text, but="\n"):
        yield fault
    yield from _placeholders(text, path, {*known_fields, *RESERVED_FIELDS}, links=True)


def _placeholders(text: str, path: str, legal: Collection[str], *, links: bool = False) -> Iterator[Fault]:
    try:
        template = compile_template(text)
    except TemplateError as error:
        yield Fault(path, f"{error.message} at character {error.position + 1}", error.fix)
        return
    known = sorted(legal)
    for placeholder in template.placeholders:
        if placeholder.name not in known and not (links and link_of_field(placeholder.name)):
            message = f"unknown placeholder {placeholder.name} at character {placeholder.position + 1}"
            yield Fault(path, message, f"use one of {', '.join(known[:20])}, or import contacts with that column")


def _url(url: str | None, path: str, known_fields: Collection[str]) -> Iterator[Fault]:
    if url is None:
        return
    if len(url) > MAX_URL:
        yield Fault(path, f"has {len(url)} characters", f"use at most {MAX_URL}")
        return
    bad = list(_placeholders(url, path, set(known_fields) - RESERVED_FIELDS))
    yield from bad
    if not bad and (wrong := what_is_wrong(compile_template(url).literals)):
        yield Fault(path, *wrong)


def _further(campaign: Campaign, known_fields: Collection[str]) -> Iterator[Fault]:
    if len(campaign.links) > MAX_LINKS:
        yield Fault("content.links", f"there are {len(campaign.links)}", f"use at most {MAX_LINKS}")
    names = [link.name for link in campaign.links]
    for index, link in enumerate(campaign.links):
        path = f"content.links[{index}]"
        if not re.fullmatch(rf"[A-Za-z0-9_]{{1,{MAX_LINK_NAME}}}", link.name):
            fix = f"use 1 to {MAX_LINK_NAME} of a-z, A-Z, 0-9 and _, such as terms"
            yield Fault(f"{path}.name", f"{link.name[:MAX_LINK_NAME]!r} cannot stand in a placeholder", fix)
        elif link.name in names[:index]:
            yield Fault(f"{path}.name", f"another link is called {link.name}", "give each its own name")
        yield from _url(link.target_url, f"{path}.target_url", known_fields)


def _utm(campaign: Campaign) -> Iterator[Fault]:
    targets = [campaign.target_url or "", *(link.target_url for link in campaign.links)]
    for name, value in msgspec.structs.asdict(campaign.utm or Utm()).items():
        path = f"content.utm.{name}"
        if value is None:
            continue
        if not 1 <= len(value) <= MAX_UTM:
            yield Fault(path, f"has {len(value)} characters", f"use 1 to {MAX_UTM}, or leave it out")
        elif fault := _controls(path, value):
            yield fault
        elif any(f"utm_{name}=" in target for target in targets):
            yield Fault(path, f"a target URL has utm_{name} already", "give it once")


def _expiry(campaign: Campaign) -> Iterator[Fault]:
    days = campaign.links_expire_after
    if days is not None and not 1 <= days <= MAX_LINK_DAYS:
        yield Fault("content.links_expire_after", f"is {days}", f"use 1 to {MAX_LINK_DAYS} days")


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
    if not 0 <= campaign.lateness_limit_s <= MAX_LATENESS_S:
        message = f"is {campaign.lateness_limit_s}"
        yield Fault("schedule.lateness_limit_s", message, f"use 0 to {MAX_LATENESS_S} seconds")


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


def _nothing_to_choose(campaign: Campaign) -> Iterator[Fault]:
    """A winner is one of several texts with a link, on which people click."""
    if not (campaign.is_testing and campaign.variants):
        return
    if len(campaign.variants) == 1:
        yield Fault("content.winner", "there is only one variant", "write another one, or take the winner back")
    for index, text in enumerate(campaign.texts):
        if not any(name.partition(".")[0] == "short_url" for name in fields_of([text], None)):
            message = "there is no link to click on, and so no click rate"
            yield Fault(f"content.variants[{index}].text", message, "use {{ short_url }}, or take content.winner back")


def _pace(campaign: Campaign) -> Iterator[Fault]:
    amount, currency, pace = campaign.budget_amount, campaign.budget_currency, campaign.max_parts_per_second
    if amount is not None and not (amount.is_finite() and Decimal(0) < amount < Decimal("1e12")):
        yield Fault("budget.amount", f"is {amount}", "give a positive amount, such as 250.00")
    elif amount is not None and -int(amount.as_tuple().exponent) > MAX_DECIMALS:
        yield Fault("budget.amount", "has too many decimals", f"give at most {MAX_DECIMALS}")
    if currency is not None and not re.fullmatch(r"[A-Z]{3}", currency):
        yield Fault("budget.currency", f"{currency[:10]!r} is no currency", "give an ISO 4217 code, such as EUR")
    if pace is not None and not 1 <= pace <= MAX_PACE:
        yield Fault("max_parts_per_second", f"is {pace}", f"use 1 to {MAX_PACE}, or null for the sender's own pace")


def _links(campaign: Campaign) -> Iterator[Fault]:
    """URLs in the texts and what makes them must go together."""
    used = _fields(campaign)
    fix = "put {{ short_url }} into a text, or leave this out"
    if "short_url" in used and campaign.target_url is None:
        yield Fault("content.target_url", "the texts use {{ short_url }}", "say where the short URL leads")
    elif "short_url" not in used and campaign.variants and campaign.target_url is not None:
        yield Fault("content.target_url", "no text uses {{ short_url }}", fix)
    named = sorted(filter(link_of_field, used))
    yield from _named_links(campaign, named)
    yield from _domains(campaign, "short", next(iter([*sorted(used & {"short_url"}), *named]), None))
    if campaign.utm is not None and campaign.utm.parameters and campaign.target_url is None and not campaign.links:
        yield Fault("content.utm", "there is no target URL to add it to", "give a target URL, or leave this out")
    yield from _domains(campaign, "optout", "optout_url" if "optout_url" in used else None)


def _domains(campaign: Campaign, purpose: str, used: str | None) -> Iterator[Fault]:
    """A pool, or a list of domains, is for the URLs of the texts; `used` is a placeholder for one."""
    hosts, pool_id = getattr(campaign, f"{purpose}_domains"), getattr(campaign, f"{purpose}_pool_id")
    field = f"content.{purpose}_domains" if hosts else f"content.{purpose}_pool_id"
    if used and not hosts and pool_id is None:
        fix = f"name the pool of its domains, or list them in content.{purpose}_domains"
        yield Fault(field, f"the texts use {{{{ {used} }}}}", fix)
    elif not used and campaign.variants and (hosts or pool_id):
        usual = f"{{{{ {purpose}_url }}}}"
        yield Fault(field, f"no text uses {usual}", f"put {usual} into a text, or leave this out")


def _named_links(campaign: Campaign, used: Sequence[str]) -> Iterator[Fault]:
    """Each further link has its place in a text, and each such place its link."""
    known = [field_of_link(link.name) for link in campaign.links]
    for field in used:
        if field not in known:
            fix = f"add a link named {link_of_field(field)}, and say where it leads"
            yield Fault("content.links", f"the texts use {{{{ {field} }}}}", fix)
    for index, field in enumerate(known if campaign.variants else ()):
        if field not in used:
            fix = f"put {{{{ {field} }}}} into a text, or leave this out"
            yield Fault(f"content.links[{index}]", f"no text uses {{{{ {field} }}}}", fix)
