"""Sender IDs: what may stand in the From of a message."""

import re
from collections.abc import Iterable

from campaign_svc.domain import numbers
from campaign_svc.domain.contacts import IllegalFieldError
from volley_contracts import SenderKind

FASTEST = 100_000
SHORTEST_VALIDITY, LONGEST_VALIDITY = 60, 7 * 24 * 3600
# Characters that are the same in ASCII and GSM-7, so that every provider and phone shows them alike.
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9 !\"#%&'()*+,\-./:;<=>?]{1,11}", re.ASCII)
_SHORT_CODE = re.compile(r"[0-9]{3,8}", re.ASCII)
_DIGITS = re.compile(r"\+?[0-9 ().-]+", re.ASCII)


def check_address(address: str, kind: SenderKind | None) -> tuple[str, SenderKind]:
    """The address as it is sent and its kind, inferred where it is None. Raises IllegalFieldError."""
    address = address.strip()
    kind = kind or _kind_of(address)
    if kind == "long_number":
        try:
            return numbers.parse(address).number, kind
        except IllegalFieldError as error:
            raise IllegalFieldError("address", error.message, error.fix) from error
    if kind == "short_code":
        if not _SHORT_CODE.fullmatch(address):
            raise IllegalFieldError("address", "is no short code", "give 3 to 8 digits")
        return address, kind
    if not _ALPHANUMERIC.fullmatch(address) or not any(char.isalpha() for char in address):
        fix = "give 1 to 11 of A-Z, a-z, 0-9, blank and simple punctuation, with at least one letter"
        raise IllegalFieldError("address", "is no alphanumeric sender ID", fix)
    return address, kind


def _kind_of(address: str) -> SenderKind:
    if _SHORT_CODE.fullmatch(address):
        return "short_code"
    return "long_number" if _DIGITS.fullmatch(address) else "alphanumeric"


def check_pace(parts_per_second: int) -> None:
    if not 1 <= parts_per_second <= FASTEST:
        raise IllegalFieldError("parts_per_second", f"is {parts_per_second}", f"give 1 to {FASTEST}")


def check_validity(seconds: int | None) -> None:
    if seconds is not None and not SHORTEST_VALIDITY <= seconds <= LONGEST_VALIDITY:
        fix = f"give {SHORTEST_VALIDITY} to {LONGEST_VALIDITY} seconds, or null for no limit"
        raise IllegalFieldError("validity_s", f"is {seconds}", fix)


def check_countries(countries: Iterable[str] | None) -> list[str] | None:
    """Each country once, in order of the alphabet; None means everywhere. Raises IllegalFieldError."""
    if countries is None:
        return None
    found = sorted({country.upper() for country in countries})
    if not found:
        raise IllegalFieldError("countries", "is empty", "name at least one country, or give null for everywhere")
    for country in found:
        if country not in numbers.COUNTRIES:
            raise IllegalFieldError("countries", f"has {country[:10]!r}, no country", "use codes such as US and FR")
    return found
