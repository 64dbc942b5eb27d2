"""Commands of the evidence service, run as a person at a shell runs them, against a running api."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.support.evidence import DISTRICT, OWN_TOKEN, RunningApi

ROOT = Path(__file__).parents[2]
MAPPING = ROOT / "services/evidence/mappings/response_log.yaml"
COMMAND_SECONDS = 60.0


class Command:
    """Runs commands of the service against an api."""

    def __init__(self, api: RunningApi, directory: Path) -> None:
        self._api = api
        self._directory = directory

    async def start(
        self, *arguments: str, token: str = OWN_TOKEN.token
    ) -> asyncio.subprocess.Process:
        """Start a command as a process of its own."""
        token_file = self._directory / "token"
        token_file.write_text(token, encoding="utf-8")
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.evidence", *arguments),
            *("--target", self._api.address, "--token-file", str(token_file)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"},
        )

    async def run(self, *arguments: str, token: str = OWN_TOKEN.token) -> tuple[int, str, str]:
        """Run a command to its end; return its code and what it printed."""
        process = await self.start(*arguments, token=token)
        async with asyncio.timeout(COMMAND_SECONDS):
            out, errors = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), errors.decode()

    async def import_file(self, file: Path, *options: str) -> tuple[int, dict[str, Any]]:
        """Import a file; return the exit code and the report."""
        code, out, errors = await self.run(*import_arguments(file), *options, "--json")
        assert out, errors
        return code, json.loads(out)

    async def json(self, *arguments: str, token: str = OWN_TOKEN.token) -> tuple[int, Any]:
        """Run a command that prints JSON; return its code and what it printed, decoded."""
        code, out, errors = await self.run(*arguments, "--json", token=token)
        assert out, errors
        return code, json.loads(out)


def import_arguments(file: Path) -> list[str]:
    """Return the arguments of an import of a response log."""
    return ["import", str(file), "--mapping", str(MAPPING), "--district", DISTRICT]
