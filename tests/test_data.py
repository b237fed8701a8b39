"""The manifest and the embedded files agree."""
import hashlib
import json
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parent.parent / "assets/data"
MANIFEST = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))
README = (DATA / "README.md").read_text(encoding="utf-8")


def test_every_file_has_its_line():
    there = {p.relative_to(DATA).as_posix() for p in DATA.rglob("*") if p.is_file()}
    assert there - {"README.md", "manifest.json"} == set(MANIFEST)


@pytest.mark.parametrize("name", MANIFEST)
def test_line_tells_the_truth(name):
    line, content = MANIFEST[name], (DATA / name).read_bytes()
    assert set(line) == {"bytes", "sha256", "licence", "attribution", "origin"} and all(line.values())
    assert (line["bytes"], line["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert f"`{name.split('/')[0]}/`" in README and line["licence"] in README
