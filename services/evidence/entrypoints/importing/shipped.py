"""The mappings that come with Trellis, by name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.evidence.domain.spelling import nearest
from services.evidence.entrypoints.importing.mapping import MappingError, read_document

SUFFIX: Final = ".yaml"
DIRECTORY: Final = Path(__file__).parents[2] / "mappings"


def shipped_mappings() -> Mapping[str, Path]:
    """Return the files of the mappings by name, sorted."""
    return {path.stem: path for path in sorted(DIRECTORY.glob(f"*{SUFFIX}"))}


def about(path: Path) -> str:
    """Return what a mapping says of itself in one line; raises MappingError."""
    document = read_document(path)
    return str(document.get("about", "")) if isinstance(document, dict) else ""


def find_mapping(name: str) -> Path:
    """Return the file of a name, or the file that it is; raises MappingError."""
    shipped = shipped_mappings()
    if name in shipped:
        return shipped[name]
    path = Path(name)
    if path.is_file():
        return path
    meant = nearest(name, shipped)
    hint = f"did you mean {meant}? " if meant else ""
    raise MappingError(
        f"there is no file {name} and no mapping of this name: {hint}Those that come with Trellis"
        f" are {', '.join(shipped)}"
    )
