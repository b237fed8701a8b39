"A learner at the exercises: wrong in the obvious way, a hint, mended, passed; nothing ends the lesson."

from pathlib import Path

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

EXERCISES = Path(__file__).resolve().parents[2] / "nbs" / "exercises"


@pytest.fixture
def lesson(notebook):
    def open_lesson(name):
        "The students' notebook with its set-up run, and progress in a file of this test."
        nb = notebook(EXERCISES / f"{name}.ipynb")
        nb.python("import os; os.environ['GANCOURSE_PROGRESS'] = 'progress.json'")
        nb.run(nb.index("seed = 0"))
        return nb

    return open_lesson


def answer(nb, name, text):
    "Write an answer into its cell, run it and its check; what the check says."
    check = nb.index(f'check("{name}"')
    nb.put(check - 1, text)
    nb.run(check - 1)
    return nb.run(check)


def test_wrong_hint_mended_passed(lesson):
    nb = lesson("01_minimax")
    check = nb.index('check("d_star"')
    nb.run(check - 1)
    assert "Not done yet." in nb.run(check)

    editor = nb.cell(check - 1).locator(".cm-content")  # typed, as a learner does
    editor.click()
    nb.page.keyboard.press("Control+End")
    nb.page.keyboard.press("Shift+Home")
    nb.page.keyboard.type("return q / (p + q)")
    nb.page.keyboard.press("Shift+Enter")
    nb.page.keyboard.press("Shift+Enter")  # the check is the next cell
    expect(nb.output(check)).to_contain_text("Labels swapped", timeout=30_000)
    expect(nb.output(check)).not_to_contain_text("Traceback")

    editor.click()
    nb.page.keyboard.press("Control+End")
    nb.page.keyboard.press("Shift+Home")
    nb.page.keyboard.type("return p / (p + q)")
    nb.page.keyboard.press("Shift+Enter")
    nb.page.keyboard.press("Shift+Enter")
    expect(nb.output(check)).to_contain_text("✓ Passed.", timeout=30_000)
    said = nb.python("from gancourse.checks import progress; print(progress())")
    assert "✓ d_star" in said and "1 of " in said


def test_crash_and_endless_loop_are_told_and_the_lesson_goes_on(lesson):
    nb = lesson("01_minimax")
    said = answer(nb, "d_star", "def d_star(p, q):\n    best = p / r\n    return best")
    assert (
        "Crashed." in said and "NameError: name 'r' is not defined" in said and "line 2: best = p / r" in said
    )
    assert "Traceback" not in said and "hints.py" not in said and "minimax.py" not in said
    nb.python(
        "from gancourse import checks; from dataclasses import replace\n"
        "checks.catalogue()['d_star'] = replace(checks.catalogue()['d_star'], seconds=1)"
    )
    said = answer(nb, "d_star", "def d_star(p, q):\n    while True: pass")
    assert "Endless." in said and "while True: pass" in said
    assert "Passed." in answer(nb, "d_star", "def d_star(p, q): return p / (p + q)")
