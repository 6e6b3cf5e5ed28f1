"""What a seed stands for: campaigns, the provider's manners, and faults. Pure: the number is enough to do it again."""

import random
from typing import Literal

import msgspec

from volley_tools.chaos.points import POINTS

Kind = Literal["kill", "restart", "freeze", "drop", "flush", "replica", "point", "twice"]
WORKERS = ("campaign-svc", "link-svc", "dispatch-svc", "stats-svc")
SERVICES = (*WORKERS, "gateway-api")
SERVERS = ("kafka", "redis", "postgres")
LONG_FREEZE = 40.0
"""Seconds: longer than every lease, proof and session."""

SEGMENTS = 3
PARTS = 1.5
"""Of a message of these campaigns, about."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happens.

    kill: SIGKILL, and start after `seconds`. restart: the same by SIGTERM. freeze: SIGSTOP for `seconds`. drop: SMPP
    connections are cut at every `nth` submit, the last `lost` ones unanswered, for `seconds`. flush: Redis forgets
    everything. replica: a second process joins, and is killed after `seconds`. point: SIGKILL at the `nth` pass of
    `point`, start after `seconds`. twice: every record is handled twice, from the start.
    at: when, as a share of all messages that the provider has accepted.
    """

    kind: Kind
    target: str = ""
    at: float = 0.0
    seconds: float = 0.0
    point: str = ""
    nth: int = 0
    lost: int = 0


class Campaign(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A campaign of a sender of its own. `pool`: index of its short pool. `pace`: parts a second.

    pause_at, abort_at: as `Fault.at`; 0 for never.
    """

    segments: tuple[int, ...]
    pace: int
    pool: int
    pause_at: float = 0.0
    abort_at: float = 0.0


class Pool(msgspec.Struct, frozen=True):
    """The message limits of its domains."""

    limits: tuple[int, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`segment_size`: contacts in each of the SEGMENTS. `manners`: options of the simulator."""

    seed: int
    segment_size: int
    campaigns: tuple[Campaign, ...]
    short_pools: tuple[Pool, ...]
    optout_pool: Pool
    smpp: dict[str, int]
    http: dict[str, int | bool]
    manners: dict[str, int | bool | dict[str, int]]
    faults: tuple[Fault, ...]

    def size(self, campaign: Campaign) -> int:
        """Recipients of the campaign."""
        return len(campaign.segments) * self.segment_size

    @property
    def recipients(self) -> int:
        return sum(map(self.size, self.campaigns))


def plan(seed: int, recipients: int) -> Plan:
    """The plan of a seed, for about so many recipients in all."""
    dice = random.Random(seed)  # noqa: S311 - it must repeat
    faults = _faults(dice, seed)
    scarce = any(fault.point == "link.place_served" for fault in faults)
    shapes = [(0, 1), (1, 2), (0, 2), (0, 1, 2)][: dice.choice((3, 4))]
    segment_size = recipients // sum(map(len, shapes))
    seconds = dice.uniform(8, 14)
    campaigns = tuple(
        Campaign(
            segments=shape,
            pace=max(10, int(len(shape) * segment_size * PARTS / seconds / dice.uniform(0.8, 1.2))),
            pool=index // 2,
            pause_at=round(dice.uniform(0.1, 0.7), 3) if dice.random() < 0.1 else 0.0,
            abort_at=round(dice.uniform(0.2, 0.8), 3) if dice.random() < 0.07 else 0.0,
        )
        for index, shape in enumerate(shapes)
    )
    needs = [sum(len(c.segments) for c in campaigns if c.pool == pool) * segment_size for pool in (0, 1)]
    return Plan(
        seed=seed,
        segment_size=segment_size,
        campaigns=campaigns,
        short_pools=tuple(_pool(dice, need, scarce=scarce) for need in needs),
        optout_pool=_pool(dice, sum(needs), scarce=scarce),
        smpp={"sessions": dice.choice((1, 2, 3)), "window": dice.choice((100, 200, 800))},
        http=_http(dice),
        manners=_manners(dice, seed),
        faults=faults,
    )


def _pool(dice: random.Random, need: int, *, scarce: bool) -> Pool:
    """A few domains, together enough for everything or (by chance, or if they must be `scarce`) for only a part."""
    total = need * (dice.uniform(0.3, 0.9) if scarce or dice.random() < 0.4 else 1.5)
    shares = [dice.uniform(0.2, 1) for _ in range(dice.choice((1, 2, 3)))]
    return Pool(tuple(max(1, int(total * share / sum(shares))) for share in shares))


def _http(dice: random.Random) -> dict[str, int | bool]:
    idempotent, can_be_asked = dice.choice(((True, True), (False, True), (False, False)))
    return {"batch_size": dice.choice((1, 20, 100)), "idempotent": idempotent, "can_be_asked": can_be_asked}


def _manners(dice: random.Random, seed: int) -> dict[str, int | bool | dict[str, int]]:
    return {
        "seed": seed,
        "latency_ms": dice.choice((0, 5, 30)),
        "jitter_ms": dice.choice((0, 10, 50)),
        "failures": {"ESME_RINVDSTADR": dice.choice((0, 5)), "ESME_RTHROTTLED": dice.choice((0, 3, 10))},
        "failures_clear_after": 2,
        "delivery_ms": 200,
        "delivery_jitter_ms": dice.choice((0, 800, 3000)),
        "undelivered": 15,
        "receipt_twice": dice.choice((0, 20)),
        "receipt_first": dice.random() < 0.1,
        "click": 25,
        "preview": 5,
        "scanner": 5,
        "optout": 10,
        "optout_scanner": 3,
        "stop": 8,
        "reply": 2,
    }


def _faults(dice: random.Random, seed: int) -> tuple[Fault, ...]:
    """One fault of the catalogue in turn, so that a run of seeds has all of them, and some others by chance."""
    catalogue = _catalogue()
    others = [catalogue[dice.randrange(len(catalogue))] for _ in range(dice.choice((0, 0, 1, 1, 2, 3)))]
    short = [fault for fault in others if fault.seconds != LONG_FREEZE]
    first = catalogue[seed % len(catalogue)]
    if first.point == "dispatch.judged":  # somebody must have died before
        short.append(Fault(kind="kill", target="dispatch-svc"))
    if first.kind == "flush":  # what two processes were given is forgotten
        short.append(Fault(kind="replica", target="dispatch-svc"))
    return tuple(_rolled(dice, fault) for fault in (first, *short))


def _catalogue() -> list[Fault]:
    points = [Fault(kind="point", target=who, point=p.name, nth=p.passes) for p in POINTS for who in p.services]
    kills = [Fault(kind="kill", target=name) for name in (*SERVICES, "dispatch-svc", *SERVERS, "postgres")]
    freezes = [Fault(kind="freeze", target=name, seconds=LONG_FREEZE) for name in (*WORKERS, "dispatch-svc")]
    naps = [Fault(kind="freeze", target=name) for name in (*WORKERS, *SERVERS)]
    drops = [Fault(kind="drop", nth=nth) for nth in (50, 400, 1500)]
    rebalances = [Fault(kind="replica", target=name) for name in WORKERS]
    restarts = [Fault(kind="restart", target=name) for name in WORKERS]
    twice = [Fault(kind="twice", target=name) for name in WORKERS]
    kinds = [points, kills, freezes, naps, drops, [Fault(kind="flush")] * 2, rebalances, restarts, twice]
    # Dealt out in turn by kind, so that a short run has some of each.
    return [kind[row] for row in range(max(map(len, kinds))) for kind in kinds if row < len(kind)]


def _rolled(dice: random.Random, fault: Fault) -> Fault:
    """With what is left to chance: when, how long, at which pass."""
    at = round(dice.uniform(0.05, 0.8), 3)
    lasting = {"kill": (0.0, 4.0), "restart": (0.0, 3.0), "freeze": (3.0, 9.0), "drop": (1.0, 3.0), "point": (0.0, 3.0)}
    low, high = lasting.get(fault.kind, (3.0, 10.0))
    seconds = fault.seconds or round(dice.uniform(low, high), 1)
    if seconds == LONG_FREEZE:  # early, so that all of it is while the campaigns are sending
        at = round(at / 5, 3)
    if fault.kind == "point":
        return msgspec.structs.replace(fault, nth=dice.randint(1, fault.nth), seconds=seconds)
    if fault.kind == "drop":
        return msgspec.structs.replace(fault, at=at, seconds=seconds, lost=dice.choice((1, 5, 20)))
    if fault.kind == "twice":
        return fault
    return msgspec.structs.replace(fault, at=at, seconds=0.0 if fault.kind == "flush" else seconds)
