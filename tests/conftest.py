"""What every test may ask for: real servers (tests/support/servers.py), started when first used."""

pytest_plugins = ["tests.support.servers"]
