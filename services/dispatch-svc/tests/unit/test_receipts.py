from datetime import UTC, datetime, timedelta

import msgspec

from dispatch_svc.domain.receipts import Final, joined, receipt_events
from dispatch_svc.domain.refs import message_of, ref_prefix
from volley_contracts import ReceiptStatus, new_id

AT = datetime(2026, 1, 1, tzinfo=UTC)
CAMPAIGN = new_id()


def final(status: ReceiptStatus, seconds: int = 0, error: str | None = None) -> Final:
    return Final(CAMPAIGN, 5, 0, "GB", status, error, AT + timedelta(seconds=seconds))


def test_a_message_is_delivered_with_the_last_of_its_parts() -> None:
    assert joined([final("delivered", 4), final("delivered", 9), final("delivered", 1)]).at == AT + timedelta(seconds=9)


def test_one_part_that_is_not_delivered_decides() -> None:
    assert joined([final("delivered", 4), final("expired", 9, "e"), final("undelivered", 2, "u")]).error == "u"


def test_one_event_a_campaign() -> None:
    other = Final(new_id(), 1, 1, "US", "rejected", "spam", AT)
    first, second = receipt_events(new_id(), [final("delivered"), other, final("delivered")])
    assert (first.campaign_id, first.seqs) == (CAMPAIGN, [5, 5])
    assert (second.statuses, second.errors, second.variants) == (["rejected"], ["spam"], [1])


def test_an_event_names_each_domain_once() -> None:
    one, other = new_id(), new_id()
    finals = [msgspec.structs.replace(final("delivered"), short_domain_id=domain) for domain in (one, None, other, one)]
    (event,) = receipt_events(new_id(), finals)
    assert (event.short_domains, event.places) == ([one, other], [0, -1, 1, 0])


def test_references_name_messages() -> None:
    assert message_of(f"{ref_prefix(CAMPAIGN)}17") == (CAMPAIGN, 17)
    assert message_of("else") is None
    assert message_of("1234") is None
