"""One interchange file, element by element: in a stream, within bounds, and without entities.

Whatever the bytes are, what comes out is elements and then nothing, or an `InterchangeError` that
says where it stopped. Memory holds one record at a time, and the ids that references of the file
lead to. Namespaces are passed over, so every version of the standard can be read.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from services.evidence.domain.edfi.interchange import Element, reference_of
from services.evidence.domain.edfi.resources import BY_ELEMENT
from services.evidence.domain.source_object import Json

CHUNK_BYTES: Final = 64 * 1024

MAX_DEPTH: Final = 32
"""Of elements within elements: the deepest reference of Ed-Fi is at 14."""

MAX_ATTRIBUTES: Final = 32
MAX_ATTRIBUTE_LENGTH: Final = 4_096
MAX_RECORD_ELEMENTS: Final = 200_000
"""Elements of one record: a sitting of 5,000 items has some 60,000."""

MAX_RECORD_CHARACTERS: Final = 8_000_000
MAX_SILENT_BYTES: Final = 1_000_000
"""Bytes without an element or a text: more is one endless tag or comment."""

MAX_SKIPPED_NAMES: Final = 100
"""Ed-Fi has some hundred kinds of records in all files together."""

MAX_IDENTITIES: Final = 500_000
"""Ids within one file to which its references lead."""

_RECORD_DEPTH: Final = 2
"""The root is at 1, records are at 2."""

_REFERENCE_MARK: Final = b"ref="


class InterchangeError(Exception):
    """The file is no interchange file from here on. It is read up to this place."""

    def __init__(self, fault: str, *, line: int, file: str = "") -> None:
        place = f", line {line}" if line else ""
        super().__init__(f"{file or 'file'}{place}: {fault}")
        self.fault = fault
        self.line = line
        self.file = file


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One record of a file, and the line on which it begins."""

    line: int
    element: Element


@dataclass(slots=True)
class _Open:
    """An element whose end has not been read."""

    name: str
    id: str = ""
    ref: str = ""
    texts: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)


class _Records(ContentHandler):
    """Builds the records of a file; what is not read is passed over and counted."""

    def __init__(self, identities: Mapping[str, Mapping[str, Json]], *, everything: bool) -> None:
        """Take what ids mean. everything: build all that has an id, to find out what ids mean."""
        super().__init__()
        self._identities = identities
        self._everything = everything
        self._parser: Locator | None = None
        self._stack: list[_Open] = []
        self._depth = 0
        self._elements = 0
        self._characters = 0
        self._line = 0
        self.root = ""
        self.events = 0
        self.found: list[Record] = []
        self.identified: dict[str, Mapping[str, Json]] = {}
        self.skipped: Counter[str] = Counter()

    def taken(self) -> list[Record]:
        """Return the records that are complete, and forget them."""
        taken, self.found = self.found, []
        return taken

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802  (SAX's name)
        """Take what tells where the parser stands."""
        self._parser = locator

    def line_of_parser(self) -> int:
        """Return the line that the parser stands on, 0 before it has begun."""
        return 0 if self._parser is None else self._parser.getLineNumber() or 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  (SAX's name)
        """Begin an element."""
        self.events += 1
        self._depth += 1
        self._check_start(attrs)
        local = name.rpartition(":")[2]
        if self._depth < _RECORD_DEPTH:
            self.root = local
            return
        if self._depth == _RECORD_DEPTH:
            self._begin_record(local)
        if self._stack or self._depth == _RECORD_DEPTH:
            self._push(local, attrs)

    def characters(self, content: str) -> None:
        """Take a piece of an element's text."""
        self.events += 1
        if not self._stack:
            return
        self._characters += len(content)
        if self._characters > MAX_RECORD_CHARACTERS:
            raise self.fault(f"a record has more than {MAX_RECORD_CHARACTERS:,} characters")
        self._stack[-1].texts.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802  (SAX's name)
        """End an element."""
        self.events += 1
        self._depth -= 1
        if not self._stack:
            return
        done = self._stack.pop()
        element = self._element(done)
        if done.id:
            self._identify(done.id, element)
        if self._stack:
            self._stack[-1].children.append(element)
        elif element.name in BY_ELEMENT:
            self.found.append(Record(line=self._line, element=element))

    def _begin_record(self, name: str) -> None:
        self._line = self.line_of_parser()
        self._elements = self._characters = 0
        if name not in BY_ELEMENT:
            # Names are the sender's, so their number has a bound too.
            self.skipped[name if len(self.skipped) < MAX_SKIPPED_NAMES else "others"] += 1

    def _push(self, name: str, attrs: AttributesImpl) -> None:
        at_record = self._depth == _RECORD_DEPTH
        if at_record and not self._everything and name not in BY_ELEMENT:
            return
        self._elements += 1
        if self._elements > MAX_RECORD_ELEMENTS:
            raise self.fault(f"a record has more than {MAX_RECORD_ELEMENTS:,} elements")
        self._stack.append(_Open(name=name, id=attrs.get("id", ""), ref=attrs.get("ref", "")))

    def _element(self, done: _Open) -> Element:
        identity = self._identities.get(done.ref) if done.ref else None
        text = "" if done.children else "".join(done.texts).strip()
        return Element(name=done.name, text=text, children=done.children, identity=identity)

    def _identify(self, id_: str, element: Element) -> None:
        if not self._everything:
            return
        if len(self.identified) >= MAX_IDENTITIES:
            raise self.fault(f"the file has more than {MAX_IDENTITIES:,} ids")
        identity = reference_of(element)
        if identity:
            self.identified[id_] = identity

    def _check_start(self, attrs: AttributesImpl) -> None:
        if self._depth > MAX_DEPTH:
            raise self.fault(f"elements stand deeper than {MAX_DEPTH} levels")
        lengths = [len(value) for value in attrs.values()]
        if len(lengths) > MAX_ATTRIBUTES or max(lengths, default=0) > MAX_ATTRIBUTE_LENGTH:
            raise self.fault("an element has too many or too long attributes")

    def fault(self, fault: str) -> InterchangeError:
        """Return the error at the place where the parser stands."""
        return InterchangeError(fault, line=self.line_of_parser())


def root_of(chunks: Iterable[bytes]) -> str:
    """Return the name of the outermost element, empty where there is none; raises as `records`."""
    handler = _Records({}, everything=False)
    for _ in _parsed(chunks, handler):
        if handler.root:
            break
    return handler.root


def identities_of(chunks: Iterable[bytes]) -> Mapping[str, Mapping[str, Json]]:
    """Return what the ids of a file mean: a reference to what has the id; raises as `records`."""
    handler = _Records({}, everything=True)
    for _ in _parsed(chunks, handler):
        handler.found.clear()
    return handler.identified


def has_references_by_id(chunks: Iterable[bytes]) -> bool:
    """Return whether a file can have any: most have none, and need not be read twice."""
    before = b""
    for chunk in chunks:
        # In two bytes a character the mark looks different; such files are rare, and read twice.
        if _REFERENCE_MARK in before + chunk or b"\x00" in chunk:
            return True
        before = chunk[-len(_REFERENCE_MARK) :]
    return False


def records(
    chunks: Iterable[bytes],
    identities: Mapping[str, Mapping[str, Json]],
    skipped: Counter[str],
) -> Iterator[Record]:
    """Give the records that are read, in the order of the file; the others are counted in skipped.

    Raises InterchangeError where the file is malformed, cut short, too large in some way, or has a
    document type: entities are never needed, and are how files attack who reads them.
    """
    handler = _Records(identities, everything=False)
    try:
        for _ in _parsed(chunks, handler):
            yield from handler.taken()
    except InterchangeError:
        # What was whole before the fault is good.
        yield from handler.taken()
        raise
    finally:
        skipped.update(handler.skipped)


def _parsed(chunks: Iterable[bytes], handler: _Records) -> Iterator[None]:
    """Parse chunk by chunk, coming back after each; raises InterchangeError alone."""
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(handler)
    handler.setDocumentLocator(parser)
    silent_bytes = 0
    try:
        # Begins the document, so that an empty file is one that is cut short.
        parser.feed(b"")
        for chunk in chunks:
            events = handler.events
            parser.feed(chunk)
            silent_bytes = 0 if handler.events > events else silent_bytes + len(chunk)
            if silent_bytes > MAX_SILENT_BYTES:
                raise handler.fault("a tag or comment never ends")
            yield
        parser.close()
        yield
    except DefusedXmlException:
        fault = "the file has a document type or an entity, which no interchange file needs"
        raise handler.fault(fault) from None
    except SAXException as error:
        raise handler.fault(f"the file is no XML from here on: {error.getMessage()}") from None
    except (ValueError, LookupError) as error:
        # What Python's parser raises for an encoding that it does not know.
        raise handler.fault(f"the file's encoding cannot be read: {error}") from None
    finally:
        # Breaks the ring of parser and handler, which would hold a record until it is collected.
        parser.setContentHandler(ContentHandler())
