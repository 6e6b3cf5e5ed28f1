"""A route is tried out before it is used: whether its provider lets us in, and what to do if not. Nothing is sent."""

import asyncio
from typing import Any

import pytest
from twilio.rest import Client

from dispatch_svc.clients.trial import trouble_with
from volley_chassis.outside import EVERYWHERE, Outside
from volley_tools.simulator import Options

from .conftest import route
from .test_twilio_client import Redirected

OUTSIDE = Outside(EVERYWHERE)
ACCOUNT, TOKEN = Options().account_sid, Options().auth_token
NOBODY = 9  # the port that discards


def configs(smpp_port: int, http_port: int) -> dict[str, dict[str, Any]]:
    url = f"http://127.0.0.1:{http_port}"
    return {
        "smpp": {"host": "127.0.0.1", "port": smpp_port, "system_id": "volley", "password": "secret"},
        "http": {"url": url, "token": "secret"},
        "twilio": {"url": url, "account_sid": ACCOUNT, "auth_token": TOKEN, "public_url": "https://volley.example"},
    }


@pytest.mark.parametrize(
    ("protocol", "wrong", "problem", "fix"),
    [
        ("smpp", {}, None, None),
        ("smpp", {"password": "guess"}, "refuses the bind", "system_id, password"),
        ("smpp", {"port": NOBODY}, "cannot be reached", "Check host, port"),
        ("http", {}, None, None),
        ("http", {"can_be_asked": False}, None, None),
        ("http", {"token": "guess"}, "status 401", "Check token"),
        ("http", {"token": "guess", "can_be_asked": False}, "status 401", "Check token"),
        ("http", {"url": f"http://127.0.0.1:{NOBODY}"}, "cannot be reached", "Check host, port"),
        ("twilio", {}, None, None),
        ("twilio", {"auth_token": "g" * 32}, "status 401", "account_sid and auth_token"),
    ],
)
async def test_a_provider_lets_us_in_or_says_why_not(
    simulate: Any, ledger: Any, protocol: str, wrong: dict[str, Any], problem: str | None, fix: str | None
) -> None:
    simulator = await simulate()
    config = configs(simulator.smpp_port, simulator.http_port)[protocol] | wrong
    trouble = await trouble_with(route(protocol, **config), OUTSIDE)
    if problem is None or fix is None:
        assert trouble is None
    else:
        assert trouble is not None
        assert problem in trouble.problem
        assert fix in trouble.fix
    assert ledger(simulator) == []


async def test_nothing_inside_is_tried_out() -> None:
    for protocol, config in configs(NOBODY, NOBODY).items():
        trouble = await trouble_with(route(protocol, **config), Outside(()))
        assert trouble is not None
        assert "cannot be reached" in trouble.problem


async def test_the_account_is_asked_for_as_twilio_s_library_does(simulate: Any) -> None:
    simulator = await simulate()
    client = Client(ACCOUNT, TOKEN, http_client=Redirected(simulator.http_port))
    found = await asyncio.to_thread(client.api.accounts(ACCOUNT).fetch)
    assert found.sid == ACCOUNT
