"""axe-core on a page as it is: WCAG 2.2 AA, in a page with a strict content security policy."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.e2e.server import ROOT

SOURCE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SERIOUS = ("serious", "critical")


def serious_violations(page: Page) -> list[str]:
    """One line a violation: rule, where, and what axe says of it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_source())
    results: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags},"
        " resultTypes: ['violations']})",
        TAGS,
    )
    return [
        f"{violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in results["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


@cache
def axe_source() -> str:
    return SOURCE.read_text(encoding="utf-8")
