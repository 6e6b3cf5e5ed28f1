"""Configurations of routes: what is legal, what is hidden, and how they are changed."""

from typing import Any
from uuid import UUID

import pytest

from dispatch_svc.domain.routes import (
    HIDDEN,
    IllegalConfigError,
    Route,
    change_config,
    coverage,
    read_config,
    without_secrets,
)

SMPP: dict[str, Any] = {"host": "10.0.0.5", "system_id": "volley", "password": "secret"}
HTTP: dict[str, Any] = {"url": "https://sms.example.com/v1", "token": "t0ken", "webhook_secret": "whsec_" + "YWJj" * 8}
ACCOUNT, OTHER = UUID(int=1), UUID(int=2)


def route(**fields: Any) -> Route:
    return Route(
        **{
            "id": UUID(int=9),
            "account_id": ACCOUNT,
            "name": "a",
            "protocol": "smpp",
            "config": read_config("smpp", SMPP),
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("protocol", "changes", "field"),
    [
        ("smpp", {"host": "smpp://x"}, "config.host"),
        ("smpp", {"host": "a b"}, "config.host"),
        ("smpp", {"host": ""}, "config.host"),
        ("smpp", {"port": 0}, "config.port"),
        ("smpp", {"port": 70000}, "config.port"),
        ("smpp", {"port": "2775"}, "config.port"),
        ("smpp", {"password": "longer than eight"}, "config.password"),
        ("smpp", {"password": "sécret"}, "config.password"),
        ("smpp", {"system_id": "a\nb"}, "config.system_id"),
        ("smpp", {"window": 0}, "config.window"),
        ("smpp", {"timeout": 1e9}, "config.timeout"),
        ("smpp", {"tls_ca": "nonsense"}, "config.tls_ca"),
        ("smpp", {"receipt_ids": "octal"}, "config.receipt_ids"),
        ("smpp", {"colour": "red"}, "config.colour"),
        ("http", {"url": "ftp://x"}, "config.url"),
        ("http", {"url": "https://"}, "config.url"),
        ("http", {"url": "https://u:p@x/"}, "config.url"),
        ("http", {"url": "https://x/?a=1"}, "config.url"),
        ("http", {"url": "https://x:99999/"}, "config.url"),
        ("http", {"token": "with space"}, "config.token"),
        ("http", {"token": "line\nfeed"}, "config.token"),
        ("http", {"webhook_secret": "whsec_!!!!!!!!!!!!!!!!!!!!!!"}, "config.webhook_secret"),
        ("http", {"webhook_secret": "short"}, "config.webhook_secret"),
        ("http", {"batch_size": 1001}, "config.batch_size"),
    ],
)
def test_an_illegal_field_is_named(protocol: Any, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(IllegalConfigError) as caught:
        read_config(protocol, {**(SMPP if protocol == "smpp" else HTTP), **changes})
    assert caught.value.field == field
    assert caught.value.message


@pytest.mark.parametrize("missing", SMPP)
def test_a_missing_field_is_named(missing: str) -> None:
    with pytest.raises(IllegalConfigError) as caught:
        read_config("smpp", {name: value for name, value in SMPP.items() if name != missing})
    assert caught.value.field == f"config.{missing}"


@pytest.mark.parametrize("host", ["localhost", "smsc.example.com", "10.1.2.3", "::1", "smsc_1", "smsc.example.com."])
def test_private_and_public_hosts_are_legal(host: str) -> None:
    assert read_config("smpp", {**SMPP, "host": host}).host == host  # type: ignore[union-attr]


def test_secrets_are_not_shown_and_absent_ones_not_pretended() -> None:
    assert without_secrets("smpp", read_config("smpp", SMPP))["password"] == HIDDEN
    assert "t0ken" not in str(without_secrets("http", read_config("http", HTTP)))
    bare = read_config("http", {name: value for name, value in HTTP.items() if name != "webhook_secret"})
    assert without_secrets("http", bare)["webhook_secret"] is None


def test_a_change_keeps_what_it_does_not_name_and_hidden_secrets() -> None:
    shown = {**without_secrets("smpp", read_config("smpp", SMPP)), "window": 7}
    changed = change_config("smpp", SMPP, shown)
    assert changed == read_config("smpp", {**SMPP, "window": 7})
    assert change_config("smpp", SMPP, {"password": "new"}).password == "new"  # type: ignore[union-attr]


def test_null_gives_a_field_its_default() -> None:
    assert change_config("smpp", {**SMPP, "window": 7}, {"window": None}) == read_config("smpp", SMPP)
    with pytest.raises(IllegalConfigError):
        change_config("smpp", SMPP, {"host": None})


@pytest.mark.parametrize(
    ("fields", "account_id", "country", "serves"),
    [
        ({}, ACCOUNT, "US", True),
        ({}, OTHER, "US", False),
        ({"countries": ("US",)}, ACCOUNT, "US", True),
        ({"countries": ("US",)}, ACCOUNT, "GB", False),
        ({"status": "paused"}, ACCOUNT, "US", False),
    ],
)
def test_a_route_serves_its_account_and_countries_while_active(
    fields: dict[str, Any], account_id: UUID, country: str, serves: bool
) -> None:
    assert route(**fields).serves(account_id, country) is serves


def test_coverage_is_that_of_the_active_routes_together() -> None:
    us, gb = route(countries=("US",)), route(countries=("GB",))
    assert coverage([us, gb]) == {"US", "GB"}
    assert coverage([us, route(status="paused")]) == {"US"}
    assert coverage([us, route()]) is None
    assert coverage([]) == frozenset()
