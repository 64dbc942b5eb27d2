"""Builders of response logs: by hand, at random, and from known difficulties."""

import random

import numpy as np

from services.mastery.evaluation.log import OccasionBy, ResponseLog

START_US = 1_600_000_000_000_000
DAY_US = 86_400_000_000


def a_log(rows, *, occasion_by=OccasionBy.RESPONSE):
    """Return the log of (learner, item, competencies, correct[, time_us]) rows, oldest first."""
    rows = [(*row, START_US + k * 60_000_000)[:5] for k, row in enumerate(rows)]
    rows.sort(key=lambda row: (row[0], row[4]))
    learners = sorted({row[0] for row in rows})
    items = sorted({row[1] for row in rows})
    competencies = sorted({name for row in rows for name in row[2]})
    times = np.array([row[4] for row in rows])
    return ResponseLog(
        learners=learners,
        items=items,
        competencies=competencies,
        learner=np.array([learners.index(row[0]) for row in rows]),
        item=np.array([items.index(row[1]) for row in rows]),
        correct=np.array([row[3] for row in rows]),
        time_us=times,
        day=times // DAY_US,
        aligned_response=np.array([k for k, row in enumerate(rows) for _ in row[2]]),
        aligned_competency=np.array([competencies.index(name) for row in rows for name in row[2]]),
        occasion_by=occasion_by,
    )


def answers(correct, *, learner="ann", competency="adding"):
    """Return rows of one learner on one competency, each to an item of its own."""
    return [(learner, f"item-{k}", (competency,), one) for k, one in enumerate(correct)]


def a_random_log(seed, *, learners=6, longest=60, items=12, competencies=4, occasion_by=None):
    """Return a log with several competencies a response, ties in time and long waits."""
    chance = random.Random(seed)
    rows = []
    for learner in range(learners):
        now = START_US
        for _ in range(chance.randint(1, longest)):
            now += chance.choice([0, 60_000_000, DAY_US // 2, 9 * DAY_US])
            aligned = chance.sample(range(competencies), chance.choice([1, 1, 1, 2, 3]))
            rows.append(
                (
                    f"learner-{learner}",
                    f"item-{chance.randrange(items)}",
                    tuple(f"competency-{one}" for one in aligned),
                    int(chance.random() < 0.6),
                    now,
                )
            )
    return a_log(rows, occasion_by=occasion_by or OccasionBy.RESPONSE)


def a_log_of_known_difficulties(seed, *, learners=200, each=40, items=20):
    """Return a log of a Rasch model, and the difficulties of its items in logits."""
    generator = np.random.default_rng(seed)
    difficulty = np.linspace(-2, 2, items)
    ability = generator.normal(0, 1, learners)
    rows = []
    for learner in range(learners):
        for item in generator.integers(0, items, each):
            chance = 1 / (1 + np.exp(difficulty[item] - ability[learner]))
            competency = f"competency-{item % 2}"
            correct = int(generator.random() < chance)
            rows.append((f"learner-{learner:03}", f"item-{item:02}", (competency,), correct))
    return a_log(rows), difficulty
