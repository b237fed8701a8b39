"""`gancourse assignment` and the real nbgrader: hand out, fill in well and badly, mark, read the marks."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gancourse.assignment import CHECK, REGION, assignment
from gancourse.checks import catalogue

ROOT = Path(__file__).resolve().parent.parent
LESSON = "01_minimax"
MINE = [e for e in catalogue().values() if e.lesson == LESSON]
CHEAT = [e for e in MINE if e.name == "d_star"]


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory):
    "Runs a subcommand of nbgrader in a folder."
    aside = tmp_path_factory.mktemp("nbgrader")
    installed = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--target",
            aside,
            "-r",
            ROOT / "tests/nbgrader.txt",
        ],
        capture_output=True,
        text=True,
    )
    if installed.returncode and os.environ.get("CI") != "true":
        pytest.skip("nbgrader can't be installed here (no network?)")
    assert installed.returncode == 0, installed.stderr

    def run(folder, *command):
        env = {
            **os.environ,
            "GANCOURSE_PROGRESS": "off",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join([str(aside), str(ROOT)]),
            "PATH": os.pathsep.join([str(aside / "bin"), os.environ["PATH"]]),
        }
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command], cwd=folder, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout + done.stderr

    return run


def hand_in(folder, student, change):
    "What a student makes of the released notebook."
    nb = json.loads((folder / f"release/{LESSON}/{LESSON}.ipynb").read_text(encoding="utf-8"))
    for cell in nb["cells"]:
        cell["source"] = change("".join(cell["source"]), cell["metadata"]["nbgrader"])
    path = folder / f"submitted/{student}/{LESSON}/{LESSON}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(nb), encoding="utf-8")


@pytest.mark.slow
def test_marks_are_as_expected(nbgrader, tmp_path):
    folder = tmp_path / "class"
    (source,) = assignment(folder, ["01"], seed=11)
    solutions = json.loads((folder / f"solutions/{LESSON}.ipynb").read_text(encoding="utf-8"))
    filled = {
        c["id"]: "".join(c["source"]) for c in solutions["cells"] if REGION.search("".join(c["source"]))
    }
    of = {f"answer-{id}": text for id, text in filled.items()}

    nbgrader(folder, "generate_assignment", "--create", LESSON)
    released = json.loads((folder / f"release/{LESSON}/{LESSON}.ipynb").read_text(encoding="utf-8"))
    text = "\n".join("".join(c["source"]) for c in released["cells"])
    assert "SOLUTION" not in text
    assert "YOUR CODE HERE" not in text
    assert "seed = 11" in text
    assert "Seed 11" in text
    assert {c["metadata"]["nbgrader"]["grade_id"] for c in released["cells"]} >= {e.name for e in MINE}

    hand_in(folder, "ada", lambda text, role: of.get(role["grade_id"], text))  # all right
    slip = ("return p / (p + q)", "return q / (p + q)")
    hand_in(folder, "ben", lambda text, role: of.get(role["grade_id"], text).replace(*slip))  # one wrong
    hand_in(folder, "cleo", lambda text, role: text)  # nothing done
    hand_in(folder, "dan", lambda text, role: "100.0" if role["grade"] else text)  # the checks overwritten
    said = nbgrader(folder, "autograde", "--create", LESSON)
    assert "ada" in said
    nbgrader(folder, "export", "--to", "grades.csv")

    with open(folder / "grades.csv", newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    total = float(sum(e.points for e in MINE))
    wrong = sum(e.points for e in CHEAT)
    assert {name: float(row["score"]) for name, row in rows.items()} == {
        "ada": total,
        "ben": total - wrong,
        "cleo": 0.0,
        "dan": 0.0,
    }
    assert all(float(row["max_score"]) == total for row in rows.values())
    assert '"ename"' not in (folder / f"autograded/cleo/{LESSON}/{LESSON}.ipynb").read_text(
        encoding="utf-8"
    )  # no stack trace
    feedback = (folder / f"autograded/ben/{LESSON}/{LESSON}.ipynb").read_text(encoding="utf-8")
    assert "labels swapped" in feedback


def test_every_assignment_can_be_written_and_holds_no_solution(tmp_path):
    paths = assignment(tmp_path / "all")
    assert [p.stem for p in paths] == list(dict.fromkeys(e.lesson for e in catalogue().values()))
    for path in paths:
        nb = json.loads(path.read_text(encoding="utf-8"))
        text = "\n".join("".join(c["source"]) for c in nb["cells"])
        ids = [c["metadata"]["nbgrader"]["grade_id"] for c in nb["cells"]]
        points = [
            c["metadata"]["nbgrader"]["points"] for c in nb["cells"] if c["metadata"]["nbgrader"]["grade"]
        ]
        assert "SOLUTION" not in text
        assert not CHECK.search(text)
        assert "](../" not in text
        assert len(ids) == len(set(ids))
        assert points == [e.points for e in catalogue().values() if e.lesson == path.stem]
        assert all(
            c["metadata"]["nbgrader"]["locked"] != c["metadata"]["nbgrader"]["solution"] for c in nb["cells"]
        )


def test_seed_reaches_the_set_up_and_every_mark(tmp_path):
    (path,) = assignment(tmp_path / "one", [LESSON], seed=5)
    text = "\n".join("".join(c["source"]) for c in json.loads(path.read_text(encoding="utf-8"))["cells"])
    assert "\nseed = 5\n" in text and text.count("seed=seed)") == len(MINE) and "import marks" in text
