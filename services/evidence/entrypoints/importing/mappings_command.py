"""The command `mappings`: which mappings come with Trellis, and what each says."""

import click
from rich.console import Console
from rich.table import Table

from services.evidence.entrypoints.importing.mapping import MappingError
from services.evidence.entrypoints.importing.shipped import about, find_mapping, shipped_mappings


@click.command("mappings")
@click.option("--show", "shown", metavar="NAME", help="Print this mapping, to copy and change it.")
def mappings_command(shown: str | None) -> None:
    """List the mappings that come with Trellis, for `import FILE --mapping NAME`.

    Each says in its first lines which export of which system it is for, and how sure its columns
    are. To use other columns or a scale of your own, change a field with --set of `import`, or copy
    one and edit it:

    \b
      python -m services.evidence mappings --show canvas_outcomes > ours.yaml
    """  # noqa: D301  (click keeps the lines after this mark as they are)
    if shown is not None:
        try:
            click.echo(find_mapping(shown).read_text(encoding="utf-8"), nl=False)
        except MappingError as error:
            raise click.UsageError(str(error)) from error
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("mapping", no_wrap=True)
    table.add_column("what it reads")
    for name, path in shipped_mappings().items():
        table.add_row(name, about(path))
    Console(markup=False).print(table)
