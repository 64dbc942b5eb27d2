"""Run by `helm test` in the cluster: says whether each API is ready and a page comes."""

import sys
import urllib.error
import urllib.request
from typing import Final

import click

SECONDS: Final = 5.0


def problem(url: str) -> str | None:
    """Return what is wrong with an answer; None when it is well."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS):  # noqa: S310  (the chart's own addresses)
            return None
    except urllib.error.HTTPError as error:
        said = error.read(1_024).decode("utf-8", "replace")
        return f"it answers {error.code}: {said}"
    except OSError as error:
        return f"it does not answer: {error}"


@click.command()
@click.option("--ready", multiple=True, help="Address that says whether a process is ready.")
@click.option("--page", multiple=True, help="Address of a page.")
def main(ready: tuple[str, ...], page: tuple[str, ...]) -> None:
    """Look at each address once; exit 1 where one is not well."""
    failed = False
    for url in (*ready, *page):
        found = problem(url)
        failed = failed or found is not None
        click.echo(f"{'ok  ' if found is None else 'FAIL'} {url}{f': {found}' if found else ''}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(prog_name="python -m deploy.kubernetes.smoke")
