"""What judging kept clicks again changes, also where an older release counted them."""

from datetime import UTC, datetime, timedelta

from stats_svc.domain.recount import Counted, KeptClick, of_recount
from stats_svc.domain.tally import Counts, FirstClick
from volley_contracts import new_id

AT = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
DOMAIN = new_id()


def test_clickers_move_where_they_were_counted() -> None:
    clicks = [
        KeptClick(seq=1, variant=0, domain_id=DOMAIN, at=AT, reason=None, user_agent="bot", country="DE"),
        KeptClick(seq=2, variant=1, domain_id=DOMAIN, at=AT, reason="scanner", user_agent="phone", country="US"),
    ]
    made = of_recount(
        clicks, ["scanner", None], {2: FirstClick(AT, "US")}, {1: Counted(AT - timedelta(minutes=5), "DE")}
    )
    assert made.figures == {
        (0, "DE", ""): Counts(clicks_human=-1, clickers=-1),
        (1, "US", ""): Counts(clicks_human=1, clickers=1),
    }
    assert {minute.minute: counts.clickers for minute, counts in made.minutes.items()} == {25: -1, 30: 1}
    assert made.domains == {("short", DOMAIN): Counts()}


def test_whom_an_older_release_counted_no_minute_and_no_domain_loses() -> None:
    click = KeptClick(seq=1, variant=0, domain_id=DOMAIN, at=AT, reason=None, user_agent="bot")
    made = of_recount([click], ["scanner"], {}, {1: Counted(None, "")})
    assert made.figures == {(0, "", ""): Counts(clicks_human=-1, clickers=-1)}
    assert made.minutes == {AT: Counts(clicks_human=-1)}
    assert made.domains == {("short", DOMAIN): Counts(clicks_human=-1)}
