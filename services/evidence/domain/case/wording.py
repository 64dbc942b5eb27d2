"""The words of a competency: its label, subject and grade, out of what publishers write.

Statements come with HTML, Markdown's line breaks and whole paragraphs; a label is one line of plain
words. Grades come as codes of the CEDS vocabulary ("KG", "01"), or stand only in the heading of the
part of the framework that the item is in.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from services.evidence.domain.case.values import links_of, text_of, texts_of
from services.evidence.domain.framework import MAX_LABEL_LENGTH, MAX_SUBJECT_LENGTH
from services.evidence.domain.source_object import Json
from services.evidence.domain.texts import UNPRINTABLE

ELLIPSIS: Final = "…"

SUBJECTS: Final[Mapping[str, str]] = {
    "mathematics": "math",
    "math": "math",
    "maths": "math",
    "english language arts": "ela",
    "english language arts and reading": "ela",
    "english language arts/literacy": "ela",
    "ela": "ela",
    "ela-literacy": "ela",
    "english": "ela",
    "language arts": "ela",
    "reading": "ela",
    "science": "science",
    "sciences": "science",
    "social studies": "social studies",
}
"""What the commonest names of subjects are called in Trellis. Adults are qualified for subjects by
the same words, so one subject must have one word; a name that is not in here is its own, in small
letters."""

_TAG: Final = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|code|dd|div|dl|dt|em|font|h[1-6]|hr|i|img|li|math|ol|p|pre|s"
    r"|small|span|strike|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITIES: Final = (
    ("&nbsp;", " "),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", '"'),
    ("&#39;", "'"),
    ("&apos;", "'"),
    # Last, so that "&amp;lt;" becomes "&lt;" and no sign that nobody wrote.
    ("&amp;", "&"),
)
_SENTENCE_END: Final = re.compile(r"[.!?](?=\s+[A-Z“\"])")
_LIST_END: Final = re.compile(r"\s*[;,](?:\s+(?:and|or))?$", re.IGNORECASE)
"""How a statement ends that was one of a list."""

_SHORTEST_CUT: Final = 100
"""A label is cut at the end of a sentence only where at least so much of it is left."""

_NUMBERED_LEVEL: Final = re.compile(r"0?([1-9]|1[0-3])")
_NAMED_LEVELS: Final[Mapping[str, str]] = {"KG": "K", "K": "K", "TK": "TK", "PK": "PK"}
_HEADING_GRADE: Final = re.compile(r"\bgrade\s+(1[0-2]|[1-9])\b|\b(kindergarten)\b", re.IGNORECASE)
_LEVEL_ORDER: Final = ("PK", "TK", "K", *(str(number) for number in range(1, 14)))


def plain_text(text: str, max_length: int) -> str:
    """Return a text as one printable line of plain words, cut where it is too long.

    Cut at the end of a sentence where that leaves enough, else between words, with an ellipsis.
    """
    without_tags = _TAG.sub(" ", text)
    for entity, sign in _ENTITIES:
        without_tags = without_tags.replace(entity, sign)
    line = " ".join(UNPRINTABLE.sub(" ", without_tags).split())
    if len(line) <= max_length:
        return line
    ends = [end.end() for end in _SENTENCE_END.finditer(line, 0, max_length + 1)]
    if ends and ends[-1] >= min(_SHORTEST_CUT, max_length):
        return line[: ends[-1]]
    room = max_length - len(ELLIPSIS)
    space = line.rfind(" ", 0, room + 1)
    return line[: space if space > 0 else room].rstrip(" ,;:") + ELLIPSIS


def label_of(item: Mapping[str, Json], code: str) -> str:
    """Return what people read: the abbreviated statement, else the full one, else the code."""
    for field in ("abbreviatedStatement", "fullStatement"):
        text = text_of(item.get(field))
        label = _LIST_END.sub("", plain_text(text, MAX_LABEL_LENGTH)) if text is not None else ""
        if label:
            return label
    return code


def subject_of(
    item: Mapping[str, Json],
    document: Mapping[str, Json],
    words: Mapping[str, str],
    default: str,
) -> str:
    """Return the district's word for the subject: the item's first, else its framework's.

    words: by the publisher's name in small letters.
    """
    for content in (item, document):
        for name in _subject_names(content):
            plain = plain_text(name, MAX_SUBJECT_LENGTH)
            if plain:
                return words.get(plain.casefold(), plain.lower())
    return default


def _subject_names(content: Mapping[str, Json]) -> Sequence[str]:
    linked = tuple(link.title for link in links_of(content.get("subjectURI")))
    return (*texts_of(content.get("subject")), *linked)


def grade_of(item: Mapping[str, Json], above: Sequence[Mapping[str, Json]]) -> str:
    """Return the grade of an item: its own levels, else those of the nearest container.

    above: what contains it, nearest first. Where no levels stand anywhere, a heading that says
    "Grade 6" or "Kindergarten" tells. Several levels are a span, as in "9-12"; empty where unknown.
    """
    for content in (item, *above):
        levels = _levels(texts_of(content.get("educationLevel")))
        if levels:
            return levels[0] if len(levels) == 1 else f"{levels[0]}-{levels[-1]}"
    for content in above:
        found = _HEADING_GRADE.search(text_of(content.get("fullStatement")) or "")
        if found:
            return found.group(1) or "K"
    return ""


def _levels(values: Sequence[str]) -> list[str]:
    """Return known levels from the lowest to the highest; a level that is no grade has no place."""
    found = {level for value in values if (level := _level(value)) is not None}
    return sorted(found, key=_LEVEL_ORDER.index)


def _level(value: str) -> str | None:
    upper = value.strip().upper()
    numbered = _NUMBERED_LEVEL.fullmatch(upper)
    return numbered.group(1) if numbered else _NAMED_LEVELS.get(upper)
