"""The settings of dispatch-svc: VOLLEY_<FIELD> in the environment."""

from typing import Annotated

import msgspec

from volley_chassis.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Times are in seconds.

    slices_in_flight: slices of one sender that may be on their way at once, in this process.
    messages_in_flight: messages of all senders on their way at once, in this process; bounds its memory.
    recover_after: how long a process must be dead before what it may have sent is judged. Longer than a provider takes
        to answer and than `ownership.PROOF_SECONDS`, or a request that is still on its way is missed.
    route_down_after: how long routes must fail before others hear of it, and campaigns stop.
    route_keys: Fernet keys that seal the secrets of routes in the database, separated by commas: the first seals, all
        of them open. Without any they are stored as they are.
    route_networks: networks inside (CIDRs, separated by commas) that routes may lead to, beside all that is public.
    ..._days: after how many days rows go: slices since they were settled, pieces since they came and their campaign
        ended (longer than link.batches is retained), campaigns since they ended (longer than any topic is), parts of
        messages and unknown ones since they were handed over, inbound messages since they came.
    """

    redis_url: str
    route_keys: str = ""
    route_networks: str = ""
    slices_in_flight: int = 32
    messages_in_flight: int = 20_000
    recover_after: float = 10.0
    route_down_after: float = 60.0
    database_connections: int = 20
    slice_days: Annotated[int, msgspec.Meta(ge=1)] = 90
    piece_days: Annotated[int, msgspec.Meta(ge=8)] = 8
    ended_campaign_days: Annotated[int, msgspec.Meta(ge=31)] = 60
    receipt_days: Annotated[int, msgspec.Meta(ge=1)] = 8
    unknown_days: Annotated[int, msgspec.Meta(ge=1)] = 30
    inbound_days: Annotated[int, msgspec.Meta(ge=8)] = 90
