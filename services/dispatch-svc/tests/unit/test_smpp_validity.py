"""The validity_period of an SMPP submit."""

import pytest

from dispatch_svc.clients.smpp import SmppClient
from dispatch_svc.domain.handover import Inbound, Outbound, Receipt
from dispatch_svc.domain.routes import Route, SmppConfig
from volley_chassis.outside import Outside
from volley_contracts import new_id
from volley_smpp import decode_message


async def _nobody(_account: object, _route: object, _heard: list[Receipt] | list[Inbound]) -> None:
    raise AssertionError


@pytest.mark.parametrize(
    ("seconds", "period"),
    [
        (None, ""),
        (59, "000000000059000R"),
        (599, "000000000959000R"),
        (601, "000000001100000R"),
        (86_400 + 3600, "000001010000000R"),
        (7 * 86_400, "000007000000000R"),
    ],
)
def test_the_provider_is_told_how_long_it_may_try(seconds: int | None, period: str) -> None:
    config = SmppConfig(host="127.0.0.1", system_id="volley", password="secret")
    route = Route(id=new_id(), account_id=new_id(), name="r", protocol="smpp", config=config)
    client = SmppClient(route, _nobody, _nobody, Outside())
    message = Outbound(
        ref=f"{new_id()}:0",
        to="+447700900123",
        sender="VOLLEY",
        sender_kind="alphanumeric",
        parts=[b"Hi"],
        data_coding=0,
        text="Hi",
        due=0.0,
        valid_for=seconds,
    )
    assert decode_message(client._encode(1, message, 0)).validity == period
