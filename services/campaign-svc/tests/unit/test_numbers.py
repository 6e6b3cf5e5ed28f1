"""Numbers: what people write, what is refused, and that the fast way agrees with phonenumbers."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_svc.domain import numbers
from campaign_svc.domain.contacts import IllegalFieldError

EXAMPLES = [
    phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    if (example := phonenumbers.example_number_for_type(region, kind))
]


@pytest.mark.parametrize(
    ("text", "country", "number", "belongs_to"),
    [
        ("+12025550143", None, "+12025550143", "US"),
        ("+14165550123", None, "+14165550123", "CA"),
        ("+1 (787) 555-0123", None, "+17875550123", "PR"),
        ("\u202a+44\u00a020 7946\u20110123\u202c", None, "+442079460123", "GB"),
        ("0044 20 7946 0123", None, "+442079460123", "GB"),
        ("(202) 555-0143", "US", "+12025550143", "US"),
        ("01 99 00 12 34", "FR", "+33199001234", "FR"),
        ("+33199001234", "US", "+33199001234", "FR"),
        ("+44 (0)20 7946 0123", None, "+442079460123", "GB"),
        ("'+61255501234", None, "+61255501234", "AU"),
        ("+390612345678", None, "+390612345678", "IT"),
        ("+٣٣١٩٩٠٠١٢٣٤", None, "+33199001234", "FR"),
        ("+77012345678", None, "+77012345678", "KZ"),
        ("12025550143.0", "US", "+12025550143", "US"),
        ("+4915112345678,00", "DE", "+4915112345678", "DE"),
    ],
)
def test_numbers_as_people_write_them(text: str, country: str | None, number: str, belongs_to: str) -> None:
    assert numbers.parse(text, country) == (number, belongs_to)


@pytest.mark.parametrize(
    ("text", "country", "message"),
    [
        ("", None, "is empty"),
        ("  ", "US", "is empty"),
        ("not a number", "US", "is no number"),
        ("1-800-FLOWERS", "US", "is no number"),
        ("+1202555014x3", None, "is no number"),
        ("++12025550143", None, "is no number"),
        ("+1202555", None, "is too short"),
        ("+12025550100000000", None, "is too long"),
        ("+99912345678", None, "has no known country code"),
        ("2025550143", None, "has no country"),
        ("+11115550143", None, "is not in use"),
        ("+80012345678", None, "belongs to no country"),
        ("1.20256E+10", "US", "was turned into a sum"),
        ("1" * 5000, "US", "is no number"),
        ("+447700900123", None, "is not in use"),
    ],
)
def test_what_is_no_number_is_told_why(text: str, country: str | None, message: str) -> None:
    with pytest.raises(IllegalFieldError, match=message) as caught:
        numbers.parse(text, country)
    assert caught.value.field == "number"
    assert caught.value.fix


def by_library(text: str) -> tuple[str, str] | None:
    """What phonenumbers says of a number with a plus sign."""
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    if not phonenumbers.is_valid_number(parsed) or region in {None, "001"}:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), region


@st.composite
def nearly_valid(draw: st.DrawFn) -> str:
    """A valid number of any country with some digits changed, added or lost."""
    digits = list(draw(st.sampled_from(EXAMPLES)))
    for _ in range(draw(st.integers(0, 4))):
        digits[draw(st.integers(1, len(digits) - 1))] = draw(st.sampled_from("0123456789"))
    if draw(st.booleans()):
        digits.insert(draw(st.integers(1, len(digits))), draw(st.sampled_from("0123456789")))
    return "".join(digits)[: draw(st.integers(5, 18))] if draw(st.booleans()) else "".join(digits)


@given(st.one_of(nearly_valid(), st.from_regex(r"\+[0-9]{4,17}", fullmatch=True)))
def test_the_fast_way_judges_as_phonenumbers_does(text: str) -> None:
    try:
        found: tuple[str, str] | None = numbers.parse(text)
    except IllegalFieldError:
        found = None
    assert found == by_library(text)


@given(st.text(max_size=60), st.sampled_from([None, "US", "FR", "XX"]))
def test_any_text_is_a_number_or_refused(text: str, country: str | None) -> None:
    try:
        found = numbers.parse(text, country)
    except IllegalFieldError:
        return
    assert numbers.parse(found.number) == found
