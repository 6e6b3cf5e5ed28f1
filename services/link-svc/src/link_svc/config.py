"""The settings of link-svc."""

from datetime import timedelta
from functools import lru_cache
from typing import Annotated
from uuid import UUID

import msgspec

from link_svc.domain.linking import SlugsOf
from link_svc.domain.slugs import Slugs
from volley_chassis.settings import ServiceSettings


class LinkSettings(ServiceSettings, frozen=True, kw_only=True):
    """`link_secret` makes slugs unguessable: change it and every link that was sent stops working.

    Each domain is checked every `domain_check_minutes` (0: only when somebody asks), as a visitor would come to it.
    `domain_check_url` is where the public server is asked instead, where names lead nowhere (development), and
    `domain_check_private` lets names lead to private addresses.

    Links answer for `link_days` after they were made, and 410 from then on.

    Days after which rows go: `target_value_days` and `expired_link_days` after the links expired, `ended_campaign_days`
    after the campaign ended, longer than any topic is retained.
    """

    link_secret: Annotated[str, msgspec.Meta(min_length=16)]
    public_host: str = "127.0.0.1"
    public_port: int = 8085
    link_days: Annotated[int, msgspec.Meta(ge=1, le=36_500)] = 365
    domain_check_minutes: Annotated[float, msgspec.Meta(ge=0)] = 15
    domain_check_url: str = ""
    domain_check_private: bool = False
    target_value_days: Annotated[int, msgspec.Meta(ge=0)] = 7
    expired_link_days: Annotated[int, msgspec.Meta(ge=0)] = 365
    ended_campaign_days: Annotated[int, msgspec.Meta(ge=31)] = 60

    @property
    def keep(self) -> timedelta:
        """How long a link lives."""
        return timedelta(days=self.link_days)

    @property
    def check_every(self) -> timedelta:
        """How often each domain is checked."""
        return timedelta(minutes=self.domain_check_minutes or 15)


def slugs_of(settings: LinkSettings) -> SlugsOf:
    """The slugs of each domain, with their derived keys kept at hand."""

    @lru_cache(maxsize=10_000)
    def of(domain_id: UUID, key_id: int) -> Slugs:
        return Slugs(settings.link_secret, domain_id, key_id)

    return of
