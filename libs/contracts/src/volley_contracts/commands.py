"""Commands: what other services ask of campaign-svc, and what it answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from volley_contracts.campaigns import Status
from volley_contracts.events import Event, event
from volley_contracts.topics import CAMPAIGN_ANSWERS, CAMPAIGN_COMMANDS


@event("volley.campaign.create.v1", CAMPAIGN_COMMANDS)
class CreateCampaign(Event, frozen=True, kw_only=True):
    """Make a campaign, and submit it at once if `submit`.

    The sender chooses `campaign_id`, a new UUIDv7: the same command may come again and changes nothing then. `campaign`
    takes what PATCH /v1/campaigns/{id} takes. `actor` is who stands in the campaign's history, beside the word service:
    give the address of the user on whose behalf it is, who then may not approve it.
    """

    campaign_id: UUID
    actor: str
    campaign: dict[str, Any]
    submit: bool = False


@event("volley.campaign.submit.v1", CAMPAIGN_COMMANDS)
class SubmitCampaign(Event, frozen=True, kw_only=True):
    """Submit a draft, as POST /v1/campaigns/{id}/submit does. One that was submitted already stays as it is."""

    campaign_id: UUID
    actor: str


class CommandProblem(msgspec.Struct, frozen=True):
    """One illegal or missing field: its path in the API, what is wrong, and the fix."""

    field: str
    message: str
    fix: str | None = None


@event("volley.campaign.command_answered.v1", CAMPAIGN_ANSWERS)
class CommandAnswered(Event, frozen=True, kw_only=True):
    """What became of the command whose `ce_id` was `command_id`.

    A refused one has changed nothing; `problems` say why. `status` is the campaign's, None if there is none. What
    becomes of an accepted campaign is told by `campaign.lifecycle`.
    """

    campaign_id: UUID
    command_id: str
    accepted: bool
    status: Status | None
    problems: list[CommandProblem]
    at: datetime
