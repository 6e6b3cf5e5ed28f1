"""Target URLs with placeholders: filled for each recipient, and only with what they use."""

import pytest

from link_svc.domain.targets import filled, is_personal, values_for
from volley_contracts import Recipients


@pytest.mark.parametrize(
    ("values", "filled_in"),
    [
        ({"city": "Köln", "code": "a b"}, "https://shop.example/K%C3%B6ln?c=a%20b#x"),
        ({"city": "../admin", "code": "1&admin=1#y"}, "https://shop.example/..%2Fadmin?c=1%26admin%3D1%23y#x"),
        ({"city": "", "other": "no"}, "https://shop.example/all%20cities?c=#x"),
        ({"city": "\r\nSet-Cookie: a", "code": "%41"}, "https://shop.example/%0D%0ASet-Cookie%3A%20a?c=%2541#x"),
    ],
)
def test_values_and_fallbacks_are_percent_encoded(values: dict[str, str], filled_in: str) -> None:
    target = "https://shop.example/{{ city | all cities }}?c={{code}}#x"
    assert is_personal(target)
    assert filled(target, values) == filled_in


def test_only_what_the_target_uses_is_kept() -> None:
    recipients = Recipients(
        numbers=["+1", "+2", "+3"],
        countries=["US"] * 3,
        variants=[0] * 3,
        fields=("city", "code", "name"),
        values=[("a", "1", "x"), ("b", "2", "y"), ("c", "3", "z")],
    )
    kept = values_for(["https://shop.example/{{ code }}"], recipients, 1, 2)
    assert (kept.numbers, kept.fields, kept.values) == (["+2", "+3"], ("code",), [("2",), ("3",)])
