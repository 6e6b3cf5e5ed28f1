"""What an exhausted domain pool means for campaigns, in codes and sentences."""

from typing import Literal

from campaign_svc.domain.capacity import PoolState

Purpose = Literal["short", "optout"]

CODES: dict[Purpose, str] = {"short": "link_domains_exhausted", "optout": "optout_domains_exhausted"}
_WORDS: dict[Purpose, str] = {"short": "short-URL", "optout": "opt-out"}


def exhausted(purpose: Purpose, pool_name: str, *, listed: bool = False) -> str:
    """The sentence for people; `listed`: of a campaign's own list of domains."""
    if listed:
        return (
            f"Every {_WORDS[purpose]} domain that the campaign lists has reached its limit. "
            f"Add one to content.{purpose}_domains or raise a limit, then resume."
        )
    return (
        f"Every domain of the {_WORDS[purpose]} pool “{pool_name}” has reached its limit. "
        "Add a domain to the pool or raise a limit, then resume."
    )


def missing(state: PoolState, *, feeding: bool) -> str | None:
    """What a campaign needs of the pool before it goes on, None if it needs nothing.

    `feeding` says that the campaign has recipients without links. What waits in link-svc, of any campaign, is served
    before them; a pool may have been used up by the last message that needed it and be in order.
    """
    fix = f"add a domain to {f'content.{state.purpose}_domains' if state.campaign_id else 'it'} or raise a limit."
    needed = max(state.waiting + (1 if feeding else 0), 1 if state.exhausted else 0)
    if state.remaining >= needed:
        return None
    if state.remaining <= 0:
        return f"The pool has no capacity left: {fix}"
    return f"{state.waiting} messages wait for the pool, which has capacity for {state.remaining}: {fix}"


GONE = "The pool is gone: choose another one for the campaign."
