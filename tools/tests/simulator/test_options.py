"""Flags, JSON and what is refused; chances by seed and number."""

import msgspec
import pytest

from volley_tools.simulator.chance import hit, pick, roll
from volley_tools.simulator.options import Options, changed, from_command_line


def test_flags_and_json_have_the_same_names() -> None:
    options = from_command_line(
        ["--smpp-port", "0", "--latency-ms", "2.5", "--no-receipts", "--failures", "ESME_RSYSERR=10,ESME_RMSGQFUL=5",
         "--optout-hosts", "a.example,b.example", "--receipt-first"]
    )  # fmt: skip
    assert options == Options(
        smpp_port=0,
        latency_ms=2.5,
        receipts=False,
        failures={"ESME_RSYSERR": 10, "ESME_RMSGQFUL": 5},
        optout_hosts=["a.example", "b.example"],
        receipt_first=True,
    )
    assert changed(Options(), {"latency_ms": 2.5, "receipts": False}) == Options(latency_ms=2.5, receipts=False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"latency": 1}, "latency"),
        ({"latency_ms": -1}, "latency_ms"),
        ({"latency_ms": "1"}, "latency_ms"),
        ({"click": 1001}, "click"),
        ({"failures": {"NONE": 1}}, "NONE"),
        ({"failures": {"ESME_RSYSERR": 600, "ESME_RMSGQFUL": 600}}, "failures"),
        ({"failures": {"ESME_RSYSERR": -1}}, "failures"),
        ({"smpp_port": 1}, "smpp_port"),
        ({"drop_unanswered": 0}, "drop_unanswered"),
    ],
)
def test_what_is_refused_is_named(changes: dict[str, object], words: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=words):
        changed(Options(), changes)


@pytest.mark.parametrize("flags", [["--click", "many"], ["--click", "2000"], ["--failures", "x"], ["--nothing"]])
def test_bad_flags_exit(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        from_command_line(flags)
    assert "usage" in capsys.readouterr().err


NUMBERS = [f"+4477009{number:05}" for number in range(20_000)]


def test_chances_are_fixed_by_seed_and_number_and_independent_by_purpose() -> None:
    first = {number for number in NUMBERS if hit(1, "click", number, 200)}
    assert first == {number for number in NUMBERS if hit(1, "click", number, 200)}
    assert 3700 < len(first) < 4300  # 4,000 expected, 57 the standard deviation
    stops = {number for number in NUMBERS if hit(1, "stop", number, 200)}
    assert 650 < len(first & stops) < 950
    assert first != {number for number in NUMBERS if hit(2, "click", number, 200)}
    assert not any(hit(1, "click", number, 0) for number in NUMBERS)
    assert all(hit(1, "click", number, 1000) for number in NUMBERS)


def test_without_a_seed_it_is_luck() -> None:
    assert len({roll(0, "click", "+1") for _ in range(1000)}) > 100


def test_pick() -> None:
    assert [pick({"a": 2, "b": 3}, rolled) for rolled in range(6)] == ["a", "a", "b", "b", "b", None]
