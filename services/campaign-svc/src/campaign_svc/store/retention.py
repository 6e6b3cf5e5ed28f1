"""What is old, and goes."""

from datetime import timedelta

from campaign_svc.config import Settings
from volley_chassis import inbox
from volley_chassis.database import queries
from volley_chassis.retention import Rule

_SQL = queries("campaign_svc.store", "retention.sql")
_ABANDONED = timedelta(hours=1)


def rules(settings: Settings) -> list[Rule]:
    ages = {
        "contact_import_rejects": settings.import_days,
        "contact_imports": settings.import_days,
        "alerts": settings.alert_days,
        "batches": settings.batch_days,
        "inbound_messages": settings.conversation_days,
        "answers": settings.conversation_days,
        "conversations": settings.conversation_days,
    }
    by_days = [Rule(name, _SQL[name], timedelta(days=days)) for name, days in ages.items()]
    return [Rule("contact_imports", _SQL["uploads"], _ABANDONED), *by_days, inbox.old_events(settings)]
