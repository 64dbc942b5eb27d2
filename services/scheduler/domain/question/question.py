"""Writes a snapshot down as the tables that the engine reads, with the way back to ids."""

from dataclasses import dataclass

import numpy as np

from services.scheduler.domain.engine.tables import BARRED, NOBODY, Tables
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.pins import Settled
from services.scheduler.domain.question import holdings, worth
from services.scheduler.domain.question.frame import Frame, frame_of
from services.scheduler.domain.question.items import ItemMaker, Items
from services.scheduler.domain.snapshot_index import SnapshotIndex

SERVICE_SHARE, SHORT_SHARE, UNPLACED_SHARE = 20, 8, 40
"""What a missing service, a learner too few and a learner without a place cost, in dearest seats.

They are far above what any one change can gain, and small enough for the prices to reach them.
"""


@dataclass(frozen=True, kw_only=True)
class Question:
    """The tables, and what their indexes stand for."""

    frame: Frame
    items: tuple[Items, ...]
    """Of each learner."""
    tables: Tables
    service_milli: int
    """What the tables count for a seat of a required service, beside what it is worth."""


def question_of(snapshot: SnapshotIndex, settled: Settled, *, kept_milli: int = 0) -> Question:
    """Return the question of a snapshot whose pins are settled.

    `kept_milli`: what it adds, in a repair, that a learner is kept in a session; which ones that
    are stands in no snapshot, so there are none yet.
    """
    frame = frame_of(snapshot, settled)
    maker = ItemMaker(snapshot)
    items = tuple(
        maker.items_of(
            one.learner_id, len(frame.times.slots), frame.seats_of_services(one.learner_id)
        )
        for one in frame.learners
    )
    classes, option_class = holdings.option_classes(frame)
    places = worth.place_arrays(frame, items, classes)
    counted = worth.item_arrays(frame, items)
    groups = worth.group_arrays(frame, counted["item_used"], counted["item_group"])
    dearest = int(places["seat_value"].max(initial=1))
    dearest += int(counted["item_first"].max(initial=0) + groups["group_first"].max(initial=0))
    dearest += kept_milli
    for number, key in enumerate(classes.keys):
        if key.kind is SessionKind.SERVICE:
            column = places["seat_value"][:, number]
            column[column > BARRED] = dearest * SERVICE_SHARE
    tables = Tables(
        present=frame.present,
        option_class=option_class,
        no_need=worth.kept_from_needs(frame, items),
        known=worth.known_adults(frame),
        kept_session=np.full(frame.present.shape, NOBODY, np.int32),
        kept_value=kept_milli,
        together_value=snapshot.problem.policy.weights.together_milli,
        unplaced=dearest * UNPLACED_SHARE,
        short=dearest * SHORT_SHARE,
        **holdings.option_arrays(frame),
        **holdings.adult_arrays(frame),
        **holdings.room_arrays(frame),
        **holdings.forced_arrays(frame),
        **places,
        **counted,
        **groups,
        **worth.pair_arrays(frame),
    )
    return Question(frame=frame, items=items, tables=tables, service_milli=dearest * SERVICE_SHARE)
