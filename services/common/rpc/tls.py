"""TLS for gRPC: certificates from files, and clients' certificates where a server asks for them.

A certificate says who its bearer is in a URI of its subject's alternative names, as SPIFFE has it
("spiffe://trellis/scheduler"), so that a mesh may issue them in our place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc

from services.common.config import ConfigurationError, Settings

ALTERNATIVE_NAMES: Final = "x509_subject_alternative_name"
"""What gRPC calls them in a call's auth context."""


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Files in PEM. A server needs certificate and key; a client the certificate authority."""

    certificate_file: Path | None = None
    key_file: Path | None = None
    ca_file: Path | None = None
    """Who signs the other side's certificates; on a server: clients must have one."""
    client_names: frozenset[str] = frozenset()
    """On a server: the names of which a client's certificate must have one; empty: any will do."""

    def server_credentials(self) -> grpc.ServerCredentials:
        """Return what a server listens with; raises `ConfigurationError`."""
        if self.certificate_file is None or self.key_file is None:
            raise ConfigurationError("TLS of the gRPC API needs a certificate file and a key file")
        if self.client_names and self.ca_file is None:
            raise ConfigurationError("names of clients need the TLS file of their CA")
        pair = (_read(self.key_file), _read(self.certificate_file))
        ca = None if self.ca_file is None else _read(self.ca_file)
        return grpc.ssl_server_credentials(
            [pair], root_certificates=ca, require_client_auth=ca is not None
        )

    def channel_credentials(self) -> grpc.ChannelCredentials:
        """Return what a client connects with; raises `ConfigurationError`."""
        return grpc.ssl_channel_credentials(
            root_certificates=None if self.ca_file is None else _read(self.ca_file),
            private_key=None if self.key_file is None else _read(self.key_file),
            certificate_chain=(
                None if self.certificate_file is None else _read(self.certificate_file)
            ),
        )


def server_tls(settings: Settings) -> Tls | None:
    """Return the TLS of the gRPC API that the settings ask for, or None where they ask for none."""
    files = (
        settings.grpc_tls_certificate_file,
        settings.grpc_tls_key_file,
        settings.grpc_tls_client_ca_file,
    )
    names = frozenset(
        filter(None, map(str.strip, (settings.grpc_tls_client_names or "").split(",")))
    )
    if files == (None, None, None) and not names:
        return None
    # Half of it is a mistake, told when the server starts: never a server without TLS.
    return Tls(certificate_file=files[0], key_file=files[1], ca_file=files[2], client_names=names)


def names_of(peer: Mapping[str, Sequence[bytes]]) -> set[str]:
    """Return the names in a caller's certificate, of what gRPC knows of the caller."""
    return {name.decode("utf-8", "replace") for name in peer.get(ALTERNATIVE_NAMES, ())}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"the TLS file {path} cannot be read: {error}") from error
