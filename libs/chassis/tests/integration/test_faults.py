"""Fault points, in processes of their own: they end them."""

import os
import signal
import subprocess
import sys

PROGRAM = """
from volley_chassis.faults import fault_point
for number in range(1, 5):
    fault_point("here")
    fault_point("there")
    print(number, flush=True)
"""


def run(plan: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "VOLLEY_FAULT"}
    environment |= {"VOLLEY_FAULT": plan} if plan else {}
    return subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)


def test_a_point_kills_at_the_pass_that_was_asked_for() -> None:
    ended = run("here:3")
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout.split() == ["1", "2"]
    assert ended.stderr == "fault point here:3\n"


def test_points_do_nothing_unless_asked() -> None:
    assert run(None).stdout.split() == ["1", "2", "3", "4"]
    assert run("elsewhere:1").stdout.split() == ["1", "2", "3", "4"]
