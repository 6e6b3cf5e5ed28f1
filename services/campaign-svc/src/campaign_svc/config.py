"""The service's settings."""

from pathlib import Path
from typing import Annotated

import msgspec

from volley_chassis.settings import ServiceSettings

SERVICE = "campaign-svc"
MIGRATIONS = Path(__file__).parents[2] / "migrations"


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """`link_url` and `dispatch_url` are where the internal APIs of those services answer.

    Days after which rows go: reports of imports, alerts that were resolved, how far batches of campaigns that ended
    were settled, and what people wrote and were answered.
    """

    link_url: str
    dispatch_url: str
    import_days: Annotated[int, msgspec.Meta(ge=1)] = 30
    alert_days: Annotated[int, msgspec.Meta(ge=1)] = 180
    batch_days: Annotated[int, msgspec.Meta(ge=31)] = 90
    conversation_days: Annotated[int, msgspec.Meta(ge=1)] = 730
