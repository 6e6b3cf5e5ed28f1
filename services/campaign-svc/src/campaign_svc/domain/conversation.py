"""When a message opens a conversation, and what may be answered."""

from campaign_svc.domain.campaign import CampaignType
from campaign_svc.domain.characters import control_in
from campaign_svc.domain.contacts import IllegalFieldError
from volley_contracts import InboundMessage

LONGEST_ANSWER = 1000
TEMPLATE, FIELD = "{{ text }}", "text"
"""An answer travels as the value of a field: braces in it are only characters."""


def opens(message: InboundMessage, campaign_type: CampaignType | None) -> bool:
    """A keyword is obeyed, not discussed, and a campaign that is outbound only asked for no answers.

    Whoever writes out of the blue (None) wants something. One that goes on already is gone on with in any case.
    """
    return message.keyword is None and campaign_type != "outbound"


def check_answer(text: str) -> None:
    """Raises IllegalFieldError."""
    if not text.strip() or len(text) > LONGEST_ANSWER:
        fix = f"use 1 to {LONGEST_ANSWER}, not only blanks"
        raise IllegalFieldError("text", f"has {len(text)} characters", fix)
    if message := control_in(text, "\n"):
        raise IllegalFieldError("text", message, "take it out")
