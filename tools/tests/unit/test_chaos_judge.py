"""What binds has a second of the time in which everything that carries it is up."""

from typing import Any

import pytest

from volley_tools.chaos.judge import examine_moves, examine_optouts, undisturbed
from volley_tools.chaos.machine import Outage
from volley_tools.demo.evidence import Ledger

HELD_AT = "1970-01-01T00:01:40Z"  # 100 s


def ledger(message_at: float, kind: str = "optout") -> Ledger:
    """Somebody opted out at 100 s, and a message came: it was read a second later than it may have arrived."""
    message = {"from": "Shop", "to": "+12025550100", "at": message_at + 1, "not_before": message_at}
    event = {"kind": kind, "number": "+12025550100", "sender": "Shop", "recorded_at": 100.0}
    return Ledger(messages=[message], events=[event], summary={})


def moves(*statuses: str) -> list[dict[str, Any]]:
    times = (HELD_AT, "1970-01-01T00:03:20Z")
    pairs = zip(statuses, statuses[1:], times, strict=False)
    return [{"status_from": before, "status_to": after, "at": at} for before, after, at in pairs]


@pytest.mark.parametrize(
    ("disturbances", "seconds"),
    [
        ([], 10.0),
        ([(80.0, 90.0), (120.0, 130.0)], 10.0),
        ([(80.0, 102.0)], 8.0),
        ([(101.0, 103.0), (105.0, 106.0)], 7.0),
        ([(108.0, 200.0)], 8.0),
        ([(90.0, 200.0)], 0.0),
    ],
)
def test_only_time_in_which_everything_is_up_counts(disturbances: list[tuple[float, float]], seconds: float) -> None:
    assert undisturbed(100.0, 110.0, disturbances) == seconds


@pytest.mark.parametrize(
    ("kind", "message_at", "outages", "holds"),
    [
        ("optout", 99.0, [], True),
        ("optout", 100.9, [], True),
        ("optout", 101.1, [], False),
        ("stop", 101.1, [], False),
        ("optout", 105.0, [Outage("campaign-svc", 100.5, 104.6)], True),
        ("optout", 105.2, [Outage("campaign-svc", 100.5, 103.0), Outage("kafka", 102.0, 104.6)], False),
        ("stop", 105.0, [Outage("campaign-svc", 100.5, 104.6), Outage("kafka", 100.5, 104.6)], False),
        ("stop", 105.0, [Outage("dispatch-svc", 100.5, 104.6)], True),
        ("optout", 105.0, [Outage("stats-svc", 100.5, 104.6), Outage("redis", 100.5, 104.6)], False),
    ],
)
def test_an_optout_binds_within_a_second(kind: str, message_at: float, outages: list[Outage], holds: bool) -> None:
    assert examine_optouts(ledger(message_at, kind), outages).holds == holds


@pytest.mark.parametrize(
    ("history", "message_at", "holds"),
    [
        (moves("sending", "paused", "sending"), 100.9, True),
        (moves("sending", "paused", "sending"), 101.1, False),
        (moves("sending", "paused", "sending"), 198.5, False),
        (moves("sending", "paused", "sending"), 199.5, True),
        (moves("sending", "paused", "sending"), 200.5, True),
        (moves("started", "suspended"), 300.0, False),
        (moves("ready", "started", "sending"), 150.0, True),
    ],
)
def test_a_move_binds_within_a_second(history: list[dict[str, Any]], message_at: float, holds: bool) -> None:
    assert examine_moves(ledger(message_at), "Shop", history, []).holds == holds
