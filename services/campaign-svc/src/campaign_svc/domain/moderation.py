"""Moderation of a campaign's texts: rules that find spans, each with a reason, and the verdict they add up to."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from campaign_svc.domain.moderation_terms import BANNED, BRANDS, LURES, OPT_OUT_WORDS, SHORTENERS, Verdict

_ORDER: dict[Verdict, int] = {"pass": 0, "review": 1, "reject": 2}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule found in `text[start:end]` of a variant, or of the target URL where `variant` is None."""

    rule: str
    category: str
    verdict: Verdict
    variant: int | None
    start: int
    end: int
    matched: str
    reason: str


class Moderation(msgspec.Struct, frozen=True, kw_only=True):
    """The state of moderation for the texts that `content_hash` names. A person's decision has their name."""

    verdict: Verdict
    findings: list[Finding]
    content_hash: str
    at: datetime
    decided_by: str | None = None
    comment: str | None = None


def moderate(texts: Sequence[str], target_url: str | None, *, needs_optout: bool) -> list[Finding]:
    """All findings, in the order of the variants and then of the text. Texts are templates."""
    findings: list[Finding] = []
    for variant, text in enumerate(texts):
        found = [*_terms(text), *_lures(text), *_hosts(text), *_shouting(text)]
        if needs_optout:
            found += _opt_out(text)
        findings += (msgspec.structs.replace(f, variant=variant) for f in sorted(found, key=lambda f: f.start))
    if target_url:
        findings += _hosts(target_url)
    return findings


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """The gravest of the findings' verdicts."""
    return max((finding.verdict for finding in findings), key=_ORDER.__getitem__, default="pass")


def _finding(rule: str, category: str, verdict: Verdict, text: str, span: tuple[int, int], reason: str) -> Finding:
    start, end = span
    return Finding(
        rule=rule,
        category=category,
        verdict=verdict,
        variant=None,
        start=start,
        end=end,
        matched=text[start:end],
        reason=reason,
    )


# Look-alikes of letters. Each is one character for one, so that spans stay true.
_DISGUISES = str.maketrans("0134578@$!|абвеорсухіѕԁӏ", "oleastbasilabbeopcyxisdl")
_MARKS = {"à": "a", "á": "a", "â": "a", "ä": "a", "é": "e", "è": "e", "ë": "e", "í": "i", "ï": "i", "ó": "o", "ö": "o"}


def _undisguised(text: str) -> str:
    """Lower case, with look-alikes and accents taken away, character for character."""
    return "".join(_plain(char) for char in text).translate(_DISGUISES)


def _plain(char: str) -> str:
    low = char.lower()
    if low in _MARKS:
        return _MARKS[low]
    plain = unicodedata.normalize("NFKD", low)[:1]
    return plain if len(plain) == 1 else char


def _pattern(terms: Sequence[str]) -> re.Pattern[str]:
    """Terms as whole words; spaces in a term match any run of blanks, dots or hyphens."""
    alternatives = sorted((re.escape(term).replace(r"\ ", r"[\s.\-_]+") for term in terms), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")


_BANNED = [(category, verdict, _pattern(terms)) for category, (verdict, terms) in BANNED.items()]


def _terms(text: str) -> Iterator[Finding]:
    lower = _lower(text)
    undisguised = _undisguised(text)
    for category, verdict, pattern in _BANNED:
        spans = {match.span() for seen in (lower, undisguised) for match in pattern.finditer(seen)}
        for span in spans:
            reason = f"“{text[slice(*span)]}” belongs to the banned category {category}"
            yield _finding("banned_term", category, verdict, text, span, reason)


def _lower(text: str) -> str:
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


_PLACEHOLDER_LINK = re.compile(r"\{\{\s*short_url\s*(?:\|[^}]*)?\}\}")
_URL = re.compile(
    r"https?://[^\s<>\"{}]+|(?<![\w@.-])(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}(?::\d+)?(?:/[^\s{}]*)?"
)
_IP_URL = re.compile(
    r"(?<![\w.])(?:https?://)?\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?/[^\s{}]*|https?://\d{1,3}(?:\.\d{1,3}){3}"
)


def _has_link(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_PLACEHOLDER_LINK, _URL, _IP_URL))


def _lures(text: str) -> Iterator[Finding]:
    lower, link = _lower(text), _has_link(text)
    for rule, pattern, verdict, reason in LURES:
        for match in pattern.finditer(lower):
            if link:
                yield _finding(rule, "phishing", verdict, text, match.span(), reason)
            elif verdict == "reject":
                yield _finding(rule, "phishing", "review", text, match.span(), f"{reason.split(',')[0]} (no link here)")


def _hosts(text: str) -> Iterator[Finding]:
    """Links whose host hides who stands behind it."""
    for match in _IP_URL.finditer(text):
        yield _finding("ip_host", "phishing", "reject", text, match.span(), "links to a bare IP address")
    for match in _URL.finditer(text):
        url = match[0] if "://" in match[0] else f"https://{match[0]}"
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").rstrip(".")
        except ValueError:
            continue
        if parts.username is not None:
            reason = "hides its real host behind an @"
            yield _finding("hidden_host", "phishing", "reject", text, match.span(), reason)
        if imitated := _imitated(host):
            brand, verdict = imitated
            reason = f"{host} looks like {brand}, which does not own it"
            yield _finding("look_alike_host", "phishing", verdict, text, match.span(), reason)
        elif _mixes_scripts(host):
            reason = f"{host} mixes alphabets, so that it can look like another host"
            yield _finding("look_alike_host", "phishing", "review", text, match.span(), reason)
        if host in SHORTENERS:
            reason = f"{host} is a public shortener: carriers block it; use a short URL of a pool"
            yield _finding("public_shortener", "links", "review", text, match.span(), reason)


def _imitated(host: str) -> tuple[str, Verdict] | None:
    """The brand that a host pretends to be. Its plain name in a foreign host wants a review; a disguise is enough."""
    try:
        shown = host.encode("ascii").decode("idna") if "xn--" in host else host
    except (UnicodeError, ValueError):
        shown = host
    plain = set(re.split(r"[.\-]", shown.lower()))
    disguised = set(re.split(r"[.\-]", _undisguised(shown)))
    disguised |= {word.replace("rn", "m").replace("vv", "w") for word in disguised}
    disguised |= {word.replace("i", "l") for word in disguised}
    for brand, domains in BRANDS.items():
        if any(host == domain or host.endswith(f".{domain}") for domain in domains):
            return None
        if brand in plain:
            return brand, "review"
        if disguised & {brand, brand.replace("i", "l")}:
            return brand, "reject"
    return None


def _mixes_scripts(host: str) -> bool:
    for label in host.split("."):
        scripts = {unicodedata.name(char, "?").split()[0] for char in label if char.isalpha()}
        if len(scripts) > 1:
            return True
    return False


_SHOUTING_LETTERS = 20
_SHOUTING_SHARE = 0.7
_EXCLAMATIONS = re.compile(r"[!¡]{3,}")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def _shouting(text: str) -> Iterator[Finding]:
    letters = [char for char in _PLACEHOLDER.sub("", text) if char.isupper() or char.islower()]
    capitals = sum(char.isupper() for char in letters)
    if len(letters) >= _SHOUTING_LETTERS and capitals > _SHOUTING_SHARE * len(letters):
        yield _finding("shouting", "style", "review", text, (0, len(text)), "is mostly in capitals")
    for match in _EXCLAMATIONS.finditer(text):
        yield _finding("shouting", "style", "review", text, match.span(), "piles up exclamation marks")


_OPTOUT_PLACEHOLDER = re.compile(r"\{\{\s*optout_url\s*(?:\|[^}]*)?\}\}")


def _opt_out(text: str) -> Iterator[Finding]:
    if not (_OPTOUT_PLACEHOLDER.search(text) or OPT_OUT_WORDS.search(_lower(text))):
        end = (len(text), len(text))
        reason = "tells nobody how to opt out: add {{ optout_url }}, or words such as “Reply STOP to opt out”"
        yield _finding("missing_opt_out", "opt_out", "reject", text, end, reason)
