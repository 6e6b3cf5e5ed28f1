"""A budget through the gateway, by the provider's ledger: used up and never exceeded, whatever is edited meanwhile."""

from decimal import Decimal

import pytest

from volley_tools.demo import evidence, people, story
from volley_tools.demo.api import Api, ApiError
from volley_tools.demo.provider import Provider
from volley_tools.demo.story import PRICES, Json

RECIPIENTS, PACE, SECONDS = 1_000, 200, 60.0
DEAREST = 3 * max(map(Decimal, PRICES.values()))
"""What no message costs: three parts to the dearest country."""


async def test_a_budget_is_used_up_and_never_exceeded_whatever_is_edited_meanwhile(
    mine: Api, smpp_route: Json, provider: Provider
) -> None:
    things = await story.prepare_plain(mine, "budget", people.csv_file(RECIPIENTS), smpp_route, PACE)
    campaign = await story.write_plain(mine, things, "budget")
    sender, path = things.senders[0]["address"], f"/v1/campaigns/{campaign['id']}"

    async def set_budget(amount: Decimal) -> None:
        await mine.patch(path, {"budget": {"amount": str(amount), "currency": "EUR"}})

    async def stopped() -> Decimal:
        """What it cost until its budget stopped it."""
        view = await story.wait_for_status(mine, campaign, "suspended", "finished", seconds=SECONDS)
        assert (view["status"], view["suspension"]["code"]) == ("suspended", "budget_exhausted"), view
        with pytest.raises(ApiError) as refused:
            await story.move(mine, campaign, "resume")
        assert refused.value.problem["code"] == "cause_holds"
        cost = Decimal(view["cost"]["amount"])
        assert refused.value.problem["cause"] == "budget_exhausted"
        return cost

    await mine.patch(path, {"schedule": {"start": "manual"}})
    await story.move(mine, campaign, "submit")
    ready = await story.wait_for_status(mine, campaign, "ready", seconds=SECONDS)
    tenth = round(Decimal(ready["forecast"]["cost"]) / 10, 4)

    await set_budget(2 * tenth)
    await story.move(mine, campaign, "start")
    first = await stopped()
    sent = (await provider.ledger()).of_sender(sender)
    prices = {country: Decimal(price) for country, price in PRICES.items()}
    assert first == sum(prices[evidence.country_of(message["to"])] * message["parts"] for message in sent)
    assert 2 * tenth - DEAREST < first <= 2 * tenth

    dearer = {country: str(2 * price) for country, price in prices.items()}
    await mine.put("/v1/rate-card", {"currency": "EUR", "prices": dearer})
    with pytest.raises(ApiError) as refused:
        await mine.put("/v1/rate-card", {"currency": "USD", "prices": dearer})
    assert refused.value.problem["code"] == "currency_in_use"
    await set_budget(4 * tenth)
    assert (await story.move(mine, campaign, "resume"))["status"] == "sending"
    assert 4 * tenth - 2 * DEAREST < await stopped() <= 4 * tenth

    await set_budget(30 * tenth)
    assert (await story.move(mine, campaign, "resume"))["status"] == "sending"
    await provider.accepted(len((await provider.ledger()).of_sender(sender)) + 50, seconds=SECONDS)
    await set_budget(5 * tenth)
    assert await stopped() < 15 * tenth
    history = [entry async for entry in mine.pages(f"{path}/history") if entry["move"] == "edit_budget"]
    assert any(entry["sentence"].startswith(f"The budget is now {5 * tenth} EUR") for entry in history)

    await mine.patch(path, {"budget": None})
    await story.move(mine, campaign, "resume")
    finished = await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    numbers = [message["to"] for message in (await provider.ledger()).of_sender(sender)]
    assert len(numbers) == len(set(numbers)) == finished["counts"]["submitted"] == RECIPIENTS
