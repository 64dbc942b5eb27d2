"""Configuration: read once, every problem at once, and no typing error means a default."""

from pathlib import Path

import pytest
from pydantic_settings import SettingsConfigDict

from services.common.config import Settings, is_loopback, load, parse_listen


class ExampleSettings(Settings):
    """The settings of a service that is called example."""

    model_config = SettingsConfigDict(env_prefix="EXAMPLE_")

    keys_file: Path | None = None


def test_defaults_work_without_any_variable() -> None:
    """A process starts on a developer's machine with nothing set."""
    settings = load(ExampleSettings)
    assert settings.postgres_pool_size == 8
    assert settings.health_listen == "127.0.0.1:0"
    assert settings.keys_file is None


def test_variables_with_the_prefix_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting is its prefix and its name in capitals."""
    monkeypatch.setenv("EXAMPLE_POSTGRES_POOL_SIZE", "3")
    monkeypatch.setenv("EXAMPLE_KEYS_FILE", "/keys.json")
    settings = load(ExampleSettings)
    assert settings.postgres_pool_size == 3
    assert settings.keys_file == Path("/keys.json")


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts and compose files write empty values for what is optional."""
    monkeypatch.setenv("EXAMPLE_POSTGRES_POOL_SIZE", "")
    assert load(ExampleSettings).postgres_pool_size == 8


def test_every_problem_is_printed_at_once_and_the_exit_code_is_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has to start a process five times to find five mistakes."""
    monkeypatch.setenv("EXAMPLE_POSTGRES_POOL_SIZE", "0")
    monkeypatch.setenv("EXAMPLE_GRPC_LISTEN", "everywhere")
    monkeypatch.setenv("EXAMPLE_LOG_FORMAT", "xml")
    with pytest.raises(SystemExit) as stopped:
        load(ExampleSettings)
    printed = capsys.readouterr().err
    assert stopped.value.code == 2
    assert "EXAMPLE_POSTGRES_POOL_SIZE: Input should be greater than or equal to 1" in printed
    assert 'EXAMPLE_GRPC_LISTEN: must be "host:port"' in printed
    assert "EXAMPLE_LOG_FORMAT: Input should be 'json' or 'console'" in printed


def test_a_typing_error_in_a_name_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip must not silently mean the default."""
    monkeypatch.setenv("EXAMPLE_POSTGRES_POOLSIZE", "3")
    with pytest.raises(SystemExit):
        load(ExampleSettings)
    assert "did you mean EXAMPLE_POSTGRES_POOL_SIZE?" in capsys.readouterr().err


def test_what_a_cluster_adds_for_a_service_of_that_name_is_no_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Kubernetes sets EXAMPLE_PORT and the like in every pod beside a service called example."""
    monkeypatch.setenv("EXAMPLE_PORT", "tcp://10.0.0.1:80")
    monkeypatch.setenv("EXAMPLE_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("EXAMPLE_PORT_80_TCP_ADDR", "10.0.0.1")
    assert load(ExampleSettings).postgres_pool_size == 8


def test_secrets_are_never_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A password in an address shows neither in a problem nor in the settings' own text."""
    monkeypatch.setenv("EXAMPLE_POSTGRES_DSN", "postgresql://u:canary@h/d")
    assert "canary" not in repr(load(ExampleSettings))
    monkeypatch.setenv("EXAMPLE_POSTGRES_POOL_SIZE", "canary")
    with pytest.raises(SystemExit):
        load(ExampleSettings)
    assert "canary" not in capsys.readouterr().err


def test_settings_cannot_be_changed() -> None:
    """What was read at the start holds to the end."""
    settings = load(ExampleSettings)
    with pytest.raises(ValueError, match="frozen"):
        settings.postgres_pool_size = 9


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("[::1]:8080", ("::1", 8080)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_an_address_to_listen_on_is_split(listen: str, expected: tuple[str, int]) -> None:
    """Host and port come apart, for IPv6 too."""
    assert parse_listen(listen) == expected


@pytest.mark.parametrize("listen", ["", "host", ":80", "host:", "host:x", "host:65536", "::1:80"])
def test_what_is_no_address_is_refused(listen: str) -> None:
    """Only "host:port" is taken."""
    with pytest.raises(ValueError, match=r"port|brackets"):
        parse_listen(listen)


@pytest.mark.parametrize(
    ("listen", "loopback"),
    [
        ("127.0.0.1:1", True),
        ("[::1]:1", True),
        ("localhost:1", True),
        ("0.0.0.0:1", False),
        ("[::]:1", False),
        ("10.0.0.1:1", False),
    ],
)
def test_loopback_is_told_from_everything_else(listen: str, loopback: bool) -> None:
    """What others can reach never counts as loopback."""
    assert is_loopback(listen) is loopback
