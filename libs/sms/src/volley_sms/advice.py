"""Which characters of a text force it into UCS-2 (70 instead of 160 a part), and what to write instead."""

# ruff: noqa: RUF001  # look-alikes are what this module is about

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from volley_sms.encoding import GSM_CHARACTERS

_INSTEAD = {
    **dict.fromkeys("‘’‚‛′´`ʹʻʼ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−•·‣◦", "-"),
    **dict.fromkeys("\t\u00a0\u1680\u202f\u205f\u3000", " "),
    **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f", ""),
    **dict.fromkeys("\u2028\u2029\u0085\v", "\n"),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),  # Greek, drawn as in Latin
    **dict(zip("ŁłĐđÐıĦħ‹›⁄×÷¦₤", "LlDdDiHh<>/x:|£", strict=True)),
    **dict(
        zip(
            "…©®ŒœðÞþẞ‰‼№",
            ("...", "(c)", "(r)", "OE", "oe", "d", "Th", "th", "SS", "o/oo", "!!", "No"),
            strict=True,
        )
    ),
}

_NOT_GSM = "[^" + re.escape("".join(sorted(GSM_CHARACTERS))) + "]"
# One cause: a letter with combining accents, an emoji joined from several, or a single character.
_CAUSE = re.compile(rf"\w[\u0300-\u036f]+|{_NOT_GSM}(?:\ufe0f|\u200d{_NOT_GSM})*")


class Cause(NamedTuple):
    """What cannot travel in GSM-7: `text` at index `position`; no `replacement` where nothing is like it."""

    position: int
    text: str
    replacement: str | None


def ucs2_causes(text: str) -> list[Cause]:
    """Everything in `text` that forces UCS-2, in order; empty if the text travels in GSM-7."""
    return [Cause(match.start(), match[0], _instead(match[0])) for match in _CAUSE.finditer(text)]


def simplify(text: str) -> str:
    """`text` with every cause replaced that has a replacement; what it saves is the difference in `parts`."""
    return _CAUSE.sub(lambda match: match[0] if (instead := _instead(match[0])) is None else instead, text)


@lru_cache(maxsize=4096)
def _instead(cause: str) -> str | None:
    composed = unicodedata.normalize("NFC", cause)
    if composed in GSM_CHARACTERS:
        return composed
    if composed in _INSTEAD:
        return _INSTEAD[composed]
    plain = "".join(
        _INSTEAD.get(char, char) for char in unicodedata.normalize("NFKD", composed) if not unicodedata.combining(char)
    )
    return plain if plain and GSM_CHARACTERS.issuperset(plain) else None
