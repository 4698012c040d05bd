"""Files of the page that the connection loses on their way."""

from __future__ import annotations

import re
from typing import Literal

from playwright.sync_api import Page, Route


class LostFiles:
    """Loses every script and style sheet whose name begins so, until told otherwise.

    `hold` keeps what is asked for from then on waiting, so that nothing comes before `mend`.
    """

    def __init__(self, page: Page, name: str) -> None:
        self._fate: Literal["lose", "hold", "pass"] = "lose"
        self._held: list[Route] = []
        files = re.compile(rf"/static/assets/{name}-[^/]+\.(css|js)(\?again=\d+)?$")
        page.route(files, self._decide)

    def hold(self) -> None:
        self._fate = "hold"

    def mend(self) -> None:
        self._fate = "pass"
        for route in self._held:
            route.continue_()
        self._held.clear()

    def _decide(self, route: Route) -> None:
        if self._fate == "lose":
            route.abort()
        elif self._fate == "hold":
            self._held.append(route)
        else:
            route.continue_()
