"""The table of contents of the commands: what each is for in a few words, by what one wants to do.

    python -m services.evidence --help

A command's own help says the rest. One that stands in no section is listed at the end.
"""

from collections.abc import Mapping
from typing import Final

import click

SECTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "Bring in what systems have": {
        "import-oneroster": "a OneRoster package: a ZIP or a folder of CSV",
        "import-edfi": "Ed-Fi interchange files in XML",
        "import-case": "a framework: a CASE package in JSON",
        "import": "any other CSV, by a mapping",
        "mappings": "the mappings that come with Trellis",
        "import-json": "records in the JSON of POST /v1/evidence",
        "pull": "OneRoster, Ed-Fi and CASE over REST, on a timetable",
    },
    "Say who and what is meant": {
        "import-aliases": "whose ids are whose",
        "import-alignments": "what items are about",
        "source set": "how to read what a source sends",
        "merge-learners": "two records are one person",
        "undo-merge": "they are not",
        "merges": "the merges that there are",
    },
    "Look after what came in": {
        "sources": "which systems send, and what of each is open",
        "quarantine": "what was refused and what waits: list, show, redrive, discard",
        "imports": "imports of whole packages, and which are held",
        "settle-import": "the deletions that an import holds",
        "retract-import": "take back the evidence of an import",
        "export-learner": "the evidence of a learner who moves to another district",
        "call": "any method of the API: the roster, frameworks, records",
    },
    "Run the service": {
        "api": "answer over gRPC and HTTP",
        "relay": "publish to Kafka what is committed",
        "resolver": "take up what has become possible",
        "quick-checks": "take what was noted in sessions in as evidence",
        "migrate": "bring the database up to date",
        "rebase-relay": "let relays begin anew after a restore onto another server",
    },
}


class Contents(click.Group):
    """A group whose help lists its commands by section."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list for each section, then commands that stand in none."""
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl(list(commands.items()))
        told = {name.partition(" ")[0] for commands in SECTIONS.values() for name in commands}
        others = [name for name in self.list_commands(ctx) if name not in told]
        if others:
            with formatter.section("Others"):
                formatter.write_dl([(name, self._words(ctx, name)) for name in others])

    def _words(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return "" if command is None else command.get_short_help_str()
