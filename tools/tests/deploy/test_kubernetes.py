"""The Kubernetes manifests: valid, hanging together, closed, and giving every process what it needs."""

import re
from pathlib import Path

import kubernetes_validate
import pytest

from volley_contracts import TOPICS
from volley_tools.stack.platform import SERVICES

from .manifests import (
    OVERLAYS,
    PODS,
    WORKLOADS,
    Manifest,
    containers_of,
    decoded,
    environment_of,
    labels_of,
    name_of,
    of,
    pod_of,
    ports_of,
    render,
    selected,
    with_components,
    with_settings,
)
from .processes import BY_MODULE, TOPICS_MODULE, expected_peers, judge, made, peers_of

# The oldest Kubernetes that the manifests are for.
VERSION = "1.31"
# Kinds of operators, whose schemas are not Kubernetes' own.
FOREIGN = {"ScaledObject", "PodMonitor"}


@pytest.fixture(scope="module", params=OVERLAYS, ids=lambda overlay: overlay.name)
def overlay(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture(scope="module")
def documents(overlay: Path) -> list[Manifest]:
    return render(overlay)


@pytest.fixture(scope="module")
def everything(overlay: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    """The overlay with all optional components."""
    return render(with_components(overlay, tmp_path_factory.mktemp("k8s") / "all"))


@pytest.fixture(scope="module")
def workloads(documents: list[Manifest]) -> list[Manifest]:
    return of(documents, *WORKLOADS)


@pytest.fixture(scope="module")
def jobs(documents: list[Manifest]) -> list[Manifest]:
    return of(documents, "Job")


@pytest.fixture(scope="module")
def pods(documents: list[Manifest]) -> list[Manifest]:
    """All that makes pods."""
    return of(documents, *PODS)


def test_every_document_is_valid(everything: list[Manifest]) -> None:
    for one in everything:
        if one["kind"] not in FOREIGN:
            kubernetes_validate.validate(one, VERSION, strict=True)
    assert {one["kind"] for one in everything} > FOREIGN


def test_every_role_of_every_service_runs(workloads: list[Manifest]) -> None:
    expected = {("gateway_api", "all"), ("link_svc", "redirect")}
    expected |= {(s.module, role) for s in SERVICES if s.word != "gateway" for role in ("api", "worker")}
    assert {tuple(pod_of(one)["containers"][0]["args"]) for one in workloads} == expected


def test_every_container_starts_with_what_it_is_given(documents: list[Manifest], pods: list[Manifest]) -> None:
    for one in pods:
        for container in containers_of(one):
            judge(container["args"], environment_of(container, documents, made))


def test_topics_and_every_schema_have_a_job(jobs: list[Manifest]) -> None:
    done = [pod_of(one)["containers"][0]["args"] for one in jobs]
    assert sorted(done) == sorted([[TOPICS_MODULE], *([service.module, "migrate"] for service in SERVICES)])


def test_no_code_runs_before_its_schema(workloads: list[Manifest]) -> None:
    for one in workloads:
        module = pod_of(one)["containers"][0]["args"][0]
        assert [container["args"] for container in pod_of(one)["initContainers"]] == [[module, "migrated"]]


def test_only_jobs_may_change_the_schema(documents: list[Manifest], pods: list[Manifest]) -> None:
    urls: dict[str, set[str]] = {"Job": set(), "others": set()}
    for one in pods:
        for container in containers_of(one):
            url = environment_of(container, documents, made).get("VOLLEY_DATABASE_URL")
            urls["Job" if one["kind"] == "Job" else "others"] |= {url} if url else set()
    assert len(urls["Job"]) == len(urls["others"]) == len(SERVICES)
    assert not urls["Job"] & urls["others"]
    databases = [{url.rsplit("/", 1)[1] for url in held} for held in urls.values()]
    assert databases[0] == databases[1]


def test_jobs_end(jobs: list[Manifest]) -> None:
    for one in jobs:
        assert one["spec"]["backoffLimit"] > 0
        assert one["spec"]["activeDeadlineSeconds"] > 600, "a single migration may take ten minutes"
        assert one["spec"]["ttlSecondsAfterFinished"] > 0
        assert pod_of(one)["restartPolicy"] == "Never"


def test_releases_can_follow_one_another_though_jobs_cannot_change(jobs: list[Manifest]) -> None:
    tag = pod_of(jobs[0])["containers"][0]["image"].rsplit(":", 1)[1]
    for one in jobs:
        assert one["metadata"]["name"].endswith(f"-{tag}")
        assert len(one["metadata"]["name"]) <= 63


def test_settings_can_change_within_a_release(
    overlay: Path, documents: list[Manifest], jobs: list[Manifest], tmp_path: Path
) -> None:
    changed = render(with_settings(overlay, tmp_path / "changed", jobs[0]["metadata"]["namespace"]))
    assert of(changed, "Job") == jobs
    assert of(changed, *WORKLOADS) != of(documents, *WORKLOADS)


def test_topics_are_made_where_they_are_used(documents: list[Manifest], pods: list[Manifest]) -> None:
    told = [environment_of(container, documents, made) for one in pods for container in containers_of(one)]
    places = {(one["VOLLEY_KAFKA"], one.get("VOLLEY_TOPIC_PREFIX", "")) for one in told if "VOLLEY_KAFKA" in one}
    assert len(places) == 1


def test_peers_are_where_they_are_sought(documents: list[Manifest], workloads: list[Manifest]) -> None:
    for one in workloads:
        container = pod_of(one)["containers"][0]
        told = peers_of(environment_of(container, documents, made))
        expected = expected_peers(BY_MODULE[container["args"][0]])
        assert {word: port for word, (_, port) in told.items()} == expected
        for host, port in told.values():
            (service,) = (s for s in of(documents, "Service") if s["metadata"]["name"] == host)
            assert port in {door["port"] for door in service["spec"]["ports"]}


def test_secrets_are_only_where_they_are_needed(documents: list[Manifest], pods: list[Manifest]) -> None:
    holders: dict[str, set[str]] = {}
    for one in pods:
        for container in containers_of(one):
            for name in environment_of(container, documents, made):
                holders.setdefault(name, set()).add(labels_of(one)["app.kubernetes.io/name"])
    assert holders["VOLLEY_LINK_SECRET"] == {"link"}
    assert holders["VOLLEY_BOOTSTRAP_KEY"] == {"gateway"}
    assert holders["VOLLEY_REDIS_URL"] == {"dispatch", "gateway"}
    assert holders["VOLLEY_KAFKA_REPLICATION"] == {"topics"}


def test_the_repository_holds_no_secrets(documents: list[Manifest]) -> None:
    for one in of(documents, "Secret"):
        assert all("CHANGE-ME" in value for value in decoded(one).values()), name_of(one)


def test_selectors_find_what_they_are_for(documents: list[Manifest], workloads: list[Manifest]) -> None:
    for one in workloads:
        assert selected(documents, one["spec"]["selector"]) == [one], name_of(one)
    for one in of(documents, "Service"):
        (found,) = selected(documents, {"matchLabels": one["spec"]["selector"]})
        assert {port["targetPort"] for port in one["spec"]["ports"]} <= ports_of(found).keys(), name_of(one)
        for port in one["spec"]["ports"]:
            assert port["port"] == ports_of(found)[port["targetPort"]]
    budgets = [selected(documents, one["spec"]["selector"]) for one in of(documents, "PodDisruptionBudget")]
    assert sorted(name_of(found) for (found,) in budgets) == sorted(map(name_of, workloads))


def test_workers_have_the_service_that_gives_them_names(documents: list[Manifest]) -> None:
    headless = {s["metadata"]["name"] for s in of(documents, "Service") if s["spec"].get("clusterIP") == "None"}
    assert {one["spec"]["serviceName"] for one in of(documents, "StatefulSet")} == headless


def test_ingresses_lead_to_services(documents: list[Manifest]) -> None:
    services = {s["metadata"]["name"]: {p["name"] for p in s["spec"]["ports"]} for s in of(documents, "Service")}
    paths = [path for i in of(documents, "Ingress") for rule in i["spec"]["rules"] for path in rule["http"]["paths"]]
    for path in paths:
        backend = path["backend"]["service"]
        assert backend["port"]["name"] in services[backend["name"]]
        assert backend["name"] == "link-redirect" or path["path"] != "/", "health and metrics are not published"
    for one in of(documents, "Ingress"):
        hosts = {host for tls in one["spec"]["tls"] for host in tls["hosts"]}
        assert hosts == {rule["host"] for rule in one["spec"]["rules"]}


def test_network_policies_match_pods_and_ports(everything: list[Manifest]) -> None:
    policies = of(everything, "NetworkPolicy")
    for one in policies:
        spec = one["spec"]
        pods = selected(everything, spec["podSelector"])
        assert pods, name_of(one)
        for rule in spec.get("ingress", []):
            for port in rule["ports"]:
                assert all(port["port"] in ports_of(pod) for pod in of(pods, *WORKLOADS)), name_of(one)
        peers = [p for r in (*spec.get("ingress", []), *spec.get("egress", [])) for p in r.get("from", r.get("to", []))]
        for peer in peers:
            assert "podSelector" not in peer or selected(everything, peer["podSelector"]), name_of(one)
    closed = next(one for one in policies if one["metadata"]["name"] == "volley-nothing")["spec"]
    assert set(closed["policyTypes"]) == {"Ingress", "Egress"}
    assert not closed.keys() & {"ingress", "egress"}
    assert len(selected(everything, closed["podSelector"])) == len(of(everything, *PODS))


def test_pods_are_restricted(pods: list[Manifest]) -> None:
    for one in pods:
        pod = pod_of(one)
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers_of(one):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_accounts_exist_and_hold_no_token(documents: list[Manifest], pods: list[Manifest]) -> None:
    accounts = of(documents, "ServiceAccount")
    assert all(one["automountServiceAccountToken"] is False for one in accounts)
    assert {pod_of(one)["serviceAccountName"] for one in pods} == {one["metadata"]["name"] for one in accounts}


def test_containers_are_bounded_and_of_one_release(pods: list[Manifest]) -> None:
    images = set()
    for one in pods:
        for container in containers_of(one):
            for bounds in (container["resources"]["requests"], container["resources"]["limits"]):
                assert bounds.keys() == {"cpu", "memory"}, name_of(one)
            images.add(container["image"])
    assert len(images) == 1
    assert re.search(r":(?!latest$)[\w.-]+$", images.pop()), "an image has a version"


def test_probes_ask_what_the_process_serves(workloads: list[Manifest]) -> None:
    for one in workloads:
        container = pod_of(one)["containers"][0]
        for probe, path in (("startup", "/healthz"), ("liveness", "/healthz"), ("readiness", "/readyz")):
            asked = container[f"{probe}Probe"]["httpGet"]
            assert asked["path"] == path
            assert asked["port"] in ports_of(one)


def test_there_is_time_to_stop(documents: list[Manifest], workloads: list[Manifest]) -> None:
    for one in workloads:
        container = pod_of(one)["containers"][0]
        within = float(environment_of(container, documents, made)["VOLLEY_STOP_WITHIN"])
        before = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])
        assert within + float(before[1]) < pod_of(one)["terminationGracePeriodSeconds"]


def test_what_answers_requests_scales_with_them(documents: list[Manifest]) -> None:
    targets = [one["spec"]["scaleTargetRef"]["name"] for one in of(documents, "HorizontalPodAutoscaler")]
    assert sorted(targets) == sorted(one["metadata"]["name"] for one in of(documents, "Deployment"))
    assert not any("replicas" in one["spec"] for one in of(documents, "Deployment")), "an apply would undo the scaling"


def test_what_reads_topics_scales_with_what_waits_there(everything: list[Manifest]) -> None:
    workers = {one["metadata"]["name"]: one for one in of(everything, "StatefulSet")}
    scaled = {one["spec"]["scaleTargetRef"]["name"]: one["spec"] for one in of(everything, "ScaledObject")}
    assert scaled.keys() == workers.keys()
    assert not any("replicas" in one["spec"] for one in workers.values())
    topics = {topic.name: topic for topic in TOPICS}
    for name, spec in scaled.items():
        service = BY_MODULE[pod_of(workers[name])["containers"][0]["args"][0]]
        for trigger in spec["triggers"]:
            told = trigger["metadata"]
            topic = topics[told["topic"]]
            assert service.name in topic.consumers
            assert told["consumerGroup"] == f"{service.name}.{topic.name}"
            assert told["bootstrapServersFromEnv"] == "VOLLEY_KAFKA"
            assert spec["maxReplicaCount"] <= topic.partitions
