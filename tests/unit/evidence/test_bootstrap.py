"""What a process refuses before it connects to anything."""

import pytest

from services.common.config import ConfigurationError
from services.common.process import Lifecycle
from services.evidence.bootstrap import build_api
from services.evidence.config import EvidenceSettings


@pytest.mark.parametrize("listen", ["grpc_listen", "http_listen"])
async def test_without_credentials_nothing_listens_beyond_loopback(listen: str) -> None:
    """Neither gRPC nor HTTP: whoever reached either could do everything."""
    settings = EvidenceSettings(
        postgres_dsn="postgresql://nobody@nowhere.invalid/none",
        development_district="maple-county",
        **{listen: "0.0.0.0:0"},
    )
    with pytest.raises(ConfigurationError, match="loopback only"):
        await build_api(settings, Lifecycle())
