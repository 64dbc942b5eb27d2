"""How a service is told to call others."""

from pathlib import Path

import pytest

from services.common.config import ConfigurationError
from services.common.rpc.upstream import UpstreamSettings

CA, CERTIFICATE, KEY = Path("/ca.pem"), Path("/own.pem"), Path("/own.key")


def test_the_token_is_read_from_its_file(tmp_path):
    """White space around it does not count; an empty or missing file is a mistake, said so."""
    file = tmp_path / "token"
    settings = UpstreamSettings(service_token_file=file)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        settings.service_token()
    file.write_text(" \n")
    with pytest.raises(ConfigurationError, match="empty"):
        settings.service_token()
    file.write_text("abc\n")
    assert settings.service_token() == "abc"
    assert UpstreamSettings().service_token() is None


def test_calls_are_encrypted_where_the_signer_is_named():
    """The CA file makes it TLS, with a certificate of this side's where there is one."""
    assert UpstreamSettings().upstream_tls() is None
    assert UpstreamSettings(upstream_tls_ca_file=CA).upstream_tls().ca_file == CA
    both = UpstreamSettings(
        upstream_tls_ca_file=CA,
        upstream_tls_certificate_file=CERTIFICATE,
        upstream_tls_key_file=KEY,
    ).upstream_tls()
    assert (both.ca_file, both.certificate_file, both.key_file) == (CA, CERTIFICATE, KEY)


@pytest.mark.parametrize("half", ["upstream_tls_certificate_file", "upstream_tls_key_file"])
def test_a_certificate_and_its_key_belong_together(half):
    """With one of them gRPC would end the process without a word of what is missing."""
    settings = UpstreamSettings(upstream_tls_ca_file=CA, **{half: CERTIFICATE})
    with pytest.raises(ConfigurationError, match="key"):
        settings.upstream_tls()


@pytest.mark.parametrize("half", ["upstream_tls_certificate_file", "upstream_tls_key_file"])
def test_half_a_configuration_never_means_clear_text(half):
    """A certificate without the CA file is a mistake: the token would go over the wire as it is."""
    with pytest.raises(ConfigurationError):
        UpstreamSettings(**{half: CERTIFICATE}).upstream_tls()
    both = {"upstream_tls_certificate_file": CERTIFICATE, "upstream_tls_key_file": KEY}
    with pytest.raises(ConfigurationError, match="file of their CA"):
        UpstreamSettings(**both).upstream_tls()
