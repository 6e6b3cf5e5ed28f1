"""What a rule of moderation found, and how texts are read through their disguises."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

import msgspec

from campaign_svc.domain.moderation_terms import Verdict

Scope = Literal["global", "account"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule found in `text[start:end]` of a variant; where `variant` is None, of the target URL, of that of the
    further `link`, or of a value that a contact's `field` brings in. `scope` says whose rule it is.
    """

    rule: str
    category: str
    verdict: Verdict
    scope: Scope = "global"
    variant: int | None = None
    field: str | None = None
    link: str | None = None
    start: int
    end: int
    matched: str
    reason: str


def finding(rule: str, category: str, verdict: Verdict, text: str, span: tuple[int, int], reason: str) -> Finding:
    """A finding of a global rule at `span` of the text."""
    start, end = span
    return Finding(
        rule=rule, category=category, verdict=verdict, start=start, end=end, matched=text[start:end], reason=reason
    )


# Look-alikes of letters. Each is one character for one, so that spans stay true.
_DISGUISES = str.maketrans("0134578@$!|абвеорсухіѕԁӏ", "oleastbasilabbeopcyxisdl")
_MARKS = {"à": "a", "á": "a", "â": "a", "ä": "a", "é": "e", "è": "e", "ë": "e", "í": "i", "ï": "i", "ó": "o", "ö": "o"}


def undisguised(text: str) -> str:
    """Lower case, with look-alikes and accents taken away, character for character."""
    return "".join(_plain(char) for char in text).translate(_DISGUISES)


def _plain(char: str) -> str:
    low = char.lower()
    if low in _MARKS:
        return _MARKS[low]
    plain = unicodedata.normalize("NFKD", low)[:1]
    return plain if len(plain) == 1 else char


def lower(text: str) -> str:
    """Lower case, character for character."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def words(terms: Iterable[str]) -> re.Pattern[str]:
    """Terms as whole words; spaces in a term match any run of blanks, dots or hyphens."""
    alternatives = sorted((re.escape(term).replace(r"\ ", r"[\s.\-_]+") for term in terms), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")


def spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Where the pattern is in the text, as it stands or undisguised."""
    return sorted({match.span() for seen in (lower(text), undisguised(text)) for match in pattern.finditer(seen)})
