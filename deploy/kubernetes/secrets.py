"""The secrets of an installation, made once: a manifest for `kubectl apply`.

    kubectl run trellis-secrets --rm --stdin --quiet --restart=Never --image=IMAGE -- \
      python -m deploy.kubernetes.secrets --district henry | kubectl apply --filename=-

The chart names secrets and holds none, so whoever keeps secrets elsewhere (a vault, sealed secrets)
makes the same names there. Each secret is mounted only where it is needed:

    NAME-postgres            passwords of the databases' roles
    NAME-postgres-superuser  of who makes these roles; for the job that does
    NAME-credentials         who may call: hashes of tokens, never a token
    NAME-learner-keys        with what learners' ids are made. Lose it, and nobody is found again
    NAME-token-keys          with what the tokens of OAuth clients are signed
    NAME-service-tokens      what services show to each other
    NAME-SERVICE-tls         certificate and key of a service, and who signs them
    NAME-client-tls          the same for who calls gRPC from outside
    NAME-tokens              the tokens themselves, for people; only a demonstration mounts them
    NAME-authority           the signer's key, mounted nowhere: keep it away from the cluster
"""

import base64
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import click
import yaml

from deploy.kubernetes.certificates import Authority, Pair
from deploy.local.databases import ROLES, SERVICES, role_name
from deploy.local.postgres import SUPERUSER
from deploy.local.tokens import (
    SERVICE_GRANTS,
    Grant,
    credentials_of,
    district_it,
    principal_of,
)

PASSWORD_BYTES: Final = 24
KEY_BYTES: Final = 32
CLIENT: Final = "client"
TLS: Final = "kubernetes.io/tls"
BASIC: Final = "kubernetes.io/basic-auth"
DAYS: Final = 730


class Secrets:
    """Makes the manifests of one installation."""

    def __init__(self, name: str, namespace: str) -> None:
        self._name = name
        self._namespace = namespace

    def manifests(self, district: str, authority: Authority) -> list[dict[str, Any]]:
        """Return all secrets for a district."""
        people = (district_it(district), principal_of(district))
        grants = (*people, *SERVICE_GRANTS)
        tokens = {one.name: secrets.token_urlsafe(PASSWORD_BYTES) for one in grants}
        return [
            self._secret("postgres", _passwords()),
            self._secret("postgres-superuser", _superuser(), kind=BASIC),
            self._secret("credentials", {"credentials.json": _credentials(tokens, grants)}),
            self._secret("learner-keys", {"learner-keys.json": _learner_keys(district)}),
            self._secret("token-keys", {"token-keys.json": _token_keys()}),
            self._secret("service-tokens", {one.name: tokens[one.name] for one in SERVICE_GRANTS}),
            self._secret("tokens", {one.name: tokens[one.name] for one in people}),
            *(self._tls(service, authority) for service in (*SERVICES, CLIENT)),
            self._secret("authority", _tls_files(authority.pair, authority), kind=TLS),
        ]

    def _tls(self, service: str, authority: Authority) -> dict[str, Any]:
        api = f"{self._name}-{service}-api"
        hosts = [api, f"{api}.{self._namespace}", f"{api}.{self._namespace}.svc"]
        pair = authority.issue(service, [] if service == CLIENT else hosts)
        return self._secret(f"{service}-tls", _tls_files(pair, authority), kind=TLS)

    def _secret(
        self, suffix: str, data: Mapping[str, str], *, kind: str = "Opaque"
    ) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": f"{self._name}-{suffix}",
                "namespace": self._namespace,
                "labels": {"app.kubernetes.io/part-of": "trellis"},
            },
            "type": kind,
            "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
        }


def _passwords() -> dict[str, str]:
    roles = [role_name(service, role) for service in SERVICES for role in ROLES]
    # In an address of PostgreSQL no letter of these needs an escape.
    return {role: secrets.token_urlsafe(PASSWORD_BYTES) for role in roles}


def _superuser() -> dict[str, str]:
    return {"username": SUPERUSER, "password": secrets.token_urlsafe(PASSWORD_BYTES)}


def _credentials(tokens: Mapping[str, str], grants: tuple[Grant, ...]) -> str:
    return json.dumps({"tokens": credentials_of(tokens, grants)}, indent=2)


def _learner_keys(district: str) -> str:
    return json.dumps({district: secrets.token_hex(KEY_BYTES)})


def _token_keys() -> str:
    key = {"id": "first", "secret": secrets.token_hex(KEY_BYTES)}
    return json.dumps({"keys": [key]})


def _tls_files(pair: Pair, authority: Authority) -> dict[str, str]:
    return {
        "tls.crt": pair.certificate.decode(),
        "tls.key": pair.key.decode(),
        "ca.crt": authority.pair.certificate.decode(),
    }


@click.command()
@click.option("--district", required=True, help='Id of the district, as in "henry".')
@click.option("--name", default="trellis", show_default=True, help="Name of the release.")
@click.option("--namespace", default="trellis", show_default=True)
@click.option("--days", default=DAYS, show_default=True, help="How long certificates are good.")
def main(district: str, name: str, namespace: str, days: int) -> None:
    """Print new secrets of an installation, as a manifest.

    They are random and made anew each time: apply them once. What may be replaced later, and how,
    is in docs/runbook.md; the learners' key never may.
    """
    authority = Authority(datetime.now(UTC), days)
    made = Secrets(name, namespace).manifests(district, authority)
    click.echo(yaml.safe_dump_all(made, sort_keys=False), nl=False)


if __name__ == "__main__":
    main(prog_name="python -m deploy.kubernetes.secrets")
