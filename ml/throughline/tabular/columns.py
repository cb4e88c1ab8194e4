"""A plain table as it came: each column numbers or text, blanks kept; and its label.

Text that is numbers ("12.5 %", "$1,200") or days in all but a few cells is read as such: a file says little
about types.
"""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..evaluation.options import NotEnoughDataError

# A share of cells that may fail to parse: typing errors become blanks instead of making a column text.
UNREADABLE_SHARE = 0.02
NUMBER = re.compile(r"^[-+]?[$€£]?\s*(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][-+]?\d+)?\s*[%$€£]?$")
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$")
LARGEST = 3e38  # of float32, which the models see

TRUE_WORDS = frozenset({"true", "yes", "y", "t", "positive"})
FALSE_WORDS = frozenset({"false", "no", "n", "f", "negative"})


@dataclass(frozen=True)
class Column:
    name: str
    values: np.ndarray  # (N,) float64 with NaN, or objects: str or None
    is_text: bool
    source: str = ""  # the column of the table; "" where that is `name`

    @property
    def origin(self) -> str:
        return self.source or self.name

    def at(self, rows: np.ndarray) -> "Column":
        return Column(self.name, self.values[rows], self.is_text, self.source)


@dataclass(frozen=True)
class Label:
    """`values` (K,) 0/1 or numbers, of the rows that have one: `rows` (K,)."""

    values: np.ndarray
    rows: np.ndarray
    is_binary: bool
    positive: str = ""  # the value that counts as 1, as it stands in the table
    note: str = ""


def _numbers(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, np.float64).copy()
    values[~np.isfinite(values)] = np.nan
    return np.clip(values, -LARGEST, LARGEST)


def _number_of(text: str) -> float:
    return float(re.sub(r"[$€£%,\s]", "", text))


def _parts_of_day(name: str, cells: list[str | None]) -> list[Column]:
    """Days since 1970, month, weekday and hour: what repeats can be learnt apart from what goes on."""
    at = np.array(
        [
            np.datetime64("NaT")
            if cell is None or not DAY.match(cell)
            else np.datetime64(re.sub(r"(Z|[+-]\d{2}:?\d{2})$", "", cell).replace(" ", "T"), "s")
            for cell in cells
        ],
        "datetime64[s]",
    )
    return _day_columns(name, at)


def _day_columns(name: str, at: np.ndarray) -> list[Column]:
    blank = np.isnat(at)
    seconds = np.where(blank, 0, at.astype("datetime64[s]").astype(np.int64)).astype(np.float64)
    months = np.where(blank, 0, at.astype("datetime64[M]").astype(np.int64) % 12 + 1)
    days = np.floor(seconds / 86_400)
    parts = {
        name: seconds / 86_400,
        f"{name} (month)": months,
        f"{name} (weekday)": (days + 3) % 7,  # 1 January 1970 was a Thursday; 0 is Monday
        f"{name} (hour)": (seconds - days * 86_400) // 3_600,
    }
    return [
        Column(part, _numbers(np.where(blank, np.nan, each)), False, name) for part, each in parts.items()
    ]


def _text_columns(name: str, cells: list[str | None]) -> list[Column]:
    cells = [None if cell is None or not cell.strip() else cell.strip() for cell in cells]
    filled = [cell for cell in cells if cell is not None]
    allowed = len(filled) * (1 - UNREADABLE_SHARE)
    if filled and sum(bool(DAY.match(cell)) for cell in filled) >= allowed:
        try:
            return _parts_of_day(name, cells)
        except ValueError:  # the shape of a date, but no date: 2020-13-45
            pass
    if filled and sum(bool(NUMBER.match(cell)) and any(map(str.isdigit, cell)) for cell in filled) >= allowed:
        numbers = [
            np.nan
            if cell is None or not NUMBER.match(cell) or not any(map(str.isdigit, cell))
            else _number_of(cell)
            for cell in cells
        ]
        return [Column(name, _numbers(np.array(numbers)), False)]
    return [Column(name, np.array(cells, object), True)]


def read_columns(table: pa.Table) -> list[Column]:
    """A date gives four columns. Raises ValueError for a column of lists or records."""
    columns: list[Column] = []
    for name in table.column_names:
        column = table[name].combine_chunks()
        kind = column.type
        if pa.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
            numbers = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
            columns.append(Column(name, _numbers(numbers), False))
        elif pa.types.is_decimal(kind):
            columns.append(Column(name, _numbers(column.cast(pa.float64()).to_numpy(False)), False))
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
            columns.extend(_text_columns(name, column.to_pylist()))
        elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            columns.extend(_day_columns(name, column.cast(pa.timestamp("s"), safe=False).to_numpy(False)))
        elif pa.types.is_null(kind):
            columns.append(Column(name, np.full(len(column), np.nan), False))
        else:
            raise ValueError(
                f'Column "{name}": expected numbers, text, true/false or dates, got {kind}. Leave it out.'
            )
    return columns


def _binary(cells: np.ndarray, rows: np.ndarray, first: str, second: str, name: str) -> Label:
    """Of two values: the larger number, else the one that says yes, else the rarer."""
    low, high = first.lower(), second.lower()
    note = ""
    try:
        positive = first if float(first) > float(second) else second
    except ValueError:
        if low in TRUE_WORDS or high in FALSE_WORDS:
            positive = first
        elif high in TRUE_WORDS or low in FALSE_WORDS:
            positive = second
        else:
            positive = first if float((cells == first).mean()) <= 0.5 else second
            note = f'"{positive}" counts as yes in "{name}": it is the rarer of "{first}" and "{second}".'
    return Label((cells == positive).astype(np.float64), rows, True, positive, note)


def read_label(table: pa.Table, name: str) -> Label:
    """Two values: yes or no. Numbers of three values or more: a quantity.

    Raises NotEnoughDataError where the column is missing, has one value, or is text of more than two values.
    """
    if name not in table.column_names:
        names = ", ".join(table.column_names)
        raise NotEnoughDataError(f'--label: expected a column of the table, got "{name}". It has: {names}.')
    column = table[name].combine_chunks()
    cells = [None if cell is None else str(cell).strip() for cell in column.to_pylist()]
    is_quantity = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if is_quantity:
        cells = [
            None if cell is None or not np.isfinite(float(cell)) else f"{float(cell):.12g}" for cell in cells
        ]
    rows = np.array([row for row, cell in enumerate(cells) if cell], np.int64)
    known = np.array([cells[row] for row in rows], object)
    # One word in two spellings is one value: TRUE and True.
    spelling = {cell.lower(): cell for cell in reversed(known.tolist())}
    known = np.array([spelling[cell.lower()] for cell in known], object)
    distinct = sorted(set(known.tolist()))
    if len(distinct) < 2:
        raise NotEnoughDataError(
            f'Label "{name}": expected two values or more, got {len(distinct)} '
            f"({', '.join(distinct) or 'all blank'}). Choose another column."
        )
    if len(distinct) == 2:
        return _binary(known, rows, distinct[0], distinct[1], name)
    if not is_quantity:
        parsed = _text_columns(name, known.tolist())
        if len(parsed) > 1 or parsed[0].is_text or np.isnan(parsed[0].values).any():
            some = ", ".join(distinct[:5])
            raise NotEnoughDataError(
                f'Label "{name}": expected two values (yes or no) or numbers, got {len(distinct)} '
                f"values ({some}, …). More than two classes are not modelled: make a column that says "
                f"yes or no for the one that matters."
            )
        values = parsed[0].values
    else:
        values = known.astype(np.float64)
    note = f'"{name}" has {len(distinct)} numbers: it is predicted as a quantity.'
    return Label(values, rows, False, "", note)
