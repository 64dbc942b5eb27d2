"""TLS of the gRPC API: who has no certificate that was asked for gets no further."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common.config import ConfigurationError, Settings
from services.common.rpc.client import connect, reason_of
from services.common.rpc.credentials import Credentials
from services.common.rpc.server import RpcServer
from services.common.rpc.tls import Tls, server_tls

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="certificates are made with openssl")

Certificate = Callable[[str], Tls]
METHOD = ("trellis.test.Probe", "Ask")


async def answer(_request: bytes, _context: Any) -> bytes:
    """Answer whoever gets so far."""
    return b""


def add_probe(_servicer: object, server: Any) -> None:
    """Do what generated code does."""
    service, name = METHOD
    plain = {"request_deserializer": bytes, "response_serializer": bytes}
    handlers = {name: grpc.unary_unary_rpc_method_handler(answer, **plain)}
    server.add_registered_method_handlers(service, handlers)


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """Make self-signed certificates for localhost."""

    def make(name: str) -> Tls:
        key, certificate = tmp_path / f"{name}.key", tmp_path / f"{name}.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-nodes", "-days", "1", "-newkey", "ec"),
                *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", f"/CN={name}"),
                *("-addext", f"subjectAltName=DNS:localhost,URI:spiffe://trellis/{name}"),
                *("-keyout", str(key), "-out", str(certificate)),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
        return Tls(certificate_file=certificate, key_file=key)

    return make


async def health_over(server: RpcServer, tls: Tls | None) -> str:
    """Return how a call for the server's health ends."""
    async with connect(
        f"localhost:{server.port}", None, timeout_seconds=5, retry=False, tls=tls
    ) as channel:
        try:
            await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        except grpc.aio.AioRpcError as error:
            return error.code().name
    return "OK"


def server_with(tls: Tls) -> RpcServer:
    """Make a server."""
    return RpcServer(
        "127.0.0.1:0", credentials=Credentials.development("henry"), error_table={}, tls=tls
    )


@needs_openssl
async def test_only_who_has_the_certificate_asked_for_gets_through(
    certificate: Certificate,
) -> None:
    """Plain text, a client without a certificate and one with a stranger's are all turned away."""
    own, known, stranger = (certificate(name) for name in ("server", "client", "stranger"))
    server = server_with(
        Tls(
            certificate_file=own.certificate_file,
            key_file=own.key_file,
            ca_file=known.certificate_file,
        )
    )
    await server.start()

    def client(one: Tls | None) -> Tls:
        return Tls(
            certificate_file=one and one.certificate_file,
            key_file=one and one.key_file,
            ca_file=own.certificate_file,
        )

    assert await health_over(server, client(known)) == "OK"
    assert await health_over(server, client(None)) == "UNAVAILABLE"
    assert await health_over(server, client(stranger)) == "UNAVAILABLE"
    assert await health_over(server, None) == "UNAVAILABLE"
    await server.stop(grace_seconds=0)


@needs_openssl
async def test_a_certificate_of_another_service_is_refused(
    certificate: Certificate, tmp_path: Path
) -> None:
    """It is known and signed, and still not one of those that may call here."""
    own, scheduler, mastery = (certificate(name) for name in ("server", "scheduler", "mastery"))
    signers = tmp_path / "signers.pem"
    known = (one.certificate_file for one in (scheduler, mastery))
    signers.write_bytes(b"".join(one.read_bytes() for one in known if one is not None))
    named = frozenset({"spiffe://trellis/scheduler"})
    server = server_with(replace(own, ca_file=signers, client_names=named))
    server.add(add_probe, object())
    await server.start()

    async def call(client: Tls) -> str:
        tls = replace(client, ca_file=own.certificate_file)
        async with connect(f"localhost:{server.port}", "token", retry=False, tls=tls) as channel:
            try:
                await channel.unary_unary("/{}/{}".format(*METHOD))(b"")
            except grpc.aio.AioRpcError as error:
                return reason_of(error) or error.code().name
        return "OK"

    assert await call(scheduler) == "OK"
    assert await call(mastery) == "CLIENT_NOT_ALLOWED"
    await server.stop(grace_seconds=0)


@pytest.mark.parametrize(
    "half",
    [
        {"grpc_tls_certificate_file": Path("/c.pem")},
        {"grpc_tls_key_file": Path("/k.pem")},
        {"grpc_tls_client_ca_file": Path("/a.pem")},
        {"grpc_tls_client_names": "spiffe://trellis/scheduler"},
    ],
)
async def test_half_a_configuration_never_means_a_server_without_tls(
    half: dict[str, Path | str],
) -> None:
    """It is told at the start."""
    tls = server_tls(Settings(**half))  # type: ignore[arg-type]
    assert tls is not None
    with pytest.raises(ConfigurationError, match="TLS"):
        await server_with(tls).start()


def test_nothing_configured_means_no_tls() -> None:
    """For loopback, and behind a mesh."""
    assert server_tls(Settings()) is None
