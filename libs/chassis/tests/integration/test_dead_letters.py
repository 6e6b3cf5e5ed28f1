"""Dead letters can be seen and sent again, each once."""

import asyncio

from volley_chassis import dead_letters
from volley_chassis.kafka import Received, Stream
from volley_chassis.settings import ServiceSettings
from volley_contracts import AlertResolved, new_id, now, topics
from volley_tools.pytest_stack import Until


async def test_a_dead_letter_is_listed_and_replayed_once(settings: ServiceSettings, until: Until) -> None:
    stream = Stream(settings, "mended")
    handled: asyncio.Queue[Received[AlertResolved]] = asyncio.Queue()
    broken = True

    async def handle(received: Received[AlertResolved]) -> None:
        if broken:
            raise ValueError("a bug")
        await handled.put(received)

    stream.subscribe(topics.ALERTS, {AlertResolved: handle})
    kafka, prefix = settings.kafka, settings.topic_prefix
    event = AlertResolved(account_id=new_id(), alert_id=new_id(), at=now())
    async with asyncio.timeout(60), stream.running():
        await stream.publish(event, id="poison")
        await until(lambda: dead_letters.list_letters(kafka, prefix, topics.ALERTS))
        found = await dead_letters.list_letters(kafka, prefix, topics.ALERTS)
        broken = False
        assert [(letter.id, letter.service) for letter in found] == [("poison", "mended")]
        assert "a bug" in found[0].reason
        assert await dead_letters.replay(kafka, prefix, topics.ALERTS) == 1
        received = await handled.get()
        assert (received.id, received.data) == ("poison", event)
        assert await dead_letters.replay(kafka, prefix, topics.ALERTS) == 0
        assert await dead_letters.replay(kafka, prefix, topics.ALERTS, {found[0].offset}) == 1
