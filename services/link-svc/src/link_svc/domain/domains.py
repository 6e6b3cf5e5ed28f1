"""Rules of domains and pools: which edits are legal, and what a pool has left."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

import msgspec

from link_svc.domain.allotment import UNLIMITED

State = Literal["pending", "active", "blocked", "archived"]
"""What people decide about a domain."""

Status = Literal["pending", "active", "limit_reached", "blocked", "archived"]
"""What the domain is: active turns into limit_reached where its messages are used up, and back."""


class HostTakenError(Exception):
    """The host is a domain already; `domain_id` is set where it is the caller's own."""

    def __init__(self, host: str, domain_id: UUID | None) -> None:
        super().__init__(host)
        self.host = host
        self.domain_id = domain_id


class LimitBelowUsedError(Exception):
    """A message limit would lie below the messages that the domain has served."""

    def __init__(self, used: int) -> None:
        super().__init__(used)
        self.used = used


class UnknownDomainsError(Exception):
    """Domains for a pool that the account does not have, or has archived."""


class CampaignsPoolError(Exception):
    """The pool is the list of domains of a campaign: it is edited there."""

    def __init__(self, campaign_id: UUID) -> None:
        super().__init__(campaign_id)
        self.campaign_id = campaign_id


class Terms(msgspec.Struct, frozen=True):
    """What can be edited of a domain. No limit is None."""

    state: State
    message_limit: int | None


def edited(wanted: Terms, used: int) -> Terms:
    """The terms after an edit of a domain that has served `used` messages. Every state may follow every other."""
    if wanted.message_limit is not None and wanted.message_limit < used:
        raise LimitBelowUsedError(used)
    return wanted


def remaining(status: Status, message_limit: int | None, used: int) -> int | None:
    """Messages that a domain may still serve; None: without end."""
    if status != "active":
        return 0
    return None if message_limit is None else message_limit - used


def pool_remaining(each: Iterable[int | None]) -> int:
    """Messages that the domains of a pool may still serve, UNLIMITED at most."""
    return min(UNLIMITED, sum(UNLIMITED if left is None else left for left in each))
