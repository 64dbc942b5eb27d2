"""Where the files of a package are: a ZIP that nobody trusts, or a directory.

A ZIP is refused before a row of it is used: what is hidden, damaged, far too large or points
elsewhere has no place in a package, and of a bulk file that was cut short the missing rows would
read as deletions.
"""

import hashlib
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final, Self

from services.evidence.domain.oneroster.faults import Fault, FaultError
from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.oneroster.manifest import FILE as MANIFEST
from services.evidence.domain.oneroster.schema import FILES

KNOWN_FILES: Final = frozenset({MANIFEST, *(f"{name}.csv" for name in FILES[Version.V1_2])})
"""1.1 has no file that 1.2 has not."""

_KNOWN_BY_FOLDED_NAME: Final = {name.lower(): name for name in KNOWN_FILES}
MAX_DIRECTORY_BYTES: Final = 1 << 20
"""The list of entries of a ZIP: some 100 bytes for each file."""

_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_LARGE_END: Final = b"PK\x06\x06"
_LARGE_END_BYTES: Final = 56
_IS_LARGE: Final = 0xFFFF_FFFF
_END_SEARCHED_BYTES: Final = (1 << 16) + 1_024
"""A comment of up to 64 KiB may stand behind the end."""

_CHUNK_BYTES: Final = 1 << 16
_ENCRYPTED: Final = 0x1
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_SIDE_FILES: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
"""What file managers add to ZIPs and directories."""

DIGEST_DIGITS: Final = 16


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a package may be at most.

    entries: in a ZIP, with what file managers add. entry_bytes, total_bytes: unpacked. ratio:
    unpacked to packed bytes, of an entry of more than ratio_from_bytes. A school year of results of
    a large district is about 2 GB; rosters are packed to a tenth of their size, rarely to less than
    a thirtieth.
    """

    entries: int = 64
    entry_bytes: int = 8 << 30
    total_bytes: int = 16 << 30
    ratio: int = 200
    ratio_from_bytes: int = 16 << 20


class Archive:
    """The files of a package by their standard names; a context.

    nested: they stand in a folder, which is against the standard. unexpected: how many files are
    none of the standard's.
    """

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        """Take a ZIP or a directory."""
        self._path = path
        self._limits = limits or Limits()
        self._stack = ExitStack()
        self._entries: Mapping[str, zipfile.ZipInfo | Path] = {}
        self._zip: zipfile.ZipFile | None = None
        self.nested = False
        self.unexpected = 0
        self.digest = ""
        """The first 64 bits of the SHA-256 of the ZIP, or of all files; hexadecimal."""

    def __enter__(self) -> Self:
        """Open and check it; raises FaultError and OSError."""
        with ExitStack() as opening:
            opening.callback(self._stack.close)
            if self._path.is_dir():
                self._open_directory()
            else:
                self._open_zip()
            opening.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    @property
    def names(self) -> frozenset[str]:
        """Return the standard names of the files that are there, the manifest among them."""
        return frozenset(self._entries)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Give a file's bytes."""
        entry = self._entries[name]
        if isinstance(entry, Path):
            with entry.open("rb") as file:
                yield file
        else:
            assert self._zip is not None
            with self._zip.open(entry) as file:
                yield file

    def _open_directory(self) -> None:
        entries: dict[str, zipfile.ZipInfo | Path] = {}
        digest = hashlib.sha256()
        for path in sorted(self._path.iterdir()):
            name = _KNOWN_BY_FOLDED_NAME.get(path.name.lower())
            if name is None:
                self.unexpected += path.name not in _SIDE_FILES
                continue
            if path.is_symlink() or not path.is_file():
                raise FaultError(_fault("entry_not_a_file", name, "is no plain file"))
            if name in entries:
                raise FaultError(_fault("duplicate_entry", name, "is there twice"))
            if path.stat().st_size > self._limits.entry_bytes:
                raise FaultError(_fault("entry_too_large", name, "is too large"))
            entries[name] = path
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        self._entries = entries
        self.digest = digest.hexdigest()[:DIGEST_DIGITS]

    def _open_zip(self) -> None:
        raw = self._stack.enter_context(self._path.open("rb"))
        self.digest = hashlib.file_digest(raw, "sha256").hexdigest()[:DIGEST_DIGITS]
        size_bytes = raw.seek(0, 2)
        if _directory_bytes(raw, size_bytes) > MAX_DIRECTORY_BYTES:
            raise FaultError(_fault("too_many_entries", "", "has far too many entries"))
        raw.seek(0)
        try:
            self._zip = self._stack.enter_context(zipfile.ZipFile(raw))
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError):
            raise FaultError(
                _fault("unreadable", "", "is no ZIP, or one that was cut short")
            ) from None
        entries = self._checked_entries(self._zip.infolist())
        self._check_sizes(entries, size_bytes)
        self._entries = entries
        for name in sorted(entries):
            self._check_content(name)

    def _checked_entries(self, infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        """Return the entries that are files of the standard; refuses what no package may hold."""
        if len(infos) > self._limits.entries:
            raise FaultError(_fault("too_many_entries", "", f"has {len(infos)} entries"))
        entries: dict[str, zipfile.ZipInfo] = {}
        folders: set[str] = set()
        for info in infos:
            _check_entry(info)
            path = PurePosixPath(info.filename.replace("\\", "/"))
            # A damaged entry may have no name at all, of which is_dir cannot see the end.
            if not info.filename or info.is_dir():
                continue
            if any(one in info.filename for one in _SIDE_FILES):
                continue
            name = _KNOWN_BY_FOLDED_NAME.get(path.name.lower())
            if name is None:
                self.unexpected += 1
                continue
            if name in entries:
                raise FaultError(_fault("duplicate_entry", name, "is there twice"))
            entries[name] = info
            folders.add(str(path.parent))
        self.nested = bool(folders - {"."})
        if len(folders) > 1:
            raise FaultError(_fault("entry_nested_path", "", "has its files in several folders"))
        return entries

    def _check_sizes(self, entries: Mapping[str, zipfile.ZipInfo], size_bytes: int) -> None:
        """Check the sizes that entries claim; no more than these is ever unpacked."""
        for name, info in entries.items():
            if info.file_size > self._limits.entry_bytes:
                raise FaultError(_fault("entry_too_large", name, "is too large"))
            packed = max(info.compress_size, 1)
            large = info.file_size > self._limits.ratio_from_bytes
            if large and info.file_size > self._limits.ratio * packed:
                raise FaultError(
                    _fault("compression_ratio", name, "is packed to less than any roster can be")
                )
        if sum(info.file_size for info in entries.values()) > self._limits.total_bytes:
            raise FaultError(_fault("too_large", "", "is too large"))
        if sum(info.compress_size for info in entries.values()) > size_bytes:
            # Entries that share their bytes unpack to far more than the ZIP can hold.
            raise FaultError(_fault("overlapping_entries", "", "has entries within each other"))

    def _check_content(self, name: str) -> None:
        """Unpack an entry once without use, so that damage is known before a row is used."""
        try:
            with self.open(name) as file:
                while file.read(_CHUNK_BYTES):
                    pass
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError):
            raise FaultError(_fault("damaged_entry", name, "is damaged")) from None


def _directory_bytes(raw: IO[bytes], size_bytes: int) -> int:
    """Return how large the list of entries claims to be, before it is read into memory; 0 if none.

    A ZIP ends with a record that says so: in 4 bytes, or in 8 of another record before it.
    """
    raw.seek(max(size_bytes - _END_SEARCHED_BYTES, 0))
    tail = raw.read()
    at, large_at = tail.rfind(_END), tail.rfind(_LARGE_END)
    if at < 0 or len(tail) < at + _END_BYTES:
        return 0
    (size,) = struct.unpack_from("<I", tail, at + 12)
    if size == _IS_LARGE and 0 <= large_at <= at - _LARGE_END_BYTES:
        (size,) = struct.unpack_from("<Q", tail, large_at + 40)
    return int(size)


def _check_entry(info: zipfile.ZipInfo) -> None:
    """Refuse an entry that leads elsewhere, is no file, or cannot be unpacked."""
    path = info.filename.replace("\\", "/")
    if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
        raise FaultError(_fault("entry_unsafe_path", "", "has an entry with an unsafe path"))
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise FaultError(_fault("entry_not_a_file", "", "has an entry that is no plain file"))
    if info.flag_bits & _ENCRYPTED:
        raise FaultError(_fault("encrypted_entry", "", "has an encrypted entry"))
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FaultError(_fault("unsupported_compression", "", "is packed by another way"))


def _fault(kind: str, name: str, message: str) -> Fault:
    code = f"zip.{kind}" + (f":{name}" if name else "")
    return Fault(
        code=code,
        message=f"{name or 'The package'} {message}.",
        hint="Send a plain ZIP, packed with DEFLATE, with the CSV files at its root.",
    )


def nested_path() -> Fault:
    """Return what is wrong with a package whose files stand in a folder."""
    return _fault("entry_nested_path", "", "has its files in a folder")


def unexpected_entry() -> Fault:
    """Return what is wrong with a package that holds other files."""
    return _fault("unexpected_entry", "", "has files that the standard has not")
