"""The HTTP API, and its routes in one list."""

from link_svc.api import domain_lists, domains, pools

ROUTES = [*domains.ROUTES, *pools.ROUTES, *domain_lists.ROUTES]
