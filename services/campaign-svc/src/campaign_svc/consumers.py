"""Kafka subscribers: which event goes to which handler."""

from volley_chassis.database import Pool
from volley_chassis.kafka import Stream


def subscribe(stream: Stream, pool: Pool) -> None:
    """Register every subscriber of the service."""
