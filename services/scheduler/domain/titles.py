"""Titles that label nobody (H11): what may hang in a hall and stand in a learner's sentence.

A title is refused when it is typed (`refusal`); a label that comes from a framework cannot be
refused here, so `safe_title` falls back to neutral words.
"""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from services.scheduler.domain.model import SessionKind

# Words for level, tier, service, language, disability and rank. Matched as whole words only.
BANNED_WORDS = (
    "504",
    "at risk",
    "at-risk",
    "below basic",
    "below grade",
    "disabilities",
    "disability",
    "disabled",
    "ebd",
    "el",
    "ell",
    "emerging",
    "english learner",
    "english learners",
    "esl",
    "esol",
    "exemplary",
    "gifted",
    "grade",
    "grades",
    "handicapped",
    "iep",
    "intensive",
    "intervention",
    "interventions",
    "level",
    "levels",
    "low performing",
    "lowest",
    "mtss",
    "novice",
    "proficient",
    "pull-out",
    "pullout",
    "rank",
    "ranked",
    "ranking",
    "remedial",
    "remediation",
    "resource room",
    "rti",
    "section 504",
    "sped",
    "special ed",
    "special education",
    "struggling",
    "tier",
    "tiered",
    "tiers",
)

# Grades and levels written as numbers: "6th", "gr. 6", "G6", "L2", "T3", "lvl 2", "K-2".
_NUMBERED = re.compile(
    r"(?<!\w)(?:(?:[1-9]|1[0-2])(?:st|nd|rd|th)|(?:gr\.?|lvl\.?|g|l|t)\s?[0-9]{1,2}|k\s?-\s?[0-9]{1,2})(?!\w)",
    re.IGNORECASE,
)
# Codes of standards: "6.RP.A.1", "RL.6.2", "CCSS.MATH.6", "MGSE6.NS.1".
_CODE = re.compile(
    r"(?<!\w)(?:[0-9]{1,2}\.[A-Z]{1,5}(?:\.\w+)*|[A-Z]{1,8}[0-9]{0,2}(?:\.[0-9A-Z]+)*\.[0-9]+\w*|CCSS[.\w-]*)(?!\w)"
)

# "Of" and "the" may be small within a title that is Written Like This.
SMALL_WORD_LETTERS = 3

NEUTRAL_TITLES = {
    SessionKind.SMALL_GROUP: "Workshop",
    SessionKind.ONE_TO_ONE: "Conference",
    SessionKind.CHECK: "Show what you know",
    SessionKind.ENRICHMENT: "Exploration",
    SessionKind.SERVICE: "Meeting",
    SessionKind.COMMONS: "Commons",
    SessionKind.REASSESSMENT: "Show it again",
}


def refusal(text: str, banned_words: tuple[str, ...] = (), codes: Iterable[str] = ()) -> str | None:
    """Return why a text may not hang in a hall, naming the word; None where it may.

    `banned_words` are the school's, beside the built-in list; `codes` are codes of standards.
    """
    found = _banned_pattern(banned_words).search(text) or _NUMBERED.search(text)
    if found:
        return f'"{found.group(0)}" labels learners'
    coded = _CODE.search(text)
    if coded:
        return f'"{coded.group(0)}" reads like the code of a standard'
    for code in codes:
        if (
            code
            and code.lower() in text.lower()
            and re.search(rf"(?<!\w){re.escape(code)}(?!\w)", text, re.IGNORECASE)
        ):
            return f'"{code}" is the code of a standard'
    return None


def safe_title(
    kind: SessionKind,
    wishes: Iterable[str],
    banned_words: tuple[str, ...],
    codes: Collection[str] = (),
) -> str:
    """Return the first non-empty wish that may hang in a hall, else the kind's neutral title.

    A service always has the neutral one: whatever it is called, its title says who gets a service.
    """
    if kind is SessionKind.SERVICE:
        return NEUTRAL_TITLES[kind]
    for wish in wishes:
        if wish.strip() and refusal(wish, banned_words, codes) is None:
            return wish.strip()
    return NEUTRAL_TITLES[kind]


def in_a_sentence(label: str) -> str:
    """Return a label with a small first letter, as it stands within a sentence.

    It stays as it is where it starts with an acronym or "I", or is written Like a Title.
    """
    head, *rest = label.split() or [""]
    if head == "I" or any(letter.isupper() for letter in head[1:]):
        return label
    capitals = [word for word in rest if word[0].isupper()]
    if capitals and all(word in capitals for word in rest if len(word) > SMALL_WORD_LETTERS):
        return label
    return label[:1].lower() + label[1:]


@lru_cache(maxsize=64)
def _banned_pattern(banned_words: tuple[str, ...]) -> re.Pattern[str]:
    words = sorted({*BANNED_WORDS, *(w.strip().lower() for w in banned_words if w.strip())})
    longest_first = sorted(words, key=len, reverse=True)
    choices = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest_first)
    return re.compile(rf"(?<!\w)(?:{choices})(?!\w)", re.IGNORECASE)
