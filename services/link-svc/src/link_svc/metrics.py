"""Every metric of link-svc."""

from prometheus_client import Counter, Gauge, Histogram

LINKED = Counter("volley_link_messages_linked_total", "Messages whose batch got its domains at once.")
GIVEN_BACK = Counter("volley_link_messages_given_back_total", "Unsent messages whose domain capacity was given back.")
DROPPED = Counter("volley_link_messages_dropped_total", "Messages that waited and were dropped with their campaign.")
WAITING = Gauge("volley_link_messages_waiting", "Messages that wait for domain capacity.")
EXHAUSTED = Gauge("volley_link_pools_exhausted", "Pools whose domains have no capacity although a batch needs some.")
VISITS = Counter(
    "volley_link_visits_total",
    "Requests to the public server: clicked, opened (opt-out page), opted_out, unknown, expired, refused, failed.",
    ["result"],
)
MACHINES = Counter("volley_link_machine_clicks_total", "Clicks that are recorded but count as a machine's.", ["reason"])
CHECKS = Counter("volley_link_domain_checks_total", "Checks of domains: ok, failing.", ["result"])
JOINED = Histogram(
    "volley_link_clicks_joined", "Clicks acknowledged by Kafka together.", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500)
)
