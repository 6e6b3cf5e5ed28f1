"""Telephone numbers: whatever people write into a file, as a valid E.164 number and its country, or why not.

What is valid is phonenumbers' metadata. The common form, `+` and digits, is judged by the same patterns
without its parser, which is several times faster; everything else goes through the parser.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberDesc

from campaign_svc.domain.contacts import IllegalFieldError

LONGEST_TEXT = 40
LEAST_DIGITS = 3
COUNTRIES = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""Countries (alpha-2) that have telephone numbers."""
_DECORATION = str.maketrans(
    "", "", " -.()/\t\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013\u2212\u200b\u200e\u202a\u202c\ufeff'"
)
_COMMON = re.compile(r"\+[1-9][0-9]{4,14}", re.ASCII)
_WITH_DECIMAL = re.compile(r"\s*(\+?[0-9]{5,15})[.,]0{1,2}\s*", re.ASCII)
_SCIENTIFIC = re.compile(r"\+?\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)


class Number(NamedTuple):
    """E.164 with the plus sign, and the ISO 3166 alpha-2 code of the country it belongs to."""

    number: str
    country: str


def _no_number(message: str, fix: str) -> IllegalFieldError:
    return IllegalFieldError("number", message, fix)


def parse(text: str, country: str | None = None) -> Number:
    """The number that `text` means. `country` (alpha-2) is that of numbers in national form.

    Raises IllegalFieldError for the field number.
    """
    if _COMMON.fullmatch(text):
        return _judge(text) or _parse_slowly(text, text, country)
    plain = _undecorated(text)
    found = _judge(plain) if _COMMON.fullmatch(plain) else None
    return found or _parse_slowly(text, plain, country)


def check_country(country: str | None) -> None:
    """Raises IllegalFieldError unless it is None or a country that has telephone numbers."""
    if country is not None and country not in COUNTRIES:
        raise IllegalFieldError("country", "is no country", "use a code such as US or FR")


def in_query(text: str) -> str:
    """An E.164 number as it arrives in a path or query, where the plus sign is often missing or turned into a blank."""
    return "+" + text.strip().removeprefix("+")


def digits_in(text: str) -> str | None:
    """What a part of a number is in E.164, however it is written; None for what is no part of one."""
    digits = text.translate(_DECORATION).removeprefix("+")
    return digits if len(digits) >= LEAST_DIGITS and digits.isascii() and digits.isdigit() else None


def national_digits(number: str) -> str:
    """The digits of an E.164 number behind its country's code."""
    return phonenumbers.national_significant_number(phonenumbers.parse(number))


def _undecorated(text: str) -> str:
    """Without what people put between digits; 00 is the plus sign of most countries. What a spreadsheet took for a
    sum, 12025550143.0, would be another number without its point.
    """
    sum_ = _WITH_DECIMAL.fullmatch(text)
    plain = sum_[1] if sum_ else text.translate(_DECORATION)
    return "+" + plain[2:] if plain.startswith("00") else plain


def _parse_slowly(text: str, plain: str, country: str | None) -> Number:
    _refuse_what_is_no_number(text, plain)
    if not plain.startswith("+") and country is None:
        raise _no_number("has no country", "write it with + and the country code, or give the country")
    try:
        parsed = phonenumbers.parse(plain, country)
    except phonenumbers.NumberParseException as error:
        raise _no_number(*_WHY[error.error_type]) from error
    if not phonenumbers.is_valid_number(parsed):
        why = phonenumbers.is_possible_number_with_reason(parsed)
        raise _no_number(*_WHY_NOT_POSSIBLE.get(why, ("is not in use in any country's numbering plan", _CHECK)))
    region = phonenumbers.region_code_for_number(parsed)
    if region is None or len(region) != 2 or not region.isalpha():
        raise _no_number("belongs to no country", "give a person's number")
    return Number(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), region)


def _refuse_what_is_no_number(text: str, plain: str) -> None:
    if not plain:
        raise _no_number("is empty", "give a number such as +12025550143")
    if _SCIENTIFIC.fullmatch(text.strip()):
        raise _no_number("was turned into a sum by a spreadsheet", "format the column as text and export it again")
    if len(text) > LONGEST_TEXT or not plain.removeprefix("+").isdecimal():
        raise _no_number("is no number", "give only digits after the plus sign, as in +12025550143")


_CHECK = "check it for typing errors"
_TOO_SHORT = ("is too short", "give all of its digits with the country code")
_TOO_LONG = ("is too long", "a number has at most 15 digits")
_WHY = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: ("has no known country code", _CHECK),
    phonenumbers.NumberParseException.NOT_A_NUMBER: ("is no number", _CHECK),
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: _TOO_SHORT,
    phonenumbers.NumberParseException.TOO_SHORT_NSN: _TOO_SHORT,
    phonenumbers.NumberParseException.TOO_LONG: _TOO_LONG,
}
_WHY_NOT_POSSIBLE = {
    phonenumbers.ValidationResult.TOO_SHORT: _TOO_SHORT,
    phonenumbers.ValidationResult.TOO_LONG: _TOO_LONG,
    phonenumbers.ValidationResult.INVALID_LENGTH: ("has a length that its country does not use", _CHECK),
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: ("lacks its area code", "give all of its digits"),
}


class _Region(NamedTuple):
    """A country's share of a calling code, as `phonenumbers.region_code_for_number` and `is_valid_number` see it."""

    name: str
    leading: re.Pattern[str] | None
    valid: re.Pattern[str]


class _Plan(NamedTuple):
    """A calling code, its first `digits` characters in E.164. `prefix` is what is dialled before a national number; one
    that begins so must be parsed in full.
    """

    digits: int
    prefix: re.Pattern[str] | None
    regions: tuple[_Region, ...]


def _judge(plain: str) -> Number | None:
    """`+` and digits: the number if it is certainly valid, None if the parser has to look at it."""
    plan = _plan_of(plain[1:4])
    if plan is None:
        return None
    national = plain[plan.digits :]
    if national[0] == "0" or (plan.prefix and plan.prefix.match(national)):
        return None
    for name, leading, valid in plan.regions:
        if leading is None:
            if valid.fullmatch(national):
                return Number(plain, name)
        elif leading.match(national):
            return Number(plain, name) if valid.fullmatch(national) else None
    return None


@lru_cache(maxsize=1000)
def _plan_of(digits: str) -> _Plan | None:
    """The plan of the calling code that the first three digits begin with; no code is the beginning of another."""
    return next((_plan(code) for n in (1, 2, 3) if (code := int(digits[:n])) in COUNTRY_CODE_TO_REGION_CODE), None)


@cache
def _plan(code: int) -> _Plan | None:
    names = COUNTRY_CODE_TO_REGION_CODE[code]
    if names == ("001",):
        return None
    prefix = _metadata(names[0]).national_prefix_for_parsing
    regions = tuple(_region(name, sole=len(names) == 1) for name in names)
    return _Plan(1 + len(str(code)), re.compile(prefix) if prefix else None, regions)


def _region(name: str, *, sole: bool) -> _Region:
    """A number is valid that matches the general description and that of one kind of line."""
    data = _metadata(name)
    kinds = [] if data.same_mobile_and_fixed_line_pattern else [data.mobile]
    kinds += [data.fixed_line, data.premium_rate, data.toll_free, data.shared_cost, data.voip, data.personal_number]
    kinds += [data.pager, data.uan, data.voicemail]
    either = "|".join(filter(None, map(_pattern, kinds))) or "(?!)"
    leading = re.compile(data.leading_digits) if data.leading_digits and not sole else None
    return _Region(name, leading, re.compile(f"(?={_pattern(data.general_desc)}$)(?:{either})"))


def _metadata(name: str) -> PhoneMetadata:
    data = PhoneMetadata.metadata_for_region(name)
    assert data is not None, f"phonenumbers lists {name} without describing it"
    return data


def _pattern(desc: PhoneNumberDesc | None) -> str | None:
    if desc is None or not desc.national_number_pattern:
        return None
    lengths = "|".join(f"\\d{{{n}}}" for n in desc.possible_length)
    only = f"(?=(?:{lengths})$)" if lengths else ""
    return f"(?:{only}(?:{desc.national_number_pattern}))"
