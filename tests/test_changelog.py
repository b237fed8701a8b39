"Every name that has changed stands in CHANGELOG.md, works for the while, and says what it is called now."

import ast
import configparser
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def renamed():
    "(module, old, new) of each `renamed(...)` in the package."
    for path in sorted((ROOT / "gancourse").glob("[!_]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tables = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)
                  and isinstance(node.targets[0], ast.Name)}  # fmt: skip
        for call in ast.walk(tree):
            if (
                isinstance(call, ast.Call)
                and getattr(call.func, "id", getattr(call.func, "attr", "")) == "renamed"
            ):
                for word in call.keywords:
                    if word.arg:
                        yield path.stem, word.arg, ast.literal_eval(word.value)
                    elif isinstance(word.value, ast.Name):
                        value = tables[word.value.id]
                        pairs = ast.literal_eval(value) if isinstance(value, ast.Dict) else as_dict(value)
                        yield from ((path.stem, old, new) for old, new in pairs.items())


def as_dict(call):
    return {word.arg: ast.literal_eval(word.value) for word in call.keywords}


NAMES = list(renamed())


def test_the_names_are_found():
    assert ("game", "Turn", "Batch") in NAMES and len(NAMES) > 30


@pytest.mark.parametrize("module, old, new", NAMES, ids=[f"{module}.{old}" for module, old, _ in NAMES])
def test_an_old_name_works_and_is_told(module, old, new):
    assert f"| `{module}.{old}` | `{new.removeprefix('gancourse.')}` |" in TEXT or (
        f"| `{module}.{old}` | `{module}.{new}` |" in TEXT
    )
    with pytest.warns(DeprecationWarning, match="is now"):
        getattr(importlib.import_module(f"gancourse.{module}"), old)


def test_the_newest_version_is_that_of_settings():
    ini = configparser.ConfigParser(delimiters=["="])
    ini.read(ROOT / "settings.ini", encoding="utf-8")
    assert re.search(r"^## (\S+)", TEXT, re.MULTILINE)[1] == ini["DEFAULT"]["version"]
