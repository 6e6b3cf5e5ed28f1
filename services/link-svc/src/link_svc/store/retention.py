"""What is old, and goes."""

from link_svc.config import LinkSettings
from volley_chassis import inbox
from volley_chassis.database import queries
from volley_chassis.retention import Rule, by_days

_SQL = queries(__package__, "retention.sql")


def rules(settings: LinkSettings) -> list[Rule]:
    days = {
        "target_values": settings.target_value_days,
        "ranges": settings.expired_link_days,
        "taken": settings.ended_campaign_days,
        "ended_campaigns": settings.ended_campaign_days,
    }
    return [*by_days(_SQL, days), inbox.old_events(settings)]
