"""The numbers in docs/mastery.md are what the code says today."""

from pathlib import Path

import pytest

from services.mastery.domain import estimate as equations
from services.mastery.domain.contribution import (
    DOK_OFFSET_D64,
    PRACTICE_WEIGHT_MILLI,
    RUBRIC_SHARE_TENTHS,
    RUBRIC_STEP_D64,
    source_weight_milli,
)
from services.mastery.domain.estimate import read_terms
from services.mastery.domain.explain import EffectSource, breakdown
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import DEFAULT_POLICY, Kind, Purpose, RuleChoice
from services.mastery.domain.occasion_levels import level_text
from services.mastery.domain.published_status import look_at, reading_of
from services.mastery.domain.rules import RULES, level_milli
from tests.support.mastery_facts import (
    DAY_US,
    START_DAY,
    START_US,
    a_revision,
    facts_of,
    occasions_at,
    rubric_days,
)

POLICY = DEFAULT_POLICY
PAGE = (Path(__file__).parents[3] / "docs" / "mastery.md").read_text(encoding="utf-8")
COMPETENCY = "competency-1"
SIZES = (4, 8, 20)
WORKED_ROWS = ((1, 2, 3, 4), (4, 3, 2, 1), (3, 3, 1, 3), (2, 4, 2, 4), (4, 4, 4, 1))


def signed(logits):
    """Return logits as the page writes them."""
    return f"{logits:+.3f}".replace("-", "−")


def short(number):
    """Return a number without zeroes that say nothing, as the page writes it: .7, 1, 5.2."""
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    return text.removeprefix("0") if text.startswith("0.") else text


def of_gate(gate):
    """Return a gate as the page writes it."""
    return f"P(p ≥ {short(gate.share / 1_000)}) ≥ {short(gate.at_least_micro / 1_000_000)}"


def weight(kind, purpose=Purpose.FORMATIVE):
    """Return the weight of a kind as the page writes it."""
    return short(source_weight_milli(kind, purpose) / 1_000)


def quiz_days(size):
    """Return one quiz item right a day."""
    return [
        a_revision(occur_time_us=START_US + day * DAY_US, local_day=START_DAY + day)
        for day in range(size)
    ]


STEADY = {
    "quiz items, all right": quiz_days,
    "rubric level 4": lambda size: rubric_days(*[4] * size),
    "rubric levels 3 and 4 in turn": lambda size: rubric_days(*[3, 4] * (size // 2)),
    "rubric level 3": lambda size: rubric_days(*[3] * size),
    "rubric level 2": lambda size: rubric_days(*[2] * size),
}


def test_the_worked_example_is_real_output():
    """The sentence and each number of its breakdown on the page are the code's."""
    history = rubric_days(4, 4, 4, 1)
    as_of_us = history[-1]["occur_time_us"] + 34 * DAY_US
    learner, competency = facts_of(history, COMPETENCY)
    mastery = read_mastery(learner, competency, as_of_us=as_of_us, policy=DEFAULT_POLICY)
    assert f"> {mastery.explanation}\n" in PAGE
    terms = read_terms(learner, competency, as_of_us=as_of_us, policy=DEFAULT_POLICY)
    effects = breakdown(terms, competency, DEFAULT_POLICY)
    by_source = {effect.source: signed(effect.logits) for effect in effects}
    pieces = [signed(e.logits) for e in effects if e.source == EffectSource.PIECE]
    assert f"| recent work in all competencies | {by_source[EffectSource.LEARNER]} |" in PAGE
    assert f"| task of 19 February, level 1 | {pieces[0]} |" in PAGE
    assert f"level 4 each | {', '.join(pieces[1:])} |" in PAGE
    assert f"| how much has been shown | {by_source[EffectSource.COUNT]} |" in PAGE
    assert f"| 34 days without evidence | {by_source[EffectSource.GAP]} |" in PAGE
    assert f"| **mean of the estimate** | **{signed(mastery.estimate.m)}** |" in PAGE


@pytest.mark.parametrize("work", STEADY)
def test_the_table_of_steady_work_is_real_output(work):
    """Each row of steady work on the page is the code's, with its decision."""
    cells = []
    for size in SIZES:
        history = STEADY[work](size)
        learner, competency = facts_of(history, COMPETENCY)
        as_of_us = history[-1]["occur_time_us"]
        mastery = read_mastery(learner, competency, as_of_us=as_of_us, policy=DEFAULT_POLICY)
        decision = mastery.decision.name.lower().replace("_", " ")
        cells.append(f"{mastery.estimate.p_eight:.2f} {decision}")
    assert f"| {work} | {' | '.join(cells)} |" in PAGE


def rows_of(heading):
    """Return the cells of the rows below a heading, those of the table's head left out."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_of_rules_has_every_rule_with_its_version_and_bounds():
    """Each rule stands there once, with what it takes and whether it may be the current one."""
    found = [
        (name.strip("`"), int(version), parameter.split(" occasions")[0].split(",")[0], falls)
        for name, version, parameter, _, _, falls in (
            r for r in rows_of("The rules") if r[1] == "1"
        )
    ]
    expected = [
        (
            rule.name,
            rule.version,
            f"{rule.parameter_minimum} to {rule.parameter_maximum}"
            if rule.parameter_maximum
            else "–",
            rule.credit_only,
        )
        for _, rule in sorted(RULES.items())
    ]
    assert [(*row, falls.startswith("no")) for *row, falls in found] == expected


def test_the_worked_table_of_rules_is_real_output():
    """Each level of the table is the code's to the hundredth, and no rule is left out."""
    rows = [row for row in rows_of("The rules") if row[1] != "1"]
    for method, *cells in rows:
        name, _, parameter = method.replace("`", "").partition(" ")
        choice = RuleChoice(name=name, parameter=int(parameter or 0))
        for levels, cell in zip(WORKED_ROWS, cells, strict=True):
            milli = level_milli(choice, occasions_at(*levels))
            assert abs(milli / 1_000 - float(cell)) <= 0.0055, (method, levels)
    assert {row[0].split("`")[1] for row in rows} == {name for name, _ in RULES}


def test_the_weights_on_the_page_are_those_of_the_code():
    """Each kind weighs what the page says, also an unknown one in a summative, and practice."""
    whole = (Kind.PERFORMANCE_TASK, Kind.TEST, Kind.QUIZ, Kind.PORTFOLIO, Kind.CONFERENCE)
    assert {weight(kind) for kind in whole} == {"1"}
    assert weight(Kind.GAME) == weight(Kind.SELF_REPORT)
    unknown = Kind.UNSPECIFIED
    assert (
        f"task, test, quiz, portfolio, conference 1; observation {weight(Kind.OBSERVATION)}; "
        f"homework {weight(Kind.HOMEWORK)}; game and self-report {weight(Kind.GAME)}; "
        f"unknown {weight(unknown, Purpose.SUMMATIVE)} in a summative, else {weight(unknown)}; "
        f"practice of any kind at most {short(PRACTICE_WEIGHT_MILLI / 1_000)}"
    ) in PAGE
    assert weight(unknown, Purpose.EXTERNAL_SUMMATIVE) == weight(unknown, Purpose.SUMMATIVE)


def test_difficulties_on_the_page_are_those_of_the_code():
    """Offsets by Depth of Knowledge, steps of a rubric and what they tell, to a tenth."""
    offsets = ", ".join(f"{d64 / 64:+.1f}".replace("-", "−") for d64 in DOK_OFFSET_D64[1:])
    offsets = offsets.replace("+0.0", "0").replace("0.", ".")
    step = short(round(RUBRIC_STEP_D64[2] / 64, 1))
    share = short(RUBRIC_SHARE_TENTHS / 10)
    assert f"DOK offsets {offsets}; rubric steps ±{step} and {share};" in PAGE


def test_decisions_and_flags_on_the_page_ask_for_what_the_policy_does():
    """Each floor, level and gate of the page is the default policy's."""
    level = short(POLICY.exemplary_level_milli / 1_000)
    rows = (
        f"fewer than {POLICY.minimum_evidence} pieces, or fewer than {POLICY.minimum_items} items",
        f"| proficient | level ≥ {POLICY.proficient_level_milli / 1_000:.1f} **and** "
        f"{of_gate(POLICY.proficient_gate)} |",
        f"| exemplary | proficient, level ≥ {level}, {of_gate(POLICY.exemplary_gate)}, "
        f"{POLICY.exemplary_evidence} pieces, one of them at DOK 3",
        f"| approaching | {of_gate(POLICY.approaching_gate)} |",
        f"P(p < .5) ≥ {short(POLICY.reteach_below_half_micro / 1_000_000)} from at least "
        f"{POLICY.reteach_evidence} pieces",
        f"a day since then, {of_gate(POLICY.reassess_gate)}",
    )
    for row in rows:
        assert row in PAGE
    assert (POLICY.exemplary_deep, POLICY.minimum_days, POLICY.reassess_wait_us) == (1, 1, DAY_US)
    refresh = POLICY.refresh_gate
    assert f"waiting alone took P(p ≥ {short(refresh.share / 1_000)}) below .5" in PAGE
    assert refresh.at_least_micro == 500_000
    assert (
        f"`{POLICY.credit_rule.name}` for credit, `{POLICY.current_rule.name}` "
        f"{POLICY.current_rule.parameter} for the current level"
    ) in PAGE


def test_the_equations_on_the_page_have_the_constants_of_the_code():
    """Every constant of the estimate stands in the equations as the code has it."""
    e = equations
    learner, competency = short(e.LEARNER_EFFECT), short(e.COMPETENCY_EFFECT)
    for line in (
        f"Σₖ 2^(−k/{e.LEARNER_HALF_LIFE_RANKS}) of the learner's newest {len(e.LEARNER_WEIGHTS)}",
        f"Σₖ 2^(−k/{e.COMPETENCY_HALF_LIFE_RANKS}) of the competency's newest "
        f"{len(e.COMPETENCY_WEIGHTS)}",
        f"Jg = {e.LEARNER_RECENT} Ig + {short(e.LEARNER_ALL)} Ig_all",
        f"/ (Jg + {e.LEARNER_PRIOR})",
        f"Js = {e.COMPETENCY_RECENT} Is + {short(e.COMPETENCY_ALL)} Is_all",
        f"− {short(e.LEARNER_SHARE_EXPECTED)} G Js) / (Js + {e.COMPETENCY_PRIOR})",
        f"m = b + slope (−{short(e.REFERENCE_EFFECT)} dref + {learner} G + {competency} S"
        f" + {short(e.COUNT_EFFECT)} ln(1 + n) − {short(e.GAP_EFFECT)} gap"
        f" − {short(e.NO_EVIDENCE_EFFECT)} [n = 0])",
        f"v = {short(e.VARIANCE_FLOOR)} + {short(e.LEARNER_VARIANCE / e.LEARNER_EFFECT**2)} · "
        f"{learner}² / (Jg + {e.LEARNER_PRIOR})",
        f"{short(e.COMPETENCY_VARIANCE / e.COMPETENCY_EFFECT**2)} · {competency}² / "
        f"(Js + {e.COMPETENCY_PRIOR}) + {short(e.GAP_VARIANCE)} gap",
        f"success = σ(m / √(1 + {short(e.PROBIT)} v))",
        f"Φ(({short(e.QUOTE_SLOPE)} m − logit q) / √v)",
    ):
        assert line in PAGE


def test_the_lower_thresholds_of_a_published_status_are_the_codes():
    """What keeps a status, and the sentence of one that was not kept."""
    levels = [POLICY.keep_proficient_level_milli, POLICY.keep_exemplary_level_milli]
    proficient, exemplary = (level_text(milli) for milli in levels)
    kept = (
        f"For proficient {of_gate(POLICY.keep_proficient_gate)} and level ≥ {proficient}, "
        f"for exemplary also {of_gate(POLICY.keep_exemplary_gate)} and level ≥ {exemplary};"
    )
    assert kept in PAGE
    published = None
    for count in range(3, 6):
        history = rubric_days(4, 4, 4, 4, 1)[:count]
        learner, competency = facts_of(history, COMPETENCY)
        as_of_us = history[-1]["occur_time_us"]
        mastery = read_mastery(learner, competency, as_of_us=as_of_us, policy=POLICY)
        published, _ = look_at(published, mastery, competency, POLICY, reading=reading_of(POLICY))
    assert f'"{published.explanation}"' in PAGE
