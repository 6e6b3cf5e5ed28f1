"""Kinds of devices, by their user agents."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from ua_parser import parse

Kind = Literal["phone", "tablet", "computer", "other"]

_COMPUTERS = frozenset({"Windows", "Mac OS X", "Linux", "Ubuntu", "Chrome OS", "Fedora"})


def device_of(user_agent: str) -> tuple[Kind, str, str]:
    """Its kind, system and browser; "Other" where nothing tells."""
    parsed = parse(user_agent)
    system = parsed.os.family if parsed.os else "Other"
    browser = parsed.user_agent.family if parsed.user_agent else "Other"
    return _kind(user_agent, system), system, browser


def by_device(agents: Iterable[tuple[str, int, int]]) -> list[tuple[tuple[Kind, str, str], int, int]]:
    """Clicks and people summed by device; the most frequent first."""
    clicks: Counter[tuple[Kind, str, str]] = Counter()
    people: Counter[tuple[Kind, str, str]] = Counter()
    for user_agent, clicked, persons in agents:
        device = device_of(user_agent)
        clicks[device] += clicked
        people[device] += persons
    return [(device, clicked, people[device]) for device, clicked in clicks.most_common()]


def _kind(user_agent: str, system: str) -> Kind:
    """Tablets say so, or leave out the word Mobile."""
    if "iPad" in user_agent or (system == "Android" and "Mobile" not in user_agent):
        return "tablet"
    if system in {"iOS", "Android"} or "Mobile" in user_agent:
        return "phone"
    return "computer" if system in _COMPUTERS else "other"
