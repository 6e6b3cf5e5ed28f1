"""What is old, and goes."""

from dispatch_svc.config import Settings
from volley_chassis import inbox
from volley_chassis.database import queries
from volley_chassis.retention import Rule, by_days

_SQL = queries(__package__, "retention.sql")


def rules(settings: Settings) -> list[Rule]:
    days = {
        "slices": settings.slice_days,
        "pieces": settings.piece_days,
        "campaigns": settings.ended_campaign_days,
        "message_parts": settings.receipt_days,
        "unknown_messages": settings.unknown_days,
        "inbound_messages": settings.inbound_days,
    }
    return [*by_days(_SQL, days), inbox.old_events(settings)]
