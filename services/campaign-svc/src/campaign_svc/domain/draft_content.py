"""The content step of creating a campaign: what is illegal in texts and links, and what they need of each other."""

import re
from collections.abc import Collection, Iterator, Sequence

import msgspec

from campaign_svc.domain.campaign import MAX_NAME, Campaign
from campaign_svc.domain.fault import Fault, control_fault
from campaign_svc.domain.lifecycle import LAUNCHED
from campaign_svc.domain.target import FurtherLink, Utm, what_is_wrong
from volley_sms import (
    RESERVED_FIELDS,
    TemplateError,
    compile_template,
    field_of_link,
    is_short_url,
    link_of_field,
    of_contacts,
)

MAX_VARIANTS = 10
MAX_TEXT = 2000
MAX_URL = 2048
MAX_LINKS, MAX_LINK_NAME = 9, 32
MAX_UTM = 200
MAX_LINK_DAYS = 3650
OPTOUT_URL = "optout_url"
LANGUAGE = "language"
"""The attribute of a contact that says which language its opt-out page is to be in (BCP 47, as in de or pt-BR)."""


def illegal(campaign: Campaign, changed: Collection[str], known_fields: Collection[str]) -> Iterator[Fault]:
    """What is illegal in the changed fields."""
    if "variants" in changed:
        yield from _variants(campaign, known_fields)
    if "target_url" in changed:
        yield from _url(campaign.target_url, "content.target_url", known_fields)
    if "links" in changed:
        yield from _further(campaign, known_fields)
    if {"utm", "target_url", "links"} & set(changed):
        yield from _utm(campaign)
    if "links_expire_after" in changed:
        yield from _expiry(campaign)


def lacking(campaign: Campaign) -> Iterator[Fault]:
    """What texts and links that are legal still need of each other."""
    yield from _links(campaign)
    yield from _nothing_to_choose(campaign)


def fields_of(texts: Sequence[str], target_url: str | None, links: Sequence[FurtherLink] = ()) -> set[str]:
    """What legal templates name."""
    targets = (target_url or "", *(link.target_url for link in links))
    return {field for text in (*texts, *targets) for field in compile_template(text).fields}


def fields_used(campaign: Campaign) -> list[str]:
    """The contact attributes that the texts and the target URLs use, sorted. They are legal."""
    return sorted(of_contacts(fields_of(campaign.texts, campaign.target_url, campaign.links)))


def fields_kept(campaign: Campaign) -> list[str]:
    """What recipients take along: what is used, and their language where they are told how to opt out."""
    return kept(campaign.texts, campaign.target_url, campaign.links)


def kept(texts: Sequence[str], target_url: str | None, links: Sequence[FurtherLink]) -> list[str]:
    """The same of texts by themselves."""
    language = {LANGUAGE} if OPTOUT_URL in fields_of(texts, None) else set()
    return sorted({*of_contacts(fields_of(texts, target_url, links)), *language})


def fields_of_texts(campaign: Campaign) -> set[str]:
    """What the legal texts name."""
    return fields_of(campaign.texts, None)


def _variants(campaign: Campaign, known_fields: Collection[str]) -> Iterator[Fault]:
    if len(campaign.variants) > MAX_VARIANTS:
        yield Fault("content.variants", f"there are {len(campaign.variants)}", f"use at most {MAX_VARIANTS}")
    for index, variant in enumerate(campaign.variants):
        path = f"content.variants[{index}]"
        if not (0 if campaign.status in LAUNCHED else 1) <= variant.ratio <= 100:
            yield Fault(f"{path}.ratio", f"is {variant.ratio}", "use 1 to 100 percent")
        if variant.name is not None and not 1 <= len(variant.name) <= MAX_NAME:
            yield Fault(f"{path}.name", f"has {len(variant.name)} characters", f"use 1 to {MAX_NAME}, or leave it out")
        elif variant.name and (fault := control_fault(f"{path}.name", variant.name)):
            yield fault
        yield from _text(variant.text, f"{path}.text", known_fields)


def half_written(campaign: Campaign) -> Iterator[Fault]:
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
    if fault := control_fault(path, text, but="\n"):
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
        elif fault := control_fault(path, value):
            yield fault
        elif any(f"utm_{name}=" in target for target in targets):
            yield Fault(path, f"a target URL has utm_{name} already", "give it once")


def _expiry(campaign: Campaign) -> Iterator[Fault]:
    days = campaign.links_expire_after
    if days is not None and not 1 <= days <= MAX_LINK_DAYS:
        yield Fault("content.links_expire_after", f"is {days}", f"use 1 to {MAX_LINK_DAYS} days")


def _nothing_to_choose(campaign: Campaign) -> Iterator[Fault]:
    """A winner is one of several texts with a link, on which people click."""
    if not (campaign.is_testing and campaign.variants):
        return
    if len(campaign.variants) == 1:
        yield Fault("content.winner", "there is only one variant", "write another one, or take the winner back")
    for index, text in enumerate(campaign.texts):
        if not any(map(is_short_url, fields_of([text], None))):
            message = "there is no link to click on, and so no click rate"
            yield Fault(f"content.variants[{index}].text", message, "use {{ short_url }}, or take content.winner back")


def _links(campaign: Campaign) -> Iterator[Fault]:
    """URLs in the texts and what makes them must go together."""
    used = fields_of_texts(campaign)
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
