"""Where the compiled code of the search is kept between runs.

Numba keeps compiled functions, but looks at each one's own file alone to see whether they are
still good: after a change in a function that they call, they would run the old code. So each
state of the engine's sources has a folder of its own.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

ENGINE = Path(__file__).parents[1] / "domain" / "engine"
VARIABLE = "NUMBA_CACHE_DIR"
NAME_LENGTH = 16
FOLDERS_KEPT = 8
"""Of other states of the sources, the newest; one takes a few megabytes."""


def keep_compiled_code() -> None:
    """Choose the folder; to be called before the engine is imported.

    Whoever sets `NUMBA_CACHE_DIR` has chosen already, as an image does that brings its code along.
    Numba reads from a folder alone to which it could write, so one that nobody may write to, as in
    a container with a read-only root, is linked to from one that it may.
    """
    if VARIABLE in os.environ:
        given = Path(os.environ[VARIABLE])
        if given.exists() and not os.access(given, os.W_OK):
            os.environ[VARIABLE] = str(_linked(given))
        return
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    # Where nobody may write into the home, a folder that goes with the machine has to do.
    for place in (home / "trellis", _of_the_machine()):
        folder = place / "compiled" / state_of(ENGINE)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder.touch()
        except OSError:
            continue
        os.environ[VARIABLE] = str(folder)
        _forget_old(folder.parent)
        return


def _linked(given: Path) -> Path:
    """Return a folder with links to the files of one, made once for each state of the sources.

    Links, as the files are more than a hundred megabytes, and memory where /tmp is.
    """
    folder = _of_the_machine() / "compiled" / state_of(ENGINE)
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        whole = Path(tempfile.mkdtemp(prefix="linking-", dir=folder.parent)) / "whole"
        shutil.copytree(given.resolve(), whole, copy_function=os.symlink)
        try:
            whole.rename(folder)
        except OSError:
            # Another process was faster, with the same links.
            if not folder.exists():
                raise
        finally:
            shutil.rmtree(whole.parent, ignore_errors=True)
    return folder


def _of_the_machine() -> Path:
    return Path(tempfile.gettempdir()) / f"trellis-{os.getuid()}"


def state_of(sources: Path) -> str:
    """Return a name for the contents of the Python files of a folder."""
    total = hashlib.sha256()
    for file in sorted(sources.glob("*.py")):
        total.update(f"{file.name}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:NAME_LENGTH]


def _forget_old(folder: Path) -> None:
    """Remove what has not been used for longest, so that the cache has a bound."""
    aged: list[tuple[float, Path]] = []
    for one in folder.glob("?" * NAME_LENGTH):
        try:
            aged.append((one.stat().st_mtime, one))
        except OSError:
            # Another process was faster.
            continue
    for _, one in sorted(aged)[: -1 - FOLDERS_KEPT]:
        shutil.rmtree(one, ignore_errors=True)
