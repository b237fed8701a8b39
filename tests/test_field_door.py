"""What a learner meets at the door: old consoles, damaged and crowded progress, quizzes from strangers, a
busy machine, a copy of the lessons of their own, hints in whole sentences."""

import ast
import importlib
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

import gancourse.lessons
from gancourse import checks, cli, hints
from gancourse.checks import check, note_quiz, progress
from gancourse.lessons import Written, write_lessons
from gancourse.quiz import Quiz, for_browser, in_markdown, in_words, mathml, read_quiz

ROOT = Path(__file__).resolve().parent.parent


def python(code, **env):
    "Run by another Python, in this folder's package."
    env = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, timeout=300)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    "A file of progress for this test."
    file = tmp_path / "progress.json"
    monkeypatch.setenv("GANCOURSE_PROGRESS", str(file))
    return file


def right(p, q):
    return p / (p + q)


# Consoles


SAYS_ALL = """
import sys
from gancourse.checks import check, progress
from gancourse.cli import main
from gancourse.hints import SIGNS, Verdict
from gancourse.quiz import quiz
print(check("d_star", lambda p, q: p / (p + q)), progress(), sep="\\n")
for state in SIGNS:
    print(Verdict(state, "σ² ≤ ½·‖W‖ → λ, “quoted” … 日"))
for when in ("before", "after"):
    print(quiz("04_hinge_lipschitz", when))
sys.exit(main(["progress"]) or main(["assignment", sys.argv[1]]) or main(["lessons", sys.argv[1] + "-✓"]))
"""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-8"])
def test_all_that_is_printed_can_be_printed(encoding, tmp_path):
    code = f"import sys; sys.argv[1:] = [{str(tmp_path / 'Klasse-é')!r}]\n{SAYS_ALL}"
    done = python(code, PYTHONIOENCODING=encoding, GANCOURSE_PROGRESS=str(tmp_path / "progress.json"))
    assert done.returncode == 0, done.stderr.decode(encoding)
    said = done.stdout.decode(encoding)
    assert ("✓ d_star" if encoding == "utf-8" else "+ d_star") in said
    assert ("σ² ≤ ½·‖W‖" if encoding == "utf-8" else "sigma") in said
    if encoding == "ascii":
        assert 'sigma^2 <= 1/2*|W| -> lambda, "quoted" ... ?' in said and "Written to" in said


def test_only_what_is_printed_becomes_plain():
    verdict = hints.Verdict("not yet", "σ")
    assert "→" in verdict._repr_html_() or "→" in repr(verdict)
    assert verdict.text == "σ" and "σ" in verdict._repr_html_()


# Progress


DAMAGED = {
    "number": '{"exercises": {"d_star": 3}}',
    "deep": "[" * 100_000,
    "deep value": '{"exercises": {"d_star": {"passed": null, "tries": ' + "[" * 5_000 + "]" * 5_000 + "}}}",
    "null": '{"exercises": null}',
    "list": '{"quizzes": [1]}',
    "100 of 6": '{"quizzes": {"01_minimax before": {"right": 100, "of": 6}}}',
    "words": '{"quizzes": {"01_minimax before": {"right": "all", "of": 6}}}',
    "a list of tries": '{"exercises": {"d_star": {"tries": []}}}',
    "tries of yesterday": '{"exercises": {"d_star": {"passed": 3, "tries": 1}}}',
    "NaN": '{"quizzes": {"01_minimax before": {"right": NaN, "of": 6}}}',
    "bytes": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_put_aside(content, kept):
    content = content if isinstance(content, bytes) else content.encode()
    kept.write_bytes(content)
    assert check("d_star", right)
    assert repr(progress()).count("✓") == 1 and "100 of 6" not in repr(progress())
    assert kept.with_name("progress.json.damaged").read_bytes() == content


def test_what_only_lacks_something_is_kept(kept):
    kept.write_text('{"exercises": {"gradients": {"passed": "2026-01-01"}}, "by hand": 1}')
    assert check("d_star", right)
    assert progress().kept["exercises"]["gradients"] == {"passed": "2026-01-01"}


NOTE = """
import sys
from gancourse.checks import _keep
for k in range(150):
    _keep("exercises", f"{sys.argv[1]} {k}", lambda old: {"passed": None, "tries": 1})
"""


def test_two_kernels_lose_nothing(kept):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    kernels = [subprocess.Popen([sys.executable, "-c", NOTE, name], env=env) for name in ("one", "two")]
    assert [kernel.wait(300) for kernel in kernels] == [0, 0]
    assert len(json.loads(kept.read_text())["exercises"]) == 300


def test_two_threads_lose_nothing(kept):
    def count():
        for _ in range(40):
            checks._note("d_star", hints.Verdict("not yet", ""))

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert json.loads(kept.read_text())["exercises"]["d_star"] == {"passed": None, "tries": 120}


def test_where_no_lock_can_be_had_progress_is_noted_all_the_same(kept, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise OSError("no locks on this file system")

    monkeypatch.setattr(checks.FileLock, "acquire", refuse)
    assert check("d_star", right) and checks.passed(progress().kept, "d_star")


def test_a_lock_that_stays_taken_is_not_waited_for_without_end(kept):
    with checks.FileLock(str(kept) + ".lock"), checks._alone(kept, seconds=0.1):
        pass


def test_a_quiz_has_no_more_right_answers_than_questions(kept):
    for wrong in ((100, 6), (-1, 6), (2.0, 6), (0, 0)):
        with pytest.raises(ValueError, match="(right|of): expected a whole number"):
            note_quiz("01_minimax", "before", *wrong)
    with pytest.raises(ValueError, match="when: expected one of"):
        note_quiz("01_minimax", "during", 1, 6)
    assert not kept.exists()
    note_quiz("01_minimax", "before", 7, 7)
    note_quiz("01_minimax", "before", 2, 6)  # a newer release asks one question less
    assert progress().kept["quizzes"]["01_minimax before"] == {"right": 6, "of": 6}


def test_answers_that_no_page_sends_are_not_counted(kept):
    questions = read_quiz("01_minimax")["before"]
    shown = Quiz("01_minimax", "before", questions)
    view = type("View", (), {"observe": lambda self, *a: None, "given": [{"verdict": "right"}] * 100})()
    shown.watch(view)
    shown.note_best()
    assert shown.score == (len(questions), len(questions)) and "100" not in repr(progress())
    view.given = [None, 3, "right", [], {"verdict": ["right"]}, {"verdict": "right"}]
    assert shown.score[0] == 1


# Quizzes from strangers


@pytest.mark.parametrize(
    "latex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\style{position:fixed}{x}",
        r"\class{jp-Button}{x}",
        r"\text{</mtext><script>alert(1)</script><mtext>}",
        r"\text{</mtext><img src='x' onerror='alert(1)'/><mtext>}",
        r"\text{</mtext><mi href='javascript:alert(1)'>x</mi><mtext>}",
        r"\text{</mtext><mi onclick='alert(1)'>x</mi><mtext>}",
        r"\text{</mtext><maction actiontype='statusline'><mi>x</mi></maction><mtext>}",
        r"\color{url(https://example.org)}{x}",
        r"\cancel{x}",  # menclose, which not every browser draws
    ],
)
def test_a_formula_is_nothing_but_a_formula(latex):
    with pytest.raises(ValueError, match="^formula: expected "):
        mathml(latex)


@pytest.mark.parametrize(
    "latex",
    [
        r"\begin{pmatrix}a&b\\c&d\end{pmatrix}",
        r"\begin{cases}a&b\\c&d\end{cases}",
        r"\color{red}{x}",
        r"\binom{n}{k}",
        r"\sqrt[3]{x}",
        r"\underbrace{x}_{n}",
        r"\displaystyle\int_0^1 x\,dx",
        r"\begin{align}a&=b\\c&=d\end{align}",
    ],
)
def test_all_that_formulas_need_is_let_through(latex):
    assert mathml(latex).startswith("<math")


def test_deep_things_are_refused_in_words(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text("[" * 100_000)
    with pytest.raises(ValueError, match=r"^mine\.json: expected JSON, but got something else"):
        read_quiz(path)
    deep = []
    for _ in range(100_000):
        deep = [deep]
    option = {"text": deep, "right": True, "why": "x"}
    question = {"kind": "single", "text": "x", "options": [option] * 3}
    for questions in (deep, [deep], [question]):
        with pytest.raises(ValueError, match="^quiz: .*expected "):
            read_quiz({"lesson": "x", "after": questions})
    with pytest.raises(ValueError, match="formula: expected simple LaTeX"):
        mathml("{" * 3_000 + "x" + "}" * 3_000)


def test_static_quizzes_say_what_to_do():
    for when in ("before", "after"):
        questions = read_quiz("01_minimax")[when]
        shown = Quiz("01_minimax", when, questions)
        for kind, task in (("multiple", "Choose all that are right."), ("order", "Put them in order")):
            n = sum(q["kind"] == kind for q in questions)
            assert n and in_markdown(shown).count(task) == in_words(shown).count(task) == n
        assert all(for_browser(q) for q in questions)


# The doctor


def test_a_busy_machine_is_measured_and_said():
    busy = cli.threads_found({2: 3.0, 1: 30.0}, 2)
    assert busy.verdict == "look" and "one would be 10.0 times as fast" in busy.text
    assert "OMP_NUM_THREADS=1" in busy.text
    assert cli.threads_found({2: 15.0, 1: 10.0}, 2).verdict == "ok"
    assert cli.threads_found({2: 9.0, 1: 10.0}, 2).verdict == "ok"  # no difference worth a word
    assert cli.threads_found({1: 10.0}, 2).text == "1 on 2 CPU cores"
    assert cli.threads_found({1: 10.0}, 1).verdict == "look"


def test_the_doctor_measures(monkeypatch):
    import gancourse.machine

    asked = []

    def rates(act, most, seconds):
        act()
        asked.append(most)
        return {most: 1.0, 1: 5.0}

    monkeypatch.setattr(gancourse.machine, "thread_rates", rates)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    (threads,) = (f for f in cli.hardware() if f.name == "threads")
    assert asked == [2] and threads.verdict == "look" and "5.0 times as fast" in threads.text


def test_the_doctor_is_brief(capsys):
    cli.print_checkups(cli.checkups())
    said = capsys.readouterr().out
    assert len(said.splitlines()) <= 12 and "torch" in said and "Ready" in said, said


def test_a_needed_package_has_its_own_line(monkeypatch):
    have = cli.version
    lost = lambda name: "1.0" if name == "torch" else have(name)
    monkeypatch.setattr(cli, "version", lost)
    assert [f.name for f in cli.packages()] == ["Python", "packages", "torch"]
    assert "torch" not in cli.packages()[1].text


@pytest.mark.parametrize("text", ["[]", "3", '{"a": 3}', '{"a": {}}', "[" * 100_000, '{"a": {"bytes": "x"}}'])
def test_damaged_lists_are_named(text, tmp_path):
    for name, look in (("manifest.json", cli.embedded_data), ("course.json", cli.lesson_times)):
        (tmp_path / name).write_text(text)
        assert [f[:2] for f in look(tmp_path)] == [(name, "damaged")]


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"1")
    denied = lambda self: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
    monkeypatch.setattr(Path, "read_bytes", denied)
    found = cli.data_file(tmp_path, "a", {"bytes": 1, "sha256": ""})
    assert found.verdict == "damaged" and "Permission denied" in found.text


# A copy of the lessons


def notebook(*cells, outputs=()):
    rest = {"cell_type": "code", "metadata": {}, "outputs": list(outputs), "execution_count": None}
    code = [rest | {"id": f"c{k}", "source": [source]} for k, source in enumerate(cells)]
    return json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def release(tmp_path, monkeypatch):
    "A course of two notebooks. release(version, {name: text}) brings out a newer one."
    source = tmp_path / "source"

    def bring(version, notebooks):
        for name, text in notebooks.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_text(text)
        monkeypatch.setattr(gancourse.lessons, "version", lambda _: version)

    monkeypatch.setattr(gancourse.lessons, "notebooks_folder", lambda: source)
    bring("1.0", {"01.ipynb": notebook("a = 1"), "exercises/01.ipynb": notebook("answer = ...")})
    return bring


def test_what_the_learner_has_edited_is_never_touched(release, tmp_path):
    mine = tmp_path / "mine"
    assert {one.what for one in write_lessons(mine)} == {"new"} and write_lessons(mine) == []
    edited = notebook("answer = 42")
    (mine / "exercises/01.ipynb").write_text(edited)
    assert write_lessons(mine) == []
    release("1.1", {"01.ipynb": notebook("a = 2"), "exercises/01.ipynb": notebook("answer = ...", "more")})
    assert write_lessons(mine) == [Written("01.ipynb", "newer"), Written("exercises/01-1.1.ipynb", "beside")]
    assert (mine / "exercises/01.ipynb").read_text() == edited
    assert "more" in (mine / "exercises/01-1.1.ipynb").read_text()
    assert write_lessons(mine) == []  # once
    (mine / "exercises/01-1.1.ipynb").unlink()
    assert write_lessons(mine) == []  # thrown away is thrown away


def test_both_edited_and_newer_again(release, tmp_path):
    mine = tmp_path / "mine"
    write_lessons(mine)
    for k, version in enumerate(("1.1", "1.1", "1.2")):
        (mine / "01.ipynb").write_text(notebook("mine"))
        release(version, {"01.ipynb": notebook(f"a = {k + 2}")})
        (at, what), *_ = write_lessons(mine)
        assert (at, what) == ((f"01-{version}.ipynb", "01-1.1-2.ipynb", f"01-{version}.ipynb")[k], "beside")
        (mine / at).write_text(notebook(f"mine {k}"))
    assert [(mine / name).read_text() for name in ("01-1.1.ipynb", "01-1.1-2.ipynb")] == [
        notebook("mine 0"),
        notebook("mine 1"),
    ]


def test_a_lesson_that_was_only_run_is_replaced(release, tmp_path):
    mine = tmp_path / "mine"
    write_lessons(mine)
    ran = [{"output_type": "stream", "name": "stdout", "text": ["1"]}]
    (mine / "01.ipynb").write_text(notebook("a = 1", outputs=ran))
    assert write_lessons(mine) == []
    assert "stdout" in (mine / "01.ipynb").read_text()  # the same release: outputs stay
    release("1.1", {"01.ipynb": notebook("a = 2")})
    assert write_lessons(mine) == [Written("01.ipynb", "newer")]


def test_a_lost_lesson_comes_again_and_a_broken_one_is_the_learners(release, tmp_path):
    mine = tmp_path / "mine"
    write_lessons(mine)
    (mine / "01.ipynb").unlink()
    (mine / "exercises/01.ipynb").write_bytes(b"\xff no notebook any more")
    assert write_lessons(mine)[0] == Written("01.ipynb", "new")
    assert (mine / "exercises/01.ipynb").read_bytes() == b"\xff no notebook any more"


def test_ended_in_the_middle_it_goes_on(release, tmp_path, monkeypatch):
    mine, put = tmp_path / "mine", gancourse.lessons._replace

    def full(path, text):
        if path.name == "01.ipynb" and path.parent.name == "exercises":
            raise OSError(28, "No space left on device")
        put(path, text)

    monkeypatch.setattr(gancourse.lessons, "_replace", full)
    with pytest.raises(OSError):
        write_lessons(mine)
    monkeypatch.setattr(gancourse.lessons, "_replace", put)
    assert write_lessons(mine) == [Written("exercises/01.ipynb", "new")]
    release("1.1", {"01.ipynb": notebook("a = 2")})
    assert write_lessons(mine) == [Written("01.ipynb", "newer")]


@pytest.mark.parametrize("text", ["[]", "{", "[" * 100_000])
def test_without_its_record_everything_counts_as_edited(text, release, tmp_path):
    mine = tmp_path / "mine"
    write_lessons(mine)
    (mine / ".gancourse.json").write_text(text)
    release("1.1", {"01.ipynb": notebook("a = 2")})
    assert write_lessons(mine) == [Written("01-1.1.ipynb", "beside")]


def test_a_folder_of_something_else_is_refused(tmp_path, capsys):
    (tmp_path / "holiday.jpg").write_bytes(b"1")
    assert cli.main(["lessons", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert re.match(r"Not written\. folder: expected a new or empty one.* holds other files", said.err)
    assert [p.name for p in tmp_path.iterdir()] == ["holiday.jpg"]


def test_links_hold_in_the_copy(tmp_path):
    mine = tmp_path / "mine"
    assert cli.main(["lessons", str(mine)]) == 0
    broken = []
    for path in mine.rglob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                links = re.findall(
                    r"\]\((?!https?:|#|attachment:)([^)\s#]+)[^)\s]*\)", "".join(cell["source"])
                )
                broken += [
                    (path.name, link) for link in links if not (path.parent / link).resolve().is_file()
                ]
                broken += [
                    (path.name, link) for link in links if mine not in (path.parent / link).resolve().parents
                ]
    assert not broken


def test_make_lab_plays_in_a_copy():
    said = subprocess.run(
        ["make", "-n", "lab", "LESSONS=mine"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "gancourse lessons mine\n" in said and "--ServerApp.root_dir=mine " in said
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert re.search(r"^LESSONS \?= (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1] + "/" in ignored


def test_make_installs_what_it_is_told_to():
    def installs(*flags):
        command = ["make", "-n", "env", "VENV=nowhere", *flags]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return [line for line in said.splitlines() if "pip install" in line]

    assert len(installs()) == 2 and all("-c constraints.txt" in line for line in installs())
    assert all("whl/cpu" not in line for line in installs())
    assert all("whl/cpu" in line and "-c " not in line for line in installs("CPU=1", "CONSTRAINTS="))


def test_the_weekly_look_ahead():
    text = (ROOT / ".github/workflows/newest.yml").read_text()
    assert all(f'"3.{minor}"' in text for minor in (11, 12, 13, 14))
    assert "schedule:" in text and "CONSTRAINTS=\n" in text and "make check" in text
    lessons = re.findall(r"nbs/\w+\.ipynb", text)
    assert len(lessons) == 3 and all((ROOT / name).is_file() for name in lessons)


# Hints


def test_a_wrong_list_of_sides_gets_a_whole_sentence():
    oracle = checks.exercise("sizes").oracle()
    said = hints.judge(oracle, lambda n, layers: [n / 2]).text
    assert said.startswith(
        "sizes(10, [('conv', 7, 1, 3)]), which gives [5.0], is 0.5 times what it should be"
    )


@pytest.mark.parametrize("path", sorted((ROOT / "gancourse/oracles").glob("[!_]*.py")), ids=lambda p: p.stem)
def test_what_is_hinted_at_is_a_noun_in_the_singular(path):
    "So that `has the wrong sign`, `is transposed` and all the others go on from it."
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "agree":
            for given in (k.value for k in node.keywords if k.arg == "what"):
                parts = given.values if isinstance(given, ast.JoinedStr) else [given]
                words = "".join(
                    getattr(part, "value", "x") for part in parts if isinstance(part, ast.Constant)
                )
                head = re.split(r" (?:of|by|after|with|at|in|from|should)\b|,|'s? ", words)[0]
                assert not re.search(r"\b(gives?|are|weights|statistics|losses|numbers)$", head), words
                assert " gives " not in words, words


def test_one_argument_is_not_many():
    said = lambda f, *args: str(pytest.raises(hints.Hint, hints.act, f, *args).value)
    assert "with 1 argument, and it does not take that" in said(lambda: 0, 1)
    assert "with 2 arguments, and it does not take them" in said(lambda: 0, 1, 2)


def test_an_answer_runs_on_one_thread_and_the_rest_as_before():
    before, seen = torch.get_num_threads(), []
    torch.set_num_threads(2)
    try:
        hints.judge(lambda f: f(), lambda: seen.append(torch.get_num_threads()))
        hints.judge(lambda f: f(), lambda: 1 / 0)
        assert seen == [1] and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("folder", ["solutions", "exercises"])
def test_exercises_that_train_set_their_threads(folder):
    for path in (ROOT / "nbs" / folder).glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        trains = re.search(r"import .*\b(train|dcgan|pix2pix|cyclegan)\b", code)
        assert not trains or "torch.set_num_threads(1)" in code, path.name


def test_modules_of_the_door_need_no_torch():
    done = python("import sys, gancourse.cli, gancourse.console; assert 'torch' not in sys.modules")
    assert done.returncode == 0, done.stderr
    assert importlib.import_module("gancourse.console").plain("✓") == "✓"
