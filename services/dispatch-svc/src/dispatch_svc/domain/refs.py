"""The reference of a message: what providers know it by, and what makes it the same message for ever."""

from uuid import UUID


def ref_of(campaign_id: UUID, seq: int) -> str:
    """`{campaign_id}:{seq}`: the client reference and idempotency key."""
    return f"{campaign_id}:{seq}"


def message_of(ref: str) -> tuple[UUID, int] | None:
    """(campaign, seq) of a reference, or None: it is none of ours."""
    campaign, _, seq = ref.partition(":")
    try:
        return UUID(campaign), int(seq)
    except ValueError:
        return None
