"""What dispatch-svc hears from Kafka."""

from collections.abc import Sequence

from dispatch_svc.handlers.apply_erasure import apply_erasure
from dispatch_svc.handlers.apply_move import apply_move
from dispatch_svc.handlers.apply_pace import apply_pace
from dispatch_svc.handlers.apply_suppression import apply_suppressions
from dispatch_svc.handlers.means import Pieces
from dispatch_svc.handlers.take_batch import take_batch
from volley_chassis.database import Pool
from volley_chassis.kafka import Received, Stream
from volley_contracts import CampaignMoved, ContactErased, LinkedBatch, SenderChanged, SuppressionChanged, topics


def subscribe(stream: Stream, pool: Pool, pieces: Pieces) -> None:
    async def on_batch(received: Received[LinkedBatch]) -> None:
        if await take_batch(pool, received.data):
            pieces.keep(received.data)

    async def on_move(received: Received[CampaignMoved]) -> None:
        await apply_move(pool, received.data)

    async def on_sender(received: Received[SenderChanged]) -> None:
        await apply_pace(pool, received.data)

    async def on_suppressions(received: Sequence[Received[SuppressionChanged]]) -> None:
        await apply_suppressions(pool, [one.data for one in received])

    async def on_erasure(received: Received[ContactErased]) -> None:
        await apply_erasure(pool, received.data)

    stream.subscribe(topics.LINK_BATCHES, {LinkedBatch: on_batch})
    stream.subscribe(topics.CAMPAIGN_LIFECYCLE, {CampaignMoved: on_move})
    stream.subscribe(topics.SENDER_CHANGES, {SenderChanged: on_sender})
    stream.subscribe_many(topics.SUPPRESSION_CHANGES, SuppressionChanged, on_suppressions)
    stream.subscribe(topics.CONTACT_ERASURES, {ContactErased: on_erasure})
