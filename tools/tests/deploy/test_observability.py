"""Alert rules and dashboard: every expression is PromQL over metrics and labels that exist, every rule has its page."""

import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml
from faststream.prometheus.container import MetricsContainer
from prometheus_client import REGISTRY, CollectorRegistry

from volley_tools.stack.prerequisites import ROOT

OBSERVABILITY = ROOT / "deploy/observability"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((OBSERVABILITY / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((OBSERVABILITY / "dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
# Metrics of others, with their labels: Prometheus itself, Kafka Exporter, kube-state-metrics.
FOREIGN = {
    "up": {"job", "instance"},
    "kafka_consumergroup_lag": {"consumergroup", "topic", "partition"},
    "kube_pod_status_ready": {"namespace", "pod", "condition"},
}
SCRAPED = {"job", "instance"}  # the labels that every metric gets when it is fetched
INTERVAL = "5m"  # what Grafana puts in place of its own variable


def _known() -> dict[str, set[str]]:
    """The labels of every series that a process of Volley can have, by its name."""
    for file in ROOT.glob("*/*/src/**/metrics.py"):
        source = next(parent for parent in file.parents if parent.name == "src")
        importlib.import_module(".".join(file.relative_to(source).with_suffix("").parts))
    for module in ("volley_chassis.kafka", "volley_chassis.outbox"):
        importlib.import_module(module)
    of_streams = CollectorRegistry()
    MetricsContainer(of_streams, custom_label_names=[])
    found: dict[str, set[str]] = dict(FOREIGN)
    for registry in (REGISTRY, of_streams):
        for name, collector in registry._names_to_collectors.items():
            labels = {*getattr(collector, "_labelnames", ()), *({"le"} if name.endswith("_bucket") else ())}
            found[name] = labels | SCRAPED
    return found


KNOWN = _known()
EXPRESSIONS = {
    **{f"alert {rule['alert']}": rule["expr"] for rule in RULES},
    **{
        f"panel {panel['title']} {target['refId']}": target["expr"].replace("$__rate_interval", INTERVAL)
        for panel in PANELS
        for target in panel["targets"]
    },
}


def _parts(expression: str) -> Iterator[promql_parser.Expr]:
    visited: list[promql_parser.Expr] = []
    promql_parser.walk(promql_parser.parse(expression), visited.append)
    yield from visited


def _selectors(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Name and matched labels of every series that the expression asks for."""
    for part in _parts(expression):
        if isinstance(part, promql_parser.VectorSelector):
            yield part.name, {matcher.name for matcher in part.matchers.matchers}


@pytest.mark.parametrize("where", EXPRESSIONS)
def test_an_expression_asks_for_what_exists(where: str) -> None:
    asked = list(_selectors(EXPRESSIONS[where]))
    assert asked
    for name, labels in asked:
        assert name in KNOWN, f"no process has {name}"
        assert labels <= KNOWN[name], f"{name} has no label {labels - KNOWN[name]}"
    available = set[str]().union(*(KNOWN[name] for name, _ in asked))
    for part in _parts(EXPRESSIONS[where]):
        if isinstance(part, promql_parser.AggregateExpr) and part.modifier is not None:
            assert set(part.modifier.labels) <= available


def test_the_check_can_tell() -> None:
    (first, *_) = _selectors('sum by (job) (rate(volley_dead_letters_total{topc="x"}[5m])) > 0')
    assert first == ("volley_dead_letters_total", {"topc"})
    assert "topc" not in KNOWN["volley_dead_letters_total"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_says_what_it_means_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert rule["annotations"]["summary"]
    page = ROOT / rule["annotations"]["runbook"]
    assert page.parent == ROOT / "docs/runbooks"
    assert "**Means:**" in page.read_text()


def test_every_page_has_its_rule() -> None:
    pages = {f"docs/runbooks/{page.name}" for page in (ROOT / "docs/runbooks").glob("*.md")}
    assert pages == {rule["annotations"]["runbook"] for rule in RULES}


def test_pages_name_metrics_that_exist() -> None:
    for page in (ROOT / "docs/runbooks").glob("*.md"):
        named = set(re.findall(r"\bvolley_[a-z_]+_(?:total|seconds|healthy)\b", page.read_text()))
        assert named - {"volley_gateway_request_seconds"} <= KNOWN.keys(), page.name


def test_the_dashboard_can_be_imported() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    assert {target["datasource"]["uid"] for panel in PANELS for target in panel["targets"]} == {"${datasource}"}
    assert [variable["name"] for variable in DASHBOARD["templating"]["list"]] == ["datasource"]
    assert all(panel["title"] and panel["description"] for panel in PANELS)


def test_panels_do_not_overlap() -> None:
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
