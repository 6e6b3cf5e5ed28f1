"""The Kubernetes manifests as an apply would send them, and what hangs together in them."""

import base64
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from volley_tools.stack.prerequisites import ROOT

K8S = ROOT / "deploy/k8s"
OVERLAYS = sorted((K8S / "overlays").iterdir())
OPTIONAL = ("keda", "monitoring")
WORKLOADS = {"Deployment", "StatefulSet"}

Manifest = dict[str, Any]


def render(folder: Path) -> list[Manifest]:
    """What kustomize makes of the folder; skips the test where neither kubectl nor kustomize is installed."""
    if kubectl := shutil.which("kubectl"):
        command = [kubectl, "kustomize", str(folder)]
    elif kustomize := shutil.which("kustomize"):
        command = [kustomize, "build", str(folder)]
    else:
        pytest.skip("neither kubectl nor kustomize is installed")
    rendered = subprocess.run(command, capture_output=True, text=True, check=False)
    assert rendered.returncode == 0, rendered.stderr
    return list(yaml.safe_load_all(rendered.stdout))


def with_components(overlay: Path, folder: Path) -> Path:
    """A folder that adds the optional components to an overlay."""
    folder.mkdir()

    def relative(path: Path) -> str:
        return os.path.relpath(path.resolve(), folder.resolve())

    content = {"resources": [relative(overlay)], "components": [relative(K8S / "components" / n) for n in OPTIONAL]}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(content))
    return folder


def of(documents: list[Manifest], *kinds: str) -> list[Manifest]:
    return [one for one in documents if one["kind"] in kinds]


def name_of(document: Manifest) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"


def pod_of(workload: Manifest) -> Manifest:
    return workload["spec"]["template"]["spec"]


def labels_of(workload: Manifest) -> dict[str, str]:
    return workload["spec"]["template"]["metadata"]["labels"]


def containers_of(workload: Manifest) -> Iterator[Manifest]:
    yield from pod_of(workload)["initContainers"]
    yield from pod_of(workload)["containers"]


def ports_of(workload: Manifest) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in pod_of(workload)["containers"][0]["ports"]}


def selected(documents: list[Manifest], selector: Manifest) -> list[Manifest]:
    """The workloads whose pods a label selector matches."""
    return [one for one in of(documents, *WORKLOADS) if _matches(selector, labels_of(one))]


def environment_of(container: Manifest, documents: list[Manifest], made: Callable[[str], str]) -> dict[str, str]:
    """Every variable of a container, looked up in ConfigMaps and Secrets; placeholders filled by `made`."""
    values: dict[str, str] = {}
    for source in container.get("envFrom", []):
        ((kind, reference),) = source.items()
        wanted = "ConfigMap" if kind == "configMapRef" else "Secret"
        (found,) = (one for one in of(documents, wanted) if one["metadata"]["name"] == reference["name"])
        values |= found["data"] if wanted == "ConfigMap" else decoded(found)
    for variable in container.get("env", []):
        values[variable["name"]] = variable.get("value", "from the pod")
    return {name: made(value) for name, value in values.items()}


def decoded(secret: Manifest) -> dict[str, str]:
    return {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}


def _matches(selector: Manifest, labels: dict[str, str]) -> bool:
    wanted = selector.get("matchLabels", {}).items()
    expressions = selector.get("matchExpressions", [])
    assert all(one["operator"] == "In" for one in expressions), "the others are not used"
    return wanted <= labels.items() and all(labels.get(one["key"]) in one["values"] for one in expressions)
