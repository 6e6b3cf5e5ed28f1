"""A seed is enough to do everything again, and a run of seeds leaves no fault out."""

import re

from hypothesis import given
from hypothesis import strategies as st

from volley_tools.chaos.plan import SERVERS, SERVICES, WORKERS, plan
from volley_tools.chaos.points import POINTS
from volley_tools.stack.prerequisites import ROOT

SEEDS = range(1, 101)
SOURCES = [*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("libs/*/src/**/*.py")]
FAULT_POINT = re.compile(r'fault_point\("([^"]+)"\)')


@given(st.integers(0, 10**9), st.integers(1_000, 80_000))
def test_a_seed_always_means_the_same(seed: int, recipients: int) -> None:
    assert plan(seed, recipients) == plan(seed, recipients)


@given(st.integers(0, 10**9))
def test_a_plan_can_be_carried_out(seed: int) -> None:
    planned = plan(seed, 50_000)
    assert 49_000 <= planned.recipients <= 50_000
    assert planned.segment_size * 3 <= 29_000  # fictional numbers
    assert all(len(f"C{seed % 10**6}x{i}") <= 11 for i in range(len(planned.campaigns)))
    for fault in planned.faults:
        assert fault.kind in {"drop", "flush"} or fault.target in {*SERVICES, *SERVERS}
        assert 0 <= fault.at < 1
        assert fault.seconds <= 40
        assert fault.nth > 0 or fault.kind not in {"point", "drop"}
        assert fault.kind not in {"twice", "replica"} or fault.target in WORKERS


def test_a_run_of_seeds_has_every_fault() -> None:
    caused = {(fault.kind, fault.point or fault.target) for seed in SEEDS for fault in plan(seed, 50_000).faults}
    points = {("point", point.name) for point in POINTS}
    kills = {("kill", name) for name in (*SERVICES, *SERVERS)}
    others = {(kind, name) for kind in ("restart", "freeze", "replica", "twice") for name in WORKERS}
    assert points | kills | others | {("flush", ""), ("drop", "")} <= caused


def test_every_fault_point_is_listed_with_the_services_that_pass_it() -> None:
    found: dict[str, set[str]] = {}
    for source in SOURCES:
        for name in FAULT_POINT.findall(source.read_text()):
            parts = source.relative_to(ROOT).parts
            found.setdefault(name, set()).add(parts[1] if parts[0] == "services" else "")
    assert found == {point.name: ({""} if len(point.services) > 1 else set(point.services)) for point in POINTS}


def test_every_fault_point_is_explained() -> None:
    guide = (ROOT / "docs/guides/chaos.md").read_text()
    assert [point.name for point in POINTS if f"`{point.name}` | {point.what}" not in guide] == []
