"""Linked batches are made from the batch and its ranges alone, so they are the same each time."""

from link_svc.domain.linking import LinkedPiece, LinkRange, linked, rest, whole
from link_svc.domain.slugs import Slugs
from volley_contracts import CampaignBatch, Content, Recipients, Sender, new_id

SHORT, OPTOUT = new_id(), new_id()


def slugs_of(domain_id: object, key_id: int) -> Slugs:
    return Slugs("a secret", domain_id, key_id)  # type: ignore[arg-type]


def batch(count: int = 5, first_seq: int = 100) -> CampaignBatch:
    return CampaignBatch(
        account_id=new_id(),
        campaign_id=new_id(),
        batch_no=3,
        first_seq=first_seq,
        sender=Sender(id=new_id(), address="SHOP", kind="alphanumeric", parts_per_second=10),
        content=Content(variants=("{{ short_url }}",), target_url="https://shop.example/", hash="h"),
        recipients=Recipients(
            numbers=[f"+1555010{seq}" for seq in range(count)],
            countries=["US"] * count,
            variants=[seq % 2 for seq in range(count)],
            fields=("name",),
            values=[(f"name {seq}",) for seq in range(count)],
        ),
    )


def test_a_piece_carries_its_recipients_and_their_urls() -> None:
    whole_batch = batch()
    piece = LinkedPiece(102, 2, LinkRange(SHORT, "go.example", 1, 40), LinkRange(OPTOUT, "stop.example", 1, 7))
    event = linked(whole_batch, piece, slugs_of)
    assert event.first_seq == 102
    assert event.recipients.numbers == whole_batch.recipients.numbers[2:4]
    assert event.recipients.values == [("name 2",), ("name 3",)]
    assert event.short is not None
    assert event.optout is not None
    assert event.short.urls == [f"https://go.example/{slug}" for slug in slugs_of(SHORT, 1).make(40, 2)]
    assert event.optout.urls == [f"https://stop.example/{slug}" for slug in slugs_of(OPTOUT, 1).make(7, 2)]
    assert linked(whole_batch, piece, slugs_of) == event


def test_a_batch_without_urls_passes_through() -> None:
    event = linked(batch(), whole(batch()), slugs_of)
    assert (event.first_seq, event.short, event.optout) == (100, None, None)
    assert event.recipients == batch().recipients


def test_the_rest_begins_where_the_pieces_end() -> None:
    whole_batch = batch()
    left = rest(whole_batch, 2)
    assert left.first_seq == 102
    assert left.recipients.numbers == whole_batch.recipients.numbers[2:]
    assert (left.campaign_id, left.batch_no) == (whole_batch.campaign_id, whole_batch.batch_no)
