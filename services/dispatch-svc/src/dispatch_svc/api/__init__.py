"""The HTTP API of dispatch-svc. Handlers need `pool` and `listeners` (api.callbacks.Listeners) from app.py."""

from dispatch_svc.api import callbacks, keywords, rate_card, routes
from dispatch_svc.api.callbacks import Listeners
from dispatch_svc.api.errors import HANDLERS

ROUTES = [*routes.ROUTES, *rate_card.ROUTES, *keywords.ROUTES, *callbacks.ROUTES]

__all__ = ["HANDLERS", "ROUTES", "Listeners"]
