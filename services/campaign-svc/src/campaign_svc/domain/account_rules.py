"""Rules of moderation that an account makes for itself: they add to the global ones and take nothing away."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal
from uuid import UUID

import msgspec

from campaign_svc.domain.findings import Finding, finding, lower, undisguised, words
from campaign_svc.domain.moderation_terms import BANNED, LURES, Verdict

RuleKind = Literal["term", "host", "own_domain"]
MAX_RULES = 1000


class AccountRule(msgspec.Struct, frozen=True, kw_only=True):
    """`term`: a banned word or phrase. `host`: a host that no link may lead to, with all below it. `own_domain`: a
    domain of the account's, which texts may name; hosts that look like it are found.
    """

    id: UUID
    kind: RuleKind
    value: str
    verdict: Verdict
    category: str
    reason: str
    created_at: datetime
    created_by: str


class KnownRule(msgspec.Struct, frozen=True, kw_only=True):
    """A global rule as people see it."""

    rule: str
    category: str
    verdict: Verdict
    about: str


def own_domains(rules: Sequence[AccountRule]) -> list[str]:
    return [rule.value for rule in rules if rule.kind == "own_domain"]


def account_findings(text: str, rules: Sequence[AccountRule]) -> Iterator[Finding]:
    """What the account's own terms and hosts find."""
    banned = [rule for rule in rules if rule.kind != "own_domain"]
    if not banned:
        return
    pattern = _any_of(tuple(rule.value.lower() for rule in banned))
    seen = {
        (match.span(), match.lastindex) for read in (lower(text), undisguised(text)) for match in pattern.finditer(read)
    }
    for span, group in sorted(seen):
        rule = banned[(group or 1) - 1]
        found = finding(f"account_{rule.kind}", rule.category, rule.verdict, text, span, rule.reason)
        yield msgspec.structs.replace(found, scope="account")


@lru_cache(maxsize=64)
def _any_of(values: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern with a group for each value."""
    groups = "|".join(f"({words([value]).pattern})" for value in values)
    return re.compile(groups)


LINK_RULES = (
    ("ip_host", "phishing", "reject", "a link to a bare IP address"),
    ("hidden_host", "phishing", "reject", "a link with a name before an @"),
    ("look_alike_host", "phishing", "reject", "a host that looks like a known brand's or the account's own"),
    ("punycode_host", "phishing", "review", "a host that is shown in other letters than it is written in"),
    ("public_shortener", "links", "review", "a link by a public shortener"),
    ("foreign_shortener", "links", "review", "a link by what looks like a shortener that the account does not own"),
    ("foreign_host", "links", "review", "a link in a text to a host that is not the account's"),
    ("field_in_host", "links", "reject", "a contact field that chooses the host of a link"),
    ("long_value", "fields", "review", "a contact field that brings in a text of its own"),
    ("shouting", "style", "review", "a text mostly in capitals, or piled-up exclamation marks"),
    ("missing_opt_out", "opt_out", "reject", "no way to opt out, in an outbound campaign"),
)


def global_rules() -> list[KnownRule]:
    """All rules that hold for every account."""
    terms = [
        KnownRule(rule="banned_term", category=category, verdict=verdict, about=", ".join(found))
        for category, (verdict, found) in BANNED.items()
    ]
    lures = [KnownRule(rule=rule, category="phishing", verdict=verdict, about=why) for rule, _, verdict, why in LURES]
    others = [
        KnownRule(rule=rule, category=category, verdict="reject" if verdict == "reject" else "review", about=about)
        for rule, category, verdict, about in LINK_RULES
    ]
    return [*terms, *lures, *others]
