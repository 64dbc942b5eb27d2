"""The week that the other tests break, and what the check of a week may read at all."""

import ast
from dataclasses import replace
from pathlib import Path

from services.scheduler.domain import check as package
from services.scheduler.domain.check import check, departures
from tests.support.handmade import SCHOOL, held, lawful_week, moved, rehashed

ALLOWED = ("model", "numbers", "week", "rulebook", "titles", "encode")


def test_the_week_that_is_broken_elsewhere_breaks_nothing():
    """Neither a hard rule nor a limit, so that what a test finds is what it broke."""
    week = lawful_week()
    assert check(SCHOOL, week) == []
    assert departures(SCHOOL, week) == []


def test_what_a_week_of_before_does_not_carry_is_not_judged():
    """Without terms, services, notices, requests or a proof, in a school that asks for none."""
    plain = replace(SCHOOL, services=())
    week = replace(moved(lawful_week(), "pam", held(SCHOOL, "art", "mon-2")), services=())
    assert check(plain, rehashed(week)) == []
    assert departures(plain, rehashed(week)) == []


def test_the_check_reads_data_and_itself_alone():
    """Whatever else is written in the domain that decides, the check does not import it."""
    domain = "services.scheduler.domain"
    for path in Path(package.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(domain):
                names = [node.module] if node.module != domain else []
                names += [f"{domain}.{one.name}" for one in node.names] if not names else []
                for name in names:
                    first = name.removeprefix(f"{domain}.").split(".", 1)[0]
                    assert first in (*ALLOWED, "check"), f"{path.name} imports {name}"
