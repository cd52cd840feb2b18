"""The names that the local AWS uses from ministack are listed and exist."""

import ast
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import emulator
from emulator import seams


def test_the_version_of_ministack_is_the_one_that_was_extended() -> None:
    assert version("ministack") == seams.VERSION


def test_every_name_exists() -> None:
    assert seams.missing() == []


def test_the_list_is_what_the_modules_use() -> None:
    used: dict[str, set[str]] = defaultdict(set)
    for path in Path(emulator.__file__).parent.rglob("*.py"):
        collect(ast.parse(path.read_text()), used)

    listed = {f"{module}.{name}" for module, names in seams.NAMES.items() for name in names.split()}
    assert sorted({f"{module}.{name}" for module, names in used.items() for name in names} ^ listed) == []


def collect(tree: ast.Module, used: dict[str, set[str]]) -> None:
    """Adds what a module imports from ministack, and the attributes that it takes of imported modules."""
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack"):
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if name in seams.NAMES:
                    modules[alias.asname or alias.name] = name
                else:
                    used[str(node.module)].add(alias.name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            used[modules[node.value.id]].add(node.attr)
