"""tools/mutants.py: it changes what it says, and names the changes that nobody notices."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("mutants", ROOT / "tools/mutants.py")
mutants = sys.modules["mutants"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(mutants)


def changed(line):
    "What a line may become, in a function f."
    head = "def f(x, y, z):\n    "
    found = mutants.mutants(f"{head}{line}\n")
    return {m.kind + ": " + m.made_in(f"{head}{line}\n").removeprefix(head).strip() for m in found}


@pytest.mark.parametrize(
    "line, expected",
    [
        ("return x < y", {"comparison: return (x <= y)"}),
        ("return x < y == z", {"comparison: return (x <= y == z)", "comparison: return (x < y != z)"}),
        ("return (x + 1) % y", {"arithmetic: return ((x + 1) * y)", "arithmetic: return ((x - 1)) % y"}),
        ("return -x", {"arithmetic: return (x)"}),
        ("x -= y", {"arithmetic: x += y"}),
        ("return x and y", {"logic: return (x or y)"}),
        ("return 0.5", {"constant: return (1.0)"}),
        ("return True", {"constant: return (False)"}),
        ("return y if x else z", {"condition: return y if (not (x)) else z"}),
        ("return [a for a in x if a]", {"condition: return [a for a in x if (not (a))]"}),
        ("return x.detach()", {"copy: return (x)"}),
        ("x.step()", {"statement: pass"}),
        ("return z(y=x)", {"argument: return (z())"}),
        ("return z(x, y)", {"argument: return (z(x))", "argument: return (z(y, x))"}),
        ("if x: raise ValueError(-1)", {"refusal: pass", "condition: if (not (x)): raise ValueError(-1)"}),
        ("with x(): return y", {'statement: with __import__("contextlib").nullcontext(): return y'}),
    ],
)
def test_what_may_change(line, expected):
    got = {
        words for words in changed(line) if not words.startswith("constant") or "constant" in str(expected)
    }
    assert got == expected


@pytest.mark.parametrize(
    "line",
    [
        "'a text, -1 and all'",
        "raise ValueError(x + 1)",
        "return f'{x + 1}'",
        "y: Literal[1]",
        "return 'a' + x",
        "return [*x]",
        "return z(*x)",
    ],
)
def test_words_stay(line):
    assert changed(line) == set()


def test_where_it_stands():
    text = "A = 1\n\n\nclass B:\n    c = 2\n\n    @property\n    def d(self):\n        return 3\n"
    found = [(m.where, m.line, m.change, m.lines) for m in mutants.mutants(text)]
    assert found == [
        ("<module>", 1, "1 → 2", None),
        ("B", 5, "2 → 3", None),
        ("B.d", 9, "3 → 4", range(7, 10)),
    ]


def test_the_seed_draws_the_same_of_each_kind():
    text = (ROOT / "gancourse/losses.py").read_text(encoding="utf-8")
    keys = [[m.key for m in mutants.drawn(text, 16, seed)] for seed in ("0", "0", "1")]
    assert keys[0] == keys[1] != keys[2] and len(keys[0]) == 16
    text = (ROOT / "gancourse/game.py").read_text(encoding="utf-8")
    assert len({m.kind for m in mutants.drawn(text, 9, "0")}) == 9


def test_what_is_listed_is_there():
    "A change that no longer can be made, because the code is another, has no place in the list."
    for name, reasons in json.loads(mutants.EQUIVALENT.read_text(encoding="utf-8")).items():
        text = (ROOT / f"gancourse/{name.replace('.', '/')}.py").read_text(encoding="utf-8")
        there = {m.key for m in mutants.mutants(text)}
        assert reasons.keys() <= there, f"{name}: {reasons.keys() - there}"
        assert all(len(reason) > 10 for reason in reasons.values())


def test_an_excuse_holds_for_one_line():
    "The same change in the same function: on another line, at another place of it, on such a line again."
    text = "def f(x):\n    a = x + 1\n    b = (1, 1)\n    b = (1, 1)\n    return x +\\\n        1\n"
    keys = [m.key for m in mutants.mutants(text) if m.change == "1 → 2"]
    lines = ["a = x + «1»", "b = («1», 1)", "b = (1, «1»)", "b = («1», 1) (2)", "b = (1, «1») (2)", "«1»"]
    assert keys == [f"f: 1 → 2 in {line}" for line in lines]
    whole = [m.key for m in mutants.mutants(text) if m.change == "x + 1 → x - 1"]
    assert whole == ["f: x + 1 → x - 1 in a = «x + 1»", "f: x + 1 → x - 1 in return «x +\\ 1»"]


@pytest.mark.parametrize("name", ["data", "feed", "oracles.toy_gaussian"])
def test_every_change_has_a_key_of_its_own(name):
    keys = [m.key for m in mutants.mutants(mutants.path_of(ROOT, name).read_text(encoding="utf-8"))]
    assert len(set(keys)) == len(keys)


def test_functions_of_one_line_keep_apart(tmp_path):
    "A change of one of two lambdas reaches it, though both have one name."
    path = tmp_path / "gancourse/twins.py"
    path.parent.mkdir()
    text = "def f(a, b):\n    return (lambda: a), (lambda: a + b), (lambda c=1: c)\n\nheld = f(5, 3)\n"
    path.write_text(text)

    def after(old, new):
        exec(compile(text, str(path), "exec"), names := {})
        mutants.transplant(path, text.replace(old, new))
        return [f() for f in (*names["held"], *names["f"](5, 3))]

    assert after("a + b", "a - b") == [5, 2, 1, 5, 2, 1]
    assert after("lambda: a)", "lambda: -a)") == [-5, 8, 1, -5, 8, 1]
    assert after("c=1: c", "c=2: c + 1") == [5, 8, 3, 5, 8, 3]
    same = mutants.same_closures
    assert same(text, text.replace("a + b", "a - b")) and not same(text, text.replace("a + b", "a"))


MODULE = """# %% auto #0
__all__ = ["larger"]

# %% ../nbs/little.ipynb #99999999
import math


# %% ../nbs/little.ipynb #aaaaaaaa
def larger(a, b):
    return a if a > b else b


# %% ../nbs/little.ipynb #bbbbbbbb
def shown(a):
    return math.floor(a) + 0.5


# %% ../nbs/little.ipynb #cccccccc
def tested(a):
    while a < 3:
        a += 1
    return a


# %% ../nbs/little.ipynb #dddddddd
def nobody(a):
    return a * 2.0


# %% ../nbs/little.ipynb #eeeeeeee
def proved(a):
    return a - 1.5


# %% ../nbs/little.ipynb #ffffffff
READ = 3.0
UNREAD = 6.0
"""


@pytest.fixture
def course(tmp_path):
    "A checkout with one module, its notebook, its proofs and its test."

    def cell(name, source, output=()):
        return nbformat.v4.new_code_cell(source, id=name, outputs=list(output))

    for folder in ("gancourse", "nbs", "nbs/proofs", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "gancourse/__init__.py").touch()
    (tmp_path / "gancourse/little.py").write_text(MODULE)
    (tmp_path / "mutants.json").write_text(
        json.dumps(
            {
                "little": {
                    "larger: a > b → a >= b in return a if «a > b» else b": "the same where they are equal"
                }
            }
        )
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    (tmp_path / "tests/test_little.py").write_text(
        "from gancourse.little import nobody, tested\n\n\ndef test_it():\n    assert tested(2) == 3\n\n\n"
        "def test_red():\n    assert nobody(2) == 5\n"
    )
    said = [nbformat.v4.new_output("stream", name="stdout", text="1.5\n")]
    cells = [
        cell(mark, "#| export\nthe module has it")
        for mark in ("99999999", "aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd", "eeeeeeee", "ffffffff")
    ]
    cells += [
        cell("11111111", "assert larger(1, 2) == larger(2, 1) == 2"),
        cell("22222222", "print(shown(1))", said),
    ]
    cells += [cell("77777777", "three = 3.0"), cell("88888888", "assert READ == three")]
    cells += [cell("33333333", "assert False"), cell("44444444", "while True: assert 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "nbs/little.ipynb")
    proofs = [
        cell("55555555", "from gancourse.little import proved"),
        cell("66666666", "assert proved(2) == 0.5"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=proofs), tmp_path / "nbs/proofs/little.ipynb")
    return tmp_path


def test_a_planted_survivor_is_reported(course):
    code = f"""
import sys; sys.path.insert(0, {str(ROOT / "tools")!r})
import mutants; from pathlib import Path
mutants.HEAVY, mutants.ROOT = "IPython matplotlib.pyplot pytest", Path({str(course)!r})
mutants.EQUIVALENT = mutants.ROOT / "mutants.json"
mutants.main()
"""
    before = {p: p.read_bytes() for p in course.rglob("*") if p.is_file()}
    command = [sys.executable, "-c", code, "little", "--number", "30", "--limit", "1", "--nice", "0"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=course)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        "little: 10 of 13 noticed (77%), 1 change nothing",
        "  gancourse/little.py:27 nobody: a * 2.0 → a / 2.0 in return «a * 2.0»",
        "  gancourse/little.py:27 nobody: 2.0 → 4.0 in return a * «2.0»",
        "  gancourse/little.py:37 <module>: 6.0 → 12.0 in UNREAD = «6.0»",
    ]
    assert before == {
        p: p.read_bytes() for p in course.rglob("*") if p.is_file()
    }  # the checkout is as it was
