"""What FastStream and aiokafka have no setting for: how records are read as they came, and when more are asked for."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from faststream.kafka import KafkaMessage
from faststream.kafka.opentelemetry import KafkaTelemetryMiddleware
from opentelemetry import trace


def headers_of(record: ConsumerRecord) -> dict[str, str]:
    return {name: (value or b"").decode(errors="replace") for name, value in record.headers}


async def parsed(record: Any, parse: Callable[[Any], Awaitable[KafkaMessage]]) -> KafkaMessage:
    """As FastStream parses it, which loses a record, without a word, that has a header which is no text."""
    try:
        return await parse(record)
    except (UnicodeDecodeError, AttributeError):
        message = await parse(
            replace(record, headers=[(name, text.encode()) for name, text in headers_of(record).items()])
        )
        message.raw_message = record
        return message


async def whole(message: KafkaMessage) -> KafkaMessage:
    """Hands the handler the record as it came: its bytes go straight into a struct, without FastStream's dicts."""
    return message


def fetch_when_empty(consumer: AIOKafkaConsumer) -> None:
    """Ask for more only when everything is worked off, which records one after the other lose nothing by.

    Otherwise aiokafka, after 0.1 s of work, asks for the partitions that it has nothing of; while that question waits
    at the broker, up to FETCH_WAIT_MS, it asks for nothing else, and the busy partition stands still. It has no
    setting for it.
    """
    consumer._fetcher._prefetch_backoff = 3600.0  # noqa: SLF001


def telemetry() -> list[Any]:
    """Spans a record cost something even when nobody collects them, so only where a provider was configured."""
    provider = trace.get_tracer_provider()
    return [KafkaTelemetryMiddleware(tracer_provider=provider)] if hasattr(provider, "force_flush") else []
