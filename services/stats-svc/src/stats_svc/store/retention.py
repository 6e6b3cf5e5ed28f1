"""What is old, and goes."""

from stats_svc.config import Settings
from volley_chassis import inbox
from volley_chassis.database import queries
from volley_chassis.retention import Rule, by_days

_SQL = queries("stats_svc.store", "retention.sql")


def rules(settings: Settings) -> list[Rule]:
    return [*by_days(_SQL, {"clicks": settings.click_days}), inbox.old_events(settings)]
