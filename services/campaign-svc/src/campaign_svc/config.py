"""The service's settings."""

from pathlib import Path

from volley_chassis.settings import ServiceSettings

SERVICE = "campaign-svc"
MIGRATIONS = Path(__file__).parents[2] / "migrations"


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`link_url` and `dispatch_url` are where the internal APIs of those services answer."""

    link_url: str
    dispatch_url: str
