"""The published schemas and the page of the problem file: as the code is, and true."""

import json
import re
from dataclasses import is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from services.scheduler.adapters.documents import to_json
from services.scheduler.adapters.problem_file import (
    ProblemFileError,
    read_problem,
    write_problem,
)
from services.scheduler.domain.model import Problem
from tests.support.json_values import ANYTHING, changed, places_in, value_at
from tests.support.schedules import a_solved_week
from tests.support.schemas import FOLDER, PAGE, ROOT, contents, problem_schema, week_schema
from tests.support.schools import Shape, a_school

EXAMPLE = json.loads((ROOT / "docs/examples/problem.json").read_text("utf-8"))
CHECK = Draft202012Validator(problem_schema())


def of_problem(kind=Problem) -> set[type]:
    """Return a class and all classes of data below it."""
    found = {kind}
    for hint in get_type_hints(kind).values():
        for one in (hint, *get_args(hint)):
            found |= of_problem(one) if is_dataclass(one) else set()
    return found


@pytest.mark.parametrize("path", contents(), ids=lambda path: path.name)
def test_what_is_made_from_the_classes_is_fresh(path: Path):
    """The schemas, and the tables of the page."""
    written = path.read_text("utf-8") if path.exists() else ""
    assert written == contents()[path], (
        f"{path.relative_to(ROOT)} is not what the classes say:"
        " write it anew with `python -m tests.support.schemas`"
    )


@pytest.mark.parametrize("schema", [problem_schema(), week_schema()], ids=["problem", "week"])
def test_a_schema_is_one(schema):
    """By the schema of schemas; each object in it says what it is."""
    Draft202012Validator.check_schema(schema)
    assert all(one["description"] for one in schema["$defs"].values())


def test_every_field_of_a_problem_is_described():
    """By the text below it in the class."""
    schema = problem_schema()
    objects = [schema, *(one for one in schema["$defs"].values() if "properties" in one)]
    assert len(objects) == len(of_problem())
    fields = [field for one in objects for field in one["properties"].items()]
    assert [name for name, field in fields if not field.get("description")] == []


def test_the_example_keeps_the_schema():
    """And is the file that its first line says."""
    assert list(CHECK.iter_errors(EXAMPLE)) == []
    named = ROOT / "docs/examples" / EXAMPLE["$schema"]
    assert named.resolve() == FOLDER / "problem.schema.json"


@pytest.mark.parametrize("whole", [False, True])
def test_random_schools_keep_the_schema(whole):
    """As they are written for people, and as they are stored, with every default."""
    problem = a_school(2, Shape(learners=20, whole=whole))
    for text in (write_problem(problem), to_json(problem)):
        assert list(CHECK.iter_errors(json.loads(text))) == []


def test_a_week_keeps_the_schema():
    """And may say more than this release knows."""
    week = json.loads(to_json(a_solved_week()[1]))
    check = Draft202012Validator(week_schema())
    assert week["seats"]
    assert list(check.iter_errors(week | {"of_a_newer_release": 1})) == []
    del week["seats"]
    assert [one.validator for one in check.iter_errors(week)] == ["required"]


def whole_problem() -> dict:
    """Return a problem in which every field of every class stands, as JSON has it."""
    content = json.loads(to_json(a_school(2, Shape(learners=20, whole=True))))
    return {
        name: most_said(value) if isinstance(value, list) else value
        for name, value in content.items()
    }


def most_said(rows: list) -> list:
    """Return the one row of a list that says most."""
    return [max(rows, key=lambda row: len(json.dumps(row).replace("null", "")))]


def numbers_in(content) -> dict[tuple, tuple]:
    """Return the place of one number of each field, by the names that lead to it."""
    places = (place for place in places_in(content) if type(value_at(content, place)) is int)
    return {tuple(part for part in place if isinstance(part, str)): place for place in places}


def test_no_number_of_a_problem_may_be_negative_or_without_measure():
    """In no field of any class, for the schema and the reader alike, each at that place."""
    whole = whole_problem()
    places = numbers_in(whole)
    assert len(places) > 60
    for place in places.values():
        for number in (-1, 2**63):
            content = changed(whole, place, number)
            (fault,) = CHECK.iter_errors(content)
            assert tuple(fault.absolute_path) == place
            with pytest.raises(ProblemFileError) as refused:
                read_problem(json.dumps(content).encode())
            assert place in [one.place for one in refused.value.faults]


@settings(max_examples=250, deadline=None)
@given(place=st.sampled_from(list(places_in(EXAMPLE))), value=ANYTHING)
def test_what_the_reader_takes_keeps_the_schema(place, value):
    """Whoever checks a file by the schema first never refuses a good one."""
    content = changed(EXAMPLE, place, value)
    try:
        read_problem(json.dumps(content).encode())
    except ProblemFileError:
        return
    assert list(CHECK.iter_errors(content)) == []


def test_the_page_shows_what_stands_in_the_example():
    """Each line of its excerpts, but for a comma at the end."""
    lines = {line.strip().rstrip(",") for line in json_lines()}
    blocks = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    shown = {line.strip().rstrip(",") for block in blocks for line in block.splitlines()}
    assert shown
    assert shown <= lines


def json_lines() -> list[str]:
    """Return the lines of the example."""
    return (ROOT / "docs/examples/problem.json").read_text("utf-8").splitlines()


def test_the_page_shows_faults_as_they_are_told():
    """The messages are what the reader says of these slips in the example."""
    content = json.loads(json.dumps(EXAMPLE))
    content["needs"][3]["level_mili"] = content["needs"][3].pop("level_milli")
    content["choices"][1]["rank"] = 1
    with pytest.raises(ProblemFileError) as refused:
        read_problem(json.dumps(content).encode())
    assert f"```\n{refused.value}\n```" in PAGE.read_text("utf-8")


def test_the_page_has_a_table_of_every_class():
    """Each class of a problem once, and no other."""
    named = re.findall(r"<!-- fields of (\w+) -->", PAGE.read_text("utf-8"))
    assert sorted(named) == sorted(one.__name__ for one in of_problem())
