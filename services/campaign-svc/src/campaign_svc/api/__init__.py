"""Every route of the service, in one list."""

from litestar.types import ControllerRouterHandler

from campaign_svc.api import (
    alerts,
    campaigns,
    contacts,
    imports,
    moderation,
    moves,
    segments,
    senders,
    suppressions,
)

ROUTES: list[ControllerRouterHandler] = [
    *campaigns.ROUTES,
    *moves.ROUTES,
    *moderation.ROUTES,
    *alerts.ROUTES,
    *contacts.ROUTES,
    *imports.ROUTES,
    *segments.ROUTES,
    *suppressions.ROUTES,
    *senders.ROUTES,
]
