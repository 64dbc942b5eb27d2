"""What somebody may have meant to write: the nearest of some known words."""

from collections.abc import Iterable

MOST_EDITS = 3
"""Beyond so many edits a suggestion confuses more than it helps."""

LONGEST_WORD = 60
"""Longer words are not compared: the cost grows with the square of the length."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word with the fewest edits to this one, the first of equal ones.

    Capitals count for nothing. None where none is near: at most three edits, and fewer than half
    of the word.
    """
    if len(word) > LONGEST_WORD:
        return None
    lowered = word.lower()
    best, fewest = None, min(MOST_EDITS, len(word) // 2) + 1
    for one in known:
        if abs(len(one) - len(word)) < fewest:
            edits = _edits(lowered, one.lower())
            if edits < fewest:
                best, fewest = one, edits
    return best


def _edits(left: str, right: str) -> int:
    """Return how many letters have to be added, taken away or changed (Levenshtein)."""
    row = list(range(len(right) + 1))
    for done, letter in enumerate(left, start=1):
        before, row[0] = row[0], done
        for place, other in enumerate(right, start=1):
            changed = before + (letter != other)
            before = row[place]
            row[place] = min(changed, before + 1, row[place - 1] + 1)
    return row[-1]
