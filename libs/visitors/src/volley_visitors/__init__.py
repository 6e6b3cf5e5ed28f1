"""Who opens a short URL: a person, or a machine and of which kind. Pure: rules, and the number of their version."""

from volley_visitors.rules import MAX_AGENT, RULES, reason_again, reason_of

__all__ = ["MAX_AGENT", "RULES", "reason_again", "reason_of"]
