"""The state machine: the table of moves, what every move keeps true, and random lives."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import get_args

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from campaign_svc.domain import lifecycle
from campaign_svc.domain.campaign import Campaign, Held
from campaign_svc.domain.lifecycle import MOVES, STANDING, CauseHoldsError, IllegalMoveError, move
from volley_contracts import Status, new_id

NOW = datetime(2031, 1, 1, tzinfo=UTC)
STATUSES: tuple[Status, ...] = get_args(Status)

# The table of the product, once more and by hand: status -> the moves that leave it.
LEGAL: dict[Status, set[str]] = {
    "draft": {"submit", "delete"},
    "processing": {"pass", "hold", "reject", "return_to_draft", "abort"},
    "rejected": {"edit_back_to_draft", "delete"},
    "ready": {"start", "reschedule", "edit_text", "abort"},
    "scheduled": {"start", "reschedule", "missed_schedule", "edit_text", "abort"},
    "started": {"first_handed_over", "next_wave", "edit_budget", "pause", "suspend", "edit_text", "finish", "abort"},
    "sending": {"next_wave", "edit_budget", "pause", "suspend", "edit_text", "finish", "abort"},
    "paused": {"next_wave", "edit_budget", "resume", "edit_text", "finish", "abort"},
    "suspended": {"next_wave", "edit_budget", "resume", "edit_text", "pass_text", "reject_text", "finish", "abort"},
    "aborted": {"delete"},
    "finished": {"delete"},
    "deleted": set(),
}


def campaign(status: Status = "draft", **changes: object) -> Campaign:
    made = Campaign(
        id=new_id(), account_id=new_id(), name="c", created_at=NOW, created_by="p", updated_at=NOW, prepare_after=NOW
    )
    return msgspec.structs.replace(made, status=status, **changes)


def target_for(name: str) -> Status | None:
    return MOVES[name].targets[0] if name in {"pass", "reschedule"} else None


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("name", MOVES)
def test_the_table_is_the_product_s(status: Status, name: str) -> None:
    before = campaign(status, held_from=Held(status="paused") if name == "pass_text" else None)
    if name in LEGAL[status]:
        after = move(before, name, at=NOW, to=target_for(name))
        assert (after.version, after.since) == (1, None if name in STANDING else NOW)
        assert after.status in MOVES[name].targets
    else:
        with pytest.raises(IllegalMoveError) as refused:
            move(before, name, at=NOW, to=target_for(name))
        assert refused.value.status == status
        assert refused.value.allowed == lifecycle.allowed(status)


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        ("draft", ["submit", "delete"]),
        ("processing", ["abort", "delete"]),
        ("ready", ["start", "abort", "delete"]),
        ("sending", ["pause", "abort", "delete"]),
        ("suspended", ["resume", "abort", "delete"]),
        ("finished", ["delete"]),
        ("deleted", []),
    ],
)
def test_allowed_speaks_of_what_a_person_may_do(status: Status, allowed: list[str]) -> None:
    assert lifecycle.allowed(status) == allowed


@pytest.mark.parametrize(("handed_over", "status"), [(False, "started"), (True, "sending")])
@pytest.mark.parametrize("stopped", ["paused", "suspended"])
def test_a_resume_leads_back_to_where_sending_was(stopped: Status, handed_over: bool, status: Status) -> None:
    assert move(campaign(stopped, handed_over=handed_over), "resume", at=NOW).status == status


@pytest.mark.parametrize("status", ["started", "sending", "paused", "suspended"])
def test_changed_texts_hold_a_campaign_until_they_pass(status: Status) -> None:
    handed_over = status == "sending"
    before = campaign(status, handed_over=handed_over, code="why", sentence="Because.")
    held = move(before, "edit_text", at=NOW, code="content_needs_review")
    assert (held.status, held.code) == ("suspended", "content_needs_review")
    again = move(held, "edit_text", at=NOW, code="content_needs_review")
    with pytest.raises(CauseHoldsError):
        move(again, "resume", at=NOW)
    rejected = move(again, "reject_text", at=NOW, code="content_rejected")
    with pytest.raises(CauseHoldsError):
        move(rejected, "resume", at=NOW)
    passed = move(move(rejected, "edit_text", at=NOW), "pass_text", at=NOW)
    assert (passed.status, passed.held_from) == (status, None)
    if status in {"paused", "suspended"}:
        assert (passed.code, passed.sentence) == ("why", "Because.")


@pytest.mark.parametrize("name", STANDING)
def test_a_wave_or_a_budget_begins_wherever_a_campaign_stands_and_changes_nothing_of_that(name: str) -> None:
    before = campaign("suspended", code="why", sentence="Because.", since=NOW, held_from=Held(status="sending"))
    after = move(before, name, at=NOW + timedelta(seconds=1))
    kept = ("status", "code", "sentence", "since", "held_from")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


@pytest.mark.parametrize("status", ["ready", "scheduled"])
def test_changed_texts_of_a_prepared_campaign_are_prepared_again(status: Status) -> None:
    assert move(campaign(status), "edit_text", at=NOW).status == "processing"


def test_a_suspension_without_held_texts_is_not_ended_by_passing_them() -> None:
    with pytest.raises(IllegalMoveError):
        move(campaign("suspended", code="budget_exhausted"), "pass_text", at=NOW)


def test_a_move_that_waited_for_another_comes_after_it() -> None:
    before = move(campaign("draft"), "submit", at=NOW)
    assert move(before, "abort", at=NOW - timedelta(seconds=1)).since == NOW


@pytest.mark.parametrize(("start", "status"), [("now", "started"), ("at", "scheduled"), ("manual", "ready")])
def test_where_a_prepared_campaign_goes(start: str, status: Status) -> None:
    assert lifecycle.after_preparation(start) == status  # type: ignore[arg-type]


def test_every_move_and_status_is_reached_from_a_draft() -> None:
    waiting, seen, made = [campaign()], set[tuple[object, ...]](), set[str]()
    while waiting:
        before = waiting.pop()
        if (key := (before.status, before.handed_over, before.held_from)) in seen:
            continue
        seen.add(key)
        for name in LEGAL[before.status]:
            for target in MOVES[name].targets:
                with suppress(IllegalMoveError, CauseHoldsError):
                    waiting.append(move(before, name, at=NOW, to=target))
                    made.add(name)
    assert made == MOVES.keys()
    assert {status for status, *_ in seen} == {*STATUSES}


class Life(RuleBasedStateMachine):
    """Random moves, legal and not."""

    def __init__(self) -> None:
        super().__init__()
        self.campaign = campaign()
        self.moves = 0
        self.at = NOW
        self.seen_started = False

    @rule(name=st.sampled_from(sorted(MOVES)), choice=st.integers(0, 2))
    def move(self, name: str, choice: int) -> None:
        self.at += timedelta(seconds=1)
        targets = MOVES[name].targets
        before = self.campaign
        try:
            self.campaign = move(before, name, at=self.at, to=targets[choice % len(targets)], code="c")
        except IllegalMoveError:
            assert name not in LEGAL[before.status] or (name == "pass_text" and before.held_from is None)
        except CauseHoldsError:
            assert name == "resume"
            assert before.held_from is not None
        else:
            assert name in LEGAL[before.status]
            self.moves += 1
            self.seen_started |= self.campaign.status == "started"

    @precondition(lambda self: self.campaign.status in lifecycle.ACTIVE)
    @rule()
    def abort(self) -> None:
        """Whatever is active can be ended."""
        self.campaign = move(self.campaign, "abort", at=self.at)
        self.moves += 1

    @invariant()
    def versions_count_the_moves(self) -> None:
        assert self.campaign.version == self.moves

    @invariant()
    def what_is_sending_was_launched(self) -> None:
        if self.campaign.status in lifecycle.LAUNCHED and self.campaign.code != "missed_schedule":
            assert self.seen_started or self.campaign.launched_at is None
        if self.campaign.status in {"started", "sending"}:
            assert self.campaign.launched_at is not None

    @invariant()
    def only_a_suspended_campaign_holds_texts(self) -> None:
        if self.campaign.held_from is not None:
            assert self.campaign.status == "suspended"
            assert self.campaign.held_from.status in lifecycle.LAUNCHED

    @invariant()
    def sending_means_that_something_was_handed_over(self) -> None:
        if self.campaign.status == "sending":
            assert self.campaign.handed_over


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40)
