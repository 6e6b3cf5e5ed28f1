"""A campaign by Twilio's API: a form a message out, signed callbacks with receipts and replies through the gateway."""

from volley_tools.demo.api import Api
from volley_tools.demo.provider import Provider
from volley_tools.simulator import Options

from .test_http_route import check_campaign

RECIPIENTS, PACE = 200, 100


async def test_a_campaign_by_twilios_api_with_signed_callbacks(mine: Api, provider: Provider) -> None:
    login = {"account_sid": Options().account_sid, "auth_token": Options().auth_token}
    config = {"url": provider.url, "public_url": mine.url, **login}
    route = await mine.post("/v1/routes", {"name": "twilio", "protocol": "twilio", "config": config})
    await provider.behave(webhook_url=f"{mine.url}/callbacks/routes/{route['id']}", undelivered=50, click=100, stop=50)
    await check_campaign(mine, provider, route, recipients=RECIPIENTS, pace=PACE)
