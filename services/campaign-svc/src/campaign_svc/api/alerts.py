"""Alerts: what a person should look at."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.store import alerts
from campaign_svc.store.alerts import Alert
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import not_found
from volley_contracts import now

TAGS = ["alerts"]


@get("/v1/alerts", tags=TAGS, opt={"role": "viewer"})
async def list_alerts(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    is_open: Annotated[
        bool | None, QueryParameter(name="open", description="Only open ones, or only resolved ones.")
    ] = None,
    acknowledged: Annotated[
        bool | None, QueryParameter(description="Only those that somebody looks at, or only those that nobody does.")
    ] = None,
    campaign_id: Annotated[UUID | None, QueryParameter(description="Of this campaign only.")] = None,
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Alert]:
    """List alerts, the newest first."""
    async with pool.acquire() as connection:
        found = await alerts.page(
            connection,
            caller.account_id,
            after=after,
            is_open=is_open,
            acknowledged=acknowledged,
            campaign_id=campaign_id,
            limit=limit + 1,
        )
    return page(found, limit, lambda alert: alert.id)


@get("/v1/alerts/{alert_id:uuid}", tags=TAGS, opt={"role": "viewer"})
async def get_alert(alert_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Alert:
    """One alert, as webhooks and the live stream name it."""
    async with pool.acquire() as connection:
        alert = await alerts.find(connection, caller.account_id, alert_id)
    if alert is None:
        raise not_found("alert")
    return alert


@post("/v1/alerts/{alert_id:uuid}/acknowledge", tags=TAGS, opt={"role": "operator"}, status_code=200)
async def acknowledge(alert_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Alert:
    """Acknowledge an alert. Who said so first stands; the alert stays open until its cause is over."""
    async with pool.acquire() as connection:
        alert = await alerts.acknowledge(connection, caller.account_id, alert_id, at=now(), actor=caller.actor)
    if alert is None:
        raise not_found("alert")
    return alert


ROUTES: list[ControllerRouterHandler] = [list_alerts, get_alert, acknowledge]
