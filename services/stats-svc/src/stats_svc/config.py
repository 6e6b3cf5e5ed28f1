"""The settings of stats-svc."""

from volley_chassis.settings import ServiceSettings

SERVICE = "stats-svc"


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`live_seconds` is how often the figures of a campaign that changed are published, at most."""

    live_seconds: float = 0.2
