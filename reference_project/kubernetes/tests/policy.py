"""Finds in Kubernetes' objects what their schemas do not see; each function returns faults.

The objects are those that kustomize renders. The restricted profile is the one of Kubernetes' Pod
Security Standards: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from collections.abc import Iterator
from typing import Any

from apps.core.variables import read_example
from tests.compose import UNPINNED, split_image
from tests.containers import KNOWN

Object = dict[str, Any]


def find_own_image(objects: list[Object]) -> str:
    """Find the project's image, whatever its name: the one that the site runs."""
    site = _find(objects, "Deployment", "web")
    return (
        split_image(site["spec"]["template"]["spec"]["containers"][0]["image"])[0] if site else ""
    )


def find_faults(objects: list[Object]) -> list[str]:
    """Find every fault, of pods and of what points at them.

    :param objects: all objects of an overlay.
    :returns: one sentence for each.
    """
    faults = []
    for owner, pod in list_pods(objects):
        faults += [f"{owner}: {fault}" for fault in find_pod_faults(pod, objects)]
    faults += [fault for one in objects for fault in _find_pointer_faults(one, objects)]
    return faults


def list_pods(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    """List the template of each pod, with labels, and the name of what makes it."""
    for one in objects:
        if one["kind"] in ("Deployment", "StatefulSet", "Job"):
            yield f"{one['kind']}/{one['metadata']['name']}", one["spec"]["template"]


def list_containers(pod: Object) -> list[Object]:
    """List the containers of a pod, those that begin it first."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def list_probe_paths(objects: list[Object]) -> set[str]:
    """List every path that a probe asks for."""
    return {
        probe["httpGet"]["path"]
        for _owner, pod in list_pods(objects)
        for container in list_containers(pod)
        for name, probe in container.items()
        if name.endswith("Probe") and "httpGet" in probe
    }


def find_pod_faults(pod: Object, objects: list[Object]) -> list[str]:
    """Find what a pod may not do, lacks, or refers to in vain."""
    spec, faults = pod["spec"], []
    security = spec.get("securityContext", {})
    if security.get("runAsNonRoot") is not True:
        faults.append("may run as root")
    if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        faults.append("may call anything of the kernel: seccompProfile RuntimeDefault")
    if spec.get("automountServiceAccountToken") is not False:
        faults.append("holds a key to the cluster: automountServiceAccountToken false")
    faults += [f"shares {name} with its node" for name in spec if name.startswith("host")]
    volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
    faults += [
        f"sees the node's files in {name}" for name, one in volumes.items() if "hostPath" in one
    ]
    for container in list_containers(pod):
        name = container["name"]
        faults += [f"{name}: {fault}" for fault in _find_container_faults(container, objects)]
        mounts = {mount["name"] for mount in container.get("volumeMounts", [])}
        faults += [f"{name}: no volume is called {mount}" for mount in mounts - set(volumes)]
    return faults


def _find_container_faults(container: Object, objects: list[Object]) -> list[str]:
    faults = []
    image, tag = split_image(container["image"])
    if tag in UNPINNED and "@" not in container["image"]:
        faults.append(f"image {container['image']} is not pinned")
    security = container.get("securityContext", {})
    if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
        faults.append("may gain rights")
    if security.get("capabilities", {}).get("drop") != ["ALL"]:
        faults.append("keeps rights of root")
    resources = container.get("resources", {})
    if not {"cpu", "memory"} <= set(resources.get("requests", {})):
        faults.append("does not say what it needs")
    if "memory" not in resources.get("limits", {}):
        faults.append("may take all memory")
    if image == find_own_image(objects):
        if security.get("readOnlyRootFilesystem") is not True:
            faults.append("may change its own code")
        faults += _find_setting_faults(container, objects)
    ports = {port.get("name") for port in container.get("ports", [])}
    for name, probe in container.items():
        if name.endswith("Probe") and (port := probe.get("httpGet", {}).get("port")) not in {
            None,
            *ports,
        }:
            faults.append(f"{name} asks at port {port}, which it has not")
    return faults


def _find_setting_faults(container: Object, objects: list[Object]) -> list[str]:
    kinds = {"configMapRef": ("ConfigMap", "data"), "secretRef": ("Secret", "data")}
    known, faults, given = {*read_example(), *KNOWN}, [], set()
    for source in container.get("envFrom", []):
        for key, (kind, field) in kinds.items():
            if key in source:
                name = source[key]["name"]
                found = _find(objects, kind, name)
                if found is None:
                    faults.append(f"no {kind} is called {name}")
                else:
                    given |= set(found.get(field) or {})
    given |= {variable["name"] for variable in container.get("env", [])}
    faults += [f"nothing reads {name}" for name in sorted(given - known)]
    missing = {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "CELERY_BROKER_URL"} - given
    return faults + [f"{name} is not set" for name in sorted(missing)]


def _find(objects: list[Object], kind: str, name: str) -> Object | None:
    found = [one for one in objects if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found[0] if found else None


def _find_pointer_faults(one: Object, objects: list[Object]) -> list[str]:
    """Find where an object points at nothing: at pods, at ports, at other objects."""
    kind, name, spec = one["kind"], one["metadata"]["name"], one.get("spec", {})
    faults: list[str] = []
    if kind == "Service":
        ports = _list_ports(spec["selector"], objects)
        faults = ["fits no pod"] if ports is None else []
        for port in spec["ports"]:
            if ports is not None and port["targetPort"] not in ports:
                faults.append(f"no pod listens on {port['targetPort']}")
    elif kind == "PodDisruptionBudget":
        fits = _list_ports(spec["selector"]["matchLabels"], objects)
        faults = ["fits no pod"] if fits is None else []
    elif kind == "HorizontalPodAutoscaler":
        target = spec["scaleTargetRef"]
        if _find(objects, target["kind"], target["name"]) is None:
            faults = [f"there is no {target['name']} to scale"]
    elif kind == "NetworkPolicy":
        ports = _list_ports(spec["podSelector"].get("matchLabels", {}), objects)
        faults = ["fits no pod"] if ports is None else []
        for rule in spec.get("ingress", []):
            named = [
                port["port"] for port in rule.get("ports", []) if isinstance(port["port"], str)
            ]
            faults += [
                f"no pod listens on {port}" for port in named if port not in (ports or set())
            ]
    elif kind == "Ingress":
        for rule in spec["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                service = _find(objects, "Service", backend["name"])
                offered = [port.get("name") for port in service["spec"]["ports"]] if service else []
                if backend["port"].get("name") not in offered:
                    faults.append(f"{backend['name']} offers no port {backend['port']}")
    return [f"{kind}/{name}: {fault}" for fault in faults]


def _list_ports(labels: dict[str, str], objects: list[Object]) -> set[str] | None:
    """List the ports of the pods with all these labels, by name; None if there is no such pod."""
    fitting = [
        pod
        for _owner, pod in list_pods(objects)
        if labels.items() <= pod["metadata"]["labels"].items()
    ]
    if not fitting:
        return None
    return {
        port["name"]
        for pod in fitting
        for container in list_containers(pod)
        for port in container.get("ports", [])
    }
