"""Every metric of gateway-api."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("volley_gateway_requests_total", "Answered requests.", ["method", "route", "status"])
SECONDS = Histogram(
    "volley_gateway_request_seconds",
    "From the first byte in to the last byte out, by the service that answered; without live streams.",
    ["service"],
)
LIMITED = Counter("volley_gateway_rate_limited_total", "Requests refused because their key sent too many.")
UNLIMITED = Counter("volley_gateway_rate_unchecked_total", "Requests let through because Redis could not be asked.")
UPSTREAM_FAILURES = Counter(
    "volley_gateway_upstream_failures_total", "Requests that a service did not answer.", ["service", "reason"]
)
REPLAYS = Counter("volley_gateway_idempotent_replays_total", "Requests answered with the stored answer.")
LIVE_READERS = Gauge("volley_gateway_live_readers", "Open live streams.")
LIVE_DROPPED = Counter("volley_gateway_live_dropped_total", "Live streams ended because their reader was too slow.")
WEBHOOK_POSTS = Counter("volley_gateway_webhook_posts_total", "Posts to accounts' webhooks.", ["result"])
