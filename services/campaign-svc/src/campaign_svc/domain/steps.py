"""The steps in which a campaign is made, and what each of them still needs."""

from collections.abc import Sequence
from typing import Literal, get_args

from campaign_svc.domain.fault import Fault

Step = Literal["basics", "audience", "sender", "content", "schedule", "review"]
STEPS: tuple[Step, ...] = get_args(Step)

_STEP_OF: dict[str, Step] = {
    "name": "basics",
    "tags": "basics",
    "type": "basics",
    "audience": "audience",
    "sender_id": "sender",
    "content": "content",
    "schedule": "schedule",
    "budget": "schedule",
    "max_parts_per_second": "schedule",
    "breakers": "schedule",
}


def step_of(fault: Fault) -> Step:
    """The step in which the fault is mended."""
    return _STEP_OF[fault.field.partition(".")[0].partition("[")[0]]


def problems_of(step: Step, problems: Sequence[Fault]) -> list[Fault]:
    """Those of the step; the review has all of them."""
    return [fault for fault in problems if step in {"review", step_of(fault)}]
