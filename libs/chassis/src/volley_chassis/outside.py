"""Connecting to addresses that customers gave: nothing inside the network can be reached through them.

Whoever owns a name decides where it leads, and can decide otherwise a moment later. So a name is judged by the
addresses that it has when a connection is made, and the connection is made to one of these, not to the name once more.
"""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from volley_chassis.settings import SettingsError

Network = IPv4Network | IPv6Network
EVERYWHERE: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
_AZURE = IPv4Address("168.63.129.16")
"""Public by its number, and yet the door of the cloud itself to each of its machines."""


class PrivateAddressError(OSError):
    """The host has addresses inside only."""


def networks_in(setting: str, value: str) -> tuple[Network, ...]:
    """Networks as CIDRs, separated by commas; SettingsError names the setting."""
    try:
        return tuple(ip_network(each.strip()) for each in value.split(",") if each.strip())
    except ValueError as error:
        raise SettingsError(f"{setting}: {error}: give networks such as 10.20.0.0/16, separated by commas") from error


class Outside:
    """Public addresses, and those of `networks`."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)

    def allows(self, address: str) -> bool:
        """Whether an address (no name) may be connected to."""
        ip = ip_address(address.partition("%")[0])
        if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        return any(ip in network for network in self._networks) or _is_public(ip)

    async def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a name or address that may be connected to, at least one.

        PrivateAddressError where it has none; OSError or UnicodeError where there is no such name.
        """
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [address for address in dict.fromkeys(str(each[0]) for *_, each in found) if self.allows(address)]
        if not addresses:
            raise PrivateAddressError(f"{host} leads to a private address")
        return addresses


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Also where an IPv6 address leads to one of IPv4 (6to4, NAT64)."""
    if isinstance(ip, IPv6Address):
        inside = IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.sixtofour
        if inside is None:
            return ip in _UNICAST and ip.is_global
        ip = inside
    return ip.is_global and not ip.is_multicast and ip != _AZURE
