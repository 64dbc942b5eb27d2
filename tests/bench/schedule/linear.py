"""A linear program in whole numbers, in the plainest form that every solver reads."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Linear:
    """Maximise the costs of columns within rows; every column is a whole number."""

    costs: list[int] = field(default_factory=list)
    uppers: list[int] = field(default_factory=list)
    """The least of every column is 0."""
    rows: list[tuple[int | None, int | None, list[int], list[int]]] = field(default_factory=list)
    """Least, most, columns, coefficients; None where a side is open."""

    def column(self, cost: int = 0, upper: int = 1) -> int:
        """Add a column and return its number."""
        self.costs.append(cost)
        self.uppers.append(upper)
        return len(self.costs) - 1

    def row(self, least: int | None, most: int | None, *parts: tuple[int, Iterable[int]]) -> None:
        """Add a row; each part is a coefficient and the columns that have it."""
        columns: list[int] = []
        numbers: list[int] = []
        for number, group in parts:
            for column in group:
                columns.append(column)
                numbers.append(number)
        if columns:
            self.rows.append((least, most, columns, numbers))
        elif (least or 0) > 0 or (most is not None and most < 0):
            raise ValueError("a row without columns cannot be met")
