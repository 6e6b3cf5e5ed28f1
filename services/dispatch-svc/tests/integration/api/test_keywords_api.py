"""The keywords API: built-in words, and the account's own."""

from typing import Any

from httpx import AsyncClient


async def test_own_words_are_set_and_listed_beside_the_built_in_ones(api: AsyncClient, caller: Any) -> None:
    mine, others = caller(), caller()
    words = [{"word": "Tschüss", "keyword": "stop", "language": "de"}, {"word": "MENU", "keyword": "help"}]
    put = await api.put("/v1/keywords", json={"own": words}, headers=mine)
    assert put.status_code == 200, put.text
    listed = (await api.get("/v1/keywords", headers=mine)).json()
    assert listed == put.json()
    assert listed["own"] == [{"word": "MENU", "keyword": "help", "language": None}, words[0]]
    assert {"word": "arret", "keyword": "stop", "language": "fr"} in listed["built_in"]
    assert (await api.get("/v1/keywords", headers=others)).json()["own"] == []
    assert (await api.put("/v1/keywords", json={"own": []}, headers=mine)).json()["own"] == []


async def test_a_word_that_stops_means_nothing_else(api: AsyncClient, caller: Any) -> None:
    words = [{"word": "menu", "keyword": "help"}, {"word": "Unsubscribe", "keyword": "help"}]
    answer = await api.put("/v1/keywords", json={"own": words}, headers=caller())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "own[1].word")
