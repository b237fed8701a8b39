"""The root conftest.py at work: strict, lenient where a tag says so, and late when a notebook is late."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
new_cell = nbformat.v4.new_code_cell


def shows(text):
    return [nbformat.v4.new_output("stream", name="stdout", text=text)]


NOTEBOOKS = {  # each cell as nbdev-clean leaves it, with execution_count None
    "right": [
        new_cell("print('same')", outputs=shows("same\n")),
        new_cell("6*7;"),
        new_cell("#| eval: false\nraise SystemError"),
        new_cell("#| notest\nraise SystemError"),
        new_cell(
            "import random; print(random.random())",
            outputs=shows("0.5\n"),
            metadata={"tags": ["nbval-ignore-output"]},
        ),
    ],
    "wrong_output": [new_cell("print('new')", outputs=shows("old\n"))],
    "output_not_stored": [new_cell("6*7")],
    "broken": [new_cell("assert 1 > 2, 'as it should'", metadata={"tags": ["nbval-ignore-output"]})],
    "late": [new_cell("import time; time.sleep(6)")],  # five times its budget is the most that is allowed,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    "What pytest says of these notebooks, with two workers."
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "conftest.py", root)
    (root / "pytest.ini").write_text("[pytest]\n")
    (root / "assets").mkdir()
    course = [
        {"notebook": name, "budget_seconds": 1 if name == "late" else 300}
        for name in NOTEBOOKS
        if name != "broken"
    ]
    (root / "assets/course.json").write_text(json.dumps(course))
    (root / "nbs").mkdir()
    for name, cells in NOTEBOOKS.items():
        nbformat.write(nbformat.v4.new_notebook(cells=cells), root / f"nbs/{name}.ipynb")

    def pytest_on(*names):
        paths = [f"nbs/{name}.ipynb" for name in names]
        options = ["--nbval", "--nbval-current-env", "-n2", "--dist=loadfile", "-rA", "--color=no"]
        return subprocess.run(
            [sys.executable, "-m", "pytest", *options, *paths], cwd=root, capture_output=True, text=True
        )

    return pytest_on


def test_strict_and_lenient(run):
    done = run("right", "wrong_output", "output_not_stored", "broken")
    said = done.stdout
    assert done.returncode == 1
    assert "3 failed, 3 passed, 2 skipped" in said, said
    for name in ("wrong_output", "output_not_stored", "broken"):
        assert f"FAILED nbs/{name}.ipynb::Cell 0" in said
    assert "as it should" in said and "the cell says eval: false or notest" in said
    assert "right " in said and " s of 300 s" in said and "OVER BUDGET" not in said
    assert "(no budget in assets/course.json)" in said


def test_a_late_notebook_fails_the_run(run):
    done = run("late", "right")
    assert "4 passed, 2 skipped" in done.stdout, done.stdout
    assert done.returncode == 1 and "s of 1 s: OVER BUDGET, the run fails" in done.stdout


def test_a_good_run_passes(run):
    assert run("right").returncode == 0
