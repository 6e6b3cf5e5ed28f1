"""The settings of stats-svc."""

from typing import Annotated

import msgspec

from volley_chassis.settings import ServiceSettings

SERVICE = "stats-svc"


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`live_seconds` is how often the figures of a campaign that changed are published, at most.

    `click_days` is how long single clicks are kept, for counting again and for devices; the figures stay.
    """

    live_seconds: float = 0.2
    click_days: Annotated[int, msgspec.Meta(ge=1)] = 365
