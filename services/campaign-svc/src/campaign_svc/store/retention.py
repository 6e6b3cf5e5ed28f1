"""What is old, and goes."""

from datetime import timedelta

from campaign_svc.config import Settings
from volley_chassis import inbox
from volley_chassis.database import queries
from volley_chassis.retention import Rule, by_days

_SQL = queries("campaign_svc.store", "retention.sql")
_ABANDONED = timedelta(hours=1)


def rules(settings: Settings) -> list[Rule]:
    days = {
        "contact_import_rejects": settings.import_days,
        "contact_imports": settings.import_days,
        "alerts": settings.alert_days,
        "batches": settings.batch_days,
        "inbound_messages": settings.conversation_days,
        "answers": settings.conversation_days,
        "conversations": settings.conversation_days,
    }
    abandoned = Rule("contact_imports", _SQL["uploads"], _ABANDONED)
    return [abandoned, *by_days(_SQL, days), inbox.old_events(settings)]
