"""The rules of a week: one list in the code, the same in the documentation, in words on pages."""

import re
from pathlib import Path

from services.scheduler.domain.rulebook import Rule
from services.scheduler.entrypoints.words import BOUND_WORDS, BREACH_WORDS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/scheduling.md").read_text("utf-8")
CODE = re.compile(r"\b[HS][0-9]{1,2}\b")


def rows(heading):
    """Return the cells of the table under a heading."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_the_documentation_has_every_rule_by_its_code_and_name():
    """In the order of the code; a rule without a line, or a line without a rule, fails here."""
    named = [(row[0], row[1]) for row in rows("The rules")]
    assert named == [(rule.value, rule.name.replace("_", " ").lower()) for rule in Rule]


def test_the_documentation_says_of_every_rule_what_it_asks_and_where_it_is_made_and_checked():
    """The files are there; a hard rule has a check or says that it has none yet, a soft may."""
    domain = ROOT / "services/scheduler/domain"
    for code, _, meaning, made, checked in rows("The rules"):
        files = re.findall(r"`([a-z_/]+\.py)`", f"{made} {checked}")
        assert meaning, code
        assert made == "not yet" or files, code
        assert all((domain / file).exists() for file in files), code
        assert checked != "–" or not Rule(code).is_hard, code
        assert checked in ("–", "not yet") or "`check/" in checked, code


def test_whatever_can_bind_a_need_stands_in_the_documentation_and_in_words():
    """The table of reasons and the words of the pages have the same rules."""
    documented = {code for row in rows("Why a need is not met") for code in CODE.findall(row[0])}
    assert documented == set(BOUND_WORDS)


def test_every_hard_rule_has_words_for_who_must_mend_it():
    """No reader of a breach needs to know the codes."""
    assert set(BREACH_WORDS) == {rule for rule in Rule if rule.is_hard}


def test_a_code_in_the_source_is_a_rule_of_the_list():
    """Comments and documentation speak of no rule that is not there."""
    sources = [*(ROOT / "services/scheduler").rglob("*.py"), ROOT / "docs/scheduling.md"]
    found = {code for path in sources for code in CODE.findall(path.read_text("utf-8"))}
    assert found == {rule.value for rule in Rule}
