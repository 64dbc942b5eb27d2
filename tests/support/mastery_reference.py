"""A second way to every number of mastery, for tests to compare with.

Written from the equations alone: it starts from the full list of revisions that were ever sent,
keeps the winners, and works everything out anew with fractions, decimals and plain loops. It
shares no code and no constant with `services.mastery.domain`, on purpose: a constant typed wrong
in one place must show. Slow, and not for use outside tests.
"""

import bisect
import math
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import cache

# A revision is a dict: evidence_id, version, content_hash, live, learner, occur_time_us,
# local_day, alignments {competency: thousandths}, score, scale ("points" or "rubric"), kind,
# purpose (lower-case words), dok (None where unknown), timed (None where unknown), item (None
# where unknown), assessment (None where unknown), items_on_competency (None where unknown).

WEIGHTS = {
    "quiz": "1",
    "test": "1",
    "performance_task": "1",
    "portfolio": "1",
    "conference": "1",
    "observation": "0.7",
    "homework": "0.5",
    "game": "0.25",
    "self_report": "0.25",
}
DAY_US = 24 * 60 * 60 * 1_000_000


@cache
def sigma(numerator_64):
    """Return the logistic of numerator_64 / 64 on the grid of 2**-30, by 50 digits."""
    with localcontext() as context:
        context.prec = 50
        value = 1 / (1 + (Decimal(-numerator_64) / 64).exp())
        return Fraction(int((value * 2**30).to_integral_value(ROUND_HALF_UP)), 2**30)


def half_up(value):
    """Return a fraction rounded to a whole number, halves up."""
    return math.floor(Fraction(value) + Fraction(1, 2))


def weight(kind, purpose, items_on_competency):
    """Return the weight of a source, as a fraction."""
    if kind in WEIGHTS:
        chosen = Fraction(WEIGHTS[kind])
    elif purpose in ("summative", "external_summative"):
        chosen = Fraction(1)
    else:
        chosen = Fraction(7, 10)
    if purpose == "practice":
        chosen = min(chosen, Fraction(1, 2))
    if purpose == "external_summative":
        chosen /= items_on_competency or 1
    return chosen


def on_grid(value, bits):
    """Return a fraction rounded to the grid of 2**-bits, halves up."""
    return Fraction(half_up(value * 2**bits), 2**bits)


def contribution(revision):
    """Return (R, I), whole numbers of 2**-20."""
    names = ("score", "scale", "dok", "kind", "purpose", "items_on_competency")
    return _contribution(*(revision[name] for name in names))


@cache
def _contribution(score, scale, dok, *source):
    """Do it for what a contribution hangs on: many revisions say the same."""
    difficulty = {None: 0, 1: -26, 2: 0, 3: 26, 4: 51}[dok]
    r = i = Fraction(0)
    if scale == "points":
        p = sigma(-difficulty)
        r = Fraction(score, 30_000) - p
        i = on_grid(p * (1 - p), 30)
    else:
        level = 1 + 3 * Fraction(score, 30_000)
        for k, tau in ((1, -90), (2, 0), (3, 90)):
            p = sigma(-(difficulty + tau))
            r += Fraction(7, 10) * ((1 if level >= k + 1 else 0) - p)
            i += Fraction(7, 10) * on_grid(p * (1 - p), 30)
    w = weight(*source)
    return half_up(w * r * 2**20), half_up(w * i * 2**20)


def winners(revisions):
    """Return the revision that stands for each learner and evidence id, live ones alone."""
    standing = {}
    for revision in revisions:
        key = (revision["learner"], revision["evidence_id"])
        rank = (revision["version"], revision["content_hash"])
        if key not in standing or rank > standing[key][0]:
            standing[key] = (rank, revision)
    return [revision for _, revision in standing.values() if revision["live"]]


def newest_first(revisions):
    """Return revisions in the order of a window."""
    keys, ordered = [], []
    for revision in revisions:
        key = (revision["occur_time_us"], revision["evidence_id"])
        place = bisect.bisect(keys, key)
        keys.insert(place, key)
        ordered.insert(place, revision)
    return ordered[::-1]


def is_test(revision):
    """Return whether a revision is of an external test."""
    return revision["purpose"] == "external_summative"


def occasion_of(revision):
    """Return the key of a revision's occasion; tests have their own."""
    key = revision["assessment"] or f"day/{revision['local_day']}"
    return f"external:{key}" if is_test(revision) else key


def tests_taken(revisions):
    """Return {key: newest time} of external tests."""
    found = {}
    for revision in filter(is_test, revisions):
        key, moment = occasion_of(revision), revision["occur_time_us"]
        found[key] = max(moment, found.get(key, moment))
    return found


def works(revisions, share_of):
    """Return (r, i) of pieces of work, newest first, and (sum of r, sum of i).

    `share_of` gives the part of a revision's (R, I) that counts, and under which competency its
    external test is pooled; None where it does not count, though its moment does.
    """
    found, pools, moments = [], defaultdict(list), {}
    for revision in revisions:
        r, i = contribution(revision)
        if not is_test(revision):
            r, i = share_of(revision, r, i, None)
            order = (revision["occur_time_us"], False, "", "", revision["evidence_id"])
            found.append((order, r, i))
            continue
        for competency in revision["alignments"]:
            key = occasion_of(revision), competency
            moments[key] = max(revision["occur_time_us"], moments.get(key, 0))
            part = share_of(revision, r, i, competency)
            if part is not None:
                pools[key].append(
                    (*part, half_up(Fraction(2**20, revision["items_on_competency"] or 1)))
                )
    tests = []
    for key, members in pools.items():
        scale = min(1.0, 2**20 / sum(share for _, _, share in members))
        r, i = (scale * sum(member[place] for member in members) for place in (0, 1))
        tests.append(((moments[key], True, *key, b""), r, i))
    found += sorted(tests, reverse=True)[:32]
    ordered = sorted(found, reverse=True)
    total = tuple(math.fsum(work[place] for work in ordered) for place in (1, 2))
    return [(r, i) for _, r, i in ordered], total


def whole_share(revision, r, i, competency):
    """Count a revision once, whole, under its first competency."""
    return (r, i) if competency in (None, next(iter(revision["alignments"]))) else None


def aligned_share(wanted):
    """Count what is aligned with one competency."""

    def share_of(revision, r, i, competency):
        if competency not in (None, wanted):
            return None
        share = Fraction(revision["alignments"][wanted], 1000)
        return math.floor(r * share), math.floor(i * share)

    return share_of


def occasions_of(revisions, competency):
    """Return (newest time, key, pooled score, day, number of pieces), oldest first."""
    pooled = defaultdict(list)
    for revision in revisions:
        if competency in revision["alignments"]:
            pooled[occasion_of(revision)].append(revision)
    found = []
    for key, members in pooled.items():
        newest = newest_first(members)[0]
        mean = Fraction(sum(m["score"] for m in members), len(members))
        found.append((newest["occur_time_us"], key, mean, newest["local_day"], len(members)))
    return sorted(found)


def level_of(score):
    """Return the level of a score, exact."""
    return 1 + 3 * Fraction(score) / 30_000


def highest(levels):
    """Return the highest level in thousandths."""
    return half_up(1000 * max(levels))


def decaying(levels, percent):
    """Return the recursive decaying average of levels, oldest first, in thousandths."""
    if not levels:
        return None
    w = Fraction(percent, 100)
    # Spelled out as a weighted sum rather than as a recursion.
    count = len(levels)
    total = (1 - w) ** (count - 1) * levels[0]
    for position in range(1, count):
        total += w * (1 - w) ** (count - 1 - position) * levels[position]
    return half_up(1000 * total)


def mean_of(levels):
    """Return the mean in thousandths, None of nothing."""
    return half_up(1000 * sum(levels) / Fraction(len(levels))) if levels else None


def newest_share(levels, percent):
    """Return the newest level and the mean of the older ones by their shares, in thousandths."""
    *older, newest = levels
    if not older:
        return half_up(1000 * newest)
    weights = [Fraction(100 - percent, 100 * len(older))] * len(older) + [Fraction(percent, 100)]
    return half_up(1000 * sum(w * level for w, level in zip(weights, levels, strict=True)))


def middle(levels):
    """Return the median in thousandths: the mean of the values that have as many on each side."""
    ordered = sorted(levels)
    return half_up(500 * (ordered[len(ordered) // 2] + ordered[~(len(ordered) // 2)]))


def at_mastery(levels, count):
    """Return the mean of the levels that round to 3 or more, None below a count of them."""
    kept = [level for level in levels if half_up(1000 * level) >= 3000]
    return mean_of(kept) if len(kept) >= count else None


def most_common(levels):
    """Return the whole level that was reached most often, the newest of several, in thousandths."""
    whole = [half_up(1000 * level) // 1000 for level in levels]
    ranked = [(whole.count(level), place, level) for place, level in enumerate(whole)]
    return 1000 * max(ranked)[2]


def held(levels, count):
    """Return the highest level that all of `count` neighbours reach, None without as many."""
    rows = [levels[k : k + count] for k in range(len(levels))]
    lowest = [min(row) for row in rows if len(row) == count]
    return half_up(1000 * max(lowest)) if lowest else None


def by_pieces(shown):
    """Return the mean of levels with each counted as often as it has pieces, in thousandths."""
    return mean_of([level for level, size in shown for _ in range(size)])


def curve(levels):
    """Return y = a x^b through the newest 32 at the newest, by the normal equations, 60 digits."""
    levels = levels[-32:]
    if len(levels) < 3:
        return mean_of(levels)
    with localcontext() as context:
        context.prec = 60
        n = len(levels)
        xs = [Decimal(k).ln() for k in range(1, n + 1)]
        ys = [(Decimal(level.numerator) / level.denominator).ln() for level in levels]
        xx, xy = sum(x * x for x in xs), sum(x * y for x, y in zip(xs, ys, strict=True))
        b = (n * xy - sum(xs) * sum(ys)) / (n * xx - sum(xs) ** 2)
        a = ((sum(ys) - b * sum(xs)) / n).exp()
        found = Fraction((a * Decimal(n) ** b).quantize(Decimal("1e-20")))
    return min(4000, max(1000, half_up(1000 * found)))


# Every rule by name: a level in thousandths, or None, of [(level, pieces)] and a parameter.
RULES = {
    "average": lambda shown, _: mean_of([level for level, _ in shown]),
    "canvas_weighted": lambda shown, percent: newest_share([level for level, _ in shown], percent),
    "decaying_average": lambda shown, percent: decaying([level for level, _ in shown], percent),
    "highest": lambda shown, _: highest([level for level, _ in shown]),
    "in_a_row": lambda shown, count: held([level for level, _ in shown], count),
    "latest": lambda shown, _: half_up(1000 * shown[-1][0]),
    "median": lambda shown, _: middle([level for level, _ in shown]),
    "mode": lambda shown, _: most_common([level for level, _ in shown]),
    "most_recent": lambda shown, count: mean_of([level for level, _ in shown[-count:]]),
    "n_mastery": lambda shown, count: at_mastery([level for level, _ in shown], count),
    "power_law": lambda shown, _: curve([level for level, _ in shown]),
    "weighted_mean": lambda shown, _: by_pieces(shown),
}


def halving(parts, half_life):
    """Return the sum of (2**(-k / half_life) part_k), newest first, over the newest 32."""
    return math.fsum(math.exp(-math.log(2) * k / half_life) * x for k, x in enumerate(parts[:32]))


def normal(x):
    """Return the standard normal distribution function."""
    return (1 + math.erf(x / math.sqrt(2))) / 2


def estimate_of(revisions, competency, as_of_us, forgetting=True):
    """Return the estimate as a dict of floats."""
    mine = newest_first(revisions)
    theirs = [revision for revision in mine if competency in revision["alignments"]]
    whole, (rg_all, ig_all) = works(mine, whole_share)
    shares, (rs_all, is_all) = works(theirs, aligned_share(competency))
    one = 2.0**20
    rg, ig = [r / one for r, _ in whole], [i / one for _, i in whole]
    rs, is_ = [r / one for r, _ in shares], [i / one for _, i in shares]
    i_general = 4.2 * halving(ig, 16) + 0.07 * ig_all / one
    general = (4.2 * halving(rg, 16) + 0.07 * rg_all / one) / (i_general + 5.7)
    i_own = 3.6 * halving(is_, 5) + 0.09 * is_all / one
    r_own = 3.6 * halving(rs, 5) + 0.09 * rs_all / one
    own = (r_own - 0.9 * general * i_own) / (i_own + 5.2)
    days = max(0.0, (as_of_us - theirs[0]["occur_time_us"]) / DAY_US) if theirs else 0.0
    gap = math.log(1 + days) if forgetting else 0.0
    count = len(shares)
    m = 1.18 * general + 0.78 * own + 0.03 * math.log(1 + count) - 0.09 * gap
    m -= 0.7 if count == 0 else 0.0
    v = 0.43 + 3.65 * 1.18**2 / (i_general + 5.7) + 0.07 * 0.78**2 / (i_own + 5.2) + 0.069 * gap
    found = {"m": m, "v": v, "success": 1 / (1 + math.exp(-m / math.sqrt(1 + 0.3927 * v)))}
    for name, share in (("p_half", 0.5), ("p_seven", 0.7), ("p_eight", 0.8), ("p_nine", 0.9)):
        found[name] = normal((0.86 * m - math.log(share / (1 - share))) / math.sqrt(v))
    return found


def counts_of(revisions, competency):
    """Return the counts of a mastery as a dict."""
    mine = newest_first([r for r in revisions if competency in r["alignments"]])
    tests = len(tests_taken(mine))
    window = [r for r in mine if not is_test(r)][:32]
    named = {r["item"] for r in window if r["item"] is not None}
    nameless = sum(1 for r in window if r["item"] is None)
    occasions = occasions_of(revisions, competency)
    days = {r["local_day"] for r in window} | {day for _, _, _, day, _ in occasions}
    return {
        "evidence": len(mine),
        "works": sum(1 for r in mine if not is_test(r)) + tests,
        "items": len(named) + nameless + tests,
        "occasions": len(occasions),
        "days": len(days),
        "deep": sum(1 for r in mine if (r["dok"] or 0) >= 3 and level_of(r["score"]) >= 3),
        "untimed": sum(1 for r in mine if r["timed"] is not True),
    }


def micro(probability):
    """Return a probability in millionths, half up."""
    return math.floor(probability * 1_000_000 + 0.5)


def decision_of(estimate, level, counts):
    """Return the decision by the default policy, as a word; tried from the top down."""
    if counts["works"] < 3 or counts["items"] < 2:
        return "insufficient"
    sure_of = {name: micro(estimate[name]) for name in ("p_half", "p_eight", "p_nine")}
    unhurried = counts["untimed"] > 0
    if (
        sure_of["p_nine"] >= 700_000
        and counts["works"] >= 4
        and level >= 3500
        and counts["deep"] >= 1
        and unhurried
    ):
        return "exemplary"
    if sure_of["p_eight"] >= 700_000 and level >= 3000 and unhurried:
        return "proficient"
    return "approaching" if sure_of["p_half"] >= 600_000 else "not_yet"


def ready_to_reassess(revisions, competency, estimate, decision, as_of_us):
    """Return whether a re-assessment is worth booking, by the default policy."""
    mine = newest_first([r for r in revisions if competency in r["alignments"]])
    window = [
        ((r["occur_time_us"], False, r["evidence_id"]), r["purpose"])
        for r in mine
        if not is_test(r)
    ][:32]
    window += [((t, True, k.encode()), "summative") for k, t in tests_taken(mine).items()]
    window = sorted(window, reverse=True)[:32]
    purposes = [purpose for _, purpose in window]
    if "summative" not in purposes or decision in ("proficient", "exemplary"):
        return False
    newest = purposes.index("summative")
    return (
        any(purpose in ("practice", "formative") for purpose in purposes[:newest])
        and as_of_us - window[newest][0][0] >= DAY_US
        and micro(estimate["p_eight"]) >= 500_000
    )


LADDER = ["not_yet", "approaching", "proficient", "exemplary"]


def in_steps(revisions, competency, as_of_us, forgetting=True):
    """Return the decision, each of the newest four external tests moving it by a step at most."""
    taken = tests_taken(revisions)
    # Of a learner's tests the newest 32 are known, counted by test and first competency.
    newest = sorted(taken, key=lambda key: (taken[key], key))[-4:]
    stands = None
    for count in range(len(newest), -1, -1):
        left_out = newest[len(newest) - count :]
        kept = [r for r in revisions if occasion_of(r) not in left_out]
        estimate = estimate_of(kept, competency, as_of_us, forgetting)
        levels = [level_of(mean) for _, _, mean, _, _ in occasions_of(kept, competency)]
        level = decaying(levels, 65)
        found = decision_of(estimate, level or 0, counts_of(kept, competency))
        if stands is None or found == "insufficient":
            stands = found
        elif stands == "insufficient":
            stands = LADDER[min(1, LADDER.index(found))]
        else:
            place = LADDER.index(stands)
            stands = LADDER[max(place - 1, min(place + 1, LADDER.index(found)))]
    return stands


def mastery_of(all_revisions, learner, competency, as_of_us):
    """Return everything that is said of a learner and competency by the default policy."""
    live = [r for r in winners(all_revisions) if r["learner"] == learner]
    estimate = estimate_of(live, competency, as_of_us)
    counts = counts_of(live, competency)
    shown = [(level_of(mean), size) for _, _, mean, _, size in occasions_of(live, competency)]
    levels = [level for level, _ in shown]
    current = decaying(levels, 65)
    decision = in_steps(live, competency, as_of_us)
    was = in_steps(live, competency, as_of_us, forgetting=False)
    fresh = estimate_of(live, competency, as_of_us, forgetting=False)
    return {
        "estimate": estimate,
        "counts": counts,
        "current": current,
        "shown": shown,
        "credit": highest(levels) if levels and decision != "insufficient" else None,
        "decision": decision,
        "needs_reteach": counts["works"] >= 3 and 1_000_000 - micro(estimate["p_half"]) >= 800_000,
        "ready_to_reassess": ready_to_reassess(live, competency, estimate, decision, as_of_us),
        "refresh_due": was in ("proficient", "exemplary")
        and micro(fresh["p_eight"]) >= 500_000
        and micro(estimate["p_eight"]) < 500_000,
    }
