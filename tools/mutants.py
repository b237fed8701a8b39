"""Would a test notice? Change one thing in a module, run what covers it, and count the changes that turn red.

`python tools/mutants.py [module ...] [--number 25] [--seed 0]` draws changes of the exported code, of each
kind alike: a comparison, an operator, a number, an argument dropped or exchanged, a condition negated, a
statement, a refusal, a `with` or a `.detach()` left out. Each is made in a copy of the checkout and held
against the tests that import the module, the notebook that exports it and its proofs, the cheaper first,
until the first red. It prints the rate of each module, and where nobody noticed: file, line, change. The
same seed draws the same changes. Those that change nothing stand with the reason in tools/mutants.json, each
by its function, the change and the text of its line: the same change on another line is no excuse.

One process has imported torch and the like. It runs the tests, and the cells that check something with those
that they need: what passes twice, within `--limit` seconds of computing, can notice a change. For each change
it is forked, the functions get the new code, and what runs them is repeated. A change outside of functions
takes a process in which all is run anew, and so does one after which a function reads other names around it,
or that only checks can notice that bear no fork.
"""

import argparse
import ast
import contextlib
import copy
import functools
import gc
import importlib
import itertools
import json
import math
import os
import random
import re
import resource
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
import types
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EQUIVALENT = Path(__file__).with_suffix(".json")
HEAVY = "torch torch._dynamo torchmetrics numpy PIL.Image matplotlib.pyplot"
HEAVY += " IPython ipywidgets anywidget pytest hypothesis"
NO_FORK = re.compile(
    "privateuse|accelerator|pretend"
)  # with such a device autograd starts threads: none may fork
LEFT_OUT = ".git", "node_modules", ".venv", ".ipynb_checkpoints", "browser"
GIB = 2**30
A_FILE = 10  # seconds that the tests of one file may take, about: the first of them

# The changes

COMPARE = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}
LOGIC = {ast.And: ast.Or, ast.Or: ast.And}
COPIES = "detach", "clone", "abs", "eval", "copy", "deepcopy"  # methods and functions that may be forgotten
WORDS = "warn", "print"  # calls whose arguments are words for people


@dataclass
class Mutant:
    "One change of a module's text."

    kind: str
    line: int
    where: str  # the function, such as Player.lr, or <module>
    change: str  # in words
    there: str  # the text of the lines on which it is made: what goes stands between « and »
    span: tuple[int, int]  # the bytes that go
    new: str  # what comes
    lines: range | None  # of the function; None: outside of functions

    @property
    def key(self):
        "The same change elsewhere, in this function or on this line, has another."
        return f"{self.where}: {self.change} in {self.there}"

    def made_in(self, text):
        "The module with it. Every line stays where it is."
        text, (begin, end) = text.encode(), self.span
        lost = "\n" * (text.count(b"\n", begin, end) - self.new.count("\n"))
        new = f"{self.new[:-1]}{lost})" if self.new.endswith(")") else self.new + lost
        return (text[:begin] + new.encode() + text[end:]).decode()

    def is_code(self, text):
        try:
            compile(self.made_in(text), "mutant", "exec")
        except SyntaxError:
            return False
        return True


def with_field(node, **fields):
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def one_line(text, most=90):
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def replaced(items, i, *new):
    return [*items[:i], *new, *items[i + 1 :]]


def of_operator(node):
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            yield "comparison", with_field(node, ops=replaced(node.ops, i, COMPARE[type(op)]()))
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC and not is_text(node):
        yield "arithmetic", with_field(node, op=ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield "logic", with_field(node, op=LOGIC[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield "arithmetic", node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        wrong = {bool: lambda x: not x, int: lambda x: x + 1, float: lambda x: 2 * x or 1.0}
        yield "constant", ast.Constant(wrong[type(node.value)](node.value))


def is_text(node):
    "Is it text or a path that is put together here?"
    return any(
        isinstance(x, (ast.JoinedStr, ast.Constant)) and not is_number(x) for x in (node.left, node.right)
    )


def is_number(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))


def of_call(node):
    "(kind, words, code): arguments dropped or exchanged, a copy not made."
    name = ast.unparse(node.func)
    for i, given in enumerate(node.keywords):
        if given.arg is not None:
            less = with_field(node, keywords=replaced(node.keywords, i))
            yield "argument", f"{name}(…) without {ast.unparse(given)}", less
    plain = not any(isinstance(a, ast.Starred) for a in node.args)
    if plain and len(node.args) >= 2:
        yield (
            "argument",
            f"{name}(…) without {ast.unparse(node.args[-1])}",
            with_field(node, args=node.args[:-1]),
        )
        first, second, *more = node.args
        turned = with_field(node, args=[second, first, *more])
        yield "argument", f"{name}(…) with {ast.unparse(first)} and {ast.unparse(second)} exchanged", turned
    last = name.rpartition(".")[2]
    if last in COPIES and not node.keywords:
        if node.args and last == "deepcopy":
            yield "copy", f"{name}(…) left out", node.args[0]
        elif not node.args and isinstance(node.func, ast.Attribute):
            yield "copy", f".{last}() left out", node.func.value


def of_statement(node):
    if isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Await)):
        yield "statement", node, "pass"
    elif isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield "arithmetic", node, ast.unparse(with_field(node, op=ARITHMETIC[type(node.op)]()))
    elif isinstance(node, ast.If) and not node.orelse and all(isinstance(x, ast.Raise) for x in node.body):
        yield "refusal", node, "pass"
    if isinstance(node, ast.With):
        for item in node.items:
            if item.optional_vars is None:
                yield "statement", item.context_expr, '__import__("contextlib").nullcontext()'


def conditions(node):
    "What is negated."
    if isinstance(node, (ast.If, ast.IfExp)):
        yield node.test
    elif isinstance(node, ast.comprehension):
        yield from node.ifs


def changes(node):
    "All that may be wrong at a node: (kind, words, the node that goes, the text that comes)."
    for kind, new in of_operator(node):
        yield kind, f"{ast.unparse(node)} → {ast.unparse(new)}", node, f"({ast.unparse(new)})"
    if isinstance(node, ast.Call):
        for kind, words, new in of_call(node):
            yield kind, words, node, f"({ast.unparse(new)})"
    for kind, old, new in of_statement(node):
        gone = new == "pass" or "nullcontext" in new
        yield kind, f"without {ast.unparse(old)}" if gone else f"{ast.unparse(old)} → {new}", old, new
    for test in conditions(node):
        yield "condition", f"not: {ast.unparse(test)}", test, f"(not ({ast.unparse(test)}))"


def children(node):
    "The nodes below that compute something: no annotations, decorators, errors or words for people."
    if isinstance(node, (ast.Raise, ast.JoinedStr, ast.Assert)):
        return
    left_out = {"annotation", "returns", "decorator_list"}
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in WORDS:
        left_out |= {"args", "keywords"}
    for name, value in ast.iter_fields(node):
        if name not in left_out:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not (
                    isinstance(child, ast.keyword) and child.arg == "stacklevel"
                ):
                    yield child


def sites(node, names=(), lines=None):
    "All nodes, each with the function that it stands in: its name and its lines."
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        names = (*names, node.name)
        if lines is None and not isinstance(node, ast.ClassDef):
            lines = range(min([node.lineno, *(d.lineno for d in node.decorator_list)]), node.end_lineno + 1)
    yield node, ".".join(names) or "<module>", lines
    for child in children(node):
        yield from sites(child, names, lines)


def mutants(text):
    "Every change of a module's text that there is."
    data, seen = text.encode(), Counter()
    starts = [0, *itertools.accumulate(map(len, data.splitlines(keepends=True)))]
    for site, where, lines in sites(ast.parse(text)):
        for kind, words, old, new in changes(site):
            first, last = starts[old.lineno - 1], starts[old.end_lineno]
            span = begin, end = first + old.col_offset, starts[old.end_lineno - 1] + old.end_col_offset
            before, gone, after = (
                part.decode() for part in (data[first:begin], data[begin:end], data[end:last])
            )
            there = " ".join(f"{before}«{gone}»{after}".split())
            mutant = Mutant(kind, old.lineno, where, one_line(words), there, span, new, lines)
            seen[mutant.key] += 1
            if (nth := seen[mutant.key]) > 1:  # on another line of the same text
                mutant.there += f" ({nth})"
            yield mutant


def drawn(text, number, seed):
    "Some of them, of each kind alike as far as there are any."
    dice, kinds = random.Random(seed), defaultdict(list)
    for mutant in mutants(text):
        kinds[mutant.kind].append(mutant)
    for many in kinds.values():
        dice.shuffle(many)
    found = []
    while len(found) < number and any(kinds.values()):
        some = [many.pop() for many in kinds.values() if many]
        found += [mutant for mutant in some if mutant.is_code(text)]
    return sorted(found[:number], key=lambda m: m.line)


# The copy of the checkout, and the processes that run there


class TimeUp(BaseException):
    "Not an Exception: what is tested may catch those."


@contextlib.contextmanager
def at_most(seconds):
    "End what runs here after so many seconds of computing, or of waiting six times as long."

    def ring(*_):
        raise TimeUp

    timers = {
        signal.ITIMER_PROF: (signal.SIGPROF, seconds),
        signal.ITIMER_REAL: (signal.SIGALRM, 6 * seconds),
    }
    for timer, (bell, after) in timers.items():
        signal.signal(bell, ring)
        signal.setitimer(timer, after)
    try:
        yield
    finally:
        for timer in timers:
            signal.setitimer(timer, 0)


def warm():
    "Import once what is slow to import, and nothing of the package: every fork has it."
    os.environ |= {
        "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "1",
        "GANCOURSE_PROGRESS": "off",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    sys.dont_write_bytecode = True
    for name in HEAVY.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell.instance(config=Config(HistoryManager=dict(enabled=False)))
    shell.showtraceback = lambda *_, **__: None  # in colours it would take longer than the cell
    assert not any(name.partition(".")[0] == "gancourse" for name in sys.modules)


def copied(folder):
    "A copy of the checkout, in which a module may be changed."
    return Path(shutil.copytree(ROOT, Path(folder) / "course", ignore=shutil.ignore_patterns(*LEFT_OUT)))


def settle(root, seconds):
    "In a new process: the package is that of the copy, and nothing is shown or taken without end."
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    resource.setrlimit(resource.RLIMIT_FSIZE, (GIB, GIB))
    resource.setrlimit(resource.RLIMIT_AS, (16 * GIB, 16 * GIB))
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
    os.environ["PYTHONPATH"] = str(root)
    sys.path.insert(0, str(root))


def forked(root, work, seconds):
    """What `work()` returns (as JSON), computed in a process of its own.

    None: it did not come back, in so many seconds of computing, or ten times as many beside others.
    """
    here, there = os.pipe()
    if (child := os.fork()) == 0:
        try:
            settle(root, seconds)
            answer = json.dumps([True, work()])
        except BaseException:
            answer = json.dumps([False, traceback.format_exc()])
        with os.fdopen(there, "w") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(there)
    text, until = b"", time.monotonic() + 10 * seconds
    while select.select([here], [], [], max(0, until - time.monotonic()))[0] and (
        more := os.read(here, 1 << 16)
    ):
        text += more
    os.close(here)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    came, answer = json.loads(text) if text else (True, None)
    if not came:
        raise RuntimeError(f"in a forked process: {answer}")
    return answer


# The notebook that exports a module, and its proofs

MARK = re.compile(r"^# %% (\S+\.ipynb) #(\S+)$", re.MULTILINE)
EXPORTED = re.compile(r"^#\| *export", re.MULTILINE)
NOT_RUN = re.compile(r"^#\| *(eval: *false|notest)", re.MULTILINE)
CHECKS = re.compile(r"\bassert|\b(raises|warns)\(")
DRAWS = re.compile(r"^(plot_|show|ax|fig|plt)")


def exported(text):
    "The code of each exported cell by the cell's id, on the lines on which it stands in the module."
    marks = [*MARK.finditer(text)]
    ends = [*(m.start() for m in marks[1:]), len(text)]
    return {
        m[2]: "\n" * text.count("\n", 0, m.end()) + text[m.end() : end]
        for m, end in zip(marks, ends, strict=True)
    }


class Cell:
    "A code cell of a notebook: what it checks, and which names it reads and changes."

    def __init__(self, cell, exported):
        self.name, self.source = cell["id"], "".join(cell["source"])
        self.exported = EXPORTED.search(self.source) is not None
        self.free = "nbval-ignore-output" in cell["metadata"].get("tags", [])
        if self.exported:
            self.source = exported.get(self.name, "")
        plain = re.sub(r"^[ \t]*[%!].*$", "", self.source, flags=re.MULTILINE)
        self.reads, self.sets, self.changes = set(), set(), set()
        for node in ast.parse(plain).body:
            names = [x for x in ast.walk(node) if isinstance(x, ast.Name)]
            new = {x.id for x in names if not isinstance(x.ctx, ast.Load)} | {*defined(node)}
            self.reads |= {x.id for x in names if isinstance(x.ctx, ast.Load)} - self.sets
            self.sets |= new
            self.changes |= new | {*touched(node)}
        speaks = any(o["output_type"] in ("stream", "execute_result") for o in cell["outputs"])
        self.checks = speaks and not self.free or CHECKS.search(self.source) is not None

    def run(self, module, limit):
        "(error or None, text)."
        from IPython.utils.capture import capture_output

        shell = sys.modules["IPython"].get_ipython()
        error = None
        with capture_output() as captured:
            if self.exported:  # definitions, which may import what is slow to import
                exec(compile(self.source, str(module), "exec"), shell.user_ns)
            else:
                try:
                    with at_most(limit):
                        outcome = shell.run_cell(self.source)
                    error = outcome.error_before_exec or outcome.error_in_exec
                except TimeUp as e:
                    error = e
        sys.modules["matplotlib.pyplot"].close("all")
        return error and repr(error), None if self.free else said(captured)


def defined(tree):
    "Names of functions, classes and imports."
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]


def touched(tree):
    "Names whose objects may be changed: by an assignment, a loop, a call for nothing else."
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            yield from names_in(node.value)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if not DRAWS.search(ast.unparse(node.value.func)):
                yield from names_in(node.value)
        elif isinstance(node, (ast.For, ast.comprehension)):
            yield from names_in(node.iter)


def names_in(tree):
    return {x.id for x in ast.walk(tree) if isinstance(x, ast.Name)}


def said(captured):
    "What a cell prints and shows, as text; objects by their address aside."
    shown = [captured.stdout, *(str(o.data.get("text/plain")) for o in captured.outputs)]
    return re.sub(r"0x[0-9a-f]+", "0x", "\n".join(shown))


def cells_of(module):
    "The notebook of a module, and what checks something in it and in its proofs, with what that needs."
    text = module.read_text(encoding="utf-8")
    path, code = (module.parent / MARK.search(text)[1]).resolve(), exported(text)
    both = [p for p in (path, path.parent / "proofs" / path.name) if p.is_file()]
    return path, [cell for p in both for cell in checking(p, code)]


def checking(path, code):
    "The cells of one notebook that check something, and what they need, as far as the names tell."
    cells = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    reads, found = set(), []
    for cell in reversed([Cell(c, code) for c in cells if not NOT_RUN.search("".join(c["source"]))]):
        if cell.exported or cell.checks or cell.changes & reads:
            found.append(cell)
            reads = reads - cell.sets | cell.reads
    return found[::-1]


# The tests that import it


def imports(path):
    "The modules of the package that a test file imports."
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def within_pytest(root, module, work):
    "What `work(tests)` returns, where pytest has collected those that import the module."
    import pytest

    class Loop:
        error = "its tests were not collected"

        def pytest_runtestloop(self, session):
            try:
                self.answer = work(session.items)
            except BaseException:
                self.error = traceback.format_exc()
            return True

    dotted, loop = ".".join(module.relative_to(root).with_suffix("").parts), Loop()
    Loop.pytest_runtestloop = pytest.hookimpl(tryfirst=True)(Loop.pytest_runtestloop)
    files = [
        p
        for p in sorted((root / "tests").glob("test_*.py"))
        if not NO_FORK.search(p.read_text(encoding="utf-8"))
    ]
    files = [str(p) for p in files if dotted in imports(p)]
    os.chdir(root)
    if not files:
        return work([])
    options = "-q -s --noconftest -p no:cacheprovider --continue-on-collection-errors -m".split()
    pytest.main([*options, "not slow", *files], plugins=[loop])
    if not hasattr(loop, "answer"):
        raise RuntimeError(f"{module}: {loop.error}")
    return loop.answer


def run_test(item, limit):
    "(error or None, None)."
    from _pytest.runner import runtestprotocol

    try:
        with at_most(limit):
            reports = runtestprotocol(item, log=False, nextitem=None)
    except (TimeUp, Exception) as e:  # pytest itself may break where a bell rings within C
        return repr(e), None
    return next((one_line(str(r.longrepr)[-90:]) for r in reports if r.failed), None), None


class Tracer:
    "While it is entered: the first lines of the module's functions that run."

    def __init__(self, module):
        self.file, self.lines = str(module), set()

    def note(self, frame, event, _):
        if event == "call" and frame.f_code.co_filename == self.file:
            self.lines.add(frame.f_code.co_firstlineno)

    def __enter__(self):
        sys.setprofile(self.note)
        threading.setprofile(self.note)
        return self.lines

    def __exit__(self, *_):
        sys.setprofile(None)
        threading.setprofile(None)


# One module


class Red(Exception):
    "The first check that fails: its name, and why."


@dataclass
class Check:
    "A cell or a test that passes."

    run: Callable  # (limit) -> (error or None, text)
    lines: set  # of the functions that it runs
    seconds: float
    text: str | None  # what it says; None: that may vary

    def again(self, limit):
        "What is wrong with it now, or None."
        error, text = self.run(limit)
        return error or ("other text" if self.text not in (None, text) else None)


class Module:
    """A module, its notebook and its tests, all run once: which checks there are, and what they notice.

    With a plan {check: text} only those, and the first that is red is raised.
    """

    def __init__(self, root, name, limit, tests, plan=None):
        self.root, self.limit, self.checks, self.helpers = root, limit, {}, []
        self.path = path_of(root, name)
        sys.modules["IPython"].get_ipython().user_module.__package__ = "gancourse"  # of relative imports
        notebook, cells = cells_of(self.path)
        os.chdir(notebook.parent)
        for cell in cells:
            if cell.exported or plan is None or cell.name in plan:
                self.look(cell.name, functools.partial(cell.run, self.path), plan, cell.checks)
        os.chdir(root)
        spent = defaultdict(float)
        for item in tests:
            if item.nodeid in plan if plan is not None else spent[item.path] < A_FILE:
                began = time.process_time()
                self.look(item.nodeid, functools.partial(run_test, item), plan)
                spent[item.path] += time.process_time() - began
        if plan is None:
            self.keep_what_can_be_repeated()

    def look(self, name, run, plan, checks=True):
        began, tracer = time.process_time(), Tracer(self.path)
        with tracer as lines:
            error, text = run(self.limit if plan is None else 3 * self.limit)
        if plan is not None and (error or plan.get(name) not in (None, text)):
            raise Red(name, error or "other text")
        if checks and not error:
            self.checks[name] = Check(run, lines, time.process_time() - began, text)
        elif not error:
            self.helpers.append(name)

    def keep_what_can_be_repeated(self):
        def again():
            transplant(self.path, self.path.read_text(encoding="utf-8"))
            return {name: check.run(3 * self.limit) for name, check in self.checks.items()}

        cost = sum(check.seconds for check in self.checks.values())
        done = forked(self.root, again, 60 + 3 * cost) or {}
        kept = {name: self.checks[name] for name, (error, _) in done.items() if not error}
        self.checks, self.lost = kept, {n: c for n, c in self.checks.items() if n not in kept}
        self.first = {name: check.text for name, check in self.checks.items()}
        for name, check in self.checks.items():
            check.text = done[name][1]

    def plan(self):
        "What a new process can expect: {check: text, where that is always the same}."
        texts = {name: c.text if c.text == self.first[name] else None for name, c in self.checks.items()}
        return texts | dict.fromkeys([*self.lost, *self.helpers])

    def first_red(self, checks, text):
        "The first of these that is red, [name, why], where the functions are as in this text; [] if none."
        try:
            transplant(self.path, text)
        except Exception as e:
            return ["import", repr(e)]
        for name in checks:
            if why := self.checks[name].again(3 * self.limit):
                return [name, why]
        return []

    def notices(self, mutant):
        "Who turns red, or None: of the checks that run the changed function, the cheaper first."
        checks = {n: c.seconds for n, c in self.checks.items() if any(i in mutant.lines for i in c.lines)}
        names, text = sorted(checks, key=checks.get), self.path.read_text(encoding="utf-8")
        seconds = 10 + 5 * sum(checks.values())
        red = forked(self.root, lambda: self.first_red(names, mutant.made_in(text)), seconds)
        if red is None:
            return "no end"
        if red and red[0] in self.checks:
            some = names[: names.index(red[0]) + 1]
            if forked(self.root, lambda: self.first_red(some, text), seconds) != []:  # red without the change
                del self.checks[red[0]]
                return self.notices(mutant)
        return ": ".join(red) or None

    def misses(self, mutant):
        "Does a check run the changed function that passes only in a process of its own?"
        return any(i in mutant.lines for check in self.lost.values() for i in check.lines)


def path_of(root, name):
    return root / "gancourse" / f"{name.replace('.', '/')}.py"


def transplant(path, text):
    "Give all functions that come from the file `path` the code and the defaults that they have in `text`."
    name = ".".join(path.with_suffix("").parts[-len(path.parts) + path.parts.index("gancourse") :])
    new = {"__name__": name, "__package__": name.rpartition(".")[0], "__file__": str(path)}
    module = compile(text, str(path), "exec")
    exec(module, new)
    codes, was = places(module), places(compile(path.read_text(encoding="utf-8"), str(path), "exec"))
    here, there = ({spot(code): at for at, code in each.items()} for each in (codes, was))
    functions = [f for f in gc.get_objects() if type(f) is types.FunctionType]
    functions = [f for f in functions if f.__code__.co_filename == str(path)]
    made = {here[spot(f.__code__)]: f for f in functions if f.__globals__ is new}
    for f in functions:
        at = there.get(spot(f.__code__))
        if f.__globals__ is not new and (code := codes.get(at)):
            if (fresh := made.get(at)) is not None:
                f.__defaults__, f.__kwdefaults__ = fresh.__defaults__, fresh.__kwdefaults__
            f.__code__ = code


def same_closures(text, other):
    "Can the functions of a text be given the code of another one? Not where it reads other outer names."
    mine, theirs = (places(compile(t, "mutant", "exec")) for t in (text, other))
    both = mine.keys() & theirs.keys()
    return all(len(mine[at].co_freevars) == len(theirs[at].co_freevars) for at in both)


def spot(code):
    "Where a code stands in its text. (What it is made of may differ where a cell was compiled alone.)"
    ends = ((line, column) for _, line, _, column in code.co_positions() if column is not None)
    return code.co_qualname, code.co_firstlineno, max(ends, default=None)


def places(code):
    "(name, first line, which of those that share them) of a code and of all inside it: {place: code}."
    found, seen, waiting = {}, Counter(), [code]
    while waiting:
        code = waiting.pop()
        at = code.co_qualname, code.co_firstlineno
        found[*at, seen[at]] = code
        seen[at] += 1
        waiting += [x for x in code.co_consts if isinstance(x, types.CodeType)]
    return found


def known(name):
    "The changes of a module that change nothing: {change: reason}."
    return json.loads(EQUIVALENT.read_text(encoding="utf-8")).get(name, {})


@contextlib.contextmanager
def changed(path, mutant):
    "The file with the change, for a while."
    text = path.read_text(encoding="utf-8")
    try:
        for now in (mutant.made_in(text), text):
            path.write_text(now, encoding="utf-8")
            for stale in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
                stale.unlink()
            if now is not text:
                yield
    finally:
        path.write_text(text, encoding="utf-8")


def measure(root, name, number, seed, limit, tell=lambda words: None):
    "(noticed, tried, equivalent, survivors) of a module."
    path = path_of(root, name)
    text = path.read_text(encoding="utf-8")
    sample = drawn(text, number, f"{seed} {name}")
    tried = [m for m in sample if m.key not in known(name)]
    noticed = {}

    def note(mutant, who):
        tell(f"  {mutant.line}: {mutant.key}: {one_line(who or 'SURVIVES')}")
        noticed[mutant.key] = who

    def inside(tests):
        module = Module(root, name, limit, tests)
        tell(f"{name}: {len(module.checks)} checks, {sum(c.seconds for c in module.checks.values()):.1f} s")
        for mutant in tried:
            if mutant.lines is None or not same_closures(text, mutant.made_in(text)):
                continue
            if (who := module.notices(mutant)) or not module.misses(mutant):
                note(mutant, who)
        return module.plan(), noticed

    plan, noticed = forked(root, lambda: within_pytest(root, path, inside), 7200)

    def anew(tests):
        try:
            Module(root, name, limit, tests, plan)
        except Red as e:
            return ": ".join(e.args)
        except Exception as e:
            return repr(e)
        return ""

    for mutant in tried:
        if mutant.key not in noticed:
            with changed(path, mutant):
                who = forked(root, lambda: within_pytest(root, path, anew), 600)
            note(mutant, "no end" if who is None else who)
    survivors = [m for m in tried if not noticed[m.key]]
    return len(tried) - len(survivors), len(tried), len(sample) - len(tried), survivors


def all_modules(root):
    paths = sorted((root / "gancourse").rglob("[!_]*.py"))
    return [".".join(p.relative_to(root / "gancourse").with_suffix("").parts) for p in paths]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="such as losses or oracles.vae; none: all")
    parser.add_argument("--number", type=int, default=25, help="changes of each module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=1.5, help="seconds that a cell or a test may take")
    parser.add_argument("--nice", type=int, default=19, help="how far to stand back behind other work")
    parser.add_argument("--talk", action="store_true", help="each change as it is tried")
    given = parser.parse_args()
    os.nice(given.nice)
    warm()
    out = os.dup(1)  # the forked processes have no other
    tell = lambda words: given.talk and os.write(out, f"{words}\n".encode())
    with tempfile.TemporaryDirectory() as folder:
        root = copied(folder)
        for name in given.modules or all_modules(root):
            killed, tried, equal, survivors = measure(root, name, given.number, given.seed, given.limit, tell)
            rate = f" ({killed / tried:.0%})" if tried else ""
            print(f"{name}: {killed} of {tried} noticed{rate}, {equal} change nothing", flush=True)
            for mutant in survivors:
                print(f"  gancourse/{name.replace('.', '/')}.py:{mutant.line} {mutant.key}", flush=True)


if __name__ == "__main__":
    main()
