"""A school's policy by command, over a real gRPC server: shown, changed, refused by field."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from trellis.scheduler.v1 import scheduler_service_pb2 as messages

from services.scheduler.__main__ import main
from services.scheduler.adapters.contract_document import to_yaml
from services.scheduler.adapters.policy_document import policy_document, read_policy
from services.scheduler.adapters.wire import settings as wire
from services.scheduler.domain.errors import PolicyChangedError
from services.scheduler.domain.model import Scope
from tests.support.schedules import DISTRICT, SCHOOL
from tests.support.school_data import PARENT, SchoolApi, a_whole_policy
from tests.support.schools import a_problem

EXAMPLE = Path(__file__).parents[3] / "docs/examples/school-policy.yaml"
FILE = """\
school_display_name: North Middle School
time_zone: America/New_York
slots:
  - slot_id: mon-1
    iso_weekday: 1
    start_clock: 10:20
    end_clock: 11:00
    own_choice: true
    subject: math
    scope: {grades: ["6"], tags: [lunch-a]}
small_group_cap: 4
own_choice_seats_per_week: 0
banned_words: [blue group]
tiers:
  - {tier_id: "3", cap: 3, below_level_milli: 1500}
  - {tier_id: "2", cap: 6, from_level_milli: 1500, fits: [{tier_id: "3", share_milli: 250}]}
weights: {essential_milli: 3000, choice_ranks_milli: [400, 0]}
"""


@pytest.fixture
def api():
    """Give a school that has no policy yet."""
    return SchoolApi(a_problem())


@pytest.fixture
async def command(api, tmp_path):
    """Give a function that runs `school-policy` as somebody."""
    async with api.served() as target:

        async def run(*arguments, who="office", answer=None):
            token = tmp_path / f"{who}.token"
            token.write_text(who)
            words = ["school-policy", *(str(one) for one in arguments)]
            where = ["--target", target, "--token-file", str(token)]
            invoked = await asyncio.to_thread(
                CliRunner().invoke, main, [*words, *where], input=answer, catch_exceptions=False
            )
            return invoked.exit_code, invoked.output

        yield run


@pytest.fixture
def file(tmp_path):
    """Give a function that writes a policy file."""

    def write(text, name="policy.yaml"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


async def standing(api):
    """Return the policy of the school."""
    async with api.store.snapshot(DISTRICT) as view:
        return await view.policies.of(SCHOOL)


async def test_a_policy_is_put_with_every_kind_of_number(api, command, file):
    """Slots that say who owns them, numbers, tiers, weights; what is left out is the default."""
    code, said = await command("show", PARENT)
    assert (code, "has no policy yet" in said) == (1, True)
    code, said = await command("put", PARENT, file(FILE), "--yes")
    assert code == 0, said
    assert "Version 1 stands" in said
    policy = await standing(api)
    (slot,) = policy.slots
    assert f"{slot.start:%H:%M}-{slot.end:%H:%M}" == "10:20-11:00"
    assert (slot.own_choice, slot.subject) == (True, "math")
    assert slot.scope == Scope(grades=("6",), tags=("lunch-a",))
    numbers = policy.numbers
    assert (numbers.small_group_cap, numbers.own_choice_seats_per_week) == (4, 0)
    assert [(one.tier_id, one.cap) for one in numbers.tiers] == [("3", 3), ("2", 6)]
    assert numbers.tiers[1].fits[0].share_milli == 250
    assert numbers.weights.essential_milli == 3000
    assert numbers.weights.choice_ranks_milli == (400, 0)
    assert numbers.check_cap == 8


async def test_the_example_of_the_documentation_can_be_put(api, command):
    """Whoever copies it has a policy."""
    code, said = await command("put", PARENT, EXAMPLE, "--yes")
    assert code == 0, said
    assert [one.slot_id for one in (await standing(api)).slots] == ["mon-1", "mon-2", "wed-lunch"]


async def test_a_change_is_shown_and_asked_for(api, command, file):
    """No is no; what is left out goes back to its default, and the table says so."""
    await command("put", PARENT, file(FILE), "--yes")
    changed = file(FILE.replace("small_group_cap: 4\n", "check_cap: 6\n"))
    code, said = await command("put", PARENT, changed, answer="n\n")
    assert code == 1
    lines = {line.split()[0]: line for line in said.splitlines() if line.strip()}
    assert lines["small_group_cap"].split() == ["small_group_cap", "4", "5", "(default)"]
    assert lines["check_cap"].split() == ["check_cap", "8", "6"]
    assert "essential" not in said
    assert "Nothing was put." in said
    assert (await standing(api)).version == 1
    code, said = await command("put", PARENT, changed, "--dry-run")
    assert (code, "could be put as version 2; nothing was kept" in said) == (0, True)
    assert (await standing(api)).version == 1
    code, _ = await command("put", PARENT, changed, answer="y\n")
    assert (code, (await standing(api)).version) == (0, 2)
    code, said = await command("put", PARENT, changed)
    assert (code, "That is the policy already, version 2" in said) == (0, True)


async def test_the_order_of_tiers_is_a_change(api, command, file):
    """A need looks for its own tier from the first on."""
    await command("put", PARENT, file(FILE), "--yes")
    lines = FILE.splitlines(keepends=True)
    first = next(place for place, one in enumerate(lines) if 'tier_id: "3", cap' in one)
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    code, said = await command("put", PARENT, file("".join(lines)), "--yes")
    assert code == 0, said
    assert "tiers" in said
    assert [one.tier_id for one in (await standing(api)).numbers.tiers] == ["2", "3"]


async def test_what_is_shown_can_be_put_again(api, command, file):
    """The document holds what is not the default; as YAML and as JSON it says the same policy."""
    await command("put", PARENT, file(FILE), "--yes")
    _, shown = await command("show", PARENT, "--document")
    assert "check_cap" not in shown
    assert "waiting_step_milli" not in shown
    code, said = await command("put", PARENT, file(shown, "again.yaml"))
    assert (code, "That is the policy already" in said) == (0, True)
    _, shown = await command("show", PARENT, "--json")
    assert json.loads(shown)["check_cap"] == 8
    code, said = await command("put", PARENT, file(shown, "again.json"))
    assert (code, "That is the policy already" in said) == (0, True)
    _, shown = await command("show", PARENT)
    lines = {line.split()[0]: line.split() for line in shown.splitlines() if line.strip()}
    assert lines["small_group_cap"] == ["small_group_cap", "4", "5"]
    assert lines["check_cap"] == ["check_cap", "8"]
    assert lines["weights.essential_milli"][1] == "3000"


def test_a_policy_of_which_nothing_is_the_default_is_a_document():
    """Every field of the contract can be said in a file, and comes back from one."""
    policy = a_whole_policy()
    for whole in (True, False):
        text = to_yaml(policy_document(policy, whole=whole))
        read = read_policy(text, (DISTRICT, SCHOOL), is_json=False)
        assert replace(read, version=policy.version) == policy


FAULTS = [
    ("small_group_cap: 4", "small_group_kap: 4", ["small_group_kap is no field. Did you mean"]),
    ("small_group_cap: 4", "small_group_cap: 4.5", ["small_group_cap is no whole number."]),
    ("small_group_cap: 4", "small_group_cap: 900", ["small_group_cap is 900. Send 0 to 100."]),
    ("own_choice: true", "own_choice: 3", ["slots[0].own_choice is neither yes nor no."]),
    ('tier_id: "2"', "tier_id: 2", ["tiers[1].tier_id is no text. Put it in quotes."]),
    ("[blue group]", "blue group", ["banned_words is no list."]),
    ("start_clock: 10:20", "start_clock: 25:20", ["slots[0].start_clock"]),
    ("America/New_York", "Mars/Olympus", ["time_zone is no time zone. Send an IANA name"]),
    ("weights: {", "weights: {essential_milli: 1, ", ["comes twice"]),
    ("slots:", "name: x\nversion: 3\nslots:", ["name is no field.", "version is no field."]),
]


@pytest.mark.parametrize(("before", "after", "told"), FAULTS)
async def test_a_file_that_says_no_policy_is_told_by_field(api, command, file, before, after, told):
    """What is wrong stands with its place and what to do; nothing is sent."""
    assert before in FILE
    code, said = await command("put", PARENT, file(FILE.replace(before, after, 1)), "--yes")
    assert code == 1
    for words in told:
        assert words in said
    assert await standing(api) is None


async def test_who_may_not_change_the_school_is_refused(api, command, file):
    """The service decides; the command says what it said."""
    code, said = await command("put", PARENT, file(FILE), "--yes", who="teacher")
    assert (code, "NOT_ALLOWED" in said) == (3, True)
    assert await standing(api) is None


async def test_a_policy_that_somebody_else_has_changed_is_not_replaced(api, command, file):
    """The version that was looked at goes with it; another one stands, so nothing is kept."""
    await command("put", PARENT, file(FILE), "--yes")
    office = api.as_("office")
    message = wire.policy_to(DISTRICT, replace(await standing(api), version=0))
    message.small_group_cap = 3
    request = messages.UpdatePolicyRequest(policy=message, expected_version=0)
    with pytest.raises(PolicyChangedError):
        await office.UpdatePolicy(request)
    assert (await standing(api)).numbers.small_group_cap == 4
    request.expected_version = 1
    assert (await office.UpdatePolicy(request)).policy.version == 2
