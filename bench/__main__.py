"""`make bench`, or `python -m bench PART …`: measure, gate, print (docs/performance.md)."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from bench import bar, bystanders, crowd, database, relay, start, table
from bench.figures import as_json
from bench.machine import describe
from bench.outcome import NoFigures
from scripts.install import ROOT

DEFAULT: Final = ("relay", "crowd", "bystanders")
RESULTS: Final = ROOT / ".local" / "bench"


def run_relay(options: argparse.Namespace) -> dict[str, Any]:
    """Every peer under the same calls."""
    names = options.only.split(",") if options.only else ["direct", "nginx", "node", "ours"]
    measured = relay.measure(names, options.sessions, options.rounds, options.seconds)
    figures = table.summary(measured)
    print(table.text_table(table.rows(figures)))
    print("* extrapolated from one run: as if cost grew with sessions alone")
    print(f"the generator used {max(one['generator_cores'] for one in figures.values()):.2f} core")
    for line in bar.judged(figures):
        print(line)
    return {
        "figures": figures,
        "rounds": {name: as_json(peer.rounds) for name, peer in measured.items()},
    }


def run_crowd(options: argparse.Namespace) -> dict[str, Any]:
    """From 50 sessions to 1000; few sizes where no part was named, which has to be quick."""
    named = options.only.split(",") if options.only else ["nginx", "node", "ours"]
    names = [name for name in named if name != "direct"]  # there is no process to grow
    sizes = crowd.SIZES if options.parts else crowd.QUICK_SIZES
    grown = crowd.measure(names, sizes)
    print(crowd.report(grown))
    print(crowd.judged(grown) or "")
    return {"figures": grown}


def run_bystanders(options: argparse.Namespace) -> dict[str, Any]:
    """Two bad clients, for a minute and a half in turns with a server that has none."""
    result = bystanders.measure(options.bystanders, options.offence_seconds)
    for is_met, told in bystanders.judged(result):
        print(f"{'met    ' if is_met else 'MISSED '} {told}")
    return {"figures": result}


def run_database(options: argparse.Namespace) -> dict[str, Any]:
    """Minting, a long history, finals."""
    figures = database.measure()
    print(database.report(figures))
    return {"figures": figures}


def run_page(options: argparse.Namespace) -> dict[str, Any]:
    """A long thread in a browser."""
    # Playwright is loaded where it is needed: it is large, and most parts run without it.
    from bench import page

    figures = page.measure()
    print(page.report(figures))
    return {"figures": figures}


def run_start(options: argparse.Namespace) -> dict[str, Any]:
    """The server's start, `make run`, and what a visitor downloads."""
    figures = start.measure()
    print(start.report(figures))
    return {"figures": figures}


PARTS: Final[dict[str, Callable[[argparse.Namespace], dict[str, Any]]]] = {
    "relay": run_relay,
    "crowd": run_crowd,
    "bystanders": run_bystanders,
    "database": run_database,
    "page": run_page,
    "start": run_start,
}
ALL: Final = "all"
PUBLISH: Final = "publish"


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    named = [*PARTS, ALL, PUBLISH]
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(named))
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round")
    parser.add_argument("--bystanders", type=int, default=100)
    parser.add_argument("--offence-seconds", type=float, default=45.0)
    parser.add_argument("--only", default="", help="peers, comma-separated")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the JSON goes")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(named):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return options


def main() -> None:
    options = parse(sys.argv[1:])
    options.results.mkdir(parents=True, exist_ok=True)
    wanted = options.parts or DEFAULT
    parts = [part for part in PARTS if part in wanted or ALL in wanted]
    machine, cores = describe(), os.sched_getaffinity(0)
    without: list[str] = []
    for part in parts:
        print(f"{part} …", flush=True)
        os.sched_setaffinity(0, cores)  # a part may have kept itself to one
        try:
            result = PARTS[part](options)
        except NoFigures as reason:
            without.append(f"No figures of {part}: {reason}.")
            print(without[-1], flush=True)
            continue
        path = options.results / f"{part}.json"
        path.write_text(json.dumps({"machine": machine, **result}, indent=1) + "\n")
    if PUBLISH in wanted:
        from bench.publish import publish

        print(f"written: {', '.join(publish(options.results))}")
    if without:
        sys.exit("\n".join(without))


if __name__ == "__main__":
    main()
