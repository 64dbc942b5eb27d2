"""The commands `merge-learners`, `undo-merge` and `merges`: two records of one person.

Exit codes: 0 done, 2 the command cannot be used so, 3 the service refused it or could not be
reached.
"""

from typing import Any, Final

import click
from rich.console import Console
from trellis.roster.v1 import roster_service_pb2

from services.evidence.entrypoints.commands.calls import PAGE_SIZE, Service, every_page, run
from services.evidence.entrypoints.commands.layout import minute
from services.evidence.entrypoints.commands.naming import is_name, learner_names
from services.evidence.entrypoints.commands.plain import as_json, plain
from services.evidence.entrypoints.importing.target import target_from, target_options

Merge = roster_service_pb2.Merge

MOST_MERGES: Final = 1_000_000


@click.command("merge-learners")
@click.argument("learner")
@click.argument("into")
@click.option("--note", required=True, help="Why, in at most 500 characters; kept with the merge.")
@target_options
def merge_learners_command(learner: str, into: str, note: str, **options: Any) -> None:  # noqa: ANN401
    """Say that two learners are one person: the evidence of LEARNER counts for INTO from now on.

    Each is a name as districts/…/learners/…, SOURCE:ID as in sis:1042, or KIND:VALUE as in
    email:ana@example.org. The evidence that there is moves within seconds, what comes later goes
    where it belongs, and `undo-merge` takes all of it back.
    """

    async def work(service: Service) -> Merge:
        first, second = await learner_names(service, learner, into)
        response = await service.call(
            service.roster.MergeLearners,
            roster_service_pb2.MergeLearnersRequest(learner=first, into=second, note=note),
        )
        kept: Merge = response.merge
        return kept

    merge = run(target_from(options), work)
    click.echo(
        f"Merge {_id(merge.name)}: the evidence of {learner} counts for {into}."
        f" `undo-merge {_id(merge.name)}` takes it back."
    )


@click.command("undo-merge")
@click.argument("merge")
@target_options
def undo_merge_command(merge: str, **options: Any) -> None:  # noqa: ANN401
    """Say that a merge was wrong: each learner has again what its own aliases say.

    MERGE is its id as `merges` lists it, or its whole name.
    """

    async def work(service: Service) -> Merge:
        request = roster_service_pb2.UndoMergeRequest(name=await _name(service, merge))
        response = await service.call(service.roster.UndoMerge, request)
        kept: Merge = response.merge
        return kept

    undone = run(target_from(options), work)
    click.echo(
        f"Merge {_id(undone.name)} is undone:"
        f" {_id(undone.learner)} and {_id(undone.into)} are two again."
    )


async def _name(service: Service, merge: str) -> str:
    if is_name(merge):
        return merge
    request = roster_service_pb2.ListMergesRequest(page_size=PAGE_SIZE)
    found = await every_page(service, service.roster.ListMerges, request, "merges", MOST_MERGES)
    for one in found:
        if one.name.endswith(f"/{merge}"):
            name: str = one.name
            return name
    raise click.UsageError(f"there is no merge {merge}: `merges` lists those that there are")


@click.command("merges")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json_", is_flag=True, help="Print JSON.")
@target_options
def merges_command(limit: int, as_json_: bool, **options: Any) -> None:  # noqa: ANN401
    """List merges of learners, undone ones too, newest first."""
    request = roster_service_pb2.ListMergesRequest(page_size=PAGE_SIZE)

    async def work(service: Service) -> list[Merge]:
        return await every_page(service, service.roster.ListMerges, request, "merges", limit)

    found = run(target_from(options), work)
    if as_json_:
        click.echo(as_json([plain(one) for one in found]))
    else:
        _print(found)


def _print(found: list[Merge]) -> None:
    console = Console(highlight=False, markup=False)
    for one in found:
        console.print(f"{_id(one.name)}  {minute(one.merge_time)} by {one.actor}: {one.note}")
        console.print(f"    {_id(one.learner)} counts for {_id(one.into)}")
        if one.HasField("undo_time"):
            console.print(f"    undone {minute(one.undo_time)} by {one.undo_actor}", style="dim")
        elif one.moving:
            console.print("    evidence is still moving", style="dim")
    console.print(f"{len(found):,} merges; times are in UTC.")


def _id(name: str) -> str:
    """Return the last part of a resource name, which is what people type."""
    return name.rpartition("/")[2]
