"""What every rule of a mapping needs of a cell: a whole number, or the error that says why not."""


class RowError(Exception):
    """A cell cannot be read; the message says which and why."""


def whole(what: str, text: str) -> int:
    """Return a whole number of at most 18 digits; raises RowError."""
    stripped = text.strip()
    if not stripped.lstrip("-").isdecimal() or len(stripped) > 18:
        raise RowError(f"{what}: {text[:40]!r} is no whole number")
    return int(stripped)
