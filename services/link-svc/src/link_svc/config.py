"""The settings of link-svc."""

from datetime import timedelta
from typing import Annotated

import msgspec

from link_svc.domain.slugs import Keys
from volley_chassis.settings import ServiceSettings

SHORTEST_SECRET = 16


class LinkSettings(ServiceSettings, frozen=True, kw_only=True):
    """`link_secret` makes slugs unguessable, and links that were sent need it for ever. It is key 1; to replace it, add
    others to `later_link_secrets` (separated by commas, key 2 and so on) in every process, and then, in every process
    again, let `link_key` say which key new links take.

    Each domain is checked every `domain_check_minutes` (0: only when somebody asks), as a visitor would come to it.
    `domain_check_url` is where the public server is asked instead, where names lead nowhere (development), and
    `domain_check_private` lets names lead to private addresses.

    Links answer for `link_days` after they were made, and 410 from then on.

    Days after which rows go: `target_value_days` and `expired_link_days` after the links expired, `ended_campaign_days`
    after the campaign ended, longer than any topic is retained.
    """

    link_secret: Annotated[str, msgspec.Meta(min_length=SHORTEST_SECRET)]
    later_link_secrets: str = ""
    link_key: Annotated[int, msgspec.Meta(ge=1)] = 1
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


def keys_of(settings: LinkSettings) -> Keys:
    """Raises ValueError where a secret is too short, or the key for new links has none."""
    later = [secret.strip() for secret in settings.later_link_secrets.split(",")]
    secrets = [settings.link_secret, *(later if settings.later_link_secrets else ())]
    if min(map(len, secrets)) < SHORTEST_SECRET:
        raise ValueError(f"VOLLEY_LATER_LINK_SECRETS: each needs at least {SHORTEST_SECRET} characters")
    if settings.link_key > len(secrets):
        raise ValueError(f"VOLLEY_LINK_KEY is {settings.link_key}, but there are {len(secrets)} secrets")
    return Keys(secrets, settings.link_key)
