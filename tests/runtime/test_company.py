"""Who can wait goes along with others, but first waits for what it has to write itself."""

from __future__ import annotations

import asyncio

import pytest

from realtime.runtime import company
from realtime.runtime.company import Company

OWN_S = 0.05


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company, "SOON_S", 30.0)


async def test_who_has_just_begun_to_wait_does_not_go_along() -> None:
    together, gone = Company(OWN_S), list[str]()
    together.wait(lambda: gone.append("first"))
    await asyncio.sleep(2 * OWN_S)
    together.wait(lambda: gone.append("second"))
    together.set_out()
    together.set_out()
    assert gone == ["first"]
    await asyncio.sleep(2 * OWN_S)
    together.set_out()
    assert gone == ["first", "second"]


async def test_who_asks_again_has_waited_since_the_first_time() -> None:
    together, gone = Company(OWN_S), list[str]()

    def go() -> None:
        gone.append("gone")

    together.wait(go)
    await asyncio.sleep(2 * OWN_S)
    together.wait(go)
    together.set_out()
    assert gone == ["gone"]
    together.wait(go)
    together.leave(go)
    await asyncio.sleep(2 * OWN_S)
    together.set_out()
    assert gone == ["gone"]


async def test_without_company_everybody_goes_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company, "SOON_S", 0.01)
    together, gone = Company(OWN_S), list[str]()
    second = asyncio.Event()
    together.wait(lambda: gone.append("first"))
    await asyncio.sleep(OWN_S / 2)
    together.wait(second.set)
    await asyncio.wait_for(second.wait(), 30)
    assert gone == ["first"]
