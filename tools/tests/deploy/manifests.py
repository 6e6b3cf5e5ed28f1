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
PODS = WORKLOADS | {"Job"}  # all that makes pods

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
    return _on_top(overlay, folder, {"components": [_relative(K8S / "components" / n, folder) for n in OPTIONAL]})


def with_settings(overlay: Path, folder: Path, namespace: str) -> Path:
    """A folder that changes a setting and a secret of an overlay."""

    def merged(name: str, literal: str) -> list[Manifest]:
        return [{"name": name, "namespace": namespace, "behavior": "merge", "literals": [literal]}]

    changes = {
        "configMapGenerator": merged("volley", "VOLLEY_LOG_LEVEL=debug"),
        "secretGenerator": merged("volley-migrations", "link=postgresql://another"),
    }
    return _on_top(overlay, folder, changes)


def _on_top(overlay: Path, folder: Path, content: Manifest) -> Path:
    folder.mkdir()
    (folder / "kustomization.yaml").write_text(yaml.safe_dump({"resources": [_relative(overlay, folder)], **content}))
    return folder


def _relative(path: Path, folder: Path) -> str:
    return os.path.relpath(path.resolve(), folder.resolve())


def of(documents: list[Manifest], *kinds: str) -> list[Manifest]:
    return [one for one in documents if one["kind"] in kinds]


def name_of(document: Manifest) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"


def pod_of(workload: Manifest) -> Manifest:
    return workload["spec"]["template"]["spec"]


def labels_of(workload: Manifest) -> dict[str, str]:
    return workload["spec"]["template"]["metadata"]["labels"]


def containers_of(workload: Manifest) -> Iterator[Manifest]:
    yield from pod_of(workload).get("initContainers", [])
    yield from pod_of(workload)["containers"]


def ports_of(workload: Manifest) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in pod_of(workload)["containers"][0].get("ports", [])}


def selected(documents: list[Manifest], selector: Manifest) -> list[Manifest]:
    """The workloads and Jobs whose pods a label selector matches."""
    return [one for one in of(documents, *PODS) if _matches(selector, labels_of(one))]


def environment_of(container: Manifest, documents: list[Manifest], made: Callable[[str], str]) -> dict[str, str]:
    """Every variable of a container, looked up in ConfigMaps and Secrets; placeholders filled by `made`."""
    values: dict[str, str] = {}
    for source in container.get("envFrom", []):
        ((kind, reference),) = source.items()
        wanted = "ConfigMap" if kind == "configMapRef" else "Secret"
        (found,) = (one for one in of(documents, wanted) if one["metadata"]["name"] == reference["name"])
        values |= found["data"] if wanted == "ConfigMap" else decoded(found)
    for variable in container.get("env", []):
        values[variable["name"]] = variable.get("value") or _referred(variable["valueFrom"], documents)
    return {name: made(value) for name, value in values.items()}


def _referred(source: Manifest, documents: list[Manifest]) -> str:
    """A key of a Secret, or a field that only the pod has."""
    if (key := source.get("secretKeyRef")) is None:
        return "from the pod"
    (found,) = (one for one in of(documents, "Secret") if one["metadata"]["name"] == key["name"])
    return decoded(found)[key["key"]]


def decoded(secret: Manifest) -> dict[str, str]:
    return {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}


def _matches(selector: Manifest, labels: dict[str, str]) -> bool:
    wanted = selector.get("matchLabels", {}).items()
    expressions = selector.get("matchExpressions", [])
    assert all(one["operator"] == "In" for one in expressions), "the others are not used"
    return wanted <= labels.items() and all(labels.get(one["key"]) in one["values"] for one in expressions)
