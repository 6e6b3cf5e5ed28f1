"""The settings of dispatch-svc: VOLLEY_<FIELD> in the environment."""

from volley_chassis.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Times are in seconds.

    slices_in_flight: slices of one sender that may be on their way at once, in this process.
    messages_in_flight: messages of all senders on their way at once, in this process; bounds its memory.
    """

    redis_url: str
    slices_in_flight: int = 8
    messages_in_flight: int = 20_000
    database_connections: int = 20
