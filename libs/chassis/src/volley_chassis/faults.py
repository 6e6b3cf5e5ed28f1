"""Fault points: places between a write and what is told of it, at which a test has the process die.

`VOLLEY_FAULT=name:pass` in the environment ends the process with SIGKILL at that pass (the first is 1) of that point.
Without the variable a point is a call of an empty function.
"""

import os
import signal
from collections.abc import Callable


def _point(plan: str) -> Callable[[str], None]:
    if not plan:
        return lambda _name: None
    armed, _, passes = plan.partition(":")
    left = int(passes)

    def pass_by(name: str) -> None:
        nonlocal left
        if name == armed:
            left -= 1
            if not left:
                os.write(2, f"fault point {plan}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)

    return pass_by


fault_point = _point(os.environ.get("VOLLEY_FAULT", ""))
"""Pass by the point of this name: a literal, so that all of them can be found and listed."""
