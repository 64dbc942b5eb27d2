"""Any mastery policy that a district may put, and its parts, as strategies."""

from dataclasses import fields

from hypothesis import strategies as st

from services.mastery.domain.model import Gate, Policy, RuleChoice, Share
from services.mastery.domain.roll_up_rules import AllParts, EnoughPoints, Part, RollUp
from services.mastery.domain.rules import RULES
from services.mastery.domain.scales import NumberScale, Step, StepScale

RULE_CHOICES = st.sampled_from(sorted(RULES)).flatmap(
    lambda key: st.builds(
        RuleChoice,
        name=st.just(key[0]),
        version=st.just(key[1]),
        parameter=st.integers(RULES[key].parameter_minimum, RULES[key].parameter_maximum),
    )
)
CURRENT_RULES = RULE_CHOICES.filter(lambda one: not RULES[one.name, one.version].credit_only)
GATES = st.builds(
    Gate, share=st.sampled_from(list(Share)), at_least_micro=st.integers(0, 1_000_000)
)
COUNTS = st.integers(0, 100)
LEVELS = st.integers(1_000, 4_000)
IDS = st.from_regex(r"\A[A-Za-z0-9._-]{1,64}\Z")
NAMES = st.text(min_size=1, max_size=40).filter(
    lambda name: name.isprintable() and name == name.strip()
)


@st.composite
def steps(draw):
    """Return steps with names of their own, the first at the lowest level, then rising."""
    names = draw(st.lists(NAMES, min_size=2, max_size=13, unique_by=str.casefold))
    more = draw(
        st.lists(
            st.integers(1_001, 4_000), min_size=len(names) - 1, max_size=len(names) - 1, unique=True
        )
    )
    return tuple(
        Step(name=name, from_level_milli=milli)
        for name, milli in zip(names, (1_000, *sorted(more)), strict=True)
    )


SCALES = st.builds(StepScale, steps=steps()) | st.builds(
    lambda ends, decimals: NumberScale(lowest=ends[0], highest=ends[1], decimals=decimals),
    st.lists(st.integers(0, 1_000), min_size=2, max_size=2, unique=True).map(sorted),
    st.integers(0, 3),
)


@st.composite
def roll_ups(draw):
    """Return roll-ups without circles: each broad competency reads what comes after it."""
    ids = draw(st.lists(IDS, min_size=2, max_size=7, unique=True))
    found = []
    for place, broad in enumerate(ids[:-1]):
        parts = sorted(draw(st.sets(st.sampled_from(ids[place + 1 :]), min_size=1)))
        if draw(st.booleans()):
            found.append(RollUp(competency=broad, rule=AllParts(parts=tuple(parts))))
            continue
        points = [draw(st.integers(1, 1_000)) for _ in parts]
        rule = EnoughPoints(
            points_asked=draw(st.integers(1, sum(points))),
            parts=tuple(
                Part(competency=part, points=some, required=draw(st.booleans()))
                for part, some in zip(parts, points, strict=True)
            ),
        )
        found.append(RollUp(competency=broad, rule=rule))
    return tuple(sorted(found, key=lambda one: one.competency))


FIELDS = {
    "credit_rule": RULE_CHOICES,
    "current_rule": CURRENT_RULES,
    "minimum_evidence": COUNTS,
    "minimum_items": st.integers(0, 32),
    "minimum_days": COUNTS,
    "exemplary_gate": GATES,
    "exemplary_level_milli": LEVELS,
    "exemplary_evidence": COUNTS,
    "exemplary_deep": COUNTS,
    "proficient_gate": GATES,
    "proficient_level_milli": LEVELS,
    "keep_exemplary_gate": GATES,
    "keep_exemplary_level_milli": LEVELS,
    "keep_proficient_gate": GATES,
    "keep_proficient_level_milli": LEVELS,
    "approaching_gate": GATES,
    "reteach_below_half_micro": st.integers(0, 1_000_000),
    "reteach_evidence": st.integers(1, 100),
    "reassess_gate": GATES,
    "reassess_wait_us": st.integers(0, 2_400).map(lambda hours: hours * 3_600_000_000),
    "refresh_gate": GATES,
    "fluency_competencies": st.none() | st.frozensets(IDS, max_size=5),
    "learner_wide": st.booleans(),
    "intercept": st.floats(-5, 5),
    "slope": st.floats(0.01, 3),
    "level_names": st.just(()) | steps(),
    "display_scale": SCALES,
    "roll_ups": st.just(()) | roll_ups(),
}
# A field that nobody draws is one whose reading and writing nobody tests.
assert FIELDS.keys() == {one.name for one in fields(Policy)}
POLICIES = st.builds(Policy, **FIELDS)
