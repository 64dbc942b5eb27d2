"""What every test may ask for: real servers (tests/support/servers.py), started when first used."""

import os

from services.scheduler.adapters.compiled import keep_compiled_code

# Before gRPC is imported: its handlers at fork begin threads in every child, which may end it
# before it has become the server that a test asked for. The Makefile says so for everything else.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")

# Before the engine is imported, for the same reason as in the service's commands.
keep_compiled_code()

pytest_plugins = ["tests.support.servers"]
