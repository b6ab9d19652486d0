"""What deploy/ and compose.yaml name exists: settings, commands, files, images, secrets."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import rag
from rag.cli import app
from rag.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
EXAMPLE = (DEPLOY / "env.example").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["api", "worker", "worker-gpu"]
PREFIX = "PICTUREDESK_"
NAMES = {PREFIX + field.upper() for field in Settings.model_fields}
COMMANDS = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((KUBERNETES / name).read_text(encoding="utf-8")))


def deployment(name: str) -> dict[str, Any]:
    return next(document for document in documents(f"{name}.yaml") if document["kind"] == "Deployment")


def container(name: str) -> dict[str, Any]:
    found: dict[str, Any] = deployment(name)["spec"]["template"]["spec"]["containers"][0]
    return found


def named_settings(text: str) -> set[str]:
    return set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", text))


def env_lines(text: str) -> dict[str, str]:
    """NAME=value lines, those behind a `#` included."""
    return dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", text, flags=re.MULTILINE))


def shown(value: object) -> str:
    """A default as an environment variable would hold it."""
    if value is None or value == ():
        return ""
    return json.dumps(value) if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    "path",
    [ROOT / "compose.yaml", DEPLOY / "env.example", DEPLOY / "Dockerfile", *sorted(KUBERNETES.glob("*.yaml"))],
    ids=lambda path: path.name,
)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    assert named_settings(path.read_text(encoding="utf-8")) - NAMES == set()


def test_the_example_shows_every_setting_with_its_default() -> None:
    lines = {name: value for name, value in env_lines(EXAMPLE).items() if name.startswith(PREFIX)}
    assert lines == {PREFIX + name.upper(): shown(field.default) for name, field in Settings.model_fields.items()}


def test_the_example_is_a_working_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text(EXAMPLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    filled, defaults = Settings(), Settings.model_construct()
    assert filled.model_dump(exclude={"vectors_key"}) == defaults.model_dump(exclude={"vectors_key"})


def test_the_manual_lists_every_setting_with_its_default() -> None:
    manual = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    rows = dict(re.findall(rf"^\| `({PREFIX}[A-Z_]+)` \| (?:`([^`]*)`)? *\|", manual, flags=re.MULTILINE))
    assert rows == {PREFIX + name.upper(): shown(field.default) for name, field in Settings.model_fields.items()}


def test_compose_asks_only_for_secrets_that_the_example_names() -> None:
    wanted = set(re.findall(r"(?<!\$)\$\{(\w+)", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert wanted <= set(env_lines(EXAMPLE))


def test_compose_runs_the_services_profile() -> None:
    assert set(SERVICES) == {*OURS, "postgres", "redis", "qdrant"}
    for name in OURS:
        settings = Settings.model_validate(
            {key.removeprefix(PREFIX).lower(): value for key, value in SERVICES[name]["environment"].items()}
        )
        assert settings.database.startswith("postgresql+psycopg://")
        assert settings.vectors == "http://qdrant:6333"
        assert settings.broker.startswith("redis://redis:")


@pytest.mark.parametrize("name", OURS)
def test_compose_runs_commands_and_builds_files_that_exist(name: str) -> None:
    service = SERVICES[name]
    assert service["command"][0] in COMMANDS
    assert (ROOT / service["build"]["dockerfile"]).is_file()
    assert service["image"].removesuffix("-cuda") == f"picturedesk:{rag.__version__}"
    assert all(on["condition"] == "service_healthy" for on in service["depends_on"].values())
    assert set(service["depends_on"]) <= set(SERVICES)


def test_compose_keeps_volumes_and_networks_that_it_declares() -> None:
    for service in SERVICES.values():
        assert {volume.split(":")[0] for volume in service["volumes"]} <= set(COMPOSE["volumes"])
        assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_compose_publishes_the_api_alone_and_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"api": ["${PUBLISH:-127.0.0.1:8000}:8000"]}
    for store in ("postgres", "redis", "qdrant"):
        assert SERVICES[store]["networks"] == ["back"]
    assert COMPOSE["networks"]["back"] == {"internal": True}


def test_compose_pins_images_and_watches_every_service() -> None:
    for name, service in SERVICES.items():
        assert re.search(r":v?\d+\.\d+", service["image"]), name
        assert service["restart"] == "unless-stopped", name
        assert "healthcheck" in service or name == "api", "the API's is in the image"


def test_redis_keeps_what_it_acknowledged_and_evicts_nothing() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_qdrant_asks_for_a_key_and_is_strict() -> None:
    environment = SERVICES["qdrant"]["environment"]
    assert environment["QDRANT__SERVICE__API_KEY"].startswith("${PICTUREDESK_VECTORS_KEY:?")
    assert environment["QDRANT__STORAGE__COLLECTION__STRICT_MODE__ENABLED"] == "true"


def test_docker_reads_compose_as_we_do(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no docker compose here")
    (tmp_path / "compose.yaml").write_bytes((ROOT / "compose.yaml").read_bytes())
    (tmp_path / ".env").write_text(EXAMPLE, encoding="utf-8")
    secrets = {"POSTGRES_PASSWORD": "a", "PICTUREDESK_VECTORS_KEY": "b"}
    command = [docker, "compose", "--project-directory", str(tmp_path), "--profile", "gpu", "config", "--quiet"]
    done = subprocess.run(command, env=os.environ | secrets, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr


def test_the_image_copies_files_that_exist_and_drops_root() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    for source in re.findall(r"^COPY (?!--from)(\S+) ", text, flags=re.MULTILINE):
        assert (ROOT / source).exists()
    for lock in re.findall(r"requirements/\w+\.txt", text):
        assert (ROOT / lock).is_file()
    assert all(re.search(r":\d+\.\d+", image) for image in re.findall(r"^FROM (\S+)", text, flags=re.MULTILINE))
    assert re.findall(r"^USER (\S+)", text, flags=re.MULTILINE)[-1] == "10001:10001"
    assert re.findall(r'^CMD \["(\w+)"\]', text, flags=re.MULTILINE)[0] in COMMANDS
    assert "/readyz" in text


def test_the_image_is_built_from_a_list_of_folders() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line.removeprefix("!").rstrip("/") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert kept == {"rag", "workers", "prompts", "requirements", "pyproject.toml", "README.md", "LICENSE"}


def test_kustomize_lists_files_that_exist_and_never_a_secret() -> None:
    kustomization = documents("kustomization.yaml")[0]
    assert all((KUBERNETES / name).is_file() for name in kustomization["resources"])
    assert not [name for name in kustomization["resources"] if "secret" in name]
    assert kustomization["images"] == [{"name": "picturedesk", "newTag": rag.__version__}]


@pytest.mark.parametrize("name", ["api", "worker"])
def test_a_deployment_selects_its_own_pods_and_reads_the_settings(name: str) -> None:
    spec = deployment(name)["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"] == labels
    assert container(name)["image"] == "picturedesk"
    assert container(name)["args"][0] in COMMANDS
    settings, secret = documents("settings.yaml")[0], documents("secret.example.yaml")[0]
    assert container(name)["envFrom"] == [
        {"configMapRef": {"name": settings["metadata"]["name"]}},
        {"secretRef": {"name": secret["metadata"]["name"]}},
    ]
    volumes = {volume["name"] for volume in spec["template"]["spec"]["volumes"]}
    assert {mount["name"] for mount in container(name)["volumeMounts"]} == volumes


def test_the_service_reaches_the_api() -> None:
    service = next(document for document in documents("api.yaml") if document["kind"] == "Service")
    assert service["spec"]["selector"] == deployment("api")["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["ports"][0]["targetPort"] in {port["name"] for port in container("api")["ports"]}


def test_the_api_is_probed_where_it_answers() -> None:
    probes = {
        name: container("api")[name]["httpGet"]["path"] for name in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    assert probes == {"startupProbe": "/readyz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}
