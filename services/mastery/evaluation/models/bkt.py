"""Bayesian knowledge tracing, one model for each competency (Corbett and Anderson 1995).

A learner knows the competency or not. Known from the start with chance `prior`; after each response
one who does not know learns with chance `learn`, and nobody forgets. A right answer comes with
chance 1 - `slip` from who knows and `guess` from who does not. Expectation maximisation on training
learners fits the four, for all competencies at the same time: sequences are taken place by place,
the longest first, so that those still running are always the first rows.

Of a response with several competencies, the prediction is the mean over them, and each learns of
the answer. `guess` and `slip` stay below a half, or knowing would mean answering wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mastery.evaluation.log import Flags, Floats, Integers, ResponseLog

ROUNDS: Final = 30
START: Final = (0.4, 0.1, 0.25, 0.1)
"""prior, learn, guess, slip before the first round."""
SMALLEST: Final = 0.005
GUESS_SLIP_MAXIMUM: Final = 0.49
PSEUDO_COUNT: Final = 2.0
"""Weight of the start, in observations: competencies with few responses stay near it."""

_Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Knowledge:
    """The four numbers of each row; rows are competencies, or the pairs that have them."""

    prior: Floats
    learn: Floats
    guess: Floats
    slip: Floats

    def of(self, rows: _Rows) -> "Knowledge":
        """Return the numbers of these rows."""
        return Knowledge(
            prior=self.prior[rows],
            learn=self.learn[rows],
            guess=self.guess[rows],
            slip=self.slip[rows],
        )


class KnowledgeTracing:
    """BKT of one log; see `Model`."""

    name = "BKT"

    def __init__(self, log: ResponseLog) -> None:
        self._log = log
        self._pair_competency = log.pieces.competency[log.pieces.rank == 0]

    def predict(self, training: Flags) -> Floats:
        """Return chances of a right answer; see `Model`."""
        fitted = self.fit(training)
        every = np.arange(len(self._pair_competency))
        sequences = _Sequences(self._log, every)
        knowledge = fitted.of(self._pair_competency[sequences.pairs])
        chances = np.empty(len(self._log.pieces))
        for pieces, known in _filtered(sequences, knowledge):
            here = knowledge.of(np.arange(len(pieces)))
            chances[pieces] = known * (1.0 - here.slip) + (1.0 - known) * here.guess
        return self._log.mean_of_pieces(chances)

    def fit(self, training: Flags) -> Knowledge:
        """Return the four numbers of each competency."""
        pair_trains = training[self._log.pieces.response[self._log.pieces.rank == 0]]
        sequences = _Sequences(self._log, np.flatnonzero(pair_trains))
        competency = self._pair_competency[sequences.pairs]
        count = len(self._log.competencies)
        fitted = Knowledge(
            **{
                name: np.full(count, value)
                for name, value in zip(("prior", "learn", "guess", "slip"), START, strict=True)
            }
        )
        for _ in range(ROUNDS):
            fitted = _round(sequences, competency, fitted)
        return fitted


class _Sequences:
    """Answers of some pairs, the longest first, so that a place is one slice of rows."""

    def __init__(self, log: ResponseLog, pairs: _Rows) -> None:
        lengths = np.bincount(log.pieces.pair)
        starts = np.cumsum(lengths) - lengths
        self.pairs: _Rows = pairs[np.argsort(-lengths[pairs], kind="stable")]
        self.starts: Integers = starts[self.pairs]
        self.lengths: Integers = lengths[self.pairs]
        self.correct: Integers = log.correct[log.pieces.response]

    def places(self) -> Iterator[_Rows]:
        """Return for each place the pieces of the sequences that reach it."""
        for place in range(int(self.lengths.max(initial=0))):
            running = int(np.searchsorted(-self.lengths, -place, side="left"))
            yield self.starts[:running] + place


def _filtered(sequences: _Sequences, knowledge: Knowledge) -> Iterator[tuple[_Rows, Floats]]:
    """Return place by place the pieces and the chance of knowing before each is answered."""
    known = knowledge.prior.copy()
    for pieces in sequences.places():
        here = knowledge.of(np.arange(len(pieces)))
        yield pieces, known[: len(pieces)]
        seen = _posterior(known[: len(pieces)], sequences.correct[pieces], here)
        known = seen + (1.0 - seen) * here.learn


def _posterior(known: Floats, correct: Integers, here: Knowledge) -> Floats:
    """Return the chance of knowing once the answers are seen."""
    if_known, if_not = _likelihoods(correct, here)
    both = known * if_known
    return both / (both + (1.0 - known) * if_not)


def _likelihoods(correct: Integers, here: Knowledge) -> tuple[Floats, Floats]:
    right = correct == 1
    return (
        np.where(right, 1.0 - here.slip, here.slip),
        np.where(right, here.guess, 1.0 - here.guess),
    )


def _round(sequences: _Sequences, competency: _Rows, fitted: Knowledge) -> Knowledge:
    """Return the numbers that are likeliest given how likely each learner knew at each place."""
    tally = _Tally(len(fitted.prior))
    knowledge = fitted.of(competency)
    forward = [(pieces, known.copy()) for pieces, known in _filtered(sequences, knowledge)]
    later = np.ones((2, len(competency)))  # chance of later answers, if known and if not, scaled
    for place in range(len(forward) - 1, -1, -1):
        pieces, known = forward[place]
        rows = slice(0, len(pieces))
        here, correct = knowledge.of(np.arange(len(pieces))), sequences.correct[pieces]
        seen = _posterior(known, correct, here)
        if_known, if_not = later[0, rows], later[1, rows]
        stays = (1.0 - seen) * (1.0 - here.learn) * if_not
        learns = (1.0 - seen) * here.learn * if_known
        total = seen * if_known + learns + stays
        tally.add(
            competency[rows],
            knew=seen * if_known / total,
            learned=learns / total,
            correct=correct,
            goes_on=sequences.lengths[rows] > place + 1,
            is_first=place == 0,
        )
        answer_known, answer_not = _likelihoods(correct, here)
        not_known = here.learn * if_known + (1.0 - here.learn) * if_not
        scale = np.maximum(answer_known * if_known, answer_not * not_known)
        later[0, rows] = answer_known * if_known / scale
        later[1, rows] = answer_not * not_known / scale
    return tally.knowledge()


class _Tally:
    """Expected counts of one round, for each competency."""

    def __init__(self, size: int) -> None:
        prior, learn, guess, slip = START
        whole = np.full(size, PSEUDO_COUNT)
        self._hits = {
            "prior": whole * prior,
            "learn": whole * learn,
            "guess": whole * guess,
            "slip": whole * slip,
        }
        self._chances = {name: whole.copy() for name in self._hits}

    def add(
        self,
        competency: _Rows,
        *,
        knew: Floats,
        learned: Floats,
        correct: Integers,
        goes_on: Flags,
        is_first: bool,
    ) -> None:
        """Count one place: who knew, who learned after it, who guessed and who slipped."""
        if is_first:
            self._count("prior", competency, knew, np.ones_like(knew))
        self._count("learn", competency, learned * goes_on, (1.0 - knew) * goes_on)
        self._count("guess", competency, (1.0 - knew) * correct, 1.0 - knew)
        self._count("slip", competency, knew * (1 - correct), knew)

    def _count(self, name: str, competency: _Rows, hits: Floats, chances: Floats) -> None:
        size = len(self._hits[name])
        self._hits[name] += np.bincount(competency, weights=hits, minlength=size)
        self._chances[name] += np.bincount(competency, weights=chances, minlength=size)

    def knowledge(self) -> Knowledge:
        """Return hits by chances, within bounds."""
        share = {name: self._hits[name] / self._chances[name] for name in self._hits}
        top = {"prior": 1.0, "learn": 1.0, "guess": GUESS_SLIP_MAXIMUM, "slip": GUESS_SLIP_MAXIMUM}
        return Knowledge(
            **{
                name: np.clip(share[name], SMALLEST, min(top[name], 1.0 - SMALLEST))
                for name in share
            }
        )
