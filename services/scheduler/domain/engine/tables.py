"""What the engine reads: a week's question as flat arrays of integers, written once.

Dimensions: T times (a slot, or slots that overlap, which count as one), N learners, A adults,
O options (what an adult can hold), C classes (options that are worth the same to every learner,
apart from who leads them), M items of a learner (what seats are counted by: a need, a choice, any
enrichment), G groups of items, R rooms. Values are thousandths of a point.

A learner's week is worth the sum of its seats' values, plus for each item the first seat's bonus
and the further seats' (never greater), plus for each group the bonus of its first seat; an item and
a group have a limit. Groups are nested (`GROUP_PARENT`), so the best week of one learner at given
prices is a tiny flow (`learner_week`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Shorts = NDArray[np.int16]
Flags = NDArray[np.bool_]
Masks = NDArray[np.int64]

BARRED = -1_000_000_000
"""The value of a seat that may not be had; every real value is far above its half."""
FLOOR = BARRED // 2
"""Below every real value, above every barred one whatever is added to it."""
NOBODY = -1
"""No option, no adult, no room."""

PREREQUISITE, HELP, MACHINE, ENRICHMENT, FREE = 0, 1, 2, 3, 4
GROUPS = 5
GROUP_PARENT = np.array([HELP, MACHINE, NOBODY, NOBODY, NOBODY], dtype=np.int32)
"""Help on prerequisites is help, and help is a machine's seat, as a check is."""
MAX_ITEMS = 62
"""Of one learner: sets of items are bits of one number."""


class Tables(NamedTuple):
    """The question; nothing in it changes while the engine runs."""

    present: Flags
    """[T, N] who needs a place from the search."""
    option_adult: Ints
    """[O] options are sorted by adult."""
    option_class: Ints
    """[T, O] NOBODY: the option cannot be held then."""
    option_cap: Ints
    """[O] seats, pinned ones included."""
    option_minimum: Ints
    """[O]"""
    option_room: Ints
    """[O] NOBODY: none is needed."""
    option_preparation: Ints
    """[O] NOBODY: there is nothing to prepare."""
    option_partners: Ints
    """[O, any] the adults who lead with the option's; NOBODY: none."""
    option_session: Ints
    """[O] options of one offer and target have one number: to a learner they are one session."""
    adult_start: Ints
    """[A + 1] where an adult's options begin."""
    adult_load: Ints
    """[A] the most sessions of a week."""
    adult_preparations: Ints
    """[A] the most different preparations of a week."""
    preparations_per_day: int
    day: Ints
    """[T] days are numbered from 0."""
    must_open: Flags
    """[T, A] whether a pin or a lock asks for a session."""
    pinned: Ints
    """[T, A] seats that pins have taken."""
    room_capacity: Ints
    """[T, R] learners that a shared room holds beside those pinned in it."""
    room_shared: Flags
    """[R]"""
    room_count: Ints
    """[T, R] how many rooms alike there are, for sessions that do not share."""
    seat_value: Ints
    """[N, C] BARRED: the learner may not sit there."""
    seat_item: Shorts
    """[N, C]"""
    class_for_all: Flags
    """[C] whether every learner may sit there at any time."""
    class_start: Ints
    """[C + 1] where a class's learners begin in `class_learner`."""
    class_learner: Ints
    learner_start: Ints
    """[N + 1] where a learner's classes begin in `learner_class`."""
    learner_class: Ints
    no_need: Flags
    """[T, N] whether a confirmed choice keeps machine's needs out."""
    known: Ints
    """[N, A] what the adult who leads adds."""
    item_first: Ints
    """[N, M] what an item's first seat adds."""
    item_later: Ints
    """[N, M] what each further seat adds, never more than the first."""
    item_limit: Shorts
    """[N, M]"""
    item_group: Shorts
    """[N, M]"""
    item_adult: Ints
    """[N, M] the adult with whom the item is worth `item_adult_value` more."""
    item_adult_value: Ints
    """[N, M]"""
    item_only: Ints
    """[N, M] the one adult who may serve the item; NOBODY: anyone."""
    item_beside: Masks
    """[N, M] for help on a prerequisite: the items of which one must be in the week; else 0."""
    is_service: Flags
    """[N, M] whether an item is a required service, whose every seat must be given."""
    is_guarded: Flags
    """[N] whether any item is help on a prerequisite."""
    item_used: Shorts
    """[N, M] seats that pins have given."""
    group_limit: Shorts
    """[N, G]"""
    group_first: Ints
    """[N, G] what the first seat of a group adds."""
    apart_start: Ints
    """[N + 1] where a learner's entries begin in `apart_other`."""
    apart_other: Ints
    """Learners who may not share a session or a room."""
    together_start: Ints
    together_other: Ints
    """Learners who do well in one session."""
    together_value: int
    pinned_seat: Ints
    """[T, N] the adult in whose session a pin seats the learner; NOBODY: none."""
    kept_session: Ints
    """[T, N] the session (`option_session`) in which a repair would keep the learner; NOBODY."""
    kept_value: int
    """What it adds that a learner is kept in a session."""
    unplaced: int
    """What it costs that a learner has no place."""
    short: int
    """What it costs that a session has a learner too few, or help on a prerequisite is alone."""

    @property
    def times(self) -> int:
        """T."""
        return int(self.present.shape[0])

    @property
    def learners(self) -> int:
        """N."""
        return int(self.present.shape[1])

    @property
    def adults(self) -> int:
        """A."""
        return int(self.adult_load.shape[0])
