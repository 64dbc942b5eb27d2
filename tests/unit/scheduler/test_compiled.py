"""Each state of the engine's sources keeps its compiled code in a folder of its own."""

import os
import tempfile
from pathlib import Path

from services.scheduler.adapters import compiled


def test_a_change_of_any_source_is_another_state(tmp_path):
    """Contents and names count."""
    (tmp_path / "a.py").write_text("x = 1")
    (tmp_path / "b.py").write_text("y = 1")
    first = compiled.state_of(tmp_path)
    assert compiled.state_of(tmp_path) == first
    (tmp_path / "b.py").write_text("y = 2")
    second = compiled.state_of(tmp_path)
    (tmp_path / "b.py").rename(tmp_path / "c.py")
    assert len({first, second, compiled.state_of(tmp_path)}) == 3


def test_the_folder_is_chosen_once_and_old_ones_go(tmp_path, monkeypatch):
    """An operator's choice stands; of the folders the newest are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv(compiled.VARIABLE, "/chosen")
    compiled.keep_compiled_code()
    assert os.environ[compiled.VARIABLE] == "/chosen"
    monkeypatch.delenv(compiled.VARIABLE)
    folder = tmp_path / "trellis" / "compiled"
    for age in range(12):
        old = folder / f"{age:016x}"
        old.mkdir(parents=True)
        os.utime(old, (1_000 - age, 1_000 - age))
    compiled.keep_compiled_code()
    assert os.environ[compiled.VARIABLE] == str(folder / compiled.state_of(compiled.ENGINE))
    assert len(list(folder.iterdir())) == 1 + compiled.FOLDERS_KEPT
    assert (folder / f"{0:016x}").exists()
    assert not (folder / f"{11:016x}").exists()


def test_a_home_that_nobody_may_write_to_is_no_fault(tmp_path, monkeypatch):
    """Then the code is kept among the temporary files."""
    (tmp_path / "trellis").write_text("a file, where a folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.delenv(compiled.VARIABLE, raising=False)
    compiled.keep_compiled_code()
    chosen = Path(os.environ[compiled.VARIABLE])
    assert chosen.is_relative_to(tmp_path / "temporary")
    assert chosen.is_dir()


def test_code_that_nobody_may_write_beside_is_linked_to_once(tmp_path, monkeypatch):
    """An image brings it along and has a read-only root; a second process takes the same links."""
    given = tmp_path / "image" / "engine"
    given.mkdir(parents=True)
    (given / "search.nbi").write_bytes(b"index")
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    monkeypatch.setattr(compiled.os, "access", lambda *_: False)
    folders = set()
    for _ in range(2):
        monkeypatch.setenv(compiled.VARIABLE, str(given.parent))
        compiled.keep_compiled_code()
        folders.add(os.environ[compiled.VARIABLE])
    (folder,) = map(Path, folders)
    assert folder.is_relative_to(tmp_path / "tmp")
    assert (folder / "engine" / "search.nbi").read_bytes() == b"index"
    assert (folder / "engine" / "search.nbi").is_symlink(), "a copy would fill /tmp"
    assert [one.name for one in folder.parent.iterdir()] == [compiled.state_of(compiled.ENGINE)]
