"""The topic table hangs together."""

import re

import msgspec
import pytest

from volley_contracts import DECLARED, TOPICS, Declaration, Topic, content_hash, declaration_of, new_id, topics

EXPECTED = "d52a6c23f10e449dfba1ec39e765fa67b524bb5f54ee7e3a85924307fbfcd3c7"
SERVICES = {topics.OTHERS, "campaign-svc", "dispatch-svc", "link-svc", "stats-svc", "gateway-api"}


def test_names_are_unique_also_among_the_dead_letters() -> None:
    names = [name for topic in TOPICS for name in (topic.name, topic.dead_letters)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_complete(topic: Topic) -> None:
    assert re.fullmatch(r"[a-z]+(\.[a-z]+)?", topic.name)
    assert topic.about.endswith(".")
    assert {topic.producer, *topic.consumers} <= SERVICES
    assert topic.consumers
    assert topic.partitions >= 1
    assert topic.retention_s >= 3600
    assert any(declared.topic is topic for declared in DECLARED.values())


@pytest.mark.parametrize("declared", DECLARED.values(), ids=lambda declared: declared.name)
def test_an_event_has_a_name_and_the_fields_of_its_key(declared: Declaration) -> None:
    assert re.fullmatch(r"volley(\.[a-z_]+)+\.v[1-9]", declared.name)
    assert declared.topic in TOPICS
    assert declaration_of(declared.struct) is declared
    fields = {field.name: field for field in msgspec.structs.fields(declared.struct)}
    assert all(fields[name].required for name in declared.topic.key)


def test_events_of_one_compacted_topic_share_a_key_that_is_no_event_id() -> None:
    for topic in TOPICS:
        if topic.compacted:
            assert topic.key in {("account_id", "number"), ("account_id",), ("campaign_id",), ("sender_id",)}


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert {id_.version for id_ in ids} == {7}


def test_the_content_hash_is_of_texts_in_order_and_target() -> None:
    hashes = {
        content_hash(("a", "b"), None),
        content_hash(("b", "a"), None),
        content_hash(("ab",), None),
        content_hash(("a", "b"), "https://a.example"),
    }
    assert len(hashes) == 4
    assert content_hash(("a",), None) == EXPECTED, "what was approved before an update must be sent after it"
