"""PDF: text that can be selected and read aloud, in letters of any script, the same every time."""

import io
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest
import typst

from services.scheduler.domain.people import Names, Person
from services.scheduler.domain.revision import Content
from services.scheduler.entrypoints.outputs import printed
from services.scheduler.entrypoints.outputs.paper import BOX, TEMPLATES, Frame, Printer
from services.scheduler.entrypoints.outputs.printed import Press
from services.scheduler.entrypoints.outputs.sheets import Column
from tests.support.canaries import a_canary_school
from tests.support.outputs import PRINTER, pdf_text
from tests.support.weeks import planned

MADE = datetime(2026, 11, 20, 21, 0, 5, 123456, tzinfo=UTC)
SCRIPTS = {
    "Vietnamese": ("Nguyễn", "Thị Ánh"),
    "Polish": ("Żółkiewski", "Łukasz"),
    "Arabic": ("الفاروق", "محمد"),
    "Cyrillic": ("Шевченко", "Юрій"),
    "Devanagari": ("शर्मा", "देव"),
}


def frame(**changes):
    """Return what stands around a sheet."""
    values = {
        "title": "Slips",
        "school": "North Middle School",
        "week": "Week of Monday, November 23",
        "state": "Revision 1",
        "made_time": MADE,
    }
    return Frame(**{**values, **changes})


@pytest.fixture(scope="module")
def content():
    """Give a week of five learners."""
    problem = a_canary_school()
    return Content(problem=problem, week=planned(problem))


def names_for(content, *people):
    """Return names for the learners of a week, family name first."""
    ids = [one.learner_id for one in content.problem.learners]
    return Names(
        learners={
            learner_id: Person(given_name=given, family_name=family, source_id=f"s{place:04d}")
            for place, (learner_id, (family, given)) in enumerate(zip(ids, people, strict=False))
        },
        adults={},
    )


def slips(content, names, printer=PRINTER, **changes):
    """Return the PDF of all slips."""
    return printer.pdf(
        "slips", frame(**changes), names, lambda them: printed.slips(Press(content, them))
    )


def letters(text):
    """Return the letters of a text in any order: right-to-left text may come out reversed."""
    return sorted(
        one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one)[0] == "L"
    )


def test_names_in_many_scripts_are_drawn_and_can_be_selected(content):
    """Every name can be found in the text of the file, and no letter is a box."""
    pdf = slips(content, names_for(content, *SCRIPTS.values()))
    text = unicodedata.normalize("NFKC", pdf_text(pdf))
    for script, (family, given) in SCRIPTS.items():
        for name in (family, given):
            if script in ("Arabic", "Devanagari"):
                assert set(letters(name)) <= set(letters(text)), script
            else:
                assert name in text, script
    assert BOX not in text


def test_a_letter_that_no_font_has_is_a_visible_box_and_the_owners_number_tells_who(content):
    """Chinese names are not lost in silence: boxes, the number of the school, and a note."""
    people = [("王", "小明"), ("Lopez", "Ana"), ("한", "Kim"), ("Duval", "Max"), ("Abara", "Ines")]
    text = pdf_text(slips(content, names_for(content, *people), Printer()))
    assert f"{BOX}, {BOX}{BOX} (0000)" in text
    assert f"{BOX}, Kim (0002)" in text
    assert "Lopez, Ana" in text
    assert "(0001)" not in text
    assert "stands for a letter that this server’s fonts do not have" in text


def test_a_font_that_the_district_adds_is_used(tmp_path):
    """The fonts of a folder stand behind the library's own."""
    font = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if not font.exists():
        pytest.skip("this machine has no such font")
    (tmp_path / font.name).write_bytes(font.read_bytes())
    assert set(Printer(tmp_path).families) - set(Printer().families) == {"DejaVu Sans"}


def test_a_pdf_is_tagged_has_a_title_and_a_language(content):
    """What a screen reader needs: the structure, the title of the document, and its language."""
    pdf = slips(content, names_for(content, ("Abara", "Ines")), language="es")
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    root = reader.trailer["/Root"]
    assert "/StructTreeRoot" in root
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "es"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Slips · North Middle School · Week of Monday, November 23"
    assert b"pdfuaid:part" in reader.xmp_metadata.stream.get_data()


def test_the_same_revision_is_the_same_bytes_and_says_when_it_was_published(content):
    """No clock of the server: who prints twice compares equal files."""
    names = names_for(content, ("Abara", "Ines"))
    first = slips(content, names)
    assert slips(content, names, Printer()) == first
    assert pypdf.PdfReader(io.BytesIO(first)).metadata.creation_date == MADE.replace(microsecond=0)


@pytest.mark.parametrize(
    "text", ["#pagebreak()", "*bold* _it_ `raw` $x$", "= Heading", '"; #panic("x")', "<label> @ref"]
)
def test_what_people_typed_is_text_and_never_markup(content, text):
    """A name or title that reads like Typst is printed as it was typed."""
    pdf = slips(content, names_for(content, (text, "Ines")))
    assert text in pdf_text(pdf)


@pytest.mark.parametrize(("paper", "size"), [("us-letter", (612, 792)), ("a4", (595, 842))])
def test_paper_is_letter_or_a4(content, paper, size):
    """The size of a page is the paper that was asked for."""
    pdf = slips(content, names_for(content, ("Abara", "Ines")), paper=paper)
    box = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


def test_what_is_no_missing_letter_is_told(content):
    """A template that fails raises its fault, at once."""
    with pytest.raises(typst.TypstError, match="room"):
        PRINTER.pdf("doors", frame(), names_for(content), lambda _: [Column(slot="", when="")])


def test_prints_beside_each_other_are_what_they_are_alone(content):
    """Also where one finds a letter that no font has, which the other has not met."""
    plain, boxed = names_for(content, ("Abara", "Kim")), names_for(content, ("\u674e", "Kim"))
    alone = [slips(content, names, Printer()) for names in (plain, boxed)]
    printer = Printer()
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda names: slips(content, names, printer), [plain, boxed] * 4)
        assert list(made) == alone * 4


def test_every_template_reads_only_what_lies_beside_it():
    """No template imports a package from elsewhere: a school prints without the internet."""
    for path in TEMPLATES.glob("*.typ"):
        text = path.read_text("utf-8")
        assert "@preview" not in text
        assert "eval(" not in text
