"""What is old, and goes."""

from datetime import timedelta

from link_svc.config import LinkSettings
from volley_chassis import inbox
from volley_chassis.database import queries
from volley_chassis.retention import Rule

_SQL = queries(__package__, "retention.sql")


def rules(settings: LinkSettings) -> list[Rule]:
    ages = {
        "target_values": settings.target_value_days,
        "ranges": settings.expired_link_days,
        "taken": settings.ended_campaign_days,
        "ended_campaigns": settings.ended_campaign_days,
    }
    return [*(Rule(name, _SQL[name], timedelta(days=days)) for name, days in ages.items()), inbox.old_events(settings)]
