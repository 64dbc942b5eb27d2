"""The numbers of a school's rules: sizes, floors, tiers and what each soft rule weighs.

Everything here is data of a school with a default. Levels, shares and points are whole thousandths
(`_milli`), probabilities whole millionths (`_micro`). One point is one level of gap in a competency
that is not essential, on evidence of today, in its first week. Policies are stored inside problems:
a new field gets a default, and a default stays what it is.
"""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, kw_only=True)
class TierFit:
    """What a need is worth in a session of another tier than its own."""

    tier_id: str
    """The tier of the session."""
    share_milli: int
    """The share of the need's weight that counts, in thousandths."""


@dataclass(frozen=True, kw_only=True)
class Tier:
    """How intensive a help session is: for which levels, and for how many learners at most.

    A need belongs to the first tier whose levels hold its own. Tiers are words of staff: learners,
    families and halls never see one (H11).
    """

    tier_id: str
    """The school's word for it."""
    cap: int
    """The most learners of a session (H3)."""
    minimum: int = 0
    """The fewest learners that a session is held for; 0: the policy's `session_minimum`."""
    from_level_milli: int = 0
    """The lowest level of its needs."""
    below_level_milli: int = 4001
    """The levels of its needs are below this one."""
    fits: tuple[TierFit, ...] = ()
    """What its needs are worth in sessions of other tiers, where not `other_tier_milli` (S2)."""


PRODUCT_TIERS = (
    Tier(tier_id="3", cap=3, below_level_milli=2000),
    Tier(tier_id="2", cap=5, from_level_milli=2000),
)
"""The tiers of a school that names none of its own: levels inside each spread by 1.0 or less."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What the soft rules weigh, in thousandths of a point or as shares in thousandths."""

    essential_milli: int = 2000
    """S1: the factor of an essential competency."""
    fresh_days: int = 30
    """S1: the age of the newest evidence at which freshness has fallen to `stale_milli`."""
    stale_milli: int = 500
    """S1: the least factor of freshness; 1000 at no age, a straight line between."""
    waiting_step_milli: int = 250
    """S1: what each week of waiting adds to the factor of waiting."""
    waiting_limit_milli: int = 2000
    """S1: the greatest factor of waiting."""
    nominated_gap_milli: int = 500
    """S1: the least gap of a need that a teacher nominated or a teacher confirmed."""
    check_milli: int = 500
    """S1: the share of a gap's weight that a check on it is worth."""
    repeat_milli: int = 500
    """S1: the share of its weight that a need's second and later session of a week is worth."""
    first_need_milli: int = 0
    """S1: points for a learner's first need seat of the week, times weeks without one plus one."""
    first_need_weeks: int = 5
    """S1: the greatest factor of `first_need_milli`."""
    other_tier_milli: int = 800
    """S2: the share that a need is worth in a session of another tier."""
    peer_milli: int = 900
    """The share that a need is worth in a group of peers, against one that is taught."""
    screen_milli: int = 750
    """The share that a need is worth at a screen, against a group that is taught."""
    choice_ranks_milli: tuple[int, ...] = (500, 400, 300, 200, 100)
    """S3: points of a seat in enrichment or commons by the rank of the choice that it meets."""
    choice_of_help_ranks_milli: tuple[int, ...] = (200, 160, 120, 80, 40)
    """S3: points of any other seat by the rank of the dearest choice that it meets; beside those of
    the need. A first choice outweighs a known adult who goes on (S5, S8), and no need that is
    greater by more than a fifth of a point (S1)."""
    reassessment_milli: int = 800
    """S3: points of a re-assessment that was asked for."""
    first_enrichment_milli: int = 3
    """S4: points of a learner's first enrichment of the week, chosen or not."""
    enrichment_milli: int = 1
    """S4: points of the further ones."""
    commons_milli: int = 0
    """S4: points of a commons seat."""
    same_adult_milli: int = 150
    """S5: points of a need seat with the adult of the cycle's group on it."""
    continued_milli: int = 50
    """S5: points of a need seat on what the learner worked on last week."""
    known_adult_milli: int = 30
    """S8: points of a seat with an adult who teaches the learner."""
    together_milli: int = 100
    """S8: points of a pair that is kept together, for each slot in one session."""
    kept_milli: int = 250
    """In a repair: points of a seat that stays as it was published."""
    session_change_milli: int = 1000
    """In a repair: the points that the week must gain for another session to be held; more than
    for a seat, since an adult prepares anew and a whole group sits elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How a school wants its week."""

    small_group_cap: int = 5
    """H3: the most learners of a small group where the school has no tiers."""
    one_to_one_cap: int = 1
    """H3: the most learners of a one-to-one session."""
    check_cap: int = 8
    """H3: the most learners of a check or a re-assessment."""
    enrichment_cap: int = 30
    """H3: the most learners of an enrichment."""
    legal_cap: int = 4
    """H3: the most learners of a legal group while consent is missing for one of them."""
    session_minimum: int = 2
    """S7: the fewest learners that a session is held for; one-to-one and services apart."""
    floor_evidence_count: int = 2
    """H10: the pieces of evidence that help asks for."""
    floor_day_count: int = 2
    """H10: the days on which they were shown."""
    floor_newest_days: int = 30
    """H10: the greatest age of the newest, in days before the as-of day."""
    floor_level_milli: int = 3000
    """H10: help is for levels below this."""
    floor_at_least_eight_tenths_micro: int = 700_000
    """H10: help is for a probability P(p >= .8) below this."""
    preparations_per_day: int = 2
    """S7: the most different things that an adult prepares for one day."""
    need_seats_per_week: int = 3
    """S4: the most help seats of a learner's week."""
    own_choice_seats_per_week: int = 1
    """S3: own-choice seats of whoever has two open slots or more."""
    enrichment_seats_per_week: int = 0
    """S4: the most enrichment seats of a learner's week; 0: no limit."""
    own_choice_share_milli: int = 150
    """S4: the share of a learner's slots of six weeks that are enrichment or own choice."""
    prerequisite_share_milli: int = 500
    """S1: the most of a learner's slots that go to what other needs build on."""
    far_behind_level_milli: int = 2000
    """H6: essential competencies below this level count towards being far behind."""
    far_behind_share_milli: int = 500
    """H6: the share of the essential competencies due from which on a learner is far behind."""
    cycle_weeks: int = 3
    """S5: the weeks in which groups stay together."""
    exit_level_milli: int = 3000
    """S6: a learner leaves a group from this level on."""
    exit_evidence_count: int = 2
    """S6: and with so many pieces of evidence since they entered it."""
    return_level_milli: int = 2700
    """S6: whoever left comes back below this level only."""
    cycles_without_gain: int = 2
    """S6: the most cycles on one competency without a gain; then the team is told."""
    dok_one_run: int = 3
    """The sessions at depth of knowledge 1 in a row after which the week warns; one that states
    none neither lengthens a row nor ends it."""
    reteach_share_milli: int = 600
    """S1: the share of a section with one gap from which on the whole section is taught again."""
    reteach_weight_milli: int = 500
    """S1: the share of its weight that a need of such a section keeps."""
    tiers: tuple[Tier, ...] = ()
    """H3, S2: the tiers of help sessions, in the order in which a need looks for its own."""
    weights: Weights = field(default_factory=Weights)
    """What the soft rules weigh."""
    banned_words: tuple[str, ...] = ()
    """H11: words of the school that no title may hold."""
    version: int = 0
    """Grows with each change of the policy."""


def with_tiers(policy: Policy) -> Policy:
    """Return a policy with tiers: its own, or the product's with the cap of its small groups."""
    if policy.tiers:
        return policy
    intensive, targeted = PRODUCT_TIERS
    cap = policy.small_group_cap
    small = replace(intensive, cap=min(intensive.cap, cap))
    return replace(policy, tiers=(small, replace(targeted, cap=cap)))
