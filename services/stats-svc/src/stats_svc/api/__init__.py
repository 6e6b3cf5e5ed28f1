"""The HTTP API of stats-svc."""

from stats_svc.api.stats import get_minutes, get_stats

ROUTES = [get_stats, get_minutes]
