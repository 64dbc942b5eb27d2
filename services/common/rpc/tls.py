"""TLS for gRPC: certificates from files, and clients' certificates where a server asks for them."""

from dataclasses import dataclass
from pathlib import Path

import grpc

from services.common.config import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Files in PEM. A server needs certificate and key; a client the certificate authority."""

    certificate_file: Path | None = None
    key_file: Path | None = None
    ca_file: Path | None = None
    """Who signs the other side's certificates; on a server: clients must have one."""

    def server_credentials(self) -> grpc.ServerCredentials:
        """Return what a server listens with; raises `ConfigurationError`."""
        if self.certificate_file is None or self.key_file is None:
            raise ConfigurationError("TLS of the gRPC API needs a certificate file and a key file")
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


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"the TLS file {path} cannot be read: {error}") from error
