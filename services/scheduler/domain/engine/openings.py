"""Which sessions are held: what an opening promises at the prices, and what it keeps."""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.holding import hold, kept_there, may_hold, undo
from services.scheduler.domain.engine.seats import settle
from services.scheduler.domain.engine.tables import BARRED, MACHINE
from services.scheduler.domain.engine.worth import refresh_worth

FAR = -(1 << 60)


@njit(cache=True)
def learner_prices(tables, board, t, reduced):
    """Write what each learner has at a time at the prices: the seat's worth less its price."""
    for i in range(reduced.shape[0]):
        if not tables.present[t, i]:
            continue
        if not board.is_worth_fresh[t, i]:
            refresh_worth(tables, board, t, i)
        node = board.seat[t, i]
        reduced[i] = board.worth[t, i, node] - board.price[t, node]


@njit(cache=True)
def class_gains(tables, board, t, reduced, gains):
    """Write what each learner of each class would gain by a free seat there, class by class.

    `reduced` is what `learner_prices` wrote at the same state of the board.
    """
    fill = tables.class_start[:-1].copy()
    starts, classes = tables.learner_start, tables.learner_class
    for i in range(reduced.shape[0]):
        present, kept_out = tables.present[t, i], tables.no_need[t, i]
        adds, here = board.adds[t, i], reduced[i]
        value, item_of, group_of = tables.seat_value[i], tables.seat_item[i], tables.item_group[i]
        for k in range(starts[i], starts[i + 1]):
            group = classes[k]
            item = item_of[group]
            add = adds[item]
            if not present or add <= BARRED or (kept_out and group_of[item] <= MACHINE):
                gains[fill[group]] = BARRED
            else:
                gains[fill[group]] = value[group] + add - here
            fill[group] += 1


@njit(cache=True)
def best_sum(gains, start, end, cap, low, room):
    """Return the sum of the greatest gains: all that are positive up to `cap`, at least `low`."""
    size = 0
    total = np.int64(0)
    if cap == 0:
        return total
    for k in range(start, end):
        if gains[k] > 0:
            room[size] = gains[k]
            total += gains[k]
            size += 1
    if size > cap:
        return np.partition(room[:size], size - cap)[size - cap :].astype(np.int64).sum()
    if size >= low:
        return total
    return total + _least_loss(gains, start, end, low - size)


@njit(cache=True)
def _least_loss(gains, start, end, wanted):
    """Return the sum of the `wanted` greatest gains that are not positive; FAR: too few."""
    total = np.int64(0)
    bar = np.int32(1)
    while wanted > 0:
        best, count = np.int32(BARRED), 0
        for k in range(start, end):
            gain = gains[k]
            if gain >= bar or gain <= BARRED:
                continue
            if gain > best:
                best, count = gain, 1
            elif gain == best:
                count += 1
        if count == 0:
            return np.int64(FAR) // 2
        taken = min(count, wanted)
        total += np.int64(best) * taken
        wanted -= taken
        bar = best
    return total


@njit(cache=True)
def loss_of_closing(tables, board, t, adult):
    """Return what the members of a session lose by their best other seats at the prices."""
    total = np.int64(0)
    nodes = board.filled.shape[1]
    i = board.first[t, adult]
    while i >= 0:
        if not board.is_worth_fresh[t, i]:
            refresh_worth(tables, board, t, i)
        worth = board.worth[t, i]
        best = np.int32(BARRED)
        for h in range(nodes):
            if h != adult and worth[h] > BARRED:
                value = worth[h] - board.entry[t, h]
                if value > best:
                    best = value
        total += worth[adult] - max(board.price[t, adult], 0) - best
        i = board.after[t, i]
    return total + np.int64(max(board.price[t, adult], 0)) * board.cap[t, adult]


@njit(cache=True)
def promises(tables, board, t, score):
    """Write what each option promises at a time instead of what its adult holds.

    FAR: it is barred or promises nothing.
    """
    learners = tables.present.shape[1]
    reduced = np.zeros(learners, np.int32)
    learner_prices(tables, board, t, reduced)
    gains = np.empty(tables.class_learner.shape[0], np.int32)
    class_gains(tables, board, t, reduced, gains)
    room = np.empty(learners, np.int32)
    known = np.full((tables.class_start.shape[0] - 1, 3), FAR, np.int64)
    nowhere = board.filled.shape[1] - 1
    spare = np.int64(0)
    for a in range(nowhere):
        if board.node_class[t, a] >= 0 and tables.class_for_all[board.node_class[t, a]]:
            spare += board.cap[t, a] - board.filled[t, a]
    for adult in range(nowhere):
        loss = loss_of_closing(tables, board, t, adult)
        free = spare
        if board.node_class[t, adult] >= 0 and tables.class_for_all[board.node_class[t, adult]]:
            free -= board.cap[t, adult] - board.filled[t, adult]
        for option in range(tables.adult_start[adult], tables.adult_start[adult + 1]):
            score[option] = FAR
            group = tables.option_class[t, option]
            if group < 0 or option == board.held[t, adult]:
                continue
            cap = max(tables.option_cap[option] - tables.pinned[t, adult], 0)
            low = tables.option_minimum[option]
            if known[group, 0] != cap or known[group, 1] != low:
                known[group, 0] = cap
                known[group, 1] = low
                known[group, 2] = best_sum(
                    gains, tables.class_start[group], tables.class_start[group + 1], cap, low, room
                )
            if known[group, 2] > FAR // 4:
                # Whoever is put out and finds no other place costs more than any price tells.
                lost = max(board.filled[t, adult] - cap - free, 0)
                promised = known[group, 2] - loss - lost * np.int64(tables.unplaced)
                if promised > 0 and may_hold(tables, board, t, option):
                    score[option] = promised


@njit(cache=True)
def try_option(tables, board, t, option, least):
    """Hold an option and settle the time; keep it where the value rises by at least `least`.

    Sessions that are left with too few are given up with it where that makes the difference: or
    nobody could be the last to leave one.
    """
    mark = board.log_size[0]
    before = board.value[0]
    price = board.price[t].copy()
    entry = board.entry[t].copy()
    hold(tables, board, t, tables.option_adult[option], option)
    settle(tables, board, t)
    if board.value[0] >= before + least:
        return True
    if _give_up_short(tables, board, t, tables.option_adult[option]):
        settle(tables, board, t)
        if board.value[0] >= before + least:
            return True
    undo(tables, board, mark)
    board.price[t] = price
    board.entry[t] = entry
    return False


@njit(cache=True)
def _give_up_short(tables, board, t, but):
    """Close the sessions of a time that too few sit in, one adult's apart; return whether any."""
    closed = False
    for adult in range(board.held.shape[1]):
        is_short = board.held[t, adult] >= 0 and board.filled[t, adult] < board.low[t, adult]
        if is_short and adult != but and not tables.must_open[t, adult]:
            hold(tables, board, t, adult, -1)
            closed = True
    return closed


@njit(cache=True)
def promise(tables, board, t, option, gains, room):
    """Return what an option promises at the prices to whoever would come, without what is lost.

    FAR or less: too few could come. `gains` and `room` are room to work in, N each.
    """
    group = tables.option_class[t, option]
    adult = tables.option_adult[option]
    size = 0
    for k in range(tables.class_start[group], tables.class_start[group + 1]):
        i = tables.class_learner[k]
        if not tables.present[t, i]:
            continue
        item = tables.seat_item[i, group]
        if tables.item_only[i, item] >= 0 and tables.item_only[i, item] != adult:
            continue
        if tables.no_need[t, i] and tables.item_group[i, item] <= MACHINE:
            continue
        if not board.is_worth_fresh[t, i]:
            refresh_worth(tables, board, t, i)
        add = board.adds[t, i, item]
        if add <= BARRED:
            continue
        node = board.seat[t, i]
        here = board.worth[t, i, node] - board.price[t, node]
        if tables.item_adult[i, item] == adult:
            add += tables.item_adult_value[i, item]
        value = tables.seat_value[i, group] + kept_there(tables, t, i, option)
        gains[size] = value + tables.known[i, adult] + add - here
        size += 1
    cap = max(tables.option_cap[option] - tables.pinned[t, adult], 0)
    return best_sum(gains, 0, size, cap, tables.option_minimum[option], room)


@njit(cache=True)
def write_promises(tables, board, t, adult, score):
    """Write what each other option of an adult promises at a time; FAR: barred."""
    learners = tables.present.shape[1]
    gains = np.empty(learners, np.int32)
    room = np.empty(learners, np.int32)
    for option in range(tables.adult_start[adult], tables.adult_start[adult + 1]):
        score[option] = FAR
        if option != board.held[t, adult] and may_hold(tables, board, t, option):
            score[option] = max(promise(tables, board, t, option, gains, room), FAR)


@njit(cache=True)
def reopen(tables, board, t, adult, tries, score):
    """Let an adult who holds nothing hold what promises most, trying up to `tries` options."""
    begin, end = tables.adult_start[adult], tables.adult_start[adult + 1]
    if begin == end:
        return False
    write_promises(tables, board, t, adult, score)
    for _ in range(tries):
        option = begin + np.argmax(score[begin:end])
        if score[option] <= 0:
            return False
        score[option] = FAR
        if try_option(tables, board, t, option, 1):
            return True
    return False
