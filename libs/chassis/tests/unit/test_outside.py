"""Which addresses may be connected to for customers."""

import asyncio
import socket
from typing import Any

import pytest

from volley_chassis.outside import EVERYWHERE, Outside, PrivateAddressError, networks_in
from volley_chassis.settings import SettingsError

INSIDE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200"),
    *("0.0.0.0", "224.0.0.1", "168.63.129.16", "::", "::1", "fe80::1%eth0", "fd00:ec2::254", "ff02::1"),
    *("::ffff:10.0.0.1", "::7f00:1", "64:ff9b::a9fe:a9fe", "2002:a00:1::1"),
)


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_reached_only_where_that_is_set(address: str) -> None:
    assert not Outside().allows(address)
    assert Outside(EVERYWHERE).allows(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_addresses_outside_are_reached(address: str) -> None:
    assert Outside().allows(address)


def test_networks_open_what_they_name_and_no_more() -> None:
    outside = Outside(networks_in("VOLLEY_ROUTE_NETWORKS", " 10.20.0.0/16, fd00:5::/64,"))
    assert [outside.allows(address) for address in ("10.20.1.1", "10.21.1.1", "fd00:5::1", "fd00:6::1")] == [
        *(True, False, True, False)
    ]
    assert outside.allows("::ffff:10.20.1.1")


@pytest.mark.parametrize("value", ["10.0.0.1/8", "localhost", "10.0.0.0/8;10.1.0.0/16"])
def test_a_setting_that_names_no_networks_is_refused_by_its_name(value: str) -> None:
    with pytest.raises(SettingsError, match=r"VOLLEY_ROUTE_NETWORKS: .* such as 10\.20\.0\.0/16"):
        networks_in("VOLLEY_ROUTE_NETWORKS", value)


async def test_a_name_is_judged_by_each_address_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    async def found(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in answer]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
    answer = ["10.0.0.1", "8.8.8.8", "8.8.8.8"]
    assert await Outside().resolve("mixed.example", 80) == ["8.8.8.8"]
    answer = ["10.0.0.1"]
    with pytest.raises(PrivateAddressError, match=r"inside\.example leads to a private address"):
        await Outside().resolve("inside.example", 80)
