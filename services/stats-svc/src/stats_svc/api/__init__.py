"""The HTTP API of stats-svc."""

from stats_svc.api import analysis
from stats_svc.api.series import get_account_series, get_series
from stats_svc.api.stats import get_stats

ROUTES = [get_stats, get_series, get_account_series, *analysis.ROUTES]
