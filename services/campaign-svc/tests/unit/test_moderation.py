"""The rules of moderation: what they find, where exactly, and what they leave alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_svc.domain.account_rules import AccountRule, RuleKind, global_rules
from campaign_svc.domain.moderation import moderate, verdict_of
from campaign_svc.domain.moderation_terms import Verdict
from volley_contracts import new_id, now

OUT = " Reply STOP to opt out"


def findings(text: str, target_url: str | None = None, *, needs_optout: bool = True) -> list[tuple[str, str, str]]:
    found = moderate([text], target_url, needs_optout=needs_optout)
    for finding in found:
        scanned = text if finding.variant == 0 else target_url
        assert scanned is not None
        assert scanned[finding.start : finding.end] == finding.matched
        assert finding.reason
    return [(finding.rule, finding.verdict, finding.matched) for finding in found]


@pytest.mark.parametrize(
    "text",
    [
        "Hi {{ first_name | there }}, 20% off in {{ city | your city }}: {{ short_url }} Stop: {{ optout_url }}",
        "Your appointment is confirmed for tomorrow, 9:00. Please confirm by reply." + OUT,
        "Bonjour Zoë, -20 % sur tout ! {{ short_url }} STOP: {{ optout_url }}",
        "Wir freuen uns auf Sie. Abmelden: {{ optout_url }}",
        "Sale in Kazan: скидка 20%! " + OUT,
        "NEW: SMS from us" + OUT,
        "Hi {{ first_name }}. {{ short_url }} from {{ city }}!" + OUT,
        "Terms: {{ short_url.terms }}, {{ short_url.map | x }}" + OUT,
        "Sussex, Essex and the heroine of Cocaigne" + OUT,
    ],
)
def test_honest_texts_pass(text: str) -> None:
    assert findings(text) == []


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("See https://www.paypal.com/offers today.", "paypal.com"),
        ("See https://shop.example/{{ code }} and shop.example?c={{ code }}.", "shop.example"),
        ("See http://cafe.example/menu.", "cafe.example"),
        ("See bücher.example.", "xn--bcher-kva.example"),
    ],
)
def test_texts_may_name_hosts_of_the_account_and_no_others(text: str, own: str) -> None:
    assert moderate([text + OUT], None, needs_optout=True, own_hosts=[own]) == []
    found = moderate([text + OUT], None, needs_optout=True)
    assert {f.verdict for f in found if f.rule == "foreign_host"} == {"review"}


@pytest.mark.parametrize(
    "text",
    [
        "Reply STOP to opt out",
        "Text stop to 12345",
        "Txt END or STOP",
        "stop: 12345",
        "Antworten Sie mit STOPP",
        "Abmelden mit Antwort Stop",
        "STOP au 36111",
        "Responde BAJA",
        "Отправьте СТОП на 1234",
        "回复TD退订",
        "Rispondi annulla",
        "Stop to end",
        "To unsubscribe see below",
    ],
)
def test_ways_out_in_many_languages(text: str) -> None:
    assert findings(f"Sale today. {text}") == []


@pytest.mark.parametrize("text", ["Stop by our shop", "STOP BY OUR SHOP", "Don't stop dancing", "A bus stop near you"])
def test_a_word_alone_is_no_way_out(text: str) -> None:
    assert ("missing_opt_out", "reject", "") in findings(text)


@pytest.mark.parametrize(
    ("text", "rule", "verdict", "matched"),
    [
        ("Cheap cocaine here" + OUT, "banned_term", "reject", "cocaine"),
        ("Cheap c0caïne here" + OUT, "banned_term", "reject", "c0caïne"),
        ("Best CASINO in town" + OUT, "banned_term", "review", "CASINO"),
        ("Get free-spins now" + OUT, "banned_term", "review", "free-spins"),
        ("Please verify your account at {{ short_url }}" + OUT, "credential_lure", "reject", "verify your account"),
        ("Your account has been locked: {{ short_url }}" + OUT, "credential_lure", "reject", "account has been locked"),
        ("Please verify your account in our shop" + OUT, "credential_lure", "review", "verify your account"),
        ("Unpaid toll! Pay {{ short_url }}" + OUT, "payment_lure", "review", "Unpaid toll"),
        ("Your parcel is on hold: {{ short_url }}" + OUT, "payment_lure", "review", "parcel is on hold"),
        ("You've won! {{ short_url }}" + OUT, "prize_lure", "review", "You've won"),
        ("See http://192.0.2.7/login" + OUT, "ip_host", "reject", "http://192.0.2.7/login"),
        ("See https://paypa1.com/x" + OUT, "look_alike_host", "reject", "https://paypa1.com/x"),
        ("See www.pаypal.com now" + OUT, "look_alike_host", "reject", "www.pаypal.com"),  # noqa: RUF001 - Cyrillic a
        ("See rnicrosoft-help.example now" + OUT, "look_alike_host", "reject", "rnicrosoft-help.example"),
        ("See paypall.com/x" + OUT, "look_alike_host", "review", "paypall.com/x"),
        ("See mircosoft-help.example" + OUT, "look_alike_host", "review", "mircosoft-help.example"),
        ("See securepaypal.example" + OUT, "look_alike_host", "review", "securepaypal.example"),
        ("See https://zoo.example/" + OUT, "foreign_host", "review", "https://zoo.example/"),
        ("See paypal.com.verify.example/x" + OUT, "look_alike_host", "review", "paypal.com.verify.example/x"),
        ("See https://paypal.com@evil.example/" + OUT, "hidden_host", "reject", "https://paypal.com@evil.example/"),
        ("See bit.ly/3xyz" + OUT, "public_shortener", "review", "bit.ly/3xyz"),
        ("See http://3221225985/x" + OUT, "ip_host", "reject", "http://3221225985/x"),
        ("See http://0x7f.1/" + OUT, "ip_host", "reject", "http://0x7f.1/"),
        ("See http://[2001:db8::1]/x" + OUT, "ip_host", "reject", "http://[2001:db8::1]/x"),
        ("See xn--bcher-kva.example/x" + OUT, "punycode_host", "review", "xn--bcher-kva.example/x"),
        ("See https://xn--pypal-4ve.com" + OUT, "look_alike_host", "reject", "https://xn--pypal-4ve.com"),
        ("See HTTPS://TINYURL.COM/abc" + OUT, "public_shortener", "review", "HTTPS://TINYURL.COM/abc"),
        ("See www.tinyurl.com/sale" + OUT, "public_shortener", "review", "www.tinyurl.com/sale"),
        ("See https://ɡoogle.com" + OUT, "look_alike_host", "review", "https://ɡoogle.com"),  # noqa: RUF001 - script g
        ("See https://ab.cd/x7Kq2" + OUT, "foreign_shortener", "review", "https://ab.cd/x7Kq2"),
        ("See https://{{ shop }}.example/" + OUT, "field_in_host", "reject", "{{ shop }}"),
        ("See {{ shop }}.com" + OUT, "field_in_host", "reject", "{{ shop }}"),
        ("See {{ shop | a }}com" + OUT, "field_in_host", "reject", "{{ shop | a }}"),
        ("See {{ a }}.{{ b }}" + OUT, "field_in_host", "reject", "{{ a }}"),
        ("Buy now!!!!" + OUT, "shouting", "review", "!!!!"),
    ],
)
def test_each_rule_names_its_span(text: str, rule: str, verdict: str, matched: str) -> None:
    assert (rule, verdict, matched) in findings(text)


def test_shouting_is_the_whole_text() -> None:
    text = "BUY ALL OUR SHINY THINGS TODAY {{ first_name }}" + OUT.upper()
    assert findings(text) == [("shouting", "review", text)]


def test_a_text_without_a_way_out_is_rejected_where_one_is_required() -> None:
    assert findings("Come to our shop.") == [("missing_opt_out", "reject", "")]
    assert findings("Come to our shop.", needs_optout=False) == []


def test_the_target_url_is_looked_at_too() -> None:
    (finding,) = moderate(["Hi" + OUT], "https://paypa1.com/login", needs_optout=True)
    assert (finding.rule, finding.variant) == ("look_alike_host", None)
    url = "https://shop.example/free-spins?utm_campaign=casino"
    terms = [("banned_term", "review", "free-spins"), ("banned_term", "review", "casino")]
    assert findings("Hi" + OUT, url) == terms
    assert findings("Hi" + OUT, "https://shop.example/sussex/cheap-flights?id=xxx1") == []


def rule(kind: RuleKind, value: str, verdict: Verdict = "review") -> AccountRule:
    return AccountRule(
        id=new_id(),
        kind=kind,
        value=value,
        verdict=verdict,
        category="account",
        reason="is ours to ban",
        created_at=now(),
        created_by="rita",
    )


def test_rules_of_the_account_find_terms_and_hosts_with_their_span() -> None:
    rules = [rule("term", "rival shop", "reject"), rule("host", "rival.example"), rule("own_domain", "acme.example")]
    text = "Better than Riva1-Shop: see www.rival.example/x, or acme.example" + OUT
    found = moderate([text], None, needs_optout=True, rules=rules)
    assert [(f.rule, f.scope, f.verdict, f.matched) for f in found if f.rule != "foreign_host"] == [
        ("account_term", "account", "reject", "Riva1-Shop"),
        ("account_host", "account", "review", "rival.example"),
    ]
    assert text[found[0].start : found[0].end] == "Riva1-Shop"
    assert moderate(["notrival.examples.html" + OUT], None, needs_optout=True, rules=rules)[0].scope == "global"


@pytest.mark.parametrize(
    ("host", "verdict"),
    [
        ("acme-bank.example", None),
        ("go.acme-bank.example", None),
        ("acrne-bank.example", "reject"),
        ("acme-bank.example.evil.example", "review"),
        ("acme-bank.test", "review"),
        ("acne-bank.test", "review"),
        ("zzzz.example", None),
    ],
)
def test_hosts_that_look_like_the_account_s_own_are_found(host: str, verdict: str | None) -> None:
    own = ["acme-bank.example", "go.acme-bank.example"]
    found = moderate([f"See {host}/x" + OUT], None, needs_optout=True, own_hosts=own)
    assert next((f.verdict for f in found if f.rule == "look_alike_host"), None) == verdict


def test_whoever_adds_a_domain_that_looks_like_a_brand_s_is_found_all_the_same() -> None:
    (found,) = moderate(["See paypa1.com/x" + OUT], None, needs_optout=True, own_hosts=["paypa1.com"])
    assert (found.rule, found.verdict) == ("look_alike_host", "reject")


def test_the_account_s_own_short_links_are_no_foreign_shortener() -> None:
    text = "See https://ab.cd/x7Kq2" + OUT
    assert moderate([text], None, needs_optout=True, own_hosts=["ab.cd"]) == []


def test_what_contacts_bring_in_is_looked_at() -> None:
    values = {"name": {"Zoë", "Cocaine", "x" * 200}, "city": {"Oslo"}}
    found = moderate(["Hi {{ name }}" + OUT], None, needs_optout=True, values=values)
    assert [(f.rule, f.field, f.variant) for f in found] == [
        ("banned_term", "name", None),
        ("long_value", "name", None),
    ]


def test_every_global_rule_is_described() -> None:
    names = {known.rule for known in global_rules()}
    assert {"banned_term", "credential_lure", "ip_host", "shouting", "missing_opt_out", "field_in_host"} <= names
    assert all(known.about for known in global_rules())


def test_the_gravest_finding_is_the_verdict_and_variants_are_told_apart() -> None:
    found = moderate(["Casino!" + OUT, "Cocaine" + OUT], None, needs_optout=True)
    assert [(f.variant, f.verdict) for f in found] == [(0, "review"), (1, "reject")]
    assert (verdict_of(found), verdict_of(found[:1]), verdict_of([])) == ("reject", "review", "pass")


@given(st.text(max_size=200))
def test_no_text_breaks_the_rules(text: str) -> None:
    for finding in moderate([text], text, needs_optout=True):
        assert 0 <= finding.start <= finding.end <= len(text)
        assert text[finding.start : finding.end] == finding.matched
