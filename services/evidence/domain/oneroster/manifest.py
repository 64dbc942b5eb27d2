"""The manifest of a OneRoster package: its version, and which files it has, whole or as changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.evidence.domain.oneroster.csv_binding import Mode
from services.evidence.domain.oneroster.faults import Fault, FaultError
from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.oneroster.schema import FILES
from services.evidence.domain.source_object import Collection

FILE: Final = "manifest.csv"
HEADER: Final = ("propertyName", "value")
MAX_ROWS: Final = 200
"""Rows of a manifest that are looked at: the standard has 25."""

_MANIFEST_VERSION: Final = "manifest.version"
_ONEROSTER_VERSION: Final = "oneroster.version"
_SYSTEM_NAME: Final = "source.systemName"
_SYSTEM_CODE: Final = "source.systemCode"
_FILE_PREFIX: Final = "file."
_OPTIONAL: Final = (_SYSTEM_NAME, _SYSTEM_CODE)
_VERSIONS: Final = {
    "1.1": Version.V1_1,
    "1.1.0": Version.V1_1,
    "1.2": Version.V1_2,
    "1.2.0": Version.V1_2,
    "1.2.1": Version.V1_2,
}
_ONLY_1_2: Final = frozenset(FILES[Version.V1_2]) - frozenset(FILES[Version.V1_1])


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a package says of itself. modes: of the files that it has."""

    version: Version
    modes: Mapping[Collection, Mode]
    system_name: str = ""
    system_code: str = ""


def read_manifest(rows: Iterable[Sequence[str]]) -> Manifest:
    """Return what a manifest's rows say, the header among them; raises FaultError.

    Names are understood in any case of their letters. A package that calls itself 1.1 and speaks of
    files that only 1.2 has is one of 1.2.
    """
    said: dict[str, str] = {}
    for row, _ in zip(rows, range(MAX_ROWS), strict=False):
        cells = [cell.strip() for cell in row]
        if len(cells) >= len(HEADER) and cells[0]:
            said.setdefault(cells[0].lower().removesuffix(".csv"), cells[1])
    version = _VERSIONS.get(said.get(_ONEROSTER_VERSION, ""))
    if version is None:
        raise FaultError(_unknown_version())
    files = {name.lower(): name for name in FILES[Version.V1_2]}
    named = {
        files[name.removeprefix(_FILE_PREFIX)]: mode
        for name, mode in said.items()
        if name.startswith(_FILE_PREFIX) and name.removeprefix(_FILE_PREFIX) in files
    }
    if _ONLY_1_2 & set(named):
        version = Version.V1_2
    modes = {FILES[Version.V1_2][name]: _mode(name, mode) for name, mode in named.items()}
    return Manifest(
        version=version,
        modes={collection: mode for collection, mode in modes.items() if mode is not Mode.ABSENT},
        system_name=said.get(_SYSTEM_NAME.lower(), ""),
        system_code=said.get(_SYSTEM_CODE.lower(), ""),
    )


def _mode(name: str, text: str) -> Mode:
    folded = text.lower()
    for mode in Mode:
        if folded == mode.value:
            return mode
    raise FaultError(_invalid_mode(f"{_FILE_PREFIX}{name}"))


def check_manifest(rows: Sequence[Sequence[str]]) -> tuple[Fault, ...]:
    """Return everything that is against the letter of the standard.

    A version that does not go with the files is the only fault then, as every other would follow.
    """
    if not rows or tuple(rows[0]) != HEADER:
        return (_fault("invalid_header", "", f"begins otherwise than with {','.join(HEADER)}"),)
    said: dict[str, str] = {}
    faults: list[Fault] = []
    for row in rows[1:]:
        name, value = (*row, "", "")[:2]
        if name in said or len(row) != len(HEADER):
            faults.append(_fault("invalid_row", "", "has a row twice, or one without two cells"))
        said.setdefault(name, value)
    version = {"1.1": Version.V1_1, "1.2": Version.V1_2}.get(said.get(_ONEROSTER_VERSION, ""))
    speaks_of = {name.removeprefix(_FILE_PREFIX) for name in said}
    if version is None or (version is Version.V1_1 and _ONLY_1_2 & speaks_of):
        return (_unknown_version(),)
    return (*faults, *_check_properties(said, version))


def _check_properties(said: Mapping[str, str], version: Version) -> list[Fault]:
    faults = []
    if said.get(_MANIFEST_VERSION) != "1.0":
        faults.append(_fault("invalid_manifest_version", "", "is not of manifest.version 1.0"))
    files = [f"{_FILE_PREFIX}{name}" for name in FILES[version]]
    for name in files:
        if name not in said:
            faults.append(_fault("missing_property", name, f"has no {name}"))
        elif said[name] not in {mode.value for mode in Mode}:
            faults.append(_invalid_mode(name))
    known = {_MANIFEST_VERSION, _ONEROSTER_VERSION, *_OPTIONAL, *files}
    if set(said) - known:
        faults.append(_fault("unknown_property", "", "has a property that the standard has not"))
    return faults


def _unknown_version() -> Fault:
    return Fault(
        code=f"manifest.invalid_oneroster_version:{FILE}",
        message="The manifest names no version of OneRoster that goes with its files.",
        hint="Export as OneRoster 1.2 or 1.1, with oneroster.version 1.2 or 1.1 in manifest.csv.",
    )


def _invalid_mode(name: str) -> Fault:
    hint = "Say absent, bulk or delta for every file."
    return Fault(
        code=f"manifest.invalid_mode:{FILE}:{name}",
        message=f"{name} of {FILE} is none of absent, bulk and delta.",
        hint=hint,
    )


def missing_manifest() -> Fault:
    """Return what is wrong with a package without a manifest."""
    return Fault(
        code=f"manifest.missing_manifest:{FILE}",
        message="The package has no manifest.csv, so it is one of OneRoster 1.0, or incomplete.",
        hint="Export as OneRoster 1.2 or 1.1, whose packages have a manifest.",
    )


def _fault(kind: str, name: str, message: str) -> Fault:
    code = f"manifest.{kind}:{FILE}" + (f":{name}" if name else "")
    return Fault(
        code=code, message=f"{FILE} {message}.", hint="Write the manifest as the standard has it."
    )
