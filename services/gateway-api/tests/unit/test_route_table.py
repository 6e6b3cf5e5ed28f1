"""What is described can be reached, and nothing else, however a path is spelled."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_api.domain.route_table import (
    CALLBACK_LIMIT,
    JSON_LIMIT,
    UPLOAD_LIMIT,
    RouteTable,
    UnknownMethodError,
    UnknownPathError,
)


def operation(role: str = "viewer", media: str | None = None, **more: Any) -> dict[str, Any]:
    body = {"requestBody": {"content": {media: {}}}} if media else {}
    return {"x-volley-role": role, "x-volley-service": "s", **body, **more}


TABLE = RouteTable(
    {
        "paths": {
            "/v1/things": {"get": operation(), "post": operation("operator", "application/json")},
            "/v1/things/{id}": {"get": operation(), "delete": operation("admin")},
            "/v1/things/special": {"get": operation("admin")},
            "/v1/things/{id}/parts/{part}": {"get": operation()},
            "/v1/uploads": {
                "post": operation("operator", "text/csv"),
                "put": operation("admin", **{"x-volley-secret": True}),
            },
            "/callbacks/routes/{id}": {"post": operation("public", "application/json")},
        }
    }
)


@pytest.mark.parametrize(
    ("method", "path", "template"),
    [
        ("GET", "/v1/things", "/v1/things"),
        ("GET", "/v1/things/1", "/v1/things/{id}"),
        ("GET", "/v1/things/%2B1555", "/v1/things/{id}"),
        ("GET", "/v1/things/special", "/v1/things/special"),
        ("GET", "/v1/things/sp%65cial", "/v1/things/special"),
        ("DELETE", "/v1/things/2", "/v1/things/{id}"),
        ("GET", "/v1/things/special/parts/2", "/v1/things/{id}/parts/{part}"),
    ],
)
def test_the_most_literal_route_serves(method: str, path: str, template: str) -> None:
    assert TABLE.match(method, path).template == template


def test_a_literal_path_lends_no_method_to_its_parameter_twin() -> None:
    with pytest.raises(UnknownMethodError) as caught:
        TABLE.match("DELETE", "/v1/things/special")
    assert caught.value.allowed == ("GET",)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/v1",
        "/v1/things/",
        "//v1/things",
        "/v1/things/1/parts",
        "/v1/things/.",
        "/v1/things/%2E%2e",
        "/v1/things/a%00",
    ],
)
def test_other_paths_are_unknown(path: str) -> None:
    with pytest.raises(UnknownPathError):
        TABLE.match("GET", path)


@given(st.text(min_size=1))
def test_a_segment_is_one_segment_for_the_service_too(text: str) -> None:
    """Whatever passes as a parameter holds nothing that a service could take for a longer path."""
    try:
        route = TABLE.match("GET", f"/v1/things/{quote(text, safe='')}")
    except UnknownPathError:
        return
    assert not {"/", "\\", "\n", "\0"} & set(text)
    assert text not in {".", ".."}
    assert route.template in {"/v1/things/{id}", "/v1/things/special"}


def test_limits_and_roles_come_from_the_description() -> None:
    assert TABLE.match("POST", "/v1/things").limit == JSON_LIMIT
    assert TABLE.match("POST", "/v1/uploads").limit == UPLOAD_LIMIT
    callback = TABLE.match("POST", "/callbacks/routes/1")
    assert (callback.role, callback.limit) == (None, CALLBACK_LIMIT)
    assert TABLE.match("PUT", "/v1/uploads").secret
