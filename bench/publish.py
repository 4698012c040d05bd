"""`publish`: what was measured last goes into `docs/performance.md`, its plots into docs/images.

Between `<!-- figures: PART -->` and `<!-- end -->` that page is written here; the rest is prose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from bench import bar, bystanders, crowd, database, page, plot, start, table
from scripts.install import ROOT

DOCUMENT: Final = ROOT / "docs" / "performance.md"
IMAGES: Final = ROOT / "docs" / "images"
_PLACE: Final = "<!-- figures: {} -->\n(.*?)<!-- end -->"


def publish(results: Path) -> list[str]:
    """Write every part that was measured; returns their names."""
    text, written = DOCUMENT.read_text(), []
    for name, section in SECTIONS.items():
        path = results / f"{name}.json"
        if not path.exists():
            continue
        result = json.loads(path.read_text())
        block = f"{_measured_on(result['machine'])}\n\n{section(result).strip()}\n"
        place = re.compile(_PLACE.format(name), re.DOTALL)
        if not place.search(text):
            raise SystemExit(f"{DOCUMENT.name} has no place for the figures of {name}")
        marked = f"<!-- figures: {name} -->\n{block}<!-- end -->"
        text = place.sub(marked.replace("\\", r"\\"), text)
        written.append(name)
    DOCUMENT.write_text(text)
    return written


def _measured_on(machine: dict[str, str]) -> str:
    return f"*{'; '.join(machine.values())}.*"


def _image(name: str, told: str, drawn: str) -> str:
    IMAGES.mkdir(parents=True, exist_ok=True)
    (IMAGES / f"{name}.svg").write_text(drawn)
    return f"![{told}](images/{name}.svg)"


def _judged(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _relay(result: dict[str, Any]) -> str:
    figures = result["figures"]
    drawn = [
        plot.Bar(
            name,
            one["cpu_us_per_message"],
            [each["cpu_us_per_message"] for each in result["rounds"][name]],
        )
        for name, one in figures.items()
        if one["cpu_us_per_message"] is not None
    ]
    told = "CPU per relayed message"
    image = _image("relay-cpu", told, plot.bars(told, "µs; dots are rounds", drawn))
    versions = ", ".join(f"{name}: {one['version']}" for name, one in figures.items())
    passed = figures.get("ours", {}).get("audio_before_finals", 0)
    return "\n\n".join(
        [
            table.markdown_table(table.rows(figures)),
            f"\\* extrapolated from this run. {versions}. {_generator(figures)} {passed} frames of"
            " audio of ours passed a final that was being stored, as they may.",
            image,
            _judged(bar.judged(figures)),
        ]
    )


def _generator(figures: dict[str, Any]) -> str:
    most = max(one["generator_cores"] for one in figures.values())
    late = max(one["lateness_p99_ms"] for one in figures.values())
    return f"The generator used {most:.2f} core and sent p99 {late:.1f} ms late."


def _crowd(result: dict[str, Any]) -> str:
    grown = result["figures"]

    def line(name: str, figure: str) -> plot.Line:
        return plot.Line(
            name, [(one["sessions"], one[figure]) for one in crowd.carried(grown[name])]
        )

    cores = plot.lines(
        "CPU of the relay", "sessions", "cores", [line(name, "cores") for name in grown]
    )
    p99 = plot.lines(
        "One-way latency up, p99",
        "sessions",
        "ms, logarithmic",
        [line(name, "up_p99_ms") for name in grown],
        logarithmic=True,
    )
    images = [
        _image("crowd-cores", "CPU from 50 to 1000 sessions", cores),
        _image("crowd-p99", "p99 from 50 to 1000 sessions", p99),
    ]
    judged = crowd.judged(grown)
    return "\n\n".join(
        [*images, table.markdown_table(crowd.rows(grown)), _judged([judged] if judged else [])]
    )


def _bystanders(result: dict[str, Any]) -> str:
    return _judged(
        [
            f"{'met' if is_met else 'MISSED'}: {told}"
            for is_met, told in bystanders.judged(result["figures"])
        ]
    )


def _table(rows: Callable[[dict[str, Any]], list[list[str]]]) -> Callable[[dict[str, Any]], str]:
    return lambda result: table.markdown_table(rows(result["figures"]))


def _start(result: dict[str, Any]) -> str:
    return "\n\n".join(
        table.markdown_table(rows(result["figures"]))
        for rows in (start.time_rows, start.bundle_rows)
    )


SECTIONS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "relay": _relay,
    "crowd": _crowd,
    "bystanders": _bystanders,
    "database": _table(database.rows),
    "page": _table(page.rows),
    "start": _start,
}
