"""A batch with its URLs, made from the batch and the recorded ranges of its pieces: the same each time."""

from collections.abc import Callable
from uuid import UUID

import msgspec

from link_svc.domain.slugs import Slugs
from volley_contracts import CampaignBatch, LinkedBatch, Links, Recipients

SlugsOf = Callable[[UUID, int], Slugs]
"""The slugs of a domain, by its id and the id of its key."""


class LinkRange(msgspec.Struct, frozen=True):
    """Consecutive indexes of a domain, from `start` on: one for each message of a piece, then as many for each of the
    further links in `names`, link by link.
    """

    domain_id: UUID
    host: str
    key_id: int
    start: int
    names: tuple[str, ...] = ()


class LinkedPiece(msgspec.Struct, frozen=True):
    """Recipients `first_seq` .. `first_seq + count - 1` of a campaign and the ranges that hold their URLs."""

    first_seq: int
    count: int
    short: LinkRange | None
    optout: LinkRange | None


def whole(batch: CampaignBatch) -> LinkedPiece:
    """All of a batch whose texts have no URLs of ours."""
    return LinkedPiece(batch.first_seq, len(batch.recipients.numbers), None, None)


def event_id(campaign_id: UUID, first_seq: int) -> str:
    """Names a linked batch for ever."""
    return f"{campaign_id}:{first_seq}"


def linked(batch: CampaignBatch, piece: LinkedPiece, slugs_of: SlugsOf) -> LinkedBatch:
    """The event for a piece of the batch."""
    offset = piece.first_seq - batch.first_seq
    return LinkedBatch(
        account_id=batch.account_id,
        campaign_id=batch.campaign_id,
        batch_no=batch.batch_no,
        first_seq=piece.first_seq,
        sender=batch.sender,
        content=batch.content,
        recipients=_without_languages(part(batch.recipients, offset, piece.count)),
        sendable=batch.sendable,
        short=_links(piece.short, piece.count, slugs_of),
        optout=_links(piece.optout, piece.count, slugs_of),
        despite_optout=batch.despite_optout,
        expires_at=batch.expires_at,
        validity_s=batch.validity_s,
    )


def rest(batch: CampaignBatch, offset: int) -> CampaignBatch:
    """The batch without its first `offset` recipients."""
    recipients = part(batch.recipients, offset, len(batch.recipients.numbers) - offset)
    return msgspec.structs.replace(batch, first_seq=batch.first_seq + offset, recipients=recipients)


def part(recipients: Recipients, offset: int, count: int) -> Recipients:
    """`count` recipients from `offset` on."""
    if offset == 0 and count == len(recipients.numbers):
        return recipients
    end = offset + count
    return Recipients(
        numbers=recipients.numbers[offset:end],
        countries=recipients.countries[offset:end],
        variants=recipients.variants[offset:end],
        fields=recipients.fields,
        values=recipients.values[offset:end],
        languages=recipients.languages[offset:end],
    )


def _without_languages(recipients: Recipients) -> Recipients:
    """They are for the pages here, and nobody else."""
    return msgspec.structs.replace(recipients, languages=[]) if recipients.languages else recipients


def _links(link_range: LinkRange | None, count: int, slugs_of: SlugsOf) -> Links | None:
    if link_range is None:
        return None
    names = link_range.names
    slugs = slugs_of(link_range.domain_id, link_range.key_id).make(link_range.start, count * (1 + len(names)))
    prefix = f"https://{link_range.host}/"
    urls = [prefix + slug for slug in slugs]
    named = {name: urls[number * count : (number + 1) * count] for number, name in enumerate(names, start=1)}
    return Links(domain_id=link_range.domain_id, urls=urls[:count], named=named)
