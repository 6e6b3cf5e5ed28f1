"""Turns what handlers raise into problems."""

from typing import Any

from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from link_svc.domain.domains import CampaignsPoolError, HostTakenError, LimitBelowUsedError, UnknownDomainsError
from volley_chassis import problems
from volley_chassis.problems import FieldError, Problem


def _host_taken(_request: Request[Any, Any, Any], error: HostTakenError) -> Response[bytes]:
    if error.domain_id is None:
        detail = f"{error.host} is in use by another account; use another host."
        return problems.render(Problem(409, "host_taken", detail))
    detail = f"{error.host} is one of your domains already; change that one."
    return problems.render(Problem(409, "host_taken", detail, domain_id=error.domain_id))


def _limit_below_used(_request: Request[Any, Any, Any], error: LimitBelowUsedError) -> Response[bytes]:
    message = f"the domain has served {error.used} messages"
    return problems.render(problems.invalid(FieldError("message_limit", message, f"give {error.used} or more")))


def _unknown_domains(_request: Request[Any, Any, Any], _error: UnknownDomainsError) -> Response[bytes]:
    message = "not all of these are domains of yours that are not archived"
    return problems.render(problems.invalid(FieldError("domain_ids", message, "list them with GET /v1/domains")))


def _campaigns_pool(_request: Request[Any, Any, Any], error: CampaignsPoolError) -> Response[bytes]:
    detail = "These are the domains that a campaign lists: edit content.short_domains or content.optout_domains of it."
    return problems.render(Problem(409, "pool_of_campaign", detail, campaign_id=error.campaign_id))


HANDLERS: ExceptionHandlersMap = {
    CampaignsPoolError: _campaigns_pool,
    HostTakenError: _host_taken,
    LimitBelowUsedError: _limit_below_used,
    UnknownDomainsError: _unknown_domains,
}
