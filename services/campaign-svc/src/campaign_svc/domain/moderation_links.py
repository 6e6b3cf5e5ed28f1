"""Rules about links: hosts that hide who stands behind them, that look like others, or that nobody here owns."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

from rapidfuzz.distance import OSA

from campaign_svc.domain.findings import Finding, finding, undisguised
from campaign_svc.domain.moderation_terms import BRANDS, SECOND_LEVELS, SHORTENERS, Verdict

_URL = re.compile(
    r"(?i:https?)://[^\s<>\"{}]+|(?<![\w@.-])(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}(?::\d+)?(?:/[^\s{}]*)?"
)
_IP_URL = re.compile(
    r"(?<![\w.])(?:https?://)?\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?/[^\s{}]*|https?://\d{1,3}(?:\.\d{1,3}){3}"
)
_PLACEHOLDER = re.compile(r"\{\{\s*((\w+)(?:\.\w+)?)\s*(?:\|[^}]*)?\}\}")
_FIELD = re.compile(r"\{\{\s*[\w.]+")
_PLATFORM = frozenset({"short_url", "optout_url"})
# A number in any notation, or an IPv6 address: browsers go there.
_NUMERIC_HOST = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}|[0-9a-f]*:[0-9a-f:.]*")
# What a shortener's path looks like: one short word that is no word.
_OPAQUE = re.compile(r"/(?=\w*\d|\w*[a-z]\w*[A-Z]|\w*[A-Z]\w*[a-z]+[A-Z])\w{4,12}/?")
_SHORT_HOST = 9
_LEAST_OWN = 4
# A letter more, less, or other in a shorter name is mostly another word.
_LEAST_TYPO = 6


def has_link(text: str) -> bool:
    """Whether a phone would show a link, once the text is rendered."""
    placeholders = any(match[2] == "short_url" for match in _PLACEHOLDER.finditer(text))
    return placeholders or bool(_URL.search(text) or _IP_URL.search(text))


def link_findings(text: str, own: Collection[str] = ()) -> Iterator[Finding]:
    """`own` are the hosts of the account: others must not look like them, and they are no foreign shorteners."""
    names = _names(own)
    for match in _IP_URL.finditer(text):
        yield finding("ip_host", "phishing", "reject", text, match.span(), "links to a bare IP address")
    for match in _URL.finditer(text):
        read = _read(match[0])
        if read is None:
            continue
        parts, host = read
        if _NUMERIC_HOST.fullmatch(host) and not _IP_URL.match(match[0]):
            yield finding("ip_host", "phishing", "reject", text, match.span(), "links to a bare IP address")
        if parts.username is not None:
            reason = "hides its real host behind an @"
            yield finding("hidden_host", "phishing", "reject", text, match.span(), reason)
        for rule, category, verdict, reason in _judge(host, parts.path, own, names):
            yield finding(rule, category, verdict, text, match.span(), reason)


def _judge(
    host: str, path: str, own: Collection[str], names: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str, Verdict, str]]:
    # A brand's name is no one's by adding a domain that has it: brands are looked for in the account's own hosts too.
    imitated = _imitated(host, BRANDS) or (None if _is_one_of(host, own) else _imitated(host, names))
    if imitated:
        brand, verdict = imitated
        yield "look_alike_host", "phishing", verdict, f"{host} looks like {brand}, which does not own it"
    elif _mixes_scripts(host):
        reason = f"{host} mixes alphabets, so that it can look like another host"
        yield "look_alike_host", "phishing", "review", reason
    elif ("xn--" in host or not host.isascii()) and not _is_one_of(_written(host), own):
        yield "punycode_host", "phishing", "review", f"{host} is shown as {_shown(host)}: see that it is meant"
    if _is_one_of(host, SHORTENERS):
        reason = f"{host} is a public shortener: carriers block it; use a short URL of a pool"
        yield "public_shortener", "links", "review", reason
    elif len(host.removeprefix("www.")) <= _SHORT_HOST and _OPAQUE.fullmatch(path) and not _is_one_of(host, own):
        reason = f"{host} looks like a shortener that the account does not own; use a short URL of a pool"
        yield "foreign_shortener", "links", "review", reason


def foreign_findings(text: str, own: Collection[str]) -> Iterator[Finding]:
    """Links in a text to hosts that are not the account's: nobody here knows where they lead tomorrow."""
    nameless = _FIELD.sub(lambda match: " " * len(match[0]), text)
    for match in _URL.finditer(nameless):
        read = _read(match[0])
        host = read[1] if read else ""
        if host and not _is_one_of(_written(host), own):
            reason = f"{host} is no domain of the account: use {{{{ short_url }}}}, or add a rule own_domain for it"
            yield finding("foreign_host", "links", "review", text, match.span(), reason)


def _read(url: str) -> tuple[SplitResult, str] | None:
    """The parts of a URL, which may lack its scheme, and its host; None where it cannot be read."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        return parts, (parts.hostname or "").rstrip(".")
    except ValueError:
        return None


def field_findings(text: str) -> Iterator[Finding]:
    """Placeholders of contact fields that would make or complete a host: what stands there would choose the link."""
    for stand_in in ("xx", "x.x"):
        filled, places = _filled(text, stand_in)
        for match in _URL.finditer(filled):
            host_end = match.start() + len(re.split(r"[/?#]", match[0].partition("://")[2] or match[0])[0])
            host_end += match[0].index("://") + 3 if "://" in match[0] else 0
            for start, end, span in places:
                if start < host_end and end > match.start():
                    reason = "lets a contact field choose the host of a link"
                    yield finding("field_in_host", "links", "reject", text, span, reason)
                    return


def _filled(text: str, stand_in: str) -> tuple[str, list[tuple[int, int, tuple[int, int]]]]:
    """The text with a stand-in for each placeholder, and where those of contact fields are, before and after."""
    pieces: list[str] = []
    places = []
    position = length = 0
    for match in _PLACEHOLDER.finditer(text):
        value = " " if match[2] in _PLATFORM else stand_in
        pieces += [text[position : match.start()], value]
        length += match.start() - position
        if match[2] not in _PLATFORM:
            places.append((length, length + len(value), match.span()))
        length += len(value)
        position = match.end()
    return "".join([*pieces, text[position:]]), places


def _names(own: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The names that the account's hosts are known by, with the domains that bear them."""
    found: dict[str, tuple[str, ...]] = {}
    for host in own:
        labels = host.lower().split(".")
        size = 3 if len(labels) > 2 and labels[-2] in SECOND_LEVELS else 2
        if len(labels) >= size and len(labels[-size]) >= _LEAST_OWN:
            name = labels[-size]
            found[name] = (*found.get(name, ()), ".".join(labels[-size:]))
    return found


def _imitated(host: str, protected: Mapping[str, tuple[str, ...]]) -> tuple[str, Verdict] | None:
    """Whom a host pretends to be. A plain name in a foreign host wants a review; a disguise is enough."""
    shown = _shown(host).lower()
    labels = shown.split(".")
    plain = {*labels, *re.split(r"[.\-]", shown)}
    disguised = {undisguised(word) for word in plain}
    disguised |= {word.replace("rn", "m").replace("vv", "w") for word in disguised}
    disguised |= {word.replace("i", "l") for word in disguised}
    own_words = {*labels[:-1], *(word for label in labels[:-1] for word in label.split("-"))}
    for brand, domains in protected.items():
        if _is_one_of(host, domains):
            continue
        if brand in (plain if brand in BRANDS else own_words):
            return brand, "review"
        if brand not in plain and disguised & {brand, brand.replace("i", "l")}:
            return brand, "reject"
        if len(brand) >= _LEAST_TYPO and any(_is_typo(word, brand) or brand in word for word in own_words):
            return brand, "review"
    return None


def _is_typo(word: str, name: str) -> bool:
    """Whether one letter was added, left out, changed, or swapped with the next."""
    return OSA.distance(word, name, score_cutoff=1) == 1


def _is_one_of(host: str, domains: Collection[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _shown(host: str) -> str:
    """As a browser shows it."""
    try:
        return host.encode("ascii").decode("idna") if "xn--" in host else host
    except (UnicodeError, ValueError):
        return host


def _written(host: str) -> str:
    """As DNS has it."""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _mixes_scripts(host: str) -> bool:
    for label in _shown(host).split("."):
        scripts = {unicodedata.name(char, "?").split()[0] for char in label if char.isalpha()}
        if len(scripts) > 1:
            return True
    return False
