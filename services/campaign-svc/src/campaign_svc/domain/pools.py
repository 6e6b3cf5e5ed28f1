"""What an exhausted domain pool means for campaigns, in codes and sentences."""

from typing import Literal

Purpose = Literal["short", "optout"]

CODES: dict[Purpose, str] = {"short": "link_domains_exhausted", "optout": "optout_domains_exhausted"}
_WORDS: dict[Purpose, str] = {"short": "short-URL", "optout": "opt-out"}


def exhausted(purpose: Purpose, pool_name: str) -> str:
    """The sentence for people."""
    return (
        f"Every domain of the {_WORDS[purpose]} pool “{pool_name}” has reached its limit. "
        "Add a domain to the pool or raise a limit, then resume."
    )


MISSING = "The pool has no capacity left: add a domain to it or raise a limit."
GONE = "The pool is gone: choose another one for the campaign."
