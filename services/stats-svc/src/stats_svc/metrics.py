"""Every metric of stats-svc."""

from prometheus_client import Counter

COUNTED = Counter("volley_stats_events_counted_total", "Events whose figures were added up.", ["event"])
REPEATED = Counter(
    "volley_stats_events_repeated_total", "Events that came again and were not counted again.", ["event"]
)
LIVE = Counter("volley_stats_live_published_total", "Live figures published, one a changed campaign and tick.")
