"""The settings of the local runner."""

from __future__ import annotations

import pytest

from deploy.local.config import LocalConfig, LocalConfigError


def test_without_variables_both_servers_are_started_here() -> None:
    """Nothing given, or given empty, means: start one."""
    assert LocalConfig.from_environment({"TRELLIS_POSTGRES_DSN": ""}) == LocalConfig()


def test_given_addresses_are_taken() -> None:
    """Addresses of both servers are kept as they are."""
    config = LocalConfig.from_environment(
        {
            "TRELLIS_KAFKA_BOOTSTRAP_SERVERS": "one:9092,two:9092",
            "TRELLIS_POSTGRES_DSN": "postgresql://someone@host:5432/postgres",
        }
    )
    assert config.kafka_bootstrap_servers == "one:9092,two:9092"
    assert config.postgres_dsn == "postgresql://someone@host:5432/postgres"


def test_every_bad_setting_is_named_at_once_and_no_password_is_repeated() -> None:
    """Both variables are in the one message, and the DSN's value is not."""
    with pytest.raises(LocalConfigError) as caught:
        LocalConfig.from_environment(
            {
                "TRELLIS_KAFKA_BOOTSTRAP_SERVERS": "no-port",
                "TRELLIS_POSTGRES_DSN": "mysql://u:hunter2@h/db",
            }
        )
    message = str(caught.value)
    assert "TRELLIS_KAFKA_BOOTSTRAP_SERVERS" in message
    assert "TRELLIS_POSTGRES_DSN" in message
    assert "hunter2" not in message
