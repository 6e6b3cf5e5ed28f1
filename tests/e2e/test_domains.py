"""Domains through the gateway: a pending one is checked against the running public server, and serves from then on."""

from volley_tools.demo.api import Api


async def test_a_pending_domain_becomes_active_when_it_leads_here(api: Api) -> None:
    made = await api.post("/v1/domains", {"host": "soon.leading.example", "status": "pending", "message_limit": 5})
    assert made["health"] is None
    checked = await api.post(f"/v1/domains/{made['id']}/check")
    assert (checked["status"], checked["remaining"]) == ("active", 5)
    assert (checked["health"]["status"], checked["health"]["problem"]) == ("ok", None)
    assert (await api.get(f"/v1/domains/{made['id']}"))["health"] == checked["health"]
