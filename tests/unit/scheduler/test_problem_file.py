"""The problem file: read whole, or refused with all that is wrong in it; written as one text."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.adapters import problem_file
from services.scheduler.adapters.documents import to_json
from services.scheduler.adapters.problem_file import (
    MAXIMUM_FAULTS,
    ProblemFileError,
    read_problem,
    read_problem_file,
    write_problem,
)
from services.scheduler.domain.faults import path_of
from services.scheduler.domain.loose_ends import loose_ends_of
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.snapshot import normalised, snapshot_hash
from tests.support.json_values import ANYTHING, changed, places_in
from tests.support.schools import (
    Shape,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_school,
    an_adult,
    an_offer,
)

EXAMPLE = Path(__file__).parents[3] / "docs/examples/problem.json"
SMALL = {"school_id": "north", "monday": "2026-11-23", "as_of_day": "2026-11-19"} | {
    "as_of": "2026-11-19T17:00:00Z"
}


def example() -> dict:
    """Return the example as JSON has it."""
    return json.loads(EXAMPLE.read_text("utf-8"))


def refusal_of(content) -> ProblemFileError:
    """Return the error of a file that is refused."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(ProblemFileError) as refused:
        read_problem(data)
    return refused.value


def places_of(content) -> list[str]:
    """Return the places of the faults of a file that is refused."""
    return [path_of(one.place) for one in refusal_of(content).faults]


def with_row(name, **fields) -> dict:
    """Return the example with the fields of the first row of a list changed."""
    content = example()
    content[name][0] |= fields
    return content


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_written_reads_back_as_it_was(seed, whole):
    """Every kind of value survives, in the order in which it was, and nothing is added."""
    problem = a_school(seed, Shape(learners=30, whole=whole))
    assert read_problem(write_problem(problem).encode()) == problem
    assert read_problem(to_json(problem).encode()) == problem


def test_the_same_problem_is_the_same_text():
    """Also after it was read, and pickled on its way to another process."""
    problem = normalised(a_school(4, Shape(learners=30, whole=True)))
    text = write_problem(problem)
    read = pickle.loads(pickle.dumps(read_problem(text.encode())))
    assert write_problem(normalised(read)) == text
    assert snapshot_hash(read) == snapshot_hash(problem)


def test_a_written_file_has_a_row_to_a_line_and_no_defaults():
    """Whoever compares two files sees the rows that differ."""
    problem = a_problem(needs=(a_need(), a_need("max")), policy=Policy(check_cap=7))
    lines = write_problem(problem).splitlines()
    assert '  "policy": {"check_cap": 7},' in lines
    assert sum('"competency_id": "fractions", "decision"' in line for line in lines) == 2
    assert '    {"adult_id": "ada", "subjects": ["math"]}' in lines
    assert '    {"learner_id": "lea", "grade": "6"}' in lines
    assert "null" not in write_problem(problem)


def test_the_example_is_read_and_lacks_nothing():
    """All lists are in it, and everything that it names."""
    problem = read_problem_file(EXAMPLE)
    assert set(example()) == {"$schema", *vars(problem)}
    assert list(loose_ends_of(problem)) == []
    assert snapshot_hash(read_problem(write_problem(problem).encode())) == snapshot_hash(problem)


def test_what_is_left_out_holds_its_default():
    """Four values are enough for a problem."""
    problem = read_problem(json.dumps(SMALL).encode())
    assert problem.policy == Policy()
    assert problem.needs == ()


def test_a_mark_at_the_start_of_the_file_is_passed_over():
    """Some editors write one before UTF-8."""
    assert read_problem(b"\xef\xbb\xbf" + json.dumps(SMALL).encode()).school_id == "north"


def test_every_fault_is_told_at_once():
    """Of the form and of the sense, in rows before and after, with the places of the file."""
    content = example()
    content["needs"][1]["level_milli"] = "2.2"
    content["needs"][3]["level_milli"] = 4500
    content["needs"].append(content["needs"][2] | {"level_milli": 1000})
    content["locks"] = []
    content["policy"]["check_cap"] = -1
    del content["slots"][1]["end"]
    content["slots"][0]["date"] = "2026-12-23"
    assert set(places_of(content)) == {
        "needs[1].level_milli",
        "needs[3].level_milli",
        f"needs[{len(content['needs']) - 1}]",
        "locks",
        "policy.check_cap",
        "slots[0].date",
        "slots[1].end",
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            with_row("needs", levelmilli=5),
            "needs[0].levelmilli (learner l01, competency fractions) is no field of Need."
            ' Did you mean "level_milli"?',
        ),
        (
            with_row("slots", scope={"grade": ["6"]}),
            'slots[0].scope.grade (slot mon-1) is no field of Scope. Did you mean "grades"?',
        ),
        (
            with_row("offers", kind="smallgroup"),
            'offers[0].kind (offer ada-groups) is "smallgroup". Give one of "small_group",'
            ' "check", "enrichment", "one_to_one", "service", "commons", "reassessment".',
        ),
        (
            with_row("slots", end="9:40"),
            'slots[0].end (slot mon-1) is "9:40". Give a time of the day, as in "09:40".',
        ),
        (
            with_row("learners", withdraw_date="soon"),
            'learners[0].withdraw_date (learner l01) is "soon".'
            ' Give a date, as in "2026-11-23", or null.',
        ),
        (
            with_row("requests", create_time="2026-11-18T15:10:00"),
            "requests[0].create_time (request q1) has no time zone."
            ' Add it, as in "2026-11-19T17:00:00-05:00".',
        ),
        (
            with_row("requests", level="teacher"),
            'requests[0].level (request q1) is "teacher". Give one of 1, 2, 3, 4.',
        ),
        (
            with_row("sections", learner_ids=["l01", 2]),
            "sections[0].learner_ids[1] (section math-6) is 2. Give a text in quotes.",
        ),
        (
            with_row("rooms", shared="yes"),
            'rooms[0].shared (room 101) is "yes". Give true or false.',
        ),
        (example() | {"pins": {}}, "pins is an object. Give a list."),
        (
            example() | {"absences": [7]},
            "absences[0] is 7. Give an object with some of adult_id, date, slot_ids.",
        ),
        (
            example() | {"monday": "2026-11-24"},
            "monday is 2026-11-24, which is no Monday. The Monday of that week is 2026-11-23.",
        ),
    ],
)
def test_a_fault_says_where_what_and_what_to_do(content, message):
    """The row in words too, since nobody counts to row 3127."""
    assert message in str(refusal_of(content)).splitlines()


@pytest.mark.parametrize("name", sorted(SMALL))
def test_what_is_required_and_missing_is_named(name):
    """With what to give."""
    content = {key: value for key, value in SMALL.items() if key != name}
    assert places_of(content) == [name]


@pytest.mark.parametrize(
    "fields",
    [
        {"as_of": "1700000000"},
        {"monday": "1795392000"},
        {"as_of": 1_700_000_000},
        {"as_of": "2026-11-19 17:00Z"},
        {"cycle_start": 20261116},
        {"policy": {"check_cap": 8.0}},
        {"policy": {"check_cap": True}},
        {"policy": {"check_cap": "8"}},
        {"policy": {"tiers": [{"tier_id": 3, "cap": 3}]}},
        {"policy": None},
        {"needs": None},
        {"needs": {}},
    ],
)
def test_nothing_is_guessed(fields):
    """A number in quotes, a count of seconds for a date, 8.0 for 8: refused."""
    (place,) = {place.partition(".")[0] for place in places_of(SMALL | fields)}
    assert place in fields


@pytest.mark.parametrize("level", [True, 3.0, "3", 0, 5])
def test_the_rank_of_a_request_is_one_of_four_numbers(level):
    """Nothing that only compares as one of them."""
    assert places_of(with_row("requests", level=level)) == ["requests[0].level"]


@pytest.mark.parametrize(
    "text",
    [
        '{"policy": {"check_cap": 8, "check_cap": 9}}',
        '{"policy": {"weights": {"kept_milli": 8, "kept_milli": 8}}}',
    ],
)
def test_a_name_that_stands_twice_is_a_fault(text):
    """JSON would take the last one and say nothing of the first."""
    assert any(place.startswith("policy") for place in places_of(text.encode()))


def test_a_list_that_stands_twice_is_a_fault():
    """Half of the needs would be gone."""
    text = json.dumps(SMALL)[:-1] + ', "needs": [], "needs": []}'
    assert str(refusal_of(text.encode())) == 'the file has "needs" twice. Keep one.'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is no JSON"),
        (b"[]", "holds a list"),
        (b"null", "holds null"),
        (b'{"school_id": "north",}', "line 1 column"),
        (b'{"school_id": "n\xff"}', "UTF-8"),
        (json.dumps(SMALL).encode("utf-16"), "UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"needs":' * 50_000, "nested too deeply"),
        (b'{"needs": [' + b"[" * 500 + b"]" * 500 + b"]}", "needs[0]"),
        (b'{"needs": ' + b"9" * 9_000 + b"}", "is no JSON"),
        (b'{"school_id": "\\ud800"}', "school_id is unreadable"),
        (b'{"school_id": NaN}', "school_id is NaN"),
        (b'{"monday": 1e999}', "monday is Infinity"),
    ],
)
def test_what_is_no_problem_at_all_is_refused_in_words(data, words):
    """Whatever comes, it is an answer."""
    assert words in str(refusal_of(data))


def test_no_more_than_fifty_faults_are_told():
    """More are not even looked for: a file with a million of them is refused at once."""
    refused = refusal_of(SMALL | {"needs": [1] * 1_000_000})
    assert len(refused.faults) == MAXIMUM_FAULTS
    assert str(refused).endswith("There is more: mend these first.")
    refused = refusal_of(
        SMALL | {"rooms": [{"room_id": str(i), "capacity": -1} for i in range(99)]}
    )
    assert len(refused.faults) == MAXIMUM_FAULTS
    assert refused.more


def test_a_file_and_a_row_have_a_bound(monkeypatch, tmp_path):
    """A file is read no further than its bound, and a row is not looked into beyond its own."""
    assert "characters" in str(refusal_of(SMALL | {"needs": [{"evidence": [1] * 200_000}]}))
    monkeypatch.setattr(problem_file, "MAXIMUM_BYTES", 100)
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(SMALL))
    with pytest.raises(ProblemFileError, match="more than 100 bytes"):
        read_problem_file(path)


def test_what_a_message_repeats_is_short_and_printable():
    """A value may be of any length and hold anything."""
    content = with_row("offers", kind="\x1b[2J" * 10_000) | {"\x1b[2J" * 99: 1}
    content["needs"][0] |= {"learner_id": "l\n1", "level": 1}
    for line in str(refusal_of(content)).splitlines():
        assert line.isprintable()
        assert len(line) < 2_000


@settings(max_examples=250, deadline=None)
@given(place=st.sampled_from(list(places_in(example()))), value=ANYTHING)
def test_whatever_stands_anywhere_is_read_or_refused(place, value):
    """No other error comes out, and what is read is a sound problem that writes and reads back."""
    data = json.dumps(changed(example(), place, value)).encode()
    try:
        problem = normalised(read_problem(data))
    except ProblemFileError:
        return
    assert read_problem(write_problem(problem).encode()) == problem


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=40))
def test_bytes_of_any_kind_are_refused_in_words(data):
    """No other error comes out."""
    with pytest.raises(ProblemFileError):
        read_problem(data)


def test_what_a_problem_names_and_does_not_hold_is_told_apart():
    """It is read, since facts arrive in any order, and whoever asks hears of the slip."""
    problem = a_problem(
        adults=(an_adult(), an_adult("adam")),
        offers=(an_offer(adult_id="adda", other_room_ids=("r1x",)),),
        needs=(a_need(), a_need("nobody")),
        learners=(replace(a_learner(), adult_ids=("ada", "zoe")),),
        pins=(a_pin(slot_id="mon-2"),),
    )
    assert read_problem(write_problem(problem).encode()) == problem
    told = [str(one) for one in loose_ends_of(problem)]
    assert told == [
        "offers[0].adult_id (offer o1) names the adult adda, which there is not."
        ' Did you mean "ada"?',
        "offers[0].other_room_ids[0] (offer o1) names the room r1x, which there is not."
        ' Did you mean "r1"?',
        "learners[0].adult_ids[1] (learner lea) names the adult zoe, which there is not."
        " It is left out.",
        "needs[1].learner_id (learner nobody, competency fractions) names the learner nobody,"
        " which there is not. It is left out.",
        'pins[0].slot_id (pin p1) names the slot mon-2, which there is not. Did you mean "mon-1"?',
    ]


@pytest.mark.parametrize("seed", range(3))
def test_a_random_school_has_no_loose_ends(seed):
    """Everything that it names is there."""
    assert list(loose_ends_of(a_school(seed, Shape(whole=True)))) == []
