"""Single clicks as they came, who clicked, who opted out, and who did so on the page."""

from collections.abc import Mapping
from uuid import UUID

from stats_svc.domain.tally import FirstClick, countries_of
from volley_chassis.database import Connection, Pool, queries
from volley_contracts import Clicks

_SQL = queries("stats_svc.store", "clicks.sql")


async def keep(connection: Connection, event: Clicks) -> None:
    agents = [agent.replace("\0", "") for agent in event.user_agents]  # Postgres text holds no NUL
    await connection.execute(
        _SQL["keep"],
        event.campaign_id,
        event.account_id,
        event.domain_id,
        event.rules,
        event.seqs,
        event.variants,
        event.at,
        event.reasons,
        agents,
        event.links or [None] * len(event.seqs),
        [country or None for country in countries_of(event)],
    )


async def add_clickers(
    connection: Connection, campaign_id: UUID, first: Mapping[int, FirstClick]
) -> dict[int, FirstClick]:
    """Those of the recipients, by their `seqs`, who had not clicked before."""
    if not first:
        return {}
    seqs = sorted(first)
    times, countries = [first[seq].at for seq in seqs], [first[seq].country for seq in seqs]
    rows = await connection.fetch(_SQL["add_clickers"], campaign_id, seqs, times, countries)
    return {row["seq"]: first[row["seq"]] for row in rows}


async def add_optout(connection: Connection, campaign_id: UUID, seq: int) -> bool:
    """Whether the recipient had not opted out before."""
    return bool(await connection.fetchval(_SQL["add_optout"], campaign_id, seq))


async def add_press(connection: Connection, campaign_id: UUID, seq: int) -> bool:
    """Whether the recipient had not pressed the button of the opt-out page before."""
    return bool(await connection.fetchval(_SQL["add_press"], campaign_id, seq))


async def agents_of(pool: Pool, campaign_id: UUID, account_id: UUID) -> list[tuple[str, int, int]]:
    """User agents of people who clicked, with their clicks and how many people they were."""
    rows = await pool.fetch(_SQL["agents_of"], campaign_id, account_id)
    return [(row["user_agent"], row["clicks"], row["people"]) for row in rows]
