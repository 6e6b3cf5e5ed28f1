"""The HTTP API, and its routes in one list."""

from link_svc.api import domains, pools

ROUTES = [*domains.ROUTES, *pools.ROUTES]
