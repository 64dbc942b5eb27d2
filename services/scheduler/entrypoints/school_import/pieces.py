"""What the rows of a file make: a message each, or one together; and why others make none.

What several rows make together, as a bell schedule, is kept whole or not at all: one bad row of it
refuses the others, which say so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from services.scheduler.entrypoints.school_import.columns import CellError, Cells, shape_of
from services.scheduler.entrypoints.school_import.files import Row, SchoolFile
from services.scheduler.entrypoints.school_import.form import FileKind, School


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A row that was not kept: where, the shape of what stands there, why, what to do."""

    row: Row
    column: str
    shape: str
    why: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What is sent as one, and the rows that make it: one of them, but for a kind that joins."""

    rows: tuple[Row, ...]
    message: Message


def readable(file: SchoolFile, school: School) -> tuple[list[Piece], list[Refused]]:
    """Return what the rows of a file make, in its order, and the rows that make none."""
    kind, refused = file.kind, list[Refused]()
    made: dict[str, list[tuple[Row, Any]]] = {}
    broken: dict[str, int] = {}
    for row in file.rows:
        try:
            message: Any = _message(kind, school, row)
            before = made.get(message.name, [])
            _refuse_other(kind, before, row, message)
        except CellError as error:
            refused.append(_refused(row, error))
            if kind.joins:
                broken.setdefault(_key_of(kind, school, row), row.line)
        else:
            made.setdefault(message.name, []).append((row, message))
    pieces = []
    for name, parts in made.items():
        if name in broken:
            refused += [_refused(row, _beside(kind, broken[name])) for row, _ in parts]
        else:
            pieces.append(_joined(kind, parts))
    return pieces, refused


def _message(kind: FileKind, school: School, row: Row) -> Message:
    """Return the message of a row; raises CellError."""
    if row.too_long:
        raise CellError(
            "", "has more cells than the heading.", "Put a text with a comma in it into quotes."
        )
    if all(row.cells.text(one.name) == one.example for one in kind.columns):
        raise CellError("", "is the example of the template.", "Remove it, or write your own.")
    for column in kind.columns:
        if column.needed:
            row.cells.needed(column.name)
    return kind.message_of(school, row.cells)


def _refuse_other(
    kind: FileKind, before: Sequence[tuple[Row, Any]], row: Row, message: Message
) -> None:
    """Refuse a second row of one id, or one that says of what it joins another thing."""
    if not before:
        return
    first, standing = before[0]
    if not kind.joins:
        raise CellError(kind.key, f"is that of line {first.line} too.", "Keep one of the two rows.")
    for one in type(message).DESCRIPTOR.fields:
        if one.name != kind.joins and getattr(message, one.name) != getattr(standing, one.name):
            column, _ = kind.place_of(f"x[0].{one.name}")
            raise CellError(
                column, f"is another than in line {first.line}.", "Write the same in each row."
            )


def _joined(kind: FileKind, parts: Sequence[tuple[Row, Any]]) -> Piece:
    message = parts[0][1]
    for _, other in parts[1:]:
        getattr(message, kind.joins).extend(getattr(other, kind.joins))
    return Piece(rows=tuple(row for row, _ in parts), message=message)


def _key_of(kind: FileKind, school: School, row: Row) -> str:
    """Return the name of what a row that cannot be read is a part of; empty where none is said."""
    cells = Cells(by_column={kind.key: row.cells.text(kind.key)})
    try:
        name: str = kind.message_of(school, cells).name  # type: ignore[attr-defined]
    except CellError:
        return ""
    return name


def _beside(kind: FileKind, line: int) -> CellError:
    return CellError(
        kind.key,
        f"is refused with line {line}: it is kept whole or not at all.",
        "Mend that line, and send all of its rows.",
    )


def refused_piece(kind: FileKind, piece: Piece, refused: Any) -> Iterator[Refused]:  # noqa: ANN401
    """Yield each row of what was refused: the one at fault with why, the others with its line."""
    column, place = kind.place_of(refused.field)
    fault = piece.rows[place or 0]
    yield Refused(
        row=fault,
        column=column,
        shape=shape_of(fault.cells.text(column)),
        why=refused.message,
        hint=refused.hint,
    )
    for row in piece.rows:
        if row is not fault:
            yield _refused(row, _beside(kind, fault.line))


def _refused(row: Row, error: CellError) -> Refused:
    shape = shape_of(row.cells.text(error.column)) if error.column else f"{len(row.raw)} cells"
    return Refused(row=row, column=error.column, shape=shape, why=error.why, hint=error.hint)
