"""Every route of the service, in one list."""

from litestar.types import ControllerRouterHandler

from campaign_svc.api import (
    alerts,
    breakers,
    campaigns,
    contacts,
    conversations,
    imports,
    keyword_replies,
    moderation,
    moderation_rules,
    moves,
    previews,
    segments,
    senders,
    steps,
    suppressions,
    test_sends,
)

ROUTES: list[ControllerRouterHandler] = [
    *campaigns.ROUTES,
    *previews.ROUTES,
    *steps.ROUTES,
    *moves.ROUTES,
    *moderation.ROUTES,
    *moderation_rules.ROUTES,
    *alerts.ROUTES,
    *breakers.ROUTES,
    *contacts.ROUTES,
    *imports.ROUTES,
    *segments.ROUTES,
    *suppressions.ROUTES,
    *conversations.ROUTES,
    *keyword_replies.ROUTES,
    *senders.ROUTES,
    *test_sends.ROUTES,
]
