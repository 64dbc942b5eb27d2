"""The secrets of an installation: what the chart mounts is there, and is what services read."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from deploy.kubernetes.certificates import Authority
from deploy.kubernetes.secrets import Secrets
from services.common.ids import is_id
from services.common.rpc.credentials_file import read_credentials_file
from services.common.web.access_tokens import SigningKeys
from tests.support.helm import PROFILES, RELEASE, rendered

DISTRICT = "henry"
NOT_OF_THE_COMMAND = {"postgres-ca", f"{RELEASE}-postgres-ca"}
"""Of the server that a district has already, or that the operator makes."""


@pytest.fixture(scope="module")
def made() -> Mapping[str, Mapping[str, str]]:
    """Make the secrets; by name and key, as pods read them."""
    manifests = Secrets(RELEASE, "schools").manifests(DISTRICT, Authority(datetime.now(UTC), 30))
    return {
        one["metadata"]["name"]: {
            key: base64.b64decode(value).decode() for key, value in one["data"].items()
        }
        for one in manifests
    }


def wanted(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the secrets that a resource names, with the key where it names one."""
    for key, value in resource.items():
        if key == "secretKeyRef":
            yield value["name"], value["key"]
        elif key == "secret" and "secretName" in value:
            yield value["secretName"], ""
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from wanted(one)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_secret_that_a_pod_asks_for_is_made(
    profile: str, made: Mapping[str, Mapping[str, str]]
) -> None:
    """With the key, so that no pod waits for ever for one."""
    asked = {one for resource in rendered(PROFILES[profile]) for one in wanted(resource)}
    asked = {one for one in asked if one[0] not in NOT_OF_THE_COMMAND}
    assert len(asked) > 10
    for name, key in asked:
        assert name in made
        assert not key or key in made[name]


def test_services_read_what_is_made(made: Mapping[str, Mapping[str, str]], tmp_path: Path) -> None:
    """Credentials with hashes of the tokens that people get, and keys that sign."""
    for name in ("credentials", "token-keys"):
        (tmp_path / name).write_text(made[f"{RELEASE}-{name}"][f"{name}.json"], "utf-8")
    held = read_credentials_file(tmp_path / "credentials")
    assert {one.name for one in held.tokens} == {"district-it", "principal", "planner", "rebuild"}
    assert SigningKeys.load(tmp_path / "token-keys").first.kid == "first"
    keys = json.loads(made[f"{RELEASE}-learner-keys"]["learner-keys.json"])
    assert {name: len(bytes.fromhex(key)) for name, key in keys.items()} == {DISTRICT: 32}
    assert is_id(DISTRICT)


def test_a_certificate_says_which_service_it_is_and_who_signed(
    made: Mapping[str, Mapping[str, str]],
) -> None:
    """Its name in a URI, the addresses of its Service beside it."""
    held = made[f"{RELEASE}-mastery-tls"]
    own = x509.load_pem_x509_certificate(held["tls.crt"].encode())
    signer = x509.load_pem_x509_certificate(held["ca.crt"].encode())
    own.verify_directly_issued_by(signer)
    names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["spiffe://trellis/mastery"]
    assert f"{RELEASE}-mastery-api.schools.svc" in names.get_values_for_type(x509.DNSName)


def test_no_token_stands_where_a_pod_could_read_it(
    made: Mapping[str, Mapping[str, str]],
) -> None:
    """Those for people are in a secret of their own, mounted nowhere."""
    tokens = set(made[f"{RELEASE}-tokens"].values())
    assert len(tokens) == 2
    for name, held in made.items():
        if name != f"{RELEASE}-tokens":
            assert not [one for one in tokens for value in held.values() if one in value]
    asked = {name for one in rendered({}) for name, _ in wanted(one)}
    assert not asked & {f"{RELEASE}-tokens", f"{RELEASE}-authority", f"{RELEASE}-client-tls"}


def test_the_command_prints_a_manifest() -> None:
    """Anew each time."""
    command = [sys.executable, "-m", "deploy.kubernetes.secrets", "--district", DISTRICT]
    first, second = (
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        for _ in range(2)
    )
    assert {one["kind"] for one in yaml.safe_load_all(first)} == {"Secret"}
    assert first != second
