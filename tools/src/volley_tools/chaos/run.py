"""One seed on a running platform: an account of its own, campaigns, faults, and the judgement."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import msgspec

from volley_chassis.dead_letters import list_letters
from volley_contracts import TOPICS
from volley_tools.chaos import campaigns, judge
from volley_tools.chaos.api import PatientApi
from volley_tools.chaos.campaigns import Made, Stage
from volley_tools.chaos.machine import Machine
from volley_tools.chaos.plan import Fault, Plan
from volley_tools.demo import story
from volley_tools.demo.api import ApiError
from volley_tools.demo.evidence import Finding, Json, Ledger
from volley_tools.demo.provider import Provider

CAMPAIGN_SECONDS = 300.0
QUIET_SECONDS = 120.0
LEDGER, HISTORIES = "ledger.json", "histories.json"
"""Beside the logs of a seed that failed: the provider's side, and the moves of each sender's campaign."""

_LOOK_SECONDS = 0.05
_TELL_SECONDS = 5.0


class Verdict(msgspec.Struct, frozen=True):
    """What became of a seed. `broken` is empty where everything held."""

    seconds: float
    broken: list[str]
    told: list[str]
    figures: str


class Progress:
    """How much of the plan the provider has accepted."""

    def __init__(self, provider: Provider, whole: int) -> None:
        self._provider = provider
        self._whole = whole
        self._accepted = 0

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            self._accepted = await self._provider.count()
            await asyncio.sleep(_LOOK_SECONDS)

    async def reached(self, share: float) -> None:
        while self._accepted < share * self._whole:  # noqa: ASYNC110 - `follow` looks for all
            await asyncio.sleep(_LOOK_SECONDS)


async def run_seed(machine: Machine, root: PatientApi, plan: Plan) -> Verdict:
    """Carry out the plan and judge it. What is broken is told, and never raised."""
    begun = time.monotonic()
    broken, figures = [], ""
    try:
        async with asyncio.timeout(CAMPAIGN_SECONDS + 3 * QUIET_SECONDS):
            findings, figures = await _run(machine, root, plan)
        broken = [f"{one.claim}: {one.figures}" for one in findings if not one.holds]
    except Exception as error:  # noqa: BLE001 - whatever it is, this seed has failed and the next one goes on
        broken = [f"{type(error).__name__}: {error}"]
    return Verdict(time.monotonic() - begun, broken, list(machine.told), figures)


async def _run(machine: Machine, root: PatientApi, plan: Plan) -> tuple[list[Finding], str]:
    provider = machine.provider
    await machine.prepare()
    machine.tell("everything is up")
    await provider.start_over(web=machine.stack.public_url().removeprefix("http://"))
    account = await root.post("/v1/accounts", {"name": f"chaos {plan.seed} {uuid.uuid4()}"})
    api = PatientApi(root.session, root.url, account["api_key"]["key"])
    async with _kept_up(machine), _routes(api, machine, plan) as routes:
        stage = await campaigns.prepare(api, plan, routes, machine.tell)
        await provider.behave(**plan.manners, optout_hosts=[])
        await machine.arm(plan.faults)
        machine.tell("the campaigns are ready")
        ended = await _send(machine, stage)
        await _quiet(machine)
        ledger = await provider.ledger()
        histories = {made.sender["address"]: await _history(stage, made) for made in stage.made}
        good = False
        try:
            findings, figures = await _judge(machine, stage, ended, ledger, histories)
            good = all(finding.holds for finding in findings)
        finally:
            if not good:
                logs = machine.stack.folder / "logs"
                (logs / LEDGER).write_bytes(msgspec.json.encode(ledger))
                (logs / HISTORIES).write_bytes(msgspec.json.encode(histories))
        return findings, figures


@asynccontextmanager
async def _kept_up(machine: Machine) -> AsyncIterator[None]:
    """Who dies meanwhile is started again: a fault point may be passed before the first message, or after the last."""
    watching = asyncio.create_task(machine.keep_up())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


@asynccontextmanager
async def _routes(api: PatientApi, machine: Machine, plan: Plan) -> AsyncIterator[list[str]]:
    """The SMSC's login is free again afterwards."""
    made = await campaigns.make_routes(api, machine.provider, plan, machine.stack.simulator.smpp_port)
    try:
        yield made
    finally:
        for route in made:
            with suppress(ApiError):
                await api.delete(f"/v1/routes/{route}")


async def _send(machine: Machine, stage: Stage) -> list[Json]:
    """The campaigns as they ended, after everything that was to happen to them."""
    plan = stage.plan
    progress = Progress(machine.provider, plan.recipients)
    following = asyncio.create_task(progress.follow())
    faults = [asyncio.create_task(_cause(machine, progress, fault)) for fault in plan.faults]
    try:
        async with asyncio.timeout(CAMPAIGN_SECONDS):
            ended = await asyncio.gather(*(campaigns.see_through(stage, one, progress.reached) for one in stage.made))
        machine.tell("all campaigns have ended")
        await _finish(machine, faults)
    finally:
        for task in (*faults, following):
            task.cancel()
        await asyncio.gather(*faults, following, return_exceptions=True)
    return ended


async def _quiet(machine: Machine) -> None:
    """Wait until the phones are done, and tell what of them takes long."""
    deadline, told = time.monotonic() + QUIET_SECONDS, time.monotonic()
    while pending := await machine.provider.pending():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the phones were not done after {QUIET_SECONDS:.0f} s: {pending}")
        if time.monotonic() > told + _TELL_SECONDS:
            told = time.monotonic()
            machine.tell(f"waiting for {pending}")
        await asyncio.sleep(_LOOK_SECONDS)
    machine.tell("the phones are done")


async def _cause(machine: Machine, progress: Progress, fault: Fault) -> None:
    if fault.kind in {"point", "twice"}:
        return
    await progress.reached(fault.at)
    await asyncio.shield(asyncio.create_task(machine.cause(fault), name="begun"))


async def _finish(machine: Machine, faults: list[asyncio.Task[None]]) -> None:
    """Wait for what has begun; what has not never will."""
    begun = [task for task in asyncio.all_tasks() if task.get_name() == "begun"]
    if begun:
        await asyncio.wait(begun)
    missed = sum(not task.done() for task in faults)
    if missed or machine.points_left():
        machine.tell(f"{missed + len(machine.points_left())} faults were never reached")


async def _history(stage: Stage, made: Made) -> list[Json]:
    return [move async for move in stage.api.pages(f"/v1/campaigns/{made.campaign['id']}/history")]


async def _judge(
    machine: Machine, stage: Stage, ended: list[Json], ledger: Ledger, histories: Mapping[str, list[Json]]
) -> tuple[list[Finding], str]:
    findings: list[Finding] = []
    unknown = 0
    figures = []
    for made, campaign in zip(stage.made, ended, strict=True):
        address = made.sender["address"]
        stats = await story.settled_stats(stage.api, campaign, ledger, address)
        last = await stage.api.get(f"/v1/campaigns/{campaign['id']}")
        findings += judge.examine_campaign(ledger, last, stats, made.sender)
        findings.append(judge.examine_moves(ledger, address, histories[address], machine.outages))
        totals = stats["totals"]
        unknown += totals["unknown"]
        figures.append(f"{last['status']} {totals['submitted']}+{totals['failed']}+{totals['unknown']}+"
                       f"{totals['suppressed']}+{totals['cancelled']}")  # fmt: skip
    domains = await story.settled_domains(stage.api, ledger, unknown)
    findings += judge.examine_domains(ledger, domains, unknown)
    findings += [judge.examine_optouts(ledger, machine.outages), await _dead_letters(machine)]
    machine.tell("judged")
    return findings, "; ".join(figures)


async def _dead_letters(machine: Machine) -> Finding:
    kafka, prefix = machine.stack.addresses.kafka, machine.stack.platform.topic_prefix
    letters = [letter for topic in TOPICS for letter in await list_letters(kafka, prefix, topic)]
    reasons = ", ".join({f"{letter.service} {letter.type}: {letter.reason[:200]}" for letter in letters})
    return Finding("no record was given up", not letters, f"{len(letters)} dead letters {reasons}")
