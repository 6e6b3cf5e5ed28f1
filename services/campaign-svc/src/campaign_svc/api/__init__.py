"""Every route of the service, in one list."""

from litestar.types import ControllerRouterHandler

from campaign_svc.api import alerts, campaigns, moderation, moves

ROUTES: list[ControllerRouterHandler] = [
    *campaigns.ROUTES,
    *moves.ROUTES,
    *moderation.ROUTES,
    *alerts.ROUTES,
]
