"""Roles, headers, keys, and the page of the API."""

import re

import pytest

from gateway_api.domain import api_keys, audit_chain, docs_page, headers
from gateway_api.domain.roles import may
from gateway_api.domain.users import counted_as


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", ["viewer"]),
        ("operator", ["viewer", "operator"]),
        ("reviewer", ["viewer", "reviewer"]),
        ("admin", ["viewer", "operator", "reviewer", "admin"]),
    ],
)
def test_roles(role: str, allowed: list[str]) -> None:
    assert [least for least in ("viewer", "operator", "reviewer", "admin") if may(role, least)] == allowed


def test_nothing_of_the_gateways_own_can_be_sent_in() -> None:
    sent = [
        (b"x-volley-role", b"admin"),
        (b"x-forwarded-for", b"1.2.3.4"),
        (b"authorization", b"Bearer vk_"),
        (b"connection", b"close, X-Odd"),
        (b"x-odd", b"1"),
        (b"host", b"h"),
        (b"content-length", b"3"),
        (b"if-match", b'"1"'),
    ]
    assert headers.inbound(sent) == [(b"content-length", b"3"), (b"if-match", b'"1"')]


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_clients_are_counted_by_what_a_customer_has(host: str, counted: str) -> None:
    assert counted_as(host) == counted


def test_a_number_in_a_path_is_noted_by_its_end() -> None:
    template = "/v1/suppressions/{number}"
    assert audit_chain.path_noted(template, "/v1/suppressions/%2B12025550143") == "/v1/suppressions/...0143"
    assert audit_chain.path_noted("/v1/contacts/{contact_id}", "/v1/contacts/7") == "/v1/contacts/7"


def test_an_answer_keeps_its_own_policy() -> None:
    own = (b"content-security-policy", b"default-src 'self'")
    dressed = headers.secured([own])
    assert [field for field in dressed if field[0] == own[0]] == [own]
    assert (b"x-content-type-options", b"nosniff") in dressed


def test_a_key_shows_little_of_itself_and_a_bootstrap_key_nothing() -> None:
    key = api_keys.key_of("A" * 43)
    assert api_keys.prefix_of(key) == "vk_AAAAAAAA"
    assert api_keys.digest_of(key) != api_keys.digest_of(key + "A")
    assert "secret" not in api_keys.bootstrap_prefix_of("secret" * 8)


UUID = {"type": "string", "format": "uuid"}
DOCUMENT = {
    "info": {"title": "T", "description": "One `code`.\n\n    curl <x>\n\nTwo."},
    "paths": {
        "/v1/things/{id}": {
            "get": {
                "operationId": "getThing",
                "summary": "Read <it>",
                "tags": ["Things"],
                "x-volley-role": "viewer",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/c/s/Thing"}}}}
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["a"],
                "properties": {
                    "a": {
                        "type": "array",
                        "items": {"oneOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
                    },
                    "b": {"enum": ["x", "y"], "description": "<b>"},
                },
            }
        }
    },
}


def test_the_page_says_everything_and_escapes_it() -> None:
    html = docs_page.render(DOCUMENT).html
    for expected in (
        'href="#getThing"',
        "Read &lt;it&gt;",
        "Least role: <code>viewer</code>",
        'href="#schema-Thing"',
        "list of string (uuid) or null",
        "<code>x</code>, <code>y</code>, optional",
        "&lt;b&gt;",
        "<code>code</code>",
        "<pre>curl &lt;x&gt;</pre>",
    ):
        assert expected in html


def test_the_page_loads_nothing() -> None:
    html = docs_page.render(DOCUMENT).html
    assert not re.search(r"<(script|link|img|iframe)|https?://|@import|url\(", html)
