"""Exercises, solutions and oracles agree: one source, one list, and every typical mistake met by its hint."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest

from gancourse.assignment import CHECK, REGION, students
from gancourse.checks import catalogue

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from exercises import same_text  # noqa: E402

LESSONS = sorted(p.stem for p in (ROOT / "nbs").glob("[01]*.ipynb"))
each_lesson = pytest.mark.parametrize("lesson", LESSONS)
each_exercise = pytest.mark.parametrize("exercise", catalogue().values(), ids=list(catalogue()))


def read(kind, lesson):
    return json.loads((ROOT / f"nbs/{kind}/{lesson}.ipynb").read_text(encoding="utf-8"))


def source(cell):
    return "".join(cell["source"])


def code(notebook):
    return [c for c in notebook["cells"] if c["cell_type"] == "code"]


def checked(notebook):
    "(name of the exercise, cell) for each cell that checks."
    return [(CHECK.search(source(c))[1], c) for c in code(notebook) if CHECK.search(source(c))]


@each_lesson
def test_each_lesson_has_exercises_in_the_order_of_the_list(lesson):
    listed = [e.name for e in catalogue().values() if e.lesson == lesson]
    assert 3 <= len(listed) <= 6
    assert [name for name, _ in checked(read("solutions", lesson))] == listed


def test_names_are_unique():
    lessons = json.loads((ROOT / "assets/exercises.json").read_text(encoding="utf-8"))
    names = [one["name"] for exercises in lessons.values() for one in exercises]
    assert len(names) == len(set(names)) == len(catalogue())


@each_lesson
def test_students_notebooks_are_cut_out_of_the_solutions(lesson):
    wanted, stored = students(read("solutions", lesson)), read("exercises", lesson)
    assert same_text(wanted, stored), "run `make export`"
    assert "SOLUTION" not in json.dumps(stored)


def test_a_change_on_either_side_is_seen():
    stored = read("exercises", "01_minimax")
    assert same_text(stored, stored)
    changed = json.loads(json.dumps(stored))
    changed["cells"][-1]["source"][0] += " "
    assert not same_text(stored, changed) and not same_text(stored, {"cells": stored["cells"][:-1]})


@each_lesson
def test_solutions_pass_and_stubs_are_not_done(lesson):
    def first_words(kind):
        for name, cell in checked(read(kind, lesson)):
            said = [
                out["data"]["text/plain"] for out in cell["outputs"] if out["output_type"] == "execute_result"
            ]
            assert len(said) == 1, name
            yield name, " ".join("".join(said[0]).split(":")[0].split()[1:])

    assert {said for _, said in first_words("solutions")} == {"passed"}, list(first_words("solutions"))
    assert {said for _, said in first_words("exercises")} == {"not done yet"}, list(first_words("exercises"))


@each_lesson
def test_form_of_a_solutions_notebook(lesson):
    "What assignments rely on: one seed, a region or more before each check, checks alone, reasons after."
    notebook = read("solutions", lesson)
    seeds = [c for c in code(notebook) if re.search(r"^seed = \d+$", source(c), re.MULTILINE)]
    assert len(seeds) == 1 and "torch.manual_seed(seed)" in source(seeds[0])
    assert sum('os.environ["GANCOURSE_PROGRESS"] = "off"' in source(c) for c in code(notebook)) == 1
    regions = 0
    for cell in notebook["cells"]:
        text, is_solution = source(cell), "solution" in cell["metadata"].get("tags", [])
        assert (
            text.count("### BEGIN SOLUTION") == text.count("### END SOLUTION") == len(REGION.findall(text))
        ), text
        regions += len(REGION.findall(text))
        if "check(" in text and cell["cell_type"] == "code":
            lines = [line for line in text.splitlines() if line.strip()]
            assert CHECK.search(text) and len(lines) == text.startswith("verdict = ") + 1, (
                f"a check stands alone in its cell: {text}"
            )
            assert regions and not is_solution, f"nothing is to be filled in before {text}"
            regions = 0
    reasons = [
        c
        for c in notebook["cells"]
        if c["cell_type"] == "markdown" and "solution" in c["metadata"].get("tags", [])
    ]
    assert len(reasons) >= len(checked(notebook))


def proofs(lesson):
    "{oracle: number of wrong answers} for each `typical(oracle, reference, {...})` of an oracle notebook."
    found = {}
    for cell in code(read("oracles", lesson)):
        tree = ast.parse("" if source(cell).startswith("%") else source(cell))
        for call in (
            n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "typical"
        ):
            slips = next(a for a in [*call.args[2:], *(k.value for k in call.keywords if k.arg == "slips")])
            found[call.args[0].id] = len(slips.keys) if isinstance(slips, ast.Dict) else 0
    return found


@each_exercise
def test_each_exercise_has_an_oracle_that_knows_four_mistakes(exercise):
    assert exercise.oracle().__doc__ and exercise.points > 0 and exercise.minutes > 0 and exercise.title
    assert proofs(exercise.lesson).get(exercise.name, 0) >= 4


@each_exercise
def test_nothing_and_nonsense_never_end_a_lesson(exercise, monkeypatch):
    from gancourse.checks import check

    monkeypatch.setenv("GANCOURSE_PROGRESS", "off")
    solution = next(c for name, c in checked(read("solutions", exercise.lesson)) if name == exercise.name)
    n = len(ast.parse(CHECK.search(source(solution))[0]).body[0].value.args) - 1
    assert check(exercise.name, *[None] * n).state == "not done yet"
    for nonsense in ("what?", -1, [], lambda *args, **kw: 1 / 0, lambda *args, **kw: None):
        verdict = check(exercise.name, *[nonsense] * n)
        assert verdict.state in ("not yet", "crashed", "not done yet"), (nonsense, verdict)
        assert "gancourse" not in verdict.text and "site-packages" not in verdict.text, verdict
