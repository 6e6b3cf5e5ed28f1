"""The rules of moderation: the global ones to read, and those that an account adds for itself."""

import re
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from campaign_svc.api.campaign_schemas import READABLE
from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.domain.account_rules import MAX_RULES, AccountRule, KnownRule, RuleKind, global_rules
from campaign_svc.domain.characters import control_in
from campaign_svc.store import moderation_rules
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, Problem, invalid, not_found
from volley_contracts import new_id, now

TAGS = ["moderation"]
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}")


class NewRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`verdict` is what a text that it finds something in needs: a reviewer, or to be mended."""

    kind: RuleKind
    value: Annotated[str, msgspec.Meta(min_length=2, max_length=100, pattern=READABLE)]
    verdict: Literal["review", "reject"] = "review"
    category: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=READABLE)] = "account"
    reason: Annotated[str, msgspec.Meta(max_length=500, pattern=READABLE)] = ""


@get("/v1/moderation/global-rules", tags=TAGS, opt={"role": "viewer"})
async def list_global_rules() -> Page[KnownRule]:
    """List the global rules. They hold for every account. Nobody can take them back for themselves."""
    return Page(items=global_rules(), next=None)


@get("/v1/moderation/rules", tags=TAGS, opt={"role": "viewer"})
async def list_rules(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[AccountRule]:
    """List the account's own rules, the oldest first."""
    found = await moderation_rules.of_account(pool, caller.account_id, after=after, limit=limit + 1)
    total = None if after else await moderation_rules.count(pool, caller.account_id)
    return page(found, limit, lambda rule: rule.id, total)


@post("/v1/moderation/rules", tags=TAGS, opt={"role": "reviewer"})
async def add_rule(
    data: JSONBody[NewRule], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> AccountRule:
    """Add a rule. It acts on texts that are judged from now on, and what passed stays passed."""
    value = _value(data)
    rule = AccountRule(
        id=new_id(),
        kind=data.kind,
        value=value,
        verdict=data.verdict,
        category=data.category,
        reason=data.reason or f"is banned by a rule of the account ({data.category})",
        created_at=now(),
        created_by=caller.actor,
    )
    if not await moderation_rules.add(pool, caller.account_id, rule):
        if await moderation_rules.count(pool, caller.account_id) >= MAX_RULES:
            raise Problem(409, "too_many_rules", f"There are {MAX_RULES} rules already. Delete some first.")
        raise Problem(409, "rule_exists", f"There is a rule for {data.kind} {value} already. Delete that one first.")
    return rule


@delete("/v1/moderation/rules/{rule_id:uuid}", tags=TAGS, opt={"role": "reviewer"})
async def delete_rule(rule_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> None:
    """Remove a rule. For texts that are judged from now on."""
    if not await moderation_rules.delete(pool, caller.account_id, rule_id):
        raise not_found("rule")


def _value(data: NewRule) -> str:
    value = " ".join(data.value.lower().split())
    if fault := control_in(value):
        raise invalid(FieldError("value", fault, "take it out"))
    if data.kind != "term" and not _HOST.fullmatch(value):
        raise invalid(FieldError("value", "is no host name", "give a host such as shop.example, without https://"))
    if not re.search(r"\w\S*\w", value):
        raise invalid(FieldError("value", "has no word in it", "give a word or phrase of 2 letters or more"))
    return value


ROUTES: list[ControllerRouterHandler] = [list_global_rules, list_rules, add_rule, delete_rule]
