"""Sentences that adults write for learners to read: short, plain, and without labels (H11)."""

from services.scheduler.domain.resources import check_text, refuse
from services.scheduler.domain.titles import refusal

MAX_SENTENCE_LENGTH = 300


def sentence_for_learner(
    field: str, text: str, banned_words: tuple[str, ...], *, required: bool
) -> str:
    """Return a sentence as a learner may read it; raises InvalidSettingError.

    `banned_words` are the school's, beside those that label learners everywhere.
    """
    words = check_text(field, text, most=MAX_SENTENCE_LENGTH, required=required)
    labelled = refusal(words, banned_words)
    if labelled:
        refuse(field, "LABEL_BANNED", f"{labelled}.", "The learner reads it: choose other words.")
    return words
