"""What a campaign may do, written down once more and by hand: the answers of the platform are held against it."""

from collections.abc import Collection, Sequence

from volley_tools.demo.evidence import Json

ALLOWED: dict[str, list[str]] = {
    "draft": ["submit", "delete"],
    "processing": ["abort", "delete"],
    "rejected": ["edit", "delete"],
    "ready": ["start", "abort", "delete"],
    "scheduled": ["start", "abort", "delete"],
    "started": ["pause", "abort", "delete"],
    "sending": ["pause", "abort", "delete"],
    "paused": ["resume", "abort", "delete"],
    "suspended": ["resume", "abort", "delete"],
    "aborted": ["delete"],
    "finished": ["delete"],
}
"""What a person may do, by status."""

SENDABLE = frozenset({"started", "sending"})
ENDED = frozenset({"finished", "aborted"})
AT_REST = frozenset({"draft", "rejected", *ENDED})

PREPARED = frozenset({"ready", "scheduled"})
LAUNCHED = frozenset({"started", "sending", "paused", "suspended"})
ACTIVE = frozenset({"processing", *PREPARED, *LAUNCHED})
_LEADS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "submit": (frozenset({"draft"}), frozenset({"processing"})),
    "pass": (frozenset({"processing"}), frozenset({"ready", "scheduled", "started"})),
    "hold": (frozenset({"processing"}), frozenset({"processing"})),
    "reject": (frozenset({"processing"}), frozenset({"rejected"})),
    "return_to_draft": (frozenset({"processing"}), frozenset({"draft"})),
    "edit_back_to_draft": (frozenset({"rejected"}), frozenset({"draft"})),
    "start": (PREPARED, frozenset({"started"})),
    "reschedule": (PREPARED, frozenset({"ready", "scheduled", "started"})),
    "missed_schedule": (frozenset({"scheduled"}), frozenset({"suspended"})),
    "first_handed_over": (frozenset({"started"}), frozenset({"sending"})),
    "pause": (SENDABLE, frozenset({"paused"})),
    "suspend": (SENDABLE, frozenset({"suspended"})),
    "resume": (frozenset({"paused", "suspended"}), SENDABLE),
    "edit_text": (PREPARED | LAUNCHED, frozenset({"processing", "suspended"})),
    "pass_text": (frozenset({"suspended"}), LAUNCHED),
    "reject_text": (frozenset({"suspended"}), frozenset({"suspended"})),
    "edit_budget": (LAUNCHED, LAUNCHED),
    "finish": (LAUNCHED, frozenset({"finished"})),
    "abort": (ACTIVE, frozenset({"aborted"})),
}
"""Every move: from where, and where to."""

EDITABLE: dict[str, frozenset[str]] = {
    "name": ACTIVE | {"draft", "rejected"},
    "schedule": PREPARED | {"draft", "rejected"},
    **dict.fromkeys(("text", "ratio", "cap", "budget"), PREPARED | LAUNCHED | {"draft", "rejected"}),
}
"""In which statuses each kind of edit is possible."""

RECORDED: dict[str, frozenset[str]] = {
    "approve": frozenset({"pass", "pass_text"}),
    "reject": frozenset({"reject", "reject_text"}),
    "text": frozenset({"edit_text", "edit_back_to_draft"}),
    "schedule": frozenset({"reschedule", "edit_back_to_draft"}),
    "budget": frozenset({"edit_budget", "edit_back_to_draft"}),
    **{kind: frozenset({"edit_back_to_draft"}) for kind in ("name", "ratio", "cap")},
}
"""How the history calls what a person did, where it does not go by the same name."""


def broken_history(entries: Sequence[Json]) -> list[str]:
    """What is wrong with a campaign's history by itself."""
    found, status, at = [], "draft", ""
    for number, entry in enumerate(entries, 1):
        sources, targets = _LEADS.get(entry["move"], (frozenset(), frozenset()))
        if entry["version"] != number:
            found.append(f"version {entry['version']} is the move number {number}")
        if entry["status_from"] != status or status not in sources or entry["status_to"] not in targets:
            found.append(f"{entry['move']} from {entry['status_from']} to {entry['status_to']}, after {status}")
        if entry["move"] == "edit_budget" and entry["status_to"] != status:
            found.append(f"a budget was edited, and it went from {status} to {entry['status_to']}")
        if entry["at"] < at:
            found.append(f"{entry['move']} at {entry['at']}, after a move at {at}")
        status, at = entry["status_to"], entry["at"]
    return found


def broken_refusal(did: str, status: int, problem: Json, seen: set[str]) -> str | None:
    """What is wrong with a refusal. `seen` are the statuses that the campaign had while it was asked."""
    code, named = problem.get("code"), problem.get("campaign_status")
    if code in {"illegal_move", "not_editable"} and named not in seen:
        return f"{did} was refused for being {named}, but it was {sorted(seen)}"
    match (status, code):
        case (409, "illegal_move"):
            right = did not in ALLOWED[str(named)] and problem["allowed"] == ALLOWED[str(named)]
        case (409, "not_editable"):
            right = named not in EDITABLE.get(did, ())
        case (409, "cause_holds"):
            right = (
                did == "resume"
                and bool(problem["cause"] and problem["missing"])
                and bool(seen & {"paused", "suspended"})
            )
        case (409, "not_waiting"):
            right = did in {"approve", "reject"}
        case _:
            right = False
    return None if right else f"{did} while it was {sorted(seen)} was answered by {problem}"


def broken_acceptance(did: str, seen: Collection[str]) -> str | None:
    """What is wrong with a move or an edit that was accepted."""
    if did in EDITABLE:
        right = bool(EDITABLE[did] & set(seen))
    elif did in {"approve", "reject"}:
        right = bool({"processing", "suspended"} & set(seen))
    else:
        right = any(did in ALLOWED[status] for status in seen)
    return None if right else f"{did} was accepted while it was {sorted(seen)}"
