"""Both overlays render, and fit the project: `pytest kubernetes`, with the group `kubernetes`."""

import copy
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from cookiecutter.settings.environment import BASE_DIR
from kubernetes.tests.policy import find_faults, list_probe_paths

OVERLAYS = ["development", "production"]


def render(overlay: str, folder: Path) -> list[dict[str, Any]]:
    """Render an overlay as `kubectl kustomize` does, with secrets of chance in a copy."""
    shutil.copytree(BASE_DIR / "kubernetes", folder, dirs_exist_ok=True)
    example = folder / "overlays" / "production" / "secrets.env.example"
    lines = [line for line in example.read_text().splitlines() if line.endswith("=")]
    filled = "".join(f"{line}{secrets.token_hex(8)}\n" for line in lines)
    (example.parent / "secrets.env").write_text(filled)
    command = ["kubectl", "kustomize", str(folder / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """The objects of each overlay."""
    return {name: render(name, tmp_path_factory.mktemp(name)) for name in OVERLAYS}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_overlay_has_no_fault(rendered: dict[str, Any], overlay: str) -> None:
    assert find_faults(rendered[overlay]) == []
    kinds = {one["kind"] for one in rendered[overlay]}
    assert {
        "ConfigMap",
        "Deployment",
        "Ingress",
        "Job",
        "NetworkPolicy",
        "Secret",
        "Service",
    } <= kinds


def test_production_scales_and_survives_maintenance(rendered: dict[str, Any]) -> None:
    kinds = [one["kind"] for one in rendered["production"]]
    assert (kinds.count("HorizontalPodAutoscaler"), kinds.count("PodDisruptionBudget")) == (2, 1)
    (space,) = [one for one in rendered["production"] if one["kind"] == "Namespace"]
    assert space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.django_db
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_paths_of_probes_answer(rendered: dict[str, Any], overlay: str, client: Client) -> None:
    paths = list_probe_paths(rendered[overlay])
    assert paths
    for path in paths:
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_pods_wait_for_the_tables_of_their_release(
    rendered: dict[str, Any], overlay: str, name: str
) -> None:
    pod = find(rendered[overlay], "Deployment", name)["spec"]["template"]["spec"]
    (first,) = pod["initContainers"]
    assert first["command"] == ["python", "manage.py", "migrate", "--check"]
    assert first["image"] == pod["containers"][0]["image"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_worker_starts_no_process_for_each_processor(
    rendered: dict[str, Any], overlay: str
) -> None:
    pod = find(rendered[overlay], "Deployment", "worker")["spec"]["template"]["spec"]
    assert "--concurrency=2" in pod["containers"][0]["command"]


def container(objects: list[dict[str, Any]]) -> dict[str, Any]:
    """The container of the site."""
    return find(objects, "Deployment", "web")["spec"]["template"]["spec"]["containers"][0]


def find(objects: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """The one object of that kind and name."""
    (one,) = [one for one in objects if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return one


def config(objects: list[dict[str, Any]]) -> dict[str, Any]:
    """The settings that are no secret."""
    (one,) = [one for one in objects if one["kind"] == "ConfigMap"]
    return one["data"]


def pod(objects: list[dict[str, Any]]) -> dict[str, Any]:
    """The pod of the site."""
    return find(objects, "Deployment", "web")["spec"]["template"]["spec"]


WRONG = {
    "an image of any version": lambda o: container(o).update(image="cookiecutter:latest"),
    "root": lambda o: pod(o)["securityContext"].update(runAsNonRoot=False),
    "a key to the cluster": lambda o: pod(o).pop("automountServiceAccountToken"),
    "any call of the kernel": lambda o: pod(o)["securityContext"].pop("seccompProfile"),
    "the node's network": lambda o: pod(o).update(hostNetwork=True),
    "the node's files": lambda o: pod(o)["volumes"].append(
        {"name": "x", "hostPath": {"path": "/"}}
    ),
    "a way to more rights": lambda o: container(o)["securityContext"].pop(
        "allowPrivilegeEscalation"
    ),
    "rights of root": lambda o: container(o)["securityContext"].pop("capabilities"),
    "code that can be changed": lambda o: container(o)["securityContext"].pop(
        "readOnlyRootFilesystem"
    ),
    "any amount of memory": lambda o: container(o)["resources"].pop("limits"),
    "unknown needs": lambda o: container(o)["resources"].pop("requests"),
    "a misspelt setting": lambda o: config(o).update(ALOWED_HOSTS="x"),
    "a missing setting": lambda o: config(o).pop("ALLOWED_HOSTS"),
    "a probe at another port": lambda o: container(o)["livenessProbe"]["httpGet"].update(
        port="web"
    ),
    "a missing volume": lambda o: pod(o)["volumes"].clear(),
    "settings that are not there": lambda o: container(o)["envFrom"][0]["configMapRef"].update(
        name="x"
    ),
    "a service for nobody": lambda o: find(o, "Service", "web")["spec"]["selector"].update(app="x"),
    "a port that nobody has": lambda o: find(o, "Service", "web")["spec"]["ports"][0].update(
        targetPort="x"
    ),
    "a site without service": lambda o: find(o, "Service", "web")["metadata"].update(name="x"),
    "scaling of nothing": lambda o: find(o, "Deployment", "worker")["metadata"].update(name="x"),
    "a budget for nobody": lambda o: find(o, "PodDisruptionBudget", "web")["spec"]["selector"][
        "matchLabels"
    ].update(app="x"),
    "a policy for nobody": lambda o: find(o, "NetworkPolicy", "proxy")["spec"]["podSelector"][
        "matchLabels"
    ].update(app="x"),
    "a policy for another port": lambda o: find(o, "NetworkPolicy", "proxy")["spec"]["ingress"][0][
        "ports"
    ][0].update(port="x"),
}


@pytest.mark.parametrize("name", WRONG)
def test_fault_is_noticed(rendered: dict[str, Any], name: str) -> None:
    objects = copy.deepcopy(rendered["production"])
    WRONG[name](objects)
    assert find_faults(objects)
