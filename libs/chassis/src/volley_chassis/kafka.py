"""Kafka, by FastStream: CloudEvents in binary mode out, one handler call a record in.

A record's offset is committed after its handler returned, by a loop of its own: a broker that is slow to answer a
commit (as after its restart) does not hold up the records; what was handled since comes again after a crash. A
transient failure (database, broker, network) is tried again for ever, with back-off, and holds its partition: nothing
behind it may overtake. Anything else is tried three times and then goes to the topic's dead letters with the reason.
A type that is unknown is counted and skipped, of what other services write set aside too; a tombstone, which has
neither type nor value, is skipped.
"""

import asyncio
from collections import Counter as Counts
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.prometheus import KafkaPrometheusMiddleware
from opentelemetry import propagate, trace
from prometheus_client import REGISTRY, Counter

from volley_chassis.batching import Publisher
from volley_chassis.faults import fault_point
from volley_chassis.kafka_hooks import fetch_when_empty, headers_of, parsed, telemetry, whole
from volley_chassis.outages import attempts
from volley_chassis.settings import ServiceSettings
from volley_contracts import (
    Event,
    Topic,
    UndecodableError,
    declaration_of,
    decode,
    encode,
    key_of,
    new_id,
    now,
)
from volley_contracts.topics import OTHERS

log = structlog.get_logger()
SKIPPED = Counter(
    "volley_events_skipped_total", "Events of a type that this service does not handle.", ["topic", "type"]
)
PUBLISHED = Counter("volley_events_published_total", "Records handed to Kafka.", ["topic"])
DEAD = Counter("volley_dead_letters_total", "Records that went to the dead letters.", ["topic"])

MAX_RECORD_BYTES = 4_000_000
# How long a question for records may wait at the broker. After a rebalance the next one waits for its end.
FETCH_WAIT_MS = 1_000
MOST_AT_ONCE = 200
COMMIT_SECONDS = 0.5
COMMIT_PATIENCE_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 3.0
E_ = TypeVar("E_", bound=Event)


class Received(msgspec.Struct, Generic[E_], frozen=True):
    """An event as it came: its CloudEvents id, type, source and time, and the decoded data."""

    id: str
    type: str
    source: str
    time: datetime
    data: E_


class Record(msgspec.Struct, frozen=True):
    topic: str
    key: bytes
    value: bytes
    headers: dict[str, str]


Handler: TypeAlias = Callable[[Received[Any]], Awaitable[None]]
ManyHandler: TypeAlias = Callable[[Sequence[Received[Any]]], Awaitable[None]]
RawRecord: TypeAlias = tuple[str, bytes, bytes | None, Mapping[str, str]]


def record_of(event: Event, *, source: str, id: str | None = None) -> Record:  # noqa: A002 - the CloudEvents word
    """The Kafka record of an event, with the current trace context."""
    declared = declaration_of(type(event))
    headers = {
        "ce_specversion": "1.0",
        "ce_id": id or str(new_id()),
        "ce_type": declared.name,
        "ce_source": f"/{source}",
        "ce_time": now().isoformat(),
        "content-type": "application/json",
    }
    propagate.inject(headers)
    return Record(declared.topic.name, key_of(event), encode(event), headers)


class Stream:
    """A service's Kafka connection. Subscribe first, then enter `running()`; publish inside it."""

    def __init__(self, settings: ServiceSettings, service: str) -> None:
        self.service = service
        self._prefix = settings.topic_prefix
        self._instance = settings.instance
        self._times = 2 if settings.deliver_twice else 1
        self._handled: list[tuple[Any, dict[TopicPartition, int]]] = []  # subscriber, next offset by partition
        self._settings = settings
        self._publisher: Publisher | None = None
        self._broker = KafkaBroker(
            settings.kafka,
            client_id=settings.instance,
            allow_auto_create_topics=False,
            graceful_timeout=settings.stop_within,
            apply_types=False,
            logger=None,
            middlewares=[KafkaPrometheusMiddleware(registry=REGISTRY, app_name=service), *telemetry()],
        )

    def subscribe(self, topic: Topic, handlers: Mapping[type[Event], Handler]) -> None:
        """Call a handler for each event of the topic, once a service, in the order of its key.

        The consumer group is `<service>.<topic>`; its members are static, so that a restart hands nothing over.
        """

        async def handle(records: Sequence[ConsumerRecord]) -> None:
            for record in records:
                if read := await self._read(topic, handlers, record):
                    await self._carry_out(topic, record, *read)

        self._subscribe(topic, handle, at_once=1)

    def subscribe_many(self, topic: Topic, event: type[E_], handler: ManyHandler) -> None:
        """As `subscribe`, with all events that are there, in their order: for what must not queue in a busy process.

        If they cannot be handled together, they are handled one by one.
        """

        async def one(received: Received[Any]) -> None:
            await handler([received])

        async def handle(records: Sequence[ConsumerRecord]) -> None:
            read = [(record, found) for record in records if (found := await self._read(topic, {event: one}, record))]
            if not read:
                return
            try:
                await _through_outages(lambda: handler([received for _, (_, received) in read]))
            except Exception as error:  # noqa: BLE001 - told of each below
                log.warning("events failed, trying one by one", topic=topic.name, error=repr(error))
                for record, found in read:
                    await self._carry_out(topic, record, *found)

        self._subscribe(topic, handle, at_once=MOST_AT_ONCE)

    def _subscribe(
        self, topic: Topic, handle: Callable[[Sequence[ConsumerRecord]], Awaitable[None]], *, at_once: int
    ) -> None:
        group = f"{self._prefix}{self.service}.{topic.name}"
        subscriber = self._broker.subscriber(
            self._prefix + topic.name,
            group_id=group,
            group_instance_id=f"{group}.{self._instance}",
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            parser=parsed,
            decoder=whole,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )

        handled: dict[TopicPartition, int] = {}
        self._handled.append((subscriber, handled))

        async def consume(message: KafkaMessage) -> None:
            records = [_record(message), *await _others(subscriber.consumer, at_once - 1)]
            for _ in range(self._times):
                await handle(records)
            fault_point("kafka.handled")
            for record in records:
                handled[TopicPartition(record.topic, record.partition)] = record.offset + 1

        subscriber(consume)

    def broadcast(self, topic: Topic, handlers: Mapping[type[Event], Handler]) -> None:
        """Call a handler for each event from now on, in every replica. Nothing is acknowledged or tried again."""
        subscriber = self._broker.subscriber(
            self._prefix + topic.name,
            group_id=None,
            auto_offset_reset="latest",
            ack_policy=AckPolicy.MANUAL,
            parser=parsed,
            decoder=whole,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )

        async def consume(message: KafkaMessage) -> None:
            record = _record(message)
            if read := await self._read(topic, handlers, record):
                await self._carry_out(topic, record, *read)

        subscriber(consume)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connect and consume; at the end finish the records in hand and leave."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka,
            client_id=self._instance,
            acks="all",
            enable_idempotence=True,
            max_request_size=MAX_RECORD_BYTES,
            max_batch_size=256_000,
        )
        await producer.start()
        self._publisher = Publisher(producer)
        await self._broker.start()
        for subscriber, _ in self._handled:
            fetch_when_empty(subscriber.consumer)
        committing = asyncio.create_task(self._keep_committing())
        try:
            yield
        finally:
            committing.cancel()
            await self._commit_handled()
            await self._broker.stop()
            await producer.stop()

    async def connected(self) -> bool:
        return bool(await self._broker.ping(timeout=2.0))

    async def publish(self, *events: Event, id: str | None = None) -> None:  # noqa: A002 - the CloudEvents word
        """Publish and wait until Kafka has acknowledged all. `id` is for a single event that may be published again."""
        assert id is None or len(events) == 1
        records = [record_of(event, source=self.service, id=id) for event in events]
        await self.publish_raw([(r.topic, r.key, r.value, r.headers) for r in records])

    async def publish_raw(self, records: Sequence[RawRecord]) -> None:
        """Publish ready-made records (topic without prefix, key, value, headers), pipelined, and wait for all.

        A value of None makes a compacted topic forget the key.

        Straight by aiokafka: FastStream's layers cost three times as much a record, and nothing here needs them.
        """
        assert self._publisher is not None, "publish inside running()"
        ready = []
        for topic, key, value, headers in records:
            carried = [(name, text.encode()) for name, text in _traced(topic, headers).items()]
            ready.append((self._prefix + topic, key, value, carried))
        for topic, count in Counts(record[0] for record in records).items():
            PUBLISHED.labels(topic).inc(count)
        await asyncio.gather(*await self._publisher.send(ready))

    async def _keep_committing(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_SECONDS)
            await self._commit_handled()

    async def _commit_handled(self) -> None:
        await asyncio.gather(*(_commit(subscriber.consumer, handled) for subscriber, handled in self._handled))

    async def _read(
        self, topic: Topic, handlers: Mapping[type[Event], Handler], record: ConsumerRecord
    ) -> tuple[Handler, Received[Any]] | None:
        """The event and who handles it; None for what nobody handles, or what cannot be decoded and is set aside."""
        headers = headers_of(record)
        type_ = headers.get("ce_type", "")
        if not type_ and not record.value:
            return None
        try:
            if topic.producer == OTHERS:
                _require_known(type_, handlers)
            data = decode(type_, record.value or b"")
            return handlers[type(data)], _received(record, headers, data)
        except KeyError:
            SKIPPED.labels(topic.name, type_).inc()
        except UndecodableError as error:
            await self._bury(topic, record, str(error))
        return None

    async def _carry_out(self, topic: Topic, record: ConsumerRecord, handler: Handler, received: Received[Any]) -> None:
        try:
            await _patiently(handler, received)
        except Exception as error:
            log.exception("event could not be handled", topic=topic.name, event_id=received.id)
            await self._bury(topic, record, repr(error))

    async def _bury(self, topic: Topic, record: ConsumerRecord, reason: str) -> None:
        DEAD.labels(topic.name).inc()
        log.error("dead letter", topic=topic.name, reason=reason)
        headers = headers_of(record) | {"dead_reason": reason[:1000], "dead_service": self.service}
        letter = (topic.dead_letters, record.key or b"", record.value, headers)
        await _through_outages(lambda: self.publish_raw([letter]))


def _record(message: KafkaMessage) -> ConsumerRecord:
    assert not isinstance(message.raw_message, tuple), "one at a time, by FastStream"
    return message.raw_message


async def _others(consumer: AIOKafkaConsumer | None, most: int) -> list[ConsumerRecord]:
    """What has been fetched besides the record that is being handled, at most so many."""
    if consumer is None or not most:
        return []
    try:
        found = await consumer.getmany(timeout_ms=0, max_records=most)
    except (KafkaError, ConsumerStoppedError):  # the next question for records meets it again
        return []
    return [record for records in found.values() for record in records]


def _received(record: ConsumerRecord, headers: Mapping[str, str], data: E_) -> Received[E_]:
    """Of CloudEvents' attributes the time is optional. Raises UndecodableError."""
    if missing := [name for name in ("ce_id", "ce_source") if not headers.get(name)]:
        raise UndecodableError(f"the header {missing[0]} is missing: CloudEvents need id, source and type")
    try:
        sent = headers.get("ce_time")
        at = datetime.fromisoformat(sent) if sent else datetime.fromtimestamp(record.timestamp / 1000, UTC)
    except ValueError as error:
        raise UndecodableError("the header ce_time is no time: write it as 2031-05-01T09:00:00Z") from error
    return Received(headers["ce_id"], headers["ce_type"], headers["ce_source"], at, data)


def _require_known(type_: str, handlers: Mapping[type[Event], Handler]) -> None:
    """Who misspells a type would never hear of it, were it skipped. Raises UndecodableError."""
    known = sorted(declaration_of(event).name for event in handlers)
    if type_ not in known:
        said = f"is {type_!r}" if type_ else "is missing"
        raise UndecodableError(f"the header ce_type {said}: use one of {', '.join(known)}")


async def _commit(consumer: AIOKafkaConsumer | None, handled: dict[TopicPartition, int]) -> None:
    """Commit what was handled of the partitions that are still ours; what fails is tried again with the next."""
    if consumer is None:
        return
    for partition in handled.keys() - consumer.assignment():
        del handled[partition]  # its new owner commits it
    due = dict(handled)
    if not due:
        return
    try:
        await asyncio.wait_for(consumer.commit(due), COMMIT_PATIENCE_SECONDS)
    except (KafkaError, TimeoutError) as error:
        log.warning("offsets will be committed later", error=repr(error))
        return
    for partition, offset in due.items():
        if handled.get(partition) == offset:
            del handled[partition]


def _traced(topic: str, headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers, with a span of its own for the record where spans are recorded."""
    if not hasattr(trace.get_tracer_provider(), "force_flush"):
        return headers
    tracer = trace.get_tracer(__name__)
    parent = propagate.extract(headers)
    with tracer.start_as_current_span(f"{topic} publish", context=parent, kind=trace.SpanKind.PRODUCER):
        carried = dict(headers)
        propagate.inject(carried)
        return carried


async def _patiently(handler: Handler, received: Received[Any]) -> None:
    """Transient failures for ever, others three times."""
    for last in (False, False, True):
        try:
            await _through_outages(lambda: handler(received))
        except Exception as error:
            if last:
                raise
            log.warning("event failed, trying again", event_id=received.id, error=repr(error))
        else:
            return


async def _through_outages(action: Callable[[], Awaitable[None]]) -> None:
    async for attempt in attempts(LONGEST_WAIT_SECONDS):
        with attempt:
            await action()
