"""Domains that a campaign lists by name, instead of naming a pool: what a choice of one makes of the other.

link-svc holds such a list as a pool of the campaign's own, and that is the campaign's pool then.
"""

from collections.abc import Iterator
from typing import Any

from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.fault import Fault, InvalidDraftError
from campaign_svc.domain.pools import CODES, Purpose

MAX_DOMAINS = 100
PURPOSES: tuple[Purpose, ...] = tuple(CODES)


def chosen(campaign: Campaign, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes, so that a list takes the place of a pool, and a pool that of a list. Raises InvalidDraftError."""
    made = dict(changes)
    found: list[Fault] = []
    for purpose in PURPOSES:
        pool, hosts = f"{purpose}_pool_id", f"{purpose}_domains"
        before = getattr(campaign, hosts)
        if before and made.get(pool) == getattr(campaign, pool):
            made.pop(pool, None)  # what was shown comes back: the list's own pool
        listed = made.get(hosts, () if made.get(pool) else before)
        if listed and made.get(pool):
            found.append(Fault(f"content.{hosts}", f"{pool} names a pool as well", "give one of them"))
        if len(listed) > MAX_DOMAINS:
            found.append(Fault(f"content.{hosts}", f"there are {len(listed)}", f"use at most {MAX_DOMAINS}"))
        if listed:
            made[pool] = getattr(campaign, pool) if before else None
        elif before:
            made = {pool: None, **made, hosts: ()}
    if found:
        raise InvalidDraftError(found)
    return made


def lists_of(campaign: Campaign) -> Iterator[tuple[Purpose, tuple[str, ...]]]:
    """The lists that the campaign has."""
    for purpose in PURPOSES:
        if hosts := getattr(campaign, f"{purpose}_domains"):
            yield purpose, hosts
