"""Every fault point of the services, in the order of a message's way: who passes it, and what stands done there."""

import msgspec


class Point(msgspec.Struct, frozen=True):
    """`services` pass it; in a seed's campaigns each of them at least about `passes` times."""

    name: str
    services: tuple[str, ...]
    passes: int
    what: str


POINTS = (
    Point("campaign.batches_recorded", ("campaign-svc",), 20, "batches are recorded, not yet in Kafka"),
    Point("campaign.batches_published", ("campaign-svc",), 20, "batches are in Kafka, not yet marked so"),
    Point("link.batch_recorded", ("link-svc",), 60, "domains are counted and ranges recorded, not yet published"),
    Point("link.piece_published", ("link-svc",), 60, "a piece is in Kafka, the rest of its batch perhaps not"),
    Point("link.place_served", ("link-svc",), 2, "what waited for a pool is linked, in the outbox alone"),
    Point("link.clicks_published", ("link-svc",), 100, "clicks are in Kafka, the visitors have no answer"),
    Point("link.optout_published", ("link-svc",), 30, "an opt-out is in Kafka, the visitor has no answer"),
    Point("dispatch.leased", ("dispatch-svc",), 90, "a slice is leased, nothing of it has left"),
    Point("dispatch.marked", ("dispatch-svc",), 90, "a slice is marked as being sent, nothing of it has left"),
    Point("dispatch.chunk_written", ("dispatch-svc",), 600, "a chunk is written to the SMSC, not answered"),
    Point("dispatch.between_chunks", ("dispatch-svc",), 600, "a part of a slice has left, another has not"),
    Point("dispatch.chunk_answered", ("dispatch-svc",), 600, "the provider has answered a chunk, nothing says so"),
    Point("dispatch.handed_over", ("dispatch-svc",), 90, "a whole slice is handed over, nothing says so"),
    Point("dispatch.settled", ("dispatch-svc",), 90, "outcomes are stored, their event is in the outbox alone"),
    Point("dispatch.judged", ("dispatch-svc",), 2, "a dead process's slice is judged, not yet settled"),
    Point("dispatch.receipts_recorded", ("dispatch-svc",), 60, "receipts are stored, the provider does not know"),
    Point("dispatch.inbound_recorded", ("dispatch-svc",), 10, "replies are stored, the provider does not know"),
    Point("stats.live_published", ("stats-svc",), 6, "live figures are in Kafka, still marked as due"),
    Point("outbox.before_publish", ("campaign-svc", "link-svc", "dispatch-svc"), 2, "an event is in the outbox alone"),
    Point("outbox.published", ("campaign-svc", "link-svc", "dispatch-svc"), 2, "an event is in Kafka and the outbox"),
    Point(
        "kafka.handled",
        ("campaign-svc", "link-svc", "dispatch-svc", "stats-svc"),
        60,
        "a record is handled, its offset not committed",
    ),
)
