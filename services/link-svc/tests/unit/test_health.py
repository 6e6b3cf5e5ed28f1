"""When a domain's failures are told of, and what proves that it leads here."""

from datetime import UTC, datetime

import pytest

from link_svc.domain.health import PATH, Found, Health, after, nonce_in, proof_of

AT = datetime(2026, 5, 1, tzinfo=UTC)
OK, BAD = Found(None, None), Found("It fails. Mend it.", None)


@pytest.mark.parametrize(
    ("checks", "told"),
    [
        ([OK, OK], [None, None]),
        ([BAD, OK, BAD], [None, None, None]),
        ([BAD, BAD, BAD, OK, OK], [None, False, None, True, None]),
        ([BAD, BAD, OK, BAD, BAD], [None, False, True, None, False]),
    ],
)
def test_two_failures_in_a_row_are_told_once_and_so_is_their_end(checks: list[Found], told: list[bool | None]) -> None:
    known: Health | None = None
    heard = []
    for found in checks:
        known, news = after(known, found, AT, in_use=True)
        heard.append(news)
        assert known.problem == found.problem
    assert heard == told


def test_of_a_domain_that_is_not_in_use_nothing_is_told() -> None:
    known, _ = after(None, BAD, AT, in_use=False)
    again, news = after(known, BAD, AT, in_use=False)
    assert (news, again.failures) == (None, 2)
    assert after(again, BAD, AT, in_use=True)[1] is False


def test_a_proof_is_of_one_platform_one_host_and_one_question() -> None:
    nonces = ("0" * 32, "1" * 32)
    proofs = [proof_of(*of) for of in (("t", "a.example", nonces[0]), ("u", "a.example", nonces[0]))]
    proofs += [proof_of("t", "b.example", nonces[0]), proof_of("t", "a.example", nonces[1])]
    assert len(set(proofs)) == 4


@pytest.mark.parametrize("nonce", ["", "0" * 31, "0" * 33, "/" * 32, "é" * 32, "0" * 31 + "\n"])
def test_only_a_nonce_is_answered(nonce: str) -> None:
    assert nonce_in(PATH + nonce) is None
    assert nonce_in("0" * 32) is None
