"""The life of a campaign: every move there is, in one table, and the one function that makes a move."""

from datetime import datetime

import msgspec

from campaign_svc.domain.campaign import Campaign, Held, StartMode
from volley_contracts import SENDABLE, Status

ACTIVE: frozenset[Status] = frozenset({"processing", "ready", "scheduled", "started", "sending", "paused", "suspended"})
"""Statuses from which a campaign may still send something: deleting one aborts it first."""
PREPARED: frozenset[Status] = frozenset({"ready", "scheduled"})
LAUNCHED: frozenset[Status] = frozenset({"started", "sending", "paused", "suspended"})

STANDING = frozenset({"next_wave", "edit_budget"})
"""Moves after which a campaign stands where it stood, for the same reason."""


class Move(msgspec.Struct, frozen=True):
    """`person` names what the API calls it, where a person may ask for it."""

    name: str
    sources: frozenset[Status]
    targets: tuple[Status, ...]
    person: str | None = None


def _move(name: str, sources: frozenset[Status] | Status, *targets: Status, person: str | None = None) -> Move:
    return Move(name, frozenset({sources}) if isinstance(sources, str) else sources, targets, person)


MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        _move("submit", "draft", "processing", person="submit"),
        _move("pass", "processing", "ready", "scheduled", "started"),
        _move("hold", "processing", "processing"),
        _move("reject", "processing", "rejected"),
        _move("return_to_draft", "processing", "draft"),
        _move("edit_back_to_draft", "rejected", "draft", person="edit"),
        _move("start", PREPARED, "started", person="start"),
        _move("reschedule", PREPARED, "ready", "scheduled", "started"),
        _move("missed_schedule", "scheduled", "suspended"),
        _move("first_handed_over", "started", "sending"),
        _move("pause", SENDABLE, "paused", person="pause"),
        _move("suspend", SENDABLE, "suspended"),
        _move("resume", frozenset({"paused", "suspended"}), "started", "sending", person="resume"),
        _move("edit_text", PREPARED | LAUNCHED, "processing", "suspended"),
        _move("next_wave", LAUNCHED, "started", "sending", "paused", "suspended"),
        _move("edit_budget", LAUNCHED, "started", "sending", "paused", "suspended"),
        _move("pass_text", "suspended", "started", "sending", "paused", "suspended"),
        _move("reject_text", "suspended", "suspended"),
        _move("finish", LAUNCHED, "finished"),
        _move("abort", ACTIVE, "aborted", person="abort"),
        _move("delete", frozenset({"draft", "rejected", "aborted", "finished"}), "deleted", person="delete"),
    )
}


class IllegalMoveError(Exception):
    """The move is not in the table for this status. `allowed` names what a person may do instead."""

    def __init__(self, status: Status, move: str) -> None:
        self.status = status
        self.move = MOVES[move].person or move
        self.allowed = allowed(status)
        super().__init__(f"A campaign that is {status} cannot take the move {self.move}.")


class CauseHoldsError(Exception):
    """What suspended the campaign is still so. `missing` says what would let it go on."""

    def __init__(self, code: str, sentence: str, missing: str) -> None:
        self.code = code
        self.sentence = sentence
        self.missing = missing
        super().__init__(f"{sentence} {missing}")


def allowed(status: Status) -> list[str]:
    """What a person may do to a campaign in this status, in the API's words."""
    names = [move.person for move in MOVES.values() if move.person and status in move.sources]
    return [*names, "delete"] if status in ACTIVE else names


def move(
    campaign: Campaign,
    name: str,
    *,
    at: datetime,
    to: Status | None = None,
    code: str | None = None,
    sentence: str | None = None,
) -> Campaign:
    """The campaign after the move. `to` chooses where a move has several targets that the campaign does not decide.

    Raises IllegalMoveError, and CauseHoldsError for a campaign that is resumed while its texts are held.
    """
    rule, at = MOVES[name], max(at, campaign.updated_at)  # clocks of two processes may differ
    if campaign.status not in rule.sources:
        raise IllegalMoveError(campaign.status, name)
    if name == "resume" and campaign.held_from:
        missing = "A reviewer must pass the texts, or they must be edited."
        raise CauseHoldsError(campaign.code or "content_needs_review", campaign.sentence or "", missing)
    target = _target(campaign, rule, to)
    if name in STANDING:
        return msgspec.structs.replace(
            campaign, version=campaign.version + 1, revision=campaign.revision + 1, updated_at=at
        )
    changes: dict[str, object] = {"code": code, "sentence": sentence, "held_from": _held(campaign, name, target)}
    if name == "pass_text" and target not in SENDABLE and campaign.held_from:
        changes |= {"code": campaign.held_from.code, "sentence": campaign.held_from.sentence}
    if name == "first_handed_over":
        changes["handed_over"] = True
    if target == "started" and campaign.launched_at is None:
        changes["launched_at"] = at
    return msgspec.structs.replace(
        campaign,
        status=target,
        version=campaign.version + 1,
        revision=campaign.revision + 1,
        since=at,
        updated_at=at,
        **changes,
    )


def after_preparation(start: StartMode | None) -> Status:
    """Where a campaign goes that is ready to be sent."""
    if start == "now":
        return "started"
    return "scheduled" if start == "at" else "ready"


def _target(campaign: Campaign, rule: Move, to: Status | None) -> Status:
    if rule.name == "resume":
        to = _running(campaign)
    elif rule.name in STANDING:
        to = campaign.status
    elif rule.name == "edit_text":
        to = "processing" if campaign.status in PREPARED else "suspended"
    elif rule.name == "pass_text":
        if campaign.held_from is None:
            raise IllegalMoveError(campaign.status, rule.name)
        to = _running(campaign) if campaign.held_from.status in SENDABLE else campaign.held_from.status
    elif len(rule.targets) == 1:
        to = rule.targets[0]
    assert to in rule.targets, f"{rule.name} does not lead to {to}"
    return to


def _running(campaign: Campaign) -> Status:
    return "sending" if campaign.handed_over else "started"


def _held(campaign: Campaign, name: str, target: Status) -> Held | None:
    """Texts may be edited again while they are held: what is restored is where the campaign stood first."""
    if name == "edit_text" and target == "suspended":
        return campaign.held_from or Held(status=campaign.status, code=campaign.code, sentence=campaign.sentence)
    return campaign.held_from if name == "reject_text" else None
