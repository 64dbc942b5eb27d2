"""Reads and writes a problem as a file: the JSON that docs/problem.md describes.

A file is read whole or refused with all that is wrong in it, each with its place. A file that is
written has one row to a line and no defaults, and the same problem is the same text.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, NoReturn, get_origin

from services.scheduler.adapters.documents import to_json
from services.scheduler.adapters.problem_form import (
    FormError,
    held_at,
    hint_for,
    nearest,
    shown,
    value_of,
)
from services.scheduler.domain.faults import Fault, Place, faults_of
from services.scheduler.domain.model import Problem

MAXIMUM_BYTES: Final = 64 * 1024 * 1024
"""Of a file; a school of 2,000 learners has about 5 MB."""
MAXIMUM_ROW_CHARACTERS: Final = 256 * 1024
"""Of a row as JSON: what is wrong in it is collected before it is counted."""
MAXIMUM_FAULTS: Final = 50
SCHEMA_NAME: Final = "$schema"
"""Where editors look for the schema of a file; it is passed over."""

_FIELDS: Final = {one.name: one for one in fields(Problem)}


class ProblemFileError(Exception):
    """The file cannot be used; `faults` are what is wrong, at most 50."""

    def __init__(self, faults: Sequence[Fault], *, more: bool = False) -> None:
        lines = [str(one) for one in faults]
        lines += ["There is more: mend these first."] if more else []
        super().__init__("\n".join(lines))
        self.faults = tuple(faults)
        self.more = more


def read_problem_file(path: Path) -> Problem:
    """Return the problem of a file; raises ProblemFileError, and OSError where there is none."""
    with path.open("rb") as file:
        return read_problem(file.read(MAXIMUM_BYTES + 1))


def read_problem(data: bytes) -> Problem:
    """Return the problem of the bytes of a file, in its order; raises ProblemFileError.

    What it names and does not hold is no fault here (`domain/loose_ends.py`).
    """
    return _Reader(_decoded(data)).problem()


def write_problem(problem: Problem) -> str:
    """Return a problem as the text of a file."""
    lines = [f'  "{name}": {_lines(held)}' for name, held in _told(problem)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


class _Reader:
    """Reads the parts of a file and keeps what is wrong, until it is too much."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content
        self._faults: list[Fault] = []
        self._rows: dict[str, list[int]] = {}

    def problem(self) -> Problem:
        for fault in _repeated_names(self._content, ()):
            self._add([fault])
        values = {
            name: self._part(name, content)
            for name, content in self._content.items()
            if self._is_known(name, content)
        }
        self._missing()
        sound = {name: value for name, value in values.items() if value is not None}
        required = {name for name, one in _FIELDS.items() if _default(one) is MISSING}
        if required <= sound.keys():
            problem = Problem(**sound)
            for fault in islice(faults_of(problem), MAXIMUM_FAULTS + 1):
                self._add([replace(fault, place=self._place_in_file(fault.place))])
            if not self._faults:
                return problem
        raise self._refusal()

    def _is_known(self, name: str, content: object) -> bool:
        """Whether it is a field of the problem; one that is not is a fault, or for editors."""
        if name == SCHEMA_NAME and not isinstance(content, str):
            self._add([Fault(place=(name,), what=f"is {shown(content)}.", hint="Give a path.")])
        elif name not in _FIELDS and name != SCHEMA_NAME:
            hint = nearest(name, list(_FIELDS))
            self._add([Fault(place=(name,), what="is no field of a problem.", hint=hint)])
        return name in _FIELDS

    def _missing(self) -> None:
        for name, one in _FIELDS.items():
            if name not in self._content and _default(one) is MISSING:
                self._add([Fault(place=(name,), what="is missing.", hint=hint_for((name,)))])

    def _part(self, name: str, content: object) -> Any:  # noqa: ANN401
        """Return a field of the problem without the rows that are at fault; None for nothing."""
        if get_origin(held_at((name,)).kind) is not tuple or not isinstance(content, list):
            return self._value(content, (name,))
        rows = {i: self._value(row, (name, i)) for i, row in enumerate(content)}
        self._rows[name] = [index for index, row in rows.items() if row is not None]
        return tuple(rows[index] for index in self._rows[name])

    def _value(self, content: object, place: Place) -> Any:  # noqa: ANN401
        if len(json.dumps(content)) > MAXIMUM_ROW_CHARACTERS:
            what = f"has more than {MAXIMUM_ROW_CHARACTERS:,} characters."
            self._add([Fault(place=place, what=what, hint="Is it one row? Take out the rest.")])
            return None
        try:
            return value_of(content, place)
        except FormError as error:
            self._add(error.faults)
            return None

    def _place_in_file(self, place: Place) -> Place:
        """Return where a row stands in the file, in which rows at fault count too."""
        if len(place) > 1 and isinstance(place[1], int):
            return (place[0], self._rows[str(place[0])][place[1]], *place[2:])
        return place

    def _add(self, faults: Sequence[Fault]) -> None:
        self._faults += faults
        if len(self._faults) > MAXIMUM_FAULTS:
            raise self._refusal()

    def _refusal(self) -> ProblemFileError:
        more = len(self._faults) > MAXIMUM_FAULTS
        return ProblemFileError(self._faults[:MAXIMUM_FAULTS], more=more)


class _Repeating(dict[str, Any]):
    """An object of JSON in which a name stands twice."""

    name: str


def _decoded(data: bytes) -> dict[str, Any]:
    if len(data) > MAXIMUM_BYTES:
        _refuse(f"has more than {MAXIMUM_BYTES:,} bytes.", "Is it the file of one week?")
    try:
        content = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object)
    except UnicodeDecodeError:
        _refuse("is no text in UTF-8.", "Save it in that encoding.")
    except RecursionError:
        _refuse("is nested too deeply.", "docs/problem.md shows what a problem looks like.")
    except ValueError as error:
        _refuse(f"is no JSON: {error}.", "Mend it there, or just before.")
    if not isinstance(content, dict):
        _refuse(f"holds {shown(content)}.", "A problem is an object: it begins with {.")
    return content


def _refuse(what: str, hint: str) -> NoReturn:
    raise ProblemFileError([Fault(place=(), what=what, hint=hint)])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeating = _Repeating(found)
    names = [name for name, _ in pairs]
    repeating.name = next(name for name in names if names.count(name) > 1)
    return repeating


def _repeated_names(content: Any, place: Place) -> Iterator[Fault]:  # noqa: ANN401
    if isinstance(content, _Repeating):
        yield Fault(place=place, what=f"has {shown(content.name)} twice.", hint="Keep one.")
    parts = content.items() if isinstance(content, dict) else enumerate(content)
    for part, below in parts:
        if isinstance(below, dict | list):
            yield from _repeated_names(below, (*place, part))


@cache
def _default(field: Field[Any]) -> Any:  # noqa: ANN401
    return field.default if field.default_factory is MISSING else field.default_factory()


def _told(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield the fields that do not hold their defaults."""
    for one in fields(value):
        held = getattr(value, one.name)
        if held != _default(one):
            yield one.name, held


def _lines(held: Any) -> str:  # noqa: ANN401
    """Return a field of the problem: a list with a line for each row, else one line."""
    if not isinstance(held, tuple):
        return _line(held)
    return "[\n" + ",\n".join(f"    {_line(row)}" for row in held) + "\n  ]"


def _line(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, tuple):
        return f"[{', '.join(map(_line, value))}]"
    if is_dataclass(value):
        told = (f'"{name}": {_line(held)}' for name, held in _told(value))
        return "{" + ", ".join(told) + "}"
    return to_json(value)
