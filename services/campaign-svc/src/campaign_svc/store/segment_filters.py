"""Conditions of dynamic segments as SQL over contacts `c` of the account $1. Every value is a parameter."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from campaign_svc.domain.segment_filter import Condition, Engagement, Filter
from volley_chassis.database import Connection, Pool, queries

SQL = queries("campaign_svc.store", "segment_filters.sql")


async def count(pool: Pool, account_id: UUID, wanted: Filter) -> int:
    """How many contacts of the account it means."""
    where, values = _where(wanted)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["look_up_once"])
        return int(await connection.fetchval(SQL["count"].format(where=where), account_id, *values))


async def materialise(connection: Connection, account_id: UUID, segment_id: UUID, wanted: Filter) -> None:
    """Make those whom it means the members of the segment."""
    where, values = _where(wanted)
    # Many people take longer than an ordinary statement may.
    await connection.execute("SET LOCAL statement_timeout = '10min'")
    await connection.execute(SQL["look_up_once"])
    await connection.execute(SQL["forget"], segment_id)
    await connection.execute(
        SQL["materialise"].format(where=where, segment=f"${len(values) + 2}"), account_id, *values, segment_id
    )


async def unknown(connection: Connection | Pool, account_id: UUID, wanted: Filter) -> list[UUID]:
    """Up to five ids in it that name no static segment or campaign of the account."""
    conditions = [*wanted.all, *wanted.any, *wanted.none]
    segments = [c.segment_id for c in conditions if c.segment_id]
    campaigns = [found for c in conditions if (found := c.campaign_id)]
    return [row["id"] for row in await connection.fetch(SQL["unknown"], account_id, segments, campaigns)]


def _where(wanted: Filter) -> tuple[str, list[Any]]:
    values: list[Any] = []
    every = [_condition(condition, values) for condition in wanted.all]
    some = [_condition(condition, values) for condition in wanted.any]
    none = [f"NOT ({_condition(condition, values)})" for condition in wanted.none]
    return " AND ".join([*every, *_either(some), *none]), values


def _either(some: Sequence[str]) -> list[str]:
    return [f"({' OR '.join(some)})"] if some else []


def _condition(condition: Condition, values: list[Any]) -> str:
    if condition.engagement:
        return _engagement(condition.engagement, condition, values)
    kind = condition.kind
    values.append(getattr(condition, kind))
    sql = SQL[kind].replace("$value", f"${len(values) + 1}")
    if condition.values is not None:
        values.append(condition.values)
        sql = SQL["attribute_values"].replace("$value", f"${len(values)}").replace("$choices", f"${len(values) + 1}")
    return sql


def _engagement(what: Engagement, condition: Condition, values: list[Any]) -> str:
    def asked(name: str, value: object) -> str:
        values.append(value)
        return SQL[name].replace("$value", f"${len(values) + 1}")

    campaign = asked("campaign", condition.campaign_id) if condition.campaign_id else "true"
    limits = {name: getattr(condition, name) for name in ("since", "until", "within_days")}
    window = [asked(name, value) for name, value in limits.items() if value is not None]
    return SQL[what].format(campaign=campaign, in_window=" AND ".join(window) or "true")
