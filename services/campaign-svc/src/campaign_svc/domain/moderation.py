"""Moderation of a campaign's texts: rules that find spans, each with a reason, and the verdict they add up to."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from campaign_svc.domain.account_rules import AccountRule, account_findings, own_domains
from campaign_svc.domain.findings import Finding, finding, lower, spans, words
from campaign_svc.domain.moderation_links import field_findings, foreign_findings, has_link, link_findings
from campaign_svc.domain.moderation_terms import BANNED, LURES, OPT_OUT, OPT_OUT_CAPITALS, Verdict
from volley_contracts import NamedLink

_ORDER: dict[Verdict, int] = {"pass": 0, "review": 1, "reject": 2}
MAX_VALUE = 80
"""Characters of a contact's field; a longer one is a text of its own."""


class Moderation(msgspec.Struct, frozen=True, kw_only=True):
    """The state of moderation for the texts that `content_hash` names. A person's decision has their name."""

    verdict: Verdict
    findings: list[Finding]
    content_hash: str
    at: datetime
    decided_by: str | None = None
    comment: str | None = None


def moderate(
    texts: Sequence[str],
    target_url: str | None,
    *,
    needs_optout: bool,
    rules: Sequence[AccountRule] = (),
    own_hosts: Collection[str] = (),
    values: Mapping[str, Collection[str]] | None = None,
    links: Sequence[NamedLink] = (),
) -> list[Finding]:
    """All findings, in the order of the variants and then of the text. Texts are templates.

    `rules` and `own_hosts` are the account's; `values` are some that contacts have in the fields that the texts use,
    `links` the texts' further ones.
    """
    own = [*own_hosts, *own_domains(rules)]
    findings: list[Finding] = []
    for variant, text in enumerate(texts):
        found = [*_of_text(text, rules), *link_findings(text, own), *foreign_findings(text, own)]
        found += [*field_findings(text), *_shouting(text)]
        if needs_optout:
            found += _opt_out(text)
        findings += (msgspec.structs.replace(f, variant=variant) for f in sorted(found, key=lambda f: f.start))
    if target_url:
        findings += _of_target(target_url, rules, own)
    for link in links:
        findings += (msgspec.structs.replace(f, link=link.name) for f in _of_target(link.target_url, rules, own))
    for field, known in (values or {}).items():
        findings += (msgspec.structs.replace(f, field=field) for f in _of_values(known, rules))
    return findings


def _of_text(text: str, rules: Sequence[AccountRule]) -> Iterator[Finding]:
    yield from _terms(text)
    yield from _lures(text)
    yield from account_findings(text, rules)


def _of_target(url: str, rules: Sequence[AccountRule], own: Collection[str]) -> list[Finding]:
    """Addresses speak, too: /win-at-the-casino."""
    return [*_terms(url), *link_findings(url, own), *account_findings(url, rules)]


_MOST_VALUES = 5


def _of_values(values: Collection[str], rules: Sequence[AccountRule]) -> list[Finding]:
    """What contacts' values bring in, from a few of them. Links are none of it: a value is never rendered as one."""
    found: list[Finding] = []
    for value in sorted(values):
        if len(value) > MAX_VALUE:
            reason = f"has {len(value)} characters: it brings in a text of its own"
            found.append(finding("long_value", "fields", "review", value[:MAX_VALUE], (0, MAX_VALUE), reason))
        found += _of_text(value, rules)
        if len(found) >= _MOST_VALUES:
            break
    return found


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """The gravest of the findings' verdicts."""
    return max((finding.verdict for finding in findings), key=_ORDER.__getitem__, default="pass")


_BANNED = [(category, verdict, words(terms)) for category, (verdict, terms) in BANNED.items()]


def _terms(text: str) -> Iterator[Finding]:
    for category, verdict, pattern in _BANNED:
        for span in spans(pattern, text):
            reason = f"“{text[slice(*span)]}” belongs to the banned category {category}"
            yield finding("banned_term", category, verdict, text, span, reason)


def _lures(text: str) -> Iterator[Finding]:
    lowered, link = lower(text), has_link(text)
    for rule, pattern, verdict, reason in LURES:
        for match in pattern.finditer(lowered):
            if link:
                yield finding(rule, "phishing", verdict, text, match.span(), reason)
            elif verdict == "reject":
                yield finding(rule, "phishing", "review", text, match.span(), f"{reason.split(',')[0]} (no link here)")


_SHOUTING_LETTERS = 20
_SHOUTING_SHARE = 0.7
_EXCLAMATIONS = re.compile(r"[!¡]{3,}")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def _shouting(text: str) -> Iterator[Finding]:
    letters = [char for char in _PLACEHOLDER.sub("", text) if char.isupper() or char.islower()]
    capitals = sum(char.isupper() for char in letters)
    if len(letters) >= _SHOUTING_LETTERS and capitals > _SHOUTING_SHARE * len(letters):
        yield finding("shouting", "style", "review", text, (0, len(text)), "is mostly in capitals")
    for match in _EXCLAMATIONS.finditer(text):
        yield finding("shouting", "style", "review", text, match.span(), "piles up exclamation marks")


_OPTOUT_PLACEHOLDER = re.compile(r"\{\{\s*optout_url\s*(?:\|[^}]*)?\}\}")


def _opt_out(text: str) -> Iterator[Finding]:
    if not (_OPTOUT_PLACEHOLDER.search(text) or OPT_OUT.search(lower(text)) or OPT_OUT_CAPITALS.search(text)):
        end = (len(text), len(text))
        reason = "tells nobody how to opt out: add {{ optout_url }}, or words such as “Reply STOP to opt out”"
        yield finding("missing_opt_out", "opt_out", "reject", text, end, reason)
