"""Makes PDF of sheets with Typst: tagged, with title and language, the same on every machine.

Texts reach a template as data alone, never as markup. Fonts are those that come with the library,
and those of a folder that the district may add; none of the machine's. They have Latin with the
marks of every language, Greek, Cyrillic, Hebrew, Arabic, Armenian, Georgian and Devanagari, and
no Chinese, Japanese or Korean. A letter that no font has would make a page that cannot be read
aloud, so PDF/UA refuses it: it becomes a visible box, its owner's number stands beside the name,
and the sheet says so.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import typst

from services.scheduler.domain.people import Names, Person
from services.scheduler.domain.policy import PAPERS
from services.scheduler.entrypoints.pages.naming import tagged

TEMPLATES: Final = Path(__file__).parent / "typst"
BOX: Final = "\N{WHITE SQUARE}"
"""Stands for a letter that no font has."""
STANDARD: Final = "ua-1"
TRIES: Final = 4
"""Each try finds the letters that are missing of what is left; one is enough but for odd marks."""

_MISSING: Final = re.compile(r'the text `"(.+?)"` could not be displayed')


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What stands around every sheet. `language`: BCP 47; `made_time`: of the revision."""

    title: str
    school: str
    week: str
    state: str
    made_time: datetime
    paper: str = PAPERS[0]
    language: str = "en"
    words: Mapping[str, Any] | None = None
    """Fixed words of a template that is there in several languages."""


Sheets = Callable[[Names], Any]
"""Makes the sheets of a document with names, as dataclasses."""


class Printer:
    """Makes PDF; one for each process. Any thread may ask, also beside another."""

    def __init__(self, font_directory: Path | None = None) -> None:
        """Take further fonts from a folder, for letters that the library's own do not have."""
        paths = [font_directory] if font_directory else []
        self._fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=True, font_paths=list(paths)
        )
        self.families: tuple[str, ...] = tuple(self._fonts.families())
        self._missing: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def pdf(self, template: str, frame: Frame, names: Names, sheets: Sheets) -> bytes:
        """Return the PDF of a template (its name without suffix)."""
        for _ in range(TRIES - 1):
            missing = self._missing
            try:
                return self._once(template, frame, sheets(legible(names, missing)), missing)
            except typst.TypstError as error:
                found = frozenset("".join(_MISSING.findall(error.diagnostic)))
                if not found - missing:
                    raise
                self._learn(found)
        missing = self._missing
        return self._once(template, frame, sheets(legible(names, missing)), missing)

    def _learn(self, found: frozenset[str]) -> None:
        with self._lock:
            self._missing |= found

    def _once(
        self,
        template: str,
        frame: Frame,
        made: Any,  # noqa: ANN401
        missing: frozenset[str],
    ) -> bytes:
        text = json.dumps(
            {"frame": _frame(frame), "sheets": [asdict(one) for one in made]}, ensure_ascii=False
        )
        shown = _boxed(text, missing)
        data = json.dumps({"boxed": BOX in shown, "families": self.families})
        compiler = typst.Compiler(
            input=TEMPLATES / f"{template}.typ",
            root=TEMPLATES,
            font_paths=self._fonts,
            ignore_system_fonts=True,
            sys_inputs={"document": shown, "printer": data},
        )
        made_time = frame.made_time.astimezone(UTC).replace(microsecond=0)
        pdf = compiler.compile(
            format="pdf", pdf_standards=[STANDARD], pdf_tags=True, timestamp=made_time
        )
        assert isinstance(pdf, bytes)
        return pdf


def legible(names: Names, missing: frozenset[str]) -> Names:
    """Return the names with a number beside each that holds a missing letter."""
    if not missing:
        return names
    return replace(
        names,
        learners={one: _told_apart(who, missing) for one, who in names.learners.items()},
    )


def _told_apart(person: Person, missing: frozenset[str]) -> Person:
    if missing.isdisjoint(person.given_name) and missing.isdisjoint(person.family_name):
        return person
    return replace(person, given_name=tagged(person.given_name, person.source_id))


def _boxed(text: str, missing: frozenset[str]) -> str:
    return text.translate({ord(one): BOX for one in missing}) if missing else text


def _frame(frame: Frame) -> dict[str, Any]:
    return {
        "title": frame.title,
        "school": frame.school,
        "week": frame.week,
        "state": frame.state,
        "paper": frame.paper,
        "language": frame.language,
        "words": dict(frame.words or {}),
    }
