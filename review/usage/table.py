"""The usage board as a table that a spreadsheet opens harmlessly."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict

from review.usage.board import Numbers, UsageBoard

COLUMNS = tuple(name for name in Numbers.__dataclass_fields__ if name != "key")
# A cell that begins so is computed by spreadsheets, also behind spaces that they drop.
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")


def usage_csv(board: UsageBoard) -> str:
    """One row for each day, model, group and end reason, and one for all."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("by", "key", *COLUMNS))
    sections = (
        ("all", [board.total]),
        ("day", board.days),
        ("model", board.models),
        ("group", board.groups),
    )
    for by, numbers in sections:
        for row in numbers:
            cells = asdict(row)
            rows.writerow((by, harmless(row.key), *(cells[name] for name in COLUMNS)))
    for reason, count in board.end_reasons:
        rows.writerow(("end_reason", harmless(reason), count, *[""] * (len(COLUMNS) - 1)))
    return text.getvalue()


def harmless(cell: str) -> str:
    """The text, quoted where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA_BEGINS) else cell
