"""Clicks of a domain taken apart by campaign."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from volley_contracts import DomainClicks, by_campaign

AT = datetime(2026, 5, 1, tzinfo=UTC)


def test_each_campaign_has_its_clicks_in_their_order_and_campaigns_come_by_id() -> None:
    event = DomainClicks(
        account_id=UUID(int=1),
        domain_id=UUID(int=2),
        campaigns=[UUID(int=9), UUID(int=5)],
        places=[0, 1, 0],
        seqs=[10, 20, 11],
        variants=[0, 1, 2],
        at=[AT + timedelta(seconds=n) for n in range(3)],
        reasons=[None, "scanner", None],
        user_agents=["a", "b", "c"],
        links=[None, "terms", None],
        rules=7,
    )
    five, nine = by_campaign(event)
    assert (five.campaign_id, five.seqs, five.reasons, five.links) == (UUID(int=5), [20], ["scanner"], ["terms"])
    assert (nine.campaign_id, nine.seqs, nine.variants, nine.user_agents) == (UUID(int=9), [10, 11], [0, 2], ["a", "c"])
    assert nine.at == [AT, AT + timedelta(seconds=2)]
    assert {(each.account_id, each.domain_id, each.rules) for each in (five, nine)} == {(UUID(int=1), UUID(int=2), 7)}
