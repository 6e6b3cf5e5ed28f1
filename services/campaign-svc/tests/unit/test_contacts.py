"""What may stand in contacts and sender IDs."""

import pytest

from campaign_svc.domain.contacts import (
    IllegalFieldError,
    check_attributes,
    check_segment_name,
    check_timezone,
    clean_tags,
    name_of,
)
from campaign_svc.domain.senders import check_address, check_countries, check_pace
from volley_contracts import SenderKind


@pytest.mark.parametrize(
    ("title", "name"),
    [("First Name", "first_name"), (" Größe (cm) ", "grosse_cm"), ("Prénom", "prenom"), ("a--b", "a_b"), ("美", "")],
)
def test_titles_become_names_of_attributes(title: str, name: str) -> None:
    assert name_of(title) == name


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({"First": "x"}, "attributes.First"),
        ({"": "x"}, "attributes."),
        ({"number": "x"}, "attributes.number"),
        ({"a": "x" * 1001}, "attributes.a"),
        ({"a": "x\0"}, "attributes.a"),
        ({f"a{n}": "" for n in range(201)}, "attributes"),
    ],
)
def test_illegal_attributes_are_named(attributes: dict[str, str], field: str) -> None:
    with pytest.raises(IllegalFieldError) as caught:
        check_attributes(attributes)
    assert caught.value.field == field


def test_tags_are_trimmed_and_stand_once() -> None:
    assert clean_tags([" b ", "a", "b", ""]) == ["b", "a"]
    with pytest.raises(IllegalFieldError, match="tags"):
        clean_tags(["x" * 65])
    with pytest.raises(IllegalFieldError, match="51 tags"):
        clean_tags(map(str, range(51)))


def test_time_zones_are_of_the_iana_database() -> None:
    check_timezone("America/Argentina/Buenos_Aires")
    for illegal in ("Europe/Atlantis", "../../etc/passwd", "", "posix"):
        with pytest.raises(IllegalFieldError, match="time zone"):
            check_timezone(illegal)


def test_segments_have_names() -> None:
    assert check_segment_name(" VIP ") == "VIP"
    for illegal in ("", " ", "x" * 256, "a\0"):
        with pytest.raises(IllegalFieldError, match="segment_name"):
            check_segment_name(illegal)


@pytest.mark.parametrize(
    ("address", "kind", "expected"),
    [
        ("VOLLEY", None, ("VOLLEY", "alphanumeric")),
        (" Joe's Shop ", None, ("Joe's Shop", "alphanumeric")),
        ("12345", None, ("12345", "short_code")),
        ("+1 202 555 0143", None, ("+12025550143", "long_number")),
        ("+12025550143", "long_number", ("+12025550143", "long_number")),
        ("4711A", None, ("4711A", "alphanumeric")),
    ],
)
def test_addresses_and_their_kinds(address: str, kind: SenderKind | None, expected: tuple[str, str]) -> None:
    assert check_address(address, kind) == expected


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("", None),
        ("TWELVE CHARS", None),
        ("CAFÉ", None),
        ("a@b", None),
        ("12345", "alphanumeric"),
        ("12", "short_code"),
        ("VOLLEY", "short_code"),
        ("2025550143", None),
        ("VOLLEY", "long_number"),
        ("١٢٣٤", None),
    ],
)
def test_what_is_no_address(address: str, kind: SenderKind | None) -> None:
    with pytest.raises(IllegalFieldError) as caught:
        check_address(address, kind)
    assert caught.value.field == "address"


def test_paces_and_countries_of_senders() -> None:
    check_pace(1)
    for illegal in (0, -1, 100_001):
        with pytest.raises(IllegalFieldError, match="parts_per_second"):
            check_pace(illegal)
    assert check_countries(None) is None
    assert check_countries(["us", "FR", "US"]) == ["FR", "US"]
    for countries in ([], ["XX"], ["USA"]):
        with pytest.raises(IllegalFieldError, match="countries"):
            check_countries(countries)
