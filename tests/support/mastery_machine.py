"""The state machine of mastery: everything that may happen to evidence, in any order.

The model is the list of facts that were ever published, the epochs and the policies; what should
follow from them is worked out anew, plainly, each time. The system under test is in memory or in
PostgreSQL (`mastery_systems/`). What holds at all times: the state is that of a fold of the same
facts, shuffled, from nothing; its rows are the plain account's; readings by the default policy are
those of the second implementation; versions and offsets never fall; a rebuild is no other state.

A new kind of change is a rule here, and where it decides what stands, a part of the account.
"""

from __future__ import annotations

import random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.mastery.domain.errors import (
    BeforeRetentionError,
    EpochTooEarlyError,
    SealRefusedError,
)
from services.mastery.handlers.policies import NewPolicy, PolicyCache, put_policy
from services.mastery.handlers.readings import get_masteries
from tests.support import mastery_agreement as agreement
from tests.support.mastery_account import Account, accepted, time_us
from tests.support.mastery_agreement import DisagreementError, agree
from tests.support.mastery_draws import (
    ALIGNED,
    COMPETENCIES,
    DIFFICULTIES,
    ENTITIES,
    EPOCHS_MOST,
    FACTS_MOST,
    LATEST_SECONDS,
    LEARNER,
    LEARNERS,
    POLICIES,
    POLICIES_US,
    PUBLISHED_US,
    REFERENCES,
    SECONDS,
    SEEDS,
    SIZES,
    START_US,
    WORKS,
    a_sitting,
    an_epoch,
    policy_at,
)
from tests.support.mastery_events import DAY_SECONDS, DISTRICT
from tests.support.mastery_ledger import PlainLedger

CORRECTED = 5
"""Pieces that are corrected at once while a worker sleeps."""
SEALS_MOST = 2
REPEATED = 40
"""Facts that come again after a seal."""
HORIZONS = (1, 86_400, 100_000, 11 * DAY_SECONDS)
"""Seconds after the start, between the moments of work and on one of them."""


class MasteryMachine(RuleBasedStateMachine):
    """Drives a system; `run` runs a coroutine to its end."""

    def __init__(self, system, run):
        super().__init__()
        self.system = system
        self._run = run
        self.ledger = PlainLedger()
        self.waiting = []
        self.published = 0
        self.rebuilt_from = []
        self.new_epochs = []
        self.epochs = []
        self.seals = []
        self.lifted = []
        self.policies = []
        self.clock_us = POLICIES_US
        self.offset = 0
        self.versions = {}
        self.changed = False
        self.rebuilt = False
        self.failed = False

    def do(self, coroutine):
        """Run a coroutine; after a failure nothing more is checked."""
        try:
            return self._run(coroutine)
        except DisagreementError:
            self.failed = True
            raise
        except Exception as error:
            self.failed = True
            raise DisagreementError(f"nothing fails; {error!r}") from error

    @property
    def may_send(self):
        """Whether more facts may come."""
        return len(self.ledger.facts) < FACTS_MOST

    # What sources and people say.

    @precondition(lambda self: self.may_send)
    @rule(entity=st.sampled_from(ENTITIES), learner=LEARNER, work=WORKS)
    def send(self, entity, learner, work):
        """Let a source send a piece of work, or correct anything of one."""
        self.ledger.send(entity, learner=learner, work=work)

    @precondition(lambda self: self.ledger.standing)
    @rule(data=st.data(), work=WORKS, learner=LEARNER, version=st.integers(1, 4))
    def send_some_version(self, data, work, learner, version):
        """Let a source send a version that may be stale, or as high as the one that stands."""
        self.ledger.send(self._any_entity(data), learner=learner, work=work, version=version)

    @precondition(lambda self: self.may_send)
    @rule(
        learner=LEARNER,
        competency=st.sampled_from(COMPETENCIES),
        size=st.sampled_from((3, 34, 40)),
        quiz=st.integers(1, 3),
        external=st.booleans(),
        seconds=SECONDS,
        seed=SEEDS,
    )
    def send_a_quiz(self, learner, size, **drawn):
        """Send a sitting of many items: more than a window holds, or an external test."""
        for entity, work in a_sitting(size, learner=learner, **drawn):
            self.ledger.send(entity, learner=learner, work=work)

    @precondition(lambda self: self.ledger.standing)
    @rule(data=st.data(), size=st.integers(1, 6))
    def withdraw(self, data, size):
        """Withdraw the newest pieces, or any others."""
        newest = sorted(self.ledger.standing, key=self._moment, reverse=True)
        begin = data.draw(st.integers(0, len(newest) - 1))
        for entity in newest[begin : begin + size]:
            self.ledger.withdraw(entity)

    @precondition(lambda self: self.ledger.standing)
    @rule(data=st.data(), seconds=SECONDS)
    def retime(self, data, seconds):
        """Correct when the work was done, and nothing else."""
        entity = self._any_entity(data)
        one = self.ledger.standing[entity]
        self.ledger.send(entity, learner=one.named, work=one.work | {"seconds": seconds})

    @precondition(lambda self: self.ledger.standing)
    @rule(data=st.data(), competencies=ALIGNED)
    def realign(self, data, competencies):
        """Align an item with other competencies: a fact of the same version follows."""
        self.ledger.realign(self._any_entity(data), competencies)

    @precondition(lambda self: self.ledger.standing)
    @rule(data=st.data(), learner=LEARNER)
    def change_learner(self, data, learner):
        """Correct whose work it was."""
        entity = self._any_entity(data)
        self.ledger.send(entity, learner=learner, work=self.ledger.standing[entity].work)

    @precondition(lambda self: self.may_send)
    @rule(learner=LEARNER, into=LEARNER)
    def merge(self, learner, into):
        """Make two learners one: the work of one is retracted and recorded for the other."""
        self.ledger.merge(learner, into)

    @precondition(lambda self: self.ledger.into)
    @rule(learner=LEARNER)
    def undo_merge(self, learner):
        """Undo a merge: they were two after all."""
        self.ledger.undo(learner)

    # What the topic and the workers do.

    @rule(size=SIZES, again=st.integers(0, 5), seed=SEEDS)
    def relay(self, size, again, seed):
        """Bring some facts to the topic, in no order, and some of them again."""
        self._relay(random.Random(seed), size, again)

    def _relay(self, chance, size, again=0):
        self._take_published()
        chance.shuffle(self.waiting)
        coming, self.waiting = self.waiting[:size], self.waiting[size:]
        if self.system.topic:
            coming += chance.choices(self.system.topic, k=again)
        chance.shuffle(coming)
        self.system.relay(coming)

    @rule(worker=st.integers(0, 1), size=SIZES)
    def consume(self, worker, size):
        """Let a worker apply a chunk: the next one, or one that the other has applied meanwhile."""
        self.changed = True
        self.do(self.system.consume(worker, size))

    @rule(worker=st.integers(0, 1))
    def rebalance(self, worker):
        """Give a worker the partition: it asks where to go on."""
        self.do(self.system.rebalance(worker))

    @precondition(lambda self: self.may_send and self.ledger.standing)
    @rule(sleeper=st.integers(0, 1), size=st.integers(1, 30), more=st.integers(1, 60), seed=SEEDS)
    def come_back(self, sleeper, size, more, seed):
        """Pause a worker, let the other go on with corrections, and let it come back."""
        chance = random.Random(seed)
        self._correct_some(chance)
        self.do(self.system.consume(sleeper, FACTS_MOST))
        self._correct_some(chance)
        self.do(self.system.rebalance(1 - sleeper))
        self.do(self.system.consume(1 - sleeper, size))
        self.do(self._check_state())
        self._correct_some(chance)
        # It has no word of all this, and goes on with what it had fetched.
        for some in (1, more):
            self.do(self.system.consume(sleeper, some))
            self.do(self._check_state())

    def _correct_some(self, chance):
        """Correct the score of some pieces, and bring all that is published to the topic."""
        known = sorted(self.ledger.standing)
        for entity in chance.sample(known, min(CORRECTED, len(known))):
            one = self.ledger.standing[entity]
            work = one.work | {"score": chance.choice((0, 10_000, 30_000))}
            self.ledger.send(entity, learner=one.named, work=work)
        self._relay(chance, FACTS_MOST)

    @rule()
    def settle(self):
        """Publish all that is marked."""
        self.do(self.system.settle())

    @rule()
    def rebuild(self):
        """Build the state anew from the ledger, and swap it in."""
        self.do(self._rebuild())

    async def _rebuild(self):
        is_caught_up = self._is_caught_up() and await self.system.offset() == len(self.system.topic)
        report = await self.system.rebuild(self.ledger.facts)
        is_same = all(one.is_folded for one in self.epochs) and not self.lifted
        if is_caught_up and is_same:
            agree("a rebuild is no other state", report.comparisons, report.is_equal, True)
            agree("a rebuild is no other state", "marks", report.changed_keys, 0)
        self.rebuilt_from = list(self.ledger.facts)
        for one in self.epochs:
            one.is_folded = True
        self.seals = [one for one in self.seals if one.seq not in self.lifted]
        self.lifted = []
        self.changed = self.rebuilt = True

    # What a district chooses.

    @precondition(lambda self: len(self.epochs) < EPOCHS_MOST)
    @rule(
        seconds=SECONDS,
        items=DIFFICULTIES,
        references=REFERENCES,
        reference_d64=st.integers(-50, 50),
        quiz_milli=st.sampled_from((250, 1_000)),
        weights_alone=st.booleans(),
        retroactive=st.booleans(),
    )
    def publish_epoch(self, weights_alone, retroactive, **drawn):
        """Publish an epoch: ahead of all work it counts at once, else after a rebuild or never."""
        new, plain = an_epoch(self.epochs, weights_alone, retroactive, **drawn)
        self.do(self._publish(new, plain, self.system.publish(new, now_us=PUBLISHED_US)))

    async def _publish(self, new, plain, publishing):
        """Publish, and hold against what the folded work allows."""
        reaches = any(
            time_us(event) >= new.effective_us
            for event in Account(accepted(await self._folded(), self._closings())).live
        )
        try:
            made = await publishing
        except EpochTooEarlyError:
            refused = reaches and not new.allow_retroactive
            agree("an epoch reaches no folded work", new, "refused", "refused" if refused else "")
            return
        agree("an epoch reaches no folded work", new, made.is_folded, not reaches)
        plain.is_folded = made.is_folded
        self.epochs.append(plain)
        self.new_epochs.append(new)
        self.changed = True

    @precondition(lambda self: self.ledger.standing and len(self.seals) < SEALS_MOST)
    @rule(seconds=st.sampled_from(HORIZONS), seed=SEEDS)
    def seal(self, seconds, seed):
        """Close old work when all that is known is folded, prune it, and bring some of it again."""
        self.do(self._seal(START_US + seconds * 1_000_000))
        self._relay(random.Random(seed), 0, REPEATED)
        self.do(self.system.consume(0, REPEATED))

    async def _seal(self, horizon_us):
        await self._take_all()
        is_later = all(one.horizon_us < horizon_us for one in self.seals)
        try:
            made = await self.system.seal(horizon_us)
        except SealRefusedError:
            agree("horizons rise", horizon_us, is_later, False)
            return
        agree("horizons rise", horizon_us, is_later, True)
        highest = max(event.ledger_position for event in self.ledger.facts)
        agree("a seal knows all that is folded", made, made.ledger_position, highest)
        self.seals.append(made)
        self.changed = True

    @precondition(lambda self: len(self.seals) > len(self.lifted))
    @rule()
    def lift_a_seal(self):
        """Take the newest seal out of the next rebuild; until then it holds."""
        newest = max(one.seq for one in self.seals if one.seq not in self.lifted)
        self.do(self._lift(newest))

    async def _lift(self, newest):
        agree("the newest seal is lifted", newest, await self.system.lift(), newest)
        self.lifted.append(newest)

    @rule(document=POLICIES, hours=st.integers(0, 3))
    def put_policy(self, document, hours):
        """Put a policy: it reads anew and folds nothing."""
        self.do(self._put_policy(document, hours))

    async def _put_policy(self, document, hours):
        before = await self.system.state_hash()
        self.clock_us += 3_600_000_000
        new = NewPolicy(
            district=DISTRICT,
            document=document,
            effective_us=self.clock_us + hours * 3_600_000_000,
            note=f"number {len(self.policies) + 1}",
            actor="office",
        )
        made = await put_policy(new, now_us=self.clock_us, policies=self.system.policies)
        agree("policies are numbered", new, made.version, len(self.policies) + 1)
        self.policies.append((made.effective_us, document))
        agree("a policy changes no state", document, await self.system.state_hash(), before)

    # What has to hold.

    @invariant()
    def is_one_state_in_any_order(self):
        """Hold the hash against that of the same facts, shuffled, from nothing; nothing falls."""
        if self.changed and not self.failed:
            self.do(self._check_state())
            self.changed = False

    async def _check_state(self):
        offset, versions = await self.system.offset(), await self.system.versions()
        agree("offsets never fall", offset, offset >= self.offset, True)
        fallen = [key for key, one in self.versions.items() if versions.get(key, -1) < one]
        agree("versions never fall", "masteries", fallen, [])
        # A rebuilt row may have come to a higher version by itself, and is the same as it was.
        risen = [key for key, one in versions.items() if one > self.versions.get(key, -1)]
        marked = set(risen) if self.rebuilt else await self.system.marked()
        agree(
            "what changes is marked", "masteries", [key for key in risen if key not in marked], []
        )
        self.rebuilt = False
        self.offset, self.versions = offset, versions
        facts = await self._folded()
        terms = self._epochs_asked_for(), self.seals
        await agreement.of_orders(self.system, facts, terms, random.Random(len(facts)))

    @rule()
    def look_at_sums(self):
        """Hold the rows against the plain account."""
        if self.system.is_exact:
            self.do(self._check_account())

    async def _check_account(self):
        facts = await self._folded()
        await agreement.of_rows(self.system, facts, self.epochs, self._closings())

    @rule(learner=LEARNER, competency=st.sampled_from(COMPETENCIES), seconds=SECONDS)
    def look_back(self, learner, competency, seconds):
        """Hold a mastery as of a time against the second implementation of the work until then."""
        as_of_us = START_US + (seconds + 10) * 1_000_000
        self.do(self._check_readings([(learner, competency)], as_of_us))

    @rule(learner=LEARNER, competency=st.sampled_from(COMPETENCIES), days=st.integers(0, 2))
    def look_now(self, learner, competency, days):
        """Read a mastery as of now, by the policy that is in force."""
        as_of_us = self.clock_us + days * DAY_SECONDS * 1_000_000
        self.do(self._check_readings([(learner, competency)], as_of_us))

    async def _check_readings(self, keys, as_of_us):
        # The second implementation knows no epochs.
        is_plain = all(not one.is_folded or one.effective_us > as_of_us for one in self.epochs)
        if not self.system.is_exact or not is_plain:
            return
        horizon_us = max((one.horizon_us for one in self.seals), default=as_of_us)
        try:
            found = await get_masteries(
                DISTRICT, keys, as_of_us=as_of_us, facts=self.system.facts, policies=PolicyCache()
            )
        except BeforeRetentionError:
            agree("closed work is not read piece by piece", as_of_us, as_of_us < horizon_us, True)
            return
        agree("closed work is not read piece by piece", as_of_us, as_of_us < horizon_us, False)
        version, document = policy_at(self.policies, as_of_us)
        facts = accepted(await self._folded(), self._closings())
        for one in found.masteries:
            agree("the policy of the time", as_of_us, one.mastery.policy_version, version)
            agreement.of_reading(one, facts, as_of_us, document)

    def teardown(self):
        """Let everything arrive, look at everything, and build it anew."""
        if not self.failed:
            self.do(self._finish())

    async def _finish(self):
        await self._take_all()
        await self._check_all()
        await self._rebuild()
        await self._check_all()

    async def _check_all(self):
        await self._check_state()
        if self.system.is_exact:
            await self._check_account()
        keys = [(learner, one) for learner in LEARNERS for one in COMPETENCIES]
        await self._check_readings(keys, START_US + (LATEST_SECONDS + DAY_SECONDS) * 1_000_000)

    # The model.

    async def _folded(self):
        """Return all facts that the state should hold: below the offset, or of the rebuild."""
        return self.rebuilt_from + self.system.topic[: await self.system.offset()]

    def _is_caught_up(self):
        """Return whether all that was published is in the topic."""
        return not self.waiting and self.published == len(self.ledger.facts)

    def _closings(self):
        """Return the seals as the plain account takes them."""
        return [(one.horizon_us, one.ledger_position) for one in self.seals]

    async def _take_all(self):
        """Let everything that was published arrive, and be folded."""
        self._take_published()
        self.system.relay(self.waiting)
        self.waiting = []
        for worker in (0, 1):
            while self.system.workers[worker].position < len(self.system.topic):
                await self.system.consume(worker, 50)

    def _take_published(self):
        self.waiting += self.ledger.facts[self.published :]
        self.published = len(self.ledger.facts)

    def _epochs_asked_for(self):
        return [
            (new, plain.is_folded) for new, plain in zip(self.new_epochs, self.epochs, strict=True)
        ]

    def _any_entity(self, data):
        return data.draw(st.sampled_from(sorted(self.ledger.standing)))

    def _moment(self, entity):
        return self.ledger.standing[entity].work["seconds"], entity
