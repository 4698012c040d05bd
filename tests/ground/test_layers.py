"""The layer law where it is a list of what is allowed; import-linter holds what is forbidden."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


# The one file of the runtime that knows the servers' own protocols (docs/adr/0013).
FAST_PATH = ("uvicorn.protocols.websockets", "websockets")


def imported_modules(path: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            modules.add(node.module or "")
    return modules


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [
        ("realtime/core", ("realtime.core", "orjson")),
        ("realtime/runtime", ("realtime.core", "realtime.runtime", "orjson")),
    ],
)
def test_pure_layers_import_only_what_the_law_allows(folder: str, allowed: tuple[str, ...]) -> None:
    for path in sorted((ROOT / folder).rglob("*.py")):
        may_import = allowed + (FAST_PATH if path.name == "fast_path.py" else ())
        for module in imported_modules(path):
            is_standard = module.split(".")[0] in sys.stdlib_module_names
            assert is_standard or module.startswith(may_import), f"{path.name} imports {module}"


def test_the_core_does_no_input_or_output() -> None:
    forbidden = {"asyncio", "socket", "threading", "time", "logging", "os", "subprocess"}
    for path in sorted((ROOT / "realtime/core").rglob("*.py")):
        found = {module.split(".")[0] for module in imported_modules(path)} & forbidden
        assert not found, f"{path.name} imports {found}"
