"""The reference of a message: what providers know it by, and what makes it the same message for ever."""

from uuid import UUID


def ref_prefix(campaign_id: UUID) -> str:
    """A reference is `{campaign_id}:{seq}`; this is what comes before the seq."""
    return f"{campaign_id}:"


def message_of(ref: str) -> tuple[UUID, int] | None:
    """(campaign, seq) of a reference, or None: it is none of ours."""
    campaign, _, seq = ref.partition(":")
    try:
        return UUID(campaign), int(seq)
    except ValueError:
        return None
