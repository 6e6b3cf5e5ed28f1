"""What is wrong with a draft: where, why, and what mends it."""

import msgspec

from campaign_svc.domain.characters import control_in


class Fault(msgspec.Struct, frozen=True):
    """One illegal or missing field: its path in the API, what is wrong, and the fix."""

    field: str
    message: str
    fix: str


class InvalidDraftError(Exception):
    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{fault.field}: {fault.message}" for fault in faults))


def control_fault(path: str, text: str, but: str = "") -> Fault | None:
    """For a control character in the text, other than those of `but`."""
    message = control_in(text, but)
    return Fault(path, message, "take it out") if message else None
