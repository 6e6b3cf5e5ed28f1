"""Which role may do what: viewer < operator < admin; a reviewer sees what a viewer sees, and decides in moderation."""

from volley_chassis.http import Role

_ALLOWED: dict[Role, frozenset[Role]] = {
    "viewer": frozenset({"viewer"}),
    "operator": frozenset({"viewer", "operator"}),
    "reviewer": frozenset({"viewer", "reviewer"}),
    "admin": frozenset({"viewer", "operator", "reviewer", "admin"}),
}


def may(role: Role, least: Role) -> bool:
    """Whether somebody of a role may use what needs at least the other."""
    return least in _ALLOWED[role]
