"""How a service calls others: with which token, and with which TLS."""

from __future__ import annotations

from pathlib import Path

from services.common.config import ConfigurationError, Settings
from services.common.rpc.tls import Tls

TOKEN_BYTES = 4096


class UpstreamSettings(Settings):
    """The settings of a service that calls other services."""

    service_token_file: Path | None = None
    """File with the token for calls to other services."""
    upstream_tls_ca_file: Path | None = None
    """PEM of who signs those services' certificates; without it, calls are not encrypted."""
    upstream_tls_certificate_file: Path | None = None
    """PEM certificate chain of this service, where those services ask for one."""
    upstream_tls_key_file: Path | None = None
    """PEM key of that certificate."""

    def service_token(self) -> str | None:
        """Return the token for calls to other services; raises ConfigurationError."""
        path = self.service_token_file
        if path is None:
            return None
        try:
            token = path.read_bytes()[:TOKEN_BYTES].decode().strip()
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"the token file {path} cannot be read: {error}") from error
        if not token:
            raise ConfigurationError(f"the token file {path} is empty")
        return token

    def upstream_tls(self) -> Tls | None:
        """Return the TLS of calls to other services, or None; raises ConfigurationError."""
        own = (self.upstream_tls_certificate_file, self.upstream_tls_key_file)
        if (own[0] is None) != (own[1] is None):
            raise ConfigurationError("the certificate and the key for calls go together")
        if self.upstream_tls_ca_file is None:
            if own != (None, None):
                # Never a token in clear text because half of it was forgotten.
                raise ConfigurationError("TLS to other services needs the file of their CA")
            return None
        return Tls(ca_file=self.upstream_tls_ca_file, certificate_file=own[0], key_file=own[1])
