"""Who may reach whom: from each pod what it needs, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from tests.cluster.release import PROCESSES, Release

APIS: Final = {
    "evidence": (9000, 8080, 9100),
    "mastery": (9000, 9100),
    "scheduler": (9000, 8080, 9100),
}
CALLS: Final[Mapping[str, tuple[str, ...]]] = {
    "mastery-worker": ("evidence",),
    "scheduler-api": ("evidence", "mastery"),
    "scheduler-planner": ("evidence", "mastery"),
    "scheduler-clock": ("evidence", "mastery"),
}
"""Said here a second time on purpose: what the chart makes of it is what is tried."""
STRANGERS: Final = ("kubernetes.default.svc:443", "maple-kafka:9093")
# Runs in a pod: dials each address and prints those that took the connection.
DIAL: Final = """
import concurrent.futures, json, socket, sys
def dial(address):
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=4).close()
        return address
    except OSError:
        return None
with concurrent.futures.ThreadPoolExecutor(32) as pool:
    print(json.dumps(sorted(filter(None, pool.map(dial, json.loads(sys.argv[1]))))))
"""


def addresses(release: Release) -> list[str]:
    """Return everything that is dialled from each pod."""
    name = release.name
    apis = [f"{name}-{api}-api:{port}" for api, ports in APIS.items() for port in ports]
    workers = [f"{name}-{one}:9100" for one in PROCESSES if not one.endswith("-api")]
    return [*apis, *workers, *stores(release), *STRANGERS]


def stores(release: Release) -> list[str]:
    """Return what every process reaches."""
    return [f"{release.name}-kafka:9092", f"{release.name}-postgres:5432"]


def wanted(release: Release, process: str) -> set[str]:
    """Return what a process may reach."""
    called = (f"{release.name}-{api}-api:9000" for api in CALLS.get(process, ()))
    return {*stores(release), *called}


def reached(release: Release, process: str) -> set[str]:
    """Return what a pod of a process reaches; its own address does not count."""
    pod = release.pods_of(process)[0]["metadata"]["name"]
    dialled = json.dumps(addresses(release))
    printed = release.kubectl("exec", pod, "--", "python", "-c", DIAL, dialled)
    own = f"{release.name}-{process}:"
    return {one for one in json.loads(printed) if not one.startswith(own)}


def differences(release: Release) -> list[str]:
    """Return where a pod reaches more or less than it should."""
    found = []
    for process in PROCESSES:
        may, does = wanted(release, process), reached(release, process)
        found += [f"{process} does not reach {one}" for one in sorted(may - does)]
        found += [f"{process} reaches {one}" for one in sorted(does - may)]
    return found


def certificates(release: Release) -> dict[str, str]:
    """Return what mastery answers to calls with the certificate of each service."""
    return {
        service: _call_with(release, service) for service in ("evidence", "scheduler", "client")
    }


# Runs in a pod that may reach mastery, with another one's certificate handed in.
CALL: Final = """
import asyncio, json, pathlib, sys, tempfile
import grpc
from services.common.rpc.client import connect, reason_of
from services.common.rpc.tls import Tls
from trellis.mastery.v1.mastery_service_pb2 import GetStateHashRequest
from trellis.mastery.v1.mastery_service_pb2_grpc import MasteryServiceStub
held = json.loads(sys.stdin.read())
folder = pathlib.Path(tempfile.mkdtemp())
for name, text in held.items():
    (folder / name).write_text(text)
files = {"certificate_file": "tls.crt", "key_file": "tls.key", "ca_file": "ca.crt"}
tls = Tls(**{field: folder / name for field, name in files.items()})
async def main():
    async with connect(sys.argv[1], "no token", tls=tls, timeout_seconds=10) as channel:
        try:
            await MasteryServiceStub(channel).GetStateHash(GetStateHashRequest())
        except grpc.aio.AioRpcError as error:
            print(reason_of(error) or error.code().name)
asyncio.run(main())
"""


def _call_with(release: Release, service: str) -> str:
    held = release.secret(f"{service}-tls")
    pod = release.pods_of("scheduler-api")[0]["metadata"]["name"]
    target = f"{release.name}-mastery-api:9000"
    command = ("exec", "--stdin", pod, "--", "python", "-c", CALL, target)
    return release.kubectl(*command, stdin=json.dumps(held)).strip()
