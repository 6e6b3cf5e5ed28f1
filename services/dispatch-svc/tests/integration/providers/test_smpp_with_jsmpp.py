"""The SMPP client against a server not written here: the simulator of jSMPP's examples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from volley_tools import jsmpp
from volley_tools.stack.ports import Ports


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of a running server."""
    chosen = Ports(scattered=True).take(0)
    log: Path = tmp_path_factory.mktemp("jsmpp") / "log"
    server = jsmpp.start(chosen, log)
    yield chosen
    jsmpp.stop(server)


async def test_messages_are_taken_and_their_receipts_understood(
    port: int, smpp: Any, outbound: Any, heard: Any, until: Any
) -> None:
    # It names messages in hexadecimal when it takes them and in decimal in its receipts, as many real ones do.
    client = await smpp(
        port, system_id=jsmpp.SYSTEM_ID, password=jsmpp.PASSWORD, receipt_ids="hexadecimal_to_decimal", window=20
    )
    messages = [outbound(text) for text in ["Hello", "Привет 👋", "Long. " * 60] * 10]
    handed = await client.hand_over(messages, lambda: True)
    assert {one.result for one in handed} == {"submitted"}
    assert [len(one.provider_ids) for one in handed] == [len(message.parts) for message in messages]
    ids = {one for each in handed for one in each.provider_ids}
    await until(lambda: ids <= {receipt.provider_id for receipt in heard.receipts})
    mine = [receipt for receipt in heard.receipts if receipt.provider_id in ids]
    assert {receipt.status for receipt in mine} == {"delivered"}
    assert {receipt.to for receipt in mine} == {message.to for message in messages}
    assert {receipt.from_ for receipt in mine} == {"VOLLEY"}
    await client.close(2.0)
    assert client.condition().last_error is None
