"""What is old, and goes."""

from datetime import timedelta

from gateway_api.config import Settings
from volley_chassis.database import queries
from volley_chassis.retention import Rule, by_days

_SQL = queries("gateway_api.store", "retention.sql")
ANSWERS_KEPT = timedelta(hours=24)
"""As the API promises: a key holds for so long, then it is new (answers.sql)."""


def rules(settings: Settings) -> list[Rule]:
    return [
        Rule("idempotency", _SQL["idempotency"], ANSWERS_KEPT),
        *by_days(_SQL, {"webhook_deliveries": settings.webhook_log_days}),
        Rule("sessions", _SQL["sessions"], timedelta(0)),
    ]
