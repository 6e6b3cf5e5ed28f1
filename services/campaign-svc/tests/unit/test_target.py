"""Where short links lead: UTM parameters come behind what the target URL has already."""

import pytest

from campaign_svc.domain.target import Utm, with_utm

UTM = Utm(source="volley", medium="sms", campaign="May & June {{ x }}")
ADDED = "utm_source=volley&utm_medium=sms&utm_campaign=May+%26+June+%7B%7B+x+%7D%7D"


@pytest.mark.parametrize(
    ("url", "start", "end"),
    [
        ("https://shop.example/sale", "https://shop.example/sale?", ""),
        ("https://shop.example/?a=b", "https://shop.example/?a=b&", ""),
        ("https://shop.example/?", "https://shop.example/?", ""),
        ("https://shop.example/a#part", "https://shop.example/a?", "#part"),
        ("https://shop.example/#/a?b", "https://shop.example/?", "#/a?b"),
        ("https://shop.example/{{ a | #1 }}#{{ b }}", "https://shop.example/{{ a | #1 }}?", "#{{ b }}"),
    ],
)
def test_parameters_are_added_to_the_query(url: str, start: str, end: str) -> None:
    assert with_utm(url, UTM) == f"{start}{ADDED}{end}"


def test_without_parameters_the_url_stays() -> None:
    url = "https://shop.example/"
    assert with_utm(url, None) == with_utm(url, Utm()) == url
    assert with_utm(url, Utm(medium="sms")) == f"{url}?utm_medium=sms"
