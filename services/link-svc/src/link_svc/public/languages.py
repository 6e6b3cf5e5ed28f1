"""The languages of the opt-out page, with their words (words.json), and the choice of one for a visitor."""

import re
from functools import lru_cache
from importlib.resources import files

import msgspec

from volley_sms import language_of


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page says before and after the button is pressed, without markup."""

    question: str
    press: str
    button: str
    otherwise: str
    done: str
    recorded: str


WORDS = msgspec.json.decode(files(__package__).joinpath("words.json").read_bytes(), type=dict[str, Words])
ENGLISH = "en"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

_ALSO = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "bs": "hr", "sh": "hr", "mo": "ro"}
"""Other names of a language, and languages whose speakers read another of WORDS."""

_HANT = re.compile(r"zh-(?:hant|tw|hk|mo)\b")
_RANGE = re.compile(r"([a-z]{2,3})(?:-[a-z0-9-]+)?(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?")
_MAX_HEADER = 200


@lru_cache(maxsize=1_000)
def asked_for(accept_language: bytes) -> str | None:
    """The language of WORDS that an Accept-Language header wants most; the one named first among equals."""
    best, weight = None, 0.0
    for wish in accept_language[:_MAX_HEADER].decode("latin-1").lower().split(","):
        match = _RANGE.fullmatch(wish.strip())
        if match and (language := _named(match)) in WORDS and (asked := float(match[2] or 1)) > weight:
            best, weight = language, asked
    return best


def _named(match: re.Match[str]) -> str:
    return "zh-hant" if _HANT.match(match[0]) else _ALSO.get(match[1], match[1])


def of_country(country: str) -> str:
    """The main language of a country (alpha-2) that WORDS has, else English."""
    return language_of(country) or ENGLISH
