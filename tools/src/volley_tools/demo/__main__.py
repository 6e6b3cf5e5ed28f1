"""`make demo`: starts the platform and a provider simulator, carries a campaign through it, and checks the result.

Everything that happens goes through the gateway's REST API; phones, clicks and replies are the simulator's.
"""

import argparse
import asyncio
import signal
import sys
import time
from typing import Any

import aiohttp
from rich.progress import Progress, TaskID

from volley_tools.demo import evidence, people, show, story
from volley_tools.demo.api import Api, ApiError
from volley_tools.demo.provider import BEHAVIOUR, Provider, smpp_config
from volley_tools.stack import control
from volley_tools.stack.platform import kept_secrets
from volley_tools.stack.processes import StackError
from volley_tools.stack.supervisor import FOLDER, Stack

DEMO_FOLDER = FOLDER / "demo"
SEGMENT = "Customers"

Json = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the platform running at the end")
    parser.add_argument("--recipients", type=int, default=20_000, help="people in the campaign (default 20,000)")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # SIGINT too: a shell's background job is started deaf to it
        signal.signal(number, signal.default_int_handler)
    sys.exit(_run(options.recipients, keep=options.keep))


def _run(recipients: int, *, keep: bool) -> int:
    """Start, tell, stop; the exit status."""
    stays = False
    try:
        show.step("Starting the platform")
        state = _start()
        good = asyncio.run(_tell(state, _plan(recipients)))
        stays = keep
        if keep:
            _look_around(state)
        else:
            show.line("The API: docs/reference/openapi.json, or /docs while the platform runs (make demo KEEP=1).")
    except KeyboardInterrupt:
        show.line("Interrupted.")
        return 130
    except (StackError, ApiError, TimeoutError) as error:
        show.line(f"[bold red]The demo failed:[/bold red] {error}")
        show.line(f"Logs: {DEMO_FOLDER}/logs")
        return 1
    finally:
        if not stays:
            show.step("Stopping the platform")
            control.stop(DEMO_FOLDER)
    return 0 if good else 1


def _start() -> Json:
    """A platform with empty data; what an earlier demo left is removed."""
    control.stop(DEMO_FOLDER)
    Stack(DEMO_FOLDER).remove()
    return control.run_in_background(DEMO_FOLDER, ["--simulator"])


def _plan(recipients: int) -> story.Plan:
    """Limits that make the short-link pool run out at two thirds of the campaign."""
    return story.Plan(recipients=recipients, short_limits=(recipients * 3 // 10, recipients * 35 // 100))


async def _tell(state: Json, plan: story.Plan) -> bool:
    started = time.monotonic()
    async with aiohttp.ClientSession() as session:
        api = Api(session, state["urls"]["gateway-api-0"], kept_secrets(DEMO_FOLDER).bootstrap_key)
        provider = Provider(session, state["urls"]["simulator"])
        web = state["public_urls"]["link-svc-0"].removeprefix("http://")
        await provider.behave(**BEHAVIOUR, web=web, optout_hosts=["out.example.org"])
        await _import(api, plan)
        things = await _prepare(api, plan, state)
        campaign = await _campaign(api, things, plan)
        await provider.quiet(plan.timeout)
        reminder = await _reminder(api, things, plan)
        await provider.quiet(plan.timeout)
        good = await _examine(api, provider, things, [campaign, reminder])
    show.line(f"The story took {time.monotonic() - started:.0f} s.")
    return good


async def _import(api: Api, plan: story.Plan) -> None:
    show.step(f"1. Importing {plan.recipients} contacts from a CSV file")
    content = people.csv_file(plan.recipients, broken=plan.broken_rows)
    with show.progress() as bar:
        task = bar.add_task("rows", total=plan.recipients + plan.broken_rows)
        job = await story.import_contacts(
            api, content, SEGMENT, lambda job: bar.update(task, completed=job["rows_done"]), plan.timeout
        )
    show.rejects(job, await story.rejected_rows(api, job))


async def _prepare(api: Api, plan: story.Plan, state: Json) -> story.Things:
    show.step("2. Making senders, a route, prices and link pools")
    smpp = smpp_config(state["simulator_smpp_port"])
    things = await story.prepare(api, plan, smpp, SEGMENT)
    for sender in things.senders:
        show.line(f"sender {sender['address']} ({sender['kind']}), {sender['parts_per_second']} parts/s")
    show.line(f"route '{things.route['name']}': SMPP 3.4 to port {smpp['port']}, bound")
    for pool in (things.short_pool, things.optout_pool):
        domains = ", ".join(f"{domain['host']} ({domain['message_limit']})" for domain in pool["domains"])
        show.line(f"pool '{pool['name']}': {domains}")
    return things


async def _campaign(api: Api, things: story.Things, plan: story.Plan) -> Json:
    show.step("3. Writing a campaign in steps, and submitting it")
    draft = await story.write_campaign(api, things)
    for variant in draft["content"]["variants"]:
        show.line(
            f"{variant['name']} ({variant['ratio']} %): [italic]{variant['text']}[/italic]",
        )
    await story.move(api, draft, "submit")
    prepared = await story.wait_for_status(api, draft, "ready", "rejected", seconds=plan.timeout)
    show.prepared(prepared)
    show.step("4. Starting it; the phones click, opt out and answer")
    await story.move(api, draft, "start")
    with show.progress() as bar:
        task = bar.add_task("messages", total=prepared["counts"]["recipients"])
        suspended = await _follow(api, draft, plan, bar, task, "suspended")
    show.step("5. The pool has run out: Volley has suspended the campaign")
    show.line(f"[yellow]{suspended['suspension']['code']}[/yellow]: {suspended['suspension']['sentence']}")
    for alert in (await api.get("/v1/alerts"))["items"]:
        show.line(f"alert: {alert['sentence']}")
    refusal, _ = await story.rescue(api, draft, things, plan)
    show.line(f"resume without a remedy: {refusal.status} {refusal.problem['detail']}")
    show.line("added a domain, resumed")
    with show.progress() as bar:
        task = bar.add_task("messages", total=prepared["counts"]["recipients"])
        return await _follow(api, draft, plan, bar, task, "finished")


async def _follow(api: Api, campaign: Json, plan: story.Plan, bar: Progress, task: TaskID, status: str) -> Json:
    def update(current: Json) -> None:
        bar.update(task, completed=current["counts"]["settled"], description=f"{current['status']}")

    return await story.wait_for_status(api, campaign, status, seconds=plan.timeout, progress=update)


async def _reminder(api: Api, things: story.Things, plan: story.Plan) -> Json:
    show.step("6. A reminder from the other sender: who opted out is left out")
    draft = await story.write_reminder(api, things)
    await story.move(api, draft, "submit")
    with show.progress() as bar:
        task = bar.add_task("messages", total=plan.recipients)
        finished = await _follow(api, draft, plan, bar, task, "finished")
    show.line(f"dropped before sending: {show.listed(finished['counts']['audience_dropped'])}")
    return finished


async def _examine(api: Api, provider: Provider, things: story.Things, campaigns: list[Json]) -> bool:
    show.step("7. The figures, against the provider's own ledger")
    ledger = await provider.ledger()
    findings: list[evidence.Finding] = []
    for campaign, sender in zip(campaigns, things.senders, strict=True):
        stats = await story.settled_stats(api, campaign, ledger, sender["address"])
        show.figures(campaign, stats)
        findings += evidence.examine(ledger, campaign, stats, sender, story.PRICES)
    domains = await story.settled_domains(api, ledger)
    show.domains(domains)
    findings += [evidence.examine_optouts(ledger), *evidence.examine_domains(ledger, domains)]
    show.findings(findings)
    return all(finding.holds for finding in findings)


def _look_around(state: Json) -> None:
    gateway = state["urls"]["gateway-api-0"]
    show.step("The platform stays up: `make down` stops it")
    show.line(f"API and its documentation: {gateway}/docs")
    show.line(f"key: {kept_secrets(DEMO_FOLDER).bootstrap_key}")
    show.line(f"the provider's ledger: {state['urls']['simulator']}/ledger/summary")
    show.line(f"logs: {DEMO_FOLDER}/logs")


if __name__ == "__main__":
    main()
