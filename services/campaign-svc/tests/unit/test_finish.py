"""Forecast against what happens: random campaigns, fed and sent on a simulated clock."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from campaign_svc.domain import credit
from campaign_svc.domain.capacity import PoolState
from campaign_svc.domain.finish import Load, Pause, finish_at
from campaign_svc.domain.forecast import Forecast, Other, Sampled, forecast, load_of
from campaign_svc.domain.hours import Group, Hours, first_stretches, openings
from campaign_svc.domain.preparation import sample_seqs
from campaign_svc.domain.waves import Halt, Wave, halts, of_groups, portion, share_of
from volley_contracts import Stretch, new_id

TICK = timedelta(milliseconds=500)
PLACES = (("America/New_York", "US"), ("Asia/Tokyo", "JP"), ("Europe/Berlin", "DE"), ("Europe/London", "GB"))
STARTS = (datetime(2031, 3, 29, tzinfo=UTC), datetime(2031, 4, 10, tzinfo=UTC))
"""Before clocks change in Europe, and before Easter, whose days are holidays in some of the places."""
WEIGHTS = ((1, 0, 0), (6, 3, 1), (1, 5, 0), (1, 0, 1))


@dataclass
class Batch:
    parts: deque[int]
    group: int
    sendable: tuple[Stretch, ...]

    def may_leave(self, at: datetime) -> bool:
        return not self.sendable or any(one.opens <= at < one.closes for one in self.sendable)


@dataclass
class Campaign:
    """Messages of one or two parts, as feeding and dispatch treat them."""

    lengths: list[int]
    groups: list[Group] = field(default_factory=list)
    hours: Hours | None = None
    cap: int | None = None
    fed: int = 0
    batches: int = 0
    feed_after: datetime | None = None
    queue: list[Batch] = field(default_factory=list)
    waves: tuple[Wave, ...] = ()
    wave: int = 0
    sent_at: datetime | None = None

    @property
    def done(self) -> bool:
        return self.fed == len(self.lengths) and not self.queue

    @property
    def in_turn(self) -> list[Group]:
        return of_groups(self.groups, share_of(self.waves, self.wave))

    def feed(self, pace: int, at: datetime) -> None:
        typical = sum(self.lengths) / len(self.lengths)
        turn = portion(0, len(self.lengths), share_of(self.waves, self.wave))
        if self.wave < len(self.waves) and self.fed == turn and not self.queue:
            self.sent_at = self.sent_at or at
            if at < self.sent_at + timedelta(minutes=self.waves[self.wave].wait_minutes):
                return
            self.wave, self.sent_at, self.feed_after = self.wave + 1, None, None
            self.feed(pace, at)
            return
        ready = credit.Ready(
            next_batch_no=self.batches,
            most=turn - self.fed,
            parts_per_second=pace,
            cap=self.cap,
            typical_parts=typical,
            feed_after=self.feed_after,
        )
        if self.hours:
            found = openings(self.hours, self.in_turn, at)
            mine = {group.no for group in found.now}
            outstanding = sum(batch.group in mine for batch in self.queue)
            granted = credit.grant_groups(ready, found.now, outstanding=outstanding, at=at)
        else:
            granted = credit.grant(ready, next_seq=self.fed, outstanding=len(self.queue), at=at)
        self.feed_after = granted.feed_after or self.feed_after
        self.groups = [
            msgspec.structs.replace(group, fed=granted.fed_of_groups.get(group.no, group.fed)) for group in self.groups
        ]
        for one in granted.batches:
            group = next((g for g in self.groups if 0 <= one.first_seq - g.first_seq < g.count), None)
            sendable = first_stretches(self.hours, group.zones, at, 10, group.country) if self.hours and group else ()
            parts = deque(self.lengths[one.first_seq : one.first_seq + one.count])
            self.queue.append(Batch(parts, group.no if group else 0, sendable))
        self.fed += granted.recipients
        self.batches += len(granted.batches)

    def send_one(self, at: datetime) -> int:
        """The parts of the message that left; 0 if none may."""
        batch = next((batch for batch in self.queue if batch.may_leave(at)), None)
        if batch is None:
            return 0
        parts = batch.parts.popleft()
        if not batch.parts:
            self.queue.remove(batch)
        return parts


def happens(mine: Campaign, others: list[Campaign], pace: int, start: datetime) -> datetime:
    """When the last message of `mine` leaves: campaigns of the sender take turns, part by part."""
    everybody, at, credit_left = [mine, *others], start, 0.0
    served = dict.fromkeys(range(len(everybody)), 0)
    while not mine.done:
        for campaign in everybody:
            campaign.feed(pace, at)
        credit_left = min(credit_left, 0.0) + pace * TICK.total_seconds()
        idle: set[int] = set()
        while credit_left > 0 and len(idle) < len(everybody):
            no = min(served.keys() - idle, key=lambda n: served[n])
            parts = everybody[no].send_one(at)
            if not parts:
                idle.add(no)
                # Who has nothing to send now gathers no claim.
                served[no] = max(served[no], min((served[n] for n in served if n not in idle), default=served[no]))
            served[no] += parts
            credit_left -= parts
        at += TICK
        if len(idle) == len(everybody) and mine.hours and not openings(mine.hours, mine.in_turn, at).now:
            at = later(mine, at)
    return at


def later(mine: Campaign, at: datetime) -> datetime:
    """Nights are long: to just before something can happen again."""
    assert mine.hours
    moments = [one.opens for batch in mine.queue for one in batch.sendable if one.opens > at]
    found = openings(mine.hours, mine.in_turn, at).next
    return max(min([*moments, *([found] if found else [])], default=at) - TICK, at)


@st.composite
def campaigns(draw: st.DrawFn, *, least: int, most: int) -> Campaign:
    count = draw(st.integers(least, most))
    lengths = draw(st.randoms(use_true_random=False)).choices((1, 2, 3), draw(st.sampled_from(WEIGHTS)), k=count)
    cap = draw(st.one_of(st.none(), st.integers(5, 30)))
    wave = st.builds(lambda share, wait: Wave(share=share, wait_minutes=wait), st.integers(5, 30), st.integers(1, 20))
    waves = tuple(draw(st.lists(wave, max_size=3)))
    if not draw(st.booleans()):
        return Campaign(lengths, cap=cap, waves=waves)
    cuts = sorted({0, *draw(st.lists(st.integers(1, count - 1), max_size=3)), count})
    groups = [
        Group(no=no, zones=(zone,), country=country, first_seq=first, count=last - first)
        for no, (first, last, (zone, country)) in enumerate(zip(cuts, cuts[1:], PLACES, strict=False))
    ]
    opens = draw(st.integers(6, 12))
    closes = opens + draw(st.integers(1, 6))
    hours = Hours(opens=time(opens), closes=time(closes), skip_holidays=draw(st.booleans()))
    return Campaign(lengths, groups, hours, cap, waves=waves)


def halts_of(campaign: Campaign, at: datetime) -> list[Halt]:
    return halts(campaign.waves, 0, recipients=len(campaign.lengths), sent_at=None, at=at)


def predicted(mine: Campaign, others: list[Campaign], pace: int, start: datetime, remaining: int = 10**9) -> Forecast:
    seqs = sample_seqs(len(mine.lengths))
    return forecast(
        counts={"US": len(mine.lengths)},
        prices={"US": Decimal("0.0079")},
        currency="EUR",
        sample=[Sampled("US", mine.lengths[seq], seq) for seq in seqs],
        pools=[
            PoolState(id=new_id(), name="p", purpose="short", remaining=remaining, sample_url="https://x.example/1")
        ],
        parts_per_second=pace,
        start_at=start,
        cap=mine.cap,
        hours=mine.hours,
        groups=mine.groups,
        halts=halts_of(mine, start),
        others=[
            Other(
                load=load_of(
                    len(other.lengths),
                    sum(other.lengths) / len(other.lengths),
                    cap=other.cap,
                    hours=other.hours,
                    groups=other.groups,
                    halts=halts_of(other, start),
                )
            )
            for other in others
        ],
    )


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    mine=campaigns(least=3_000, most=7_000),
    others=st.lists(campaigns(least=500, most=4_000), max_size=2),
    pace=st.integers(8, 40),
    start=st.builds(lambda day, hour: day + timedelta(hours=hour), st.sampled_from(STARTS), st.integers(0, 47)),
)
def test_the_end_is_foretold_within_2_percent(
    mine: Campaign, others: list[Campaign], pace: int, start: datetime
) -> None:
    made = predicted(mine, others, pace, start)
    actual = happens(mine, others, pace, start)
    assert made.finish_at is not None
    off = abs(actual - made.finish_at)
    assert off <= 0.02 * (actual - start), (made.finish_at, actual)


def test_who_is_capped_leaves_the_rest_to_the_others() -> None:
    start = datetime(2031, 1, 1, tzinfo=UTC)
    mine, other = Load(parts=(8_000.0,)), Load(parts=(1_000.0,), cap=20)
    # 80 parts a second while the other takes its 20, for 50 s; then all of 100.
    end = finish_at(mine, [other], parts_per_second=100, start=start)
    assert end is not None
    assert abs((end - start).total_seconds() - 90) < 0.01


def test_who_is_capped_makes_up_for_what_others_took_as_far_as_it_is_fed() -> None:
    start = datetime(2031, 1, 1, tzinfo=UTC)
    mine, other = Load(parts=(1_000.0,), cap=10, backlog=50.0), Load(parts=(100.0,))
    # 16.7 s at 6 a second leave more than 50 behind, 25 s at 12 make up for those, and 600 parts are left for the cap.
    end = finish_at(mine, [other], parts_per_second=12, start=start)
    assert end is not None
    assert abs((end - start).total_seconds() - (100 / 6 + 25 + 60)) < 0.01


def test_waves_are_waited_for() -> None:
    start = datetime(2031, 1, 1, tzinfo=UTC)
    mine = Load(parts=(1_000.0,), pauses=(Pause((900.0,), 7200), Pause((600.0,), 3600)))
    # Another campaign takes half of the pace while the first 100 parts are sent.
    end = finish_at(mine, [Load(parts=(1_000.0,))], parts_per_second=10, start=start)
    assert end is not None
    assert abs((end - start).total_seconds() - (20 + 7200 + 30 + 3600 + 60)) < 0.01


def test_a_night_is_waited_for() -> None:
    start = datetime(2031, 1, 1, 15, tzinfo=UTC)
    hours = Hours(opens=time(9), closes=time(10))
    mine = Load(parts=(60.0, 10.0), zones=(("Europe/Berlin",), ("Asia/Tokyo",)), hours=hours)
    # Tokyo's hour comes first; Berlin is at nine eight hours later.
    end = finish_at(mine, [], parts_per_second=1, start=start)
    assert end is not None
    assert abs(end - datetime(2031, 1, 2, 8, 1, tzinfo=UTC)) < timedelta(seconds=1)


def test_a_holiday_is_waited_for() -> None:
    start = datetime(2031, 4, 10, 20, tzinfo=UTC)  # the evening before Good Friday, which Japan does not have
    hours = Hours(opens=time(9), closes=time(10), skip_holidays=True)
    zones = (("Europe/Berlin",), ("Asia/Tokyo",))
    for countries, last in ((("DE", "JP"), 12), (("US", "JP"), 11)):
        mine = Load(parts=(60.0, 10.0), zones=zones, countries=countries, hours=hours)
        end = finish_at(mine, [], parts_per_second=1, start=start)
        assert end is not None
        assert abs(end - datetime(2031, 4, last, 7, 1, tzinfo=UTC)) < timedelta(seconds=1)


def test_hours_that_never_come_have_no_end() -> None:
    start = datetime(2031, 1, 1, tzinfo=UTC)
    hours = Hours(opens=time(9), closes=time(10))
    never = ("Europe/Berlin", "Asia/Tokyo")
    assert finish_at(Load(parts=(1.0,), zones=(never,), hours=hours), [], parts_per_second=1, start=start) is None


@given(recipients=st.integers(0, 50_000), most=st.integers(1, 5_000))
def test_a_sample_has_somebody_of_every_stretch(recipients: int, most: int) -> None:
    seqs = sample_seqs(recipients, most)
    size = min(recipients, most)
    assert len(seqs) == size
    for index, seq in enumerate(seqs):
        assert index * recipients // size <= seq < (index + 1) * recipients // size
