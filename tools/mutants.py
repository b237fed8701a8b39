"""Would a test notice? Change one thing in a module, run what covers it, and count the changes that turn red.

`python tools/mutants.py [module ...] [--number 25] [--seed 0]` draws changes of the exported code, of each
kind alike: a comparison, an operator, a number, an argument dropped or exchanged, a condition negated, a
statement, a refusal, a `with` or a `.detach()` left out. Each is made in a copy of the checkout and held
against the tests that import the module and the notebook that exports it, the cheaper first, until the first
red. It prints the rate of each module, and where nobody noticed: file, line, change. The same seed draws the
same changes. Those that change nothing stand with the reason in tools/mutants.json.

One process has imported torch and the like, and is forked for each change. It runs the tests that run the
changed function, and the cells that do, with the cells that these need; only such as pass unchanged, within
`--limit` seconds of computing each.
"""

import argparse
import ast
import contextlib
import copy
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
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EQUIVALENT = Path(__file__).with_suffix(".json")
HEAVY = "torch torchmetrics numpy PIL.Image matplotlib.pyplot IPython ipywidgets anywidget pytest hypothesis"
LEFT_OUT = ".git", "node_modules", ".venv", ".ipynb_checkpoints", "browser"
GIB = 2**30
START = 2  # seconds until pytest runs its first test

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
    span: tuple[int, int]  # the bytes that go
    new: str  # what comes
    lines: range | None  # of the function; None: outside of functions

    @property
    def key(self):
        return f"{self.where}: {self.change}"

    def made_in(self, text):
        "The module with it."
        begin, end = self.span
        return (text.encode()[:begin] + self.new.encode() + text.encode()[end:]).decode()

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
    starts = [0, *itertools.accumulate(map(len, text.encode().splitlines(keepends=True)))]
    for site, where, lines in sites(ast.parse(text)):
        for kind, words, old, new in changes(site):
            span = starts[old.lineno - 1] + old.col_offset, starts[old.end_lineno - 1] + old.end_col_offset
            yield Mutant(kind, old.lineno, where, one_line(words), span, new, lines)


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


# The notebook that exports a module

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


def cells_of(path, module):
    "The code cells of a notebook that are run."
    code = exported(module.read_text(encoding="utf-8"))
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and not NOT_RUN.search("".join(cell["source"])):
            yield Cell(cell, code)


def needed(cells, wanted):
    "Those that `wanted(cell)` names, and what they need from the others, as far as the names tell."
    reads, found = set(), []
    for cell in reversed(cells):
        if cell.exported or wanted(cell) or cell.changes & reads:
            found.append(cell)
            reads = reads - cell.sets | cell.reads
    return found[::-1]


def notebook_of(path):
    "The notebook that a module comes from."
    first = MARK.search(path.read_text(encoding="utf-8"))
    return (path.parent / first[1]).resolve()


def said(captured):
    "What a cell prints and shows, as text; objects by their address aside."
    shown = [captured.stdout, *(str(o.data.get("text/plain")) for o in captured.outputs)]
    return re.sub(r"0x[0-9a-f]+", "0x", "\n".join(shown))


def run_cells(cells, path, module, limit, texts=None):
    """Run cells, exported ones as the module has them: {id: [seconds, error, text, functions that it ran]}.

    Without `texts` all of them are run, and traced. With {id: the text to come, or None} up to the first that
    fails or says something else.
    """
    from IPython.utils.capture import capture_output

    shell, pyplot, done = sys.modules["IPython"].get_ipython(), sys.modules["matplotlib.pyplot"], {}
    shell.user_module.__package__ = "gancourse"  # the modules import their siblings
    os.chdir(path.parent)
    tracer = Tracer(module)
    for cell in cells:
        began = time.process_time()
        with (
            capture_output() as captured,
            at_most(limit),
            tracer if texts is None else contextlib.nullcontext(),
        ):
            if cell.exported:
                exec(compile(cell.source, str(module), "exec"), shell.user_ns)
                error = None
            else:
                outcome = shell.run_cell(cell.source)
                error = outcome.error_before_exec or outcome.error_in_exec
        pyplot.close("all")
        text = None if cell.free else said(captured)
        if texts is not None and not error and texts[cell.name] not in (None, text):
            error = "other text"
        done[cell.name] = [time.process_time() - began, error and repr(error), text, sorted(tracer.lines)]
        tracer.lines.clear()
        if texts is not None and error:
            break
    return done


class Notebook:
    "The cells of a notebook that pass, what they say alike twice, and which functions they run."

    def __init__(self, root, module, limit):
        self.root, self.module, self.limit, self.path = root, module, limit, notebook_of(module)
        cells = needed([*cells_of(self.path, module)], lambda cell: cell.checks)
        first = self.run(cells, limit)
        cells = [c for c in cells if not first[c.name][1]]
        done = {}
        while not done or any(row[1] for row in done.values()):  # a cell may need one that did not pass
            cells = [c for c in cells if not (done and done[c.name][1])]
            done = self.run(cells, 3 * limit)
        self.cells, self.ran = cells, {c.name: done[c.name][3] for c in cells}
        self.seconds = {c.name: done[c.name][0] for c in cells}
        self.texts = {c.name: done[c.name][2] if done[c.name][2] == first[c.name][2] else None for c in cells}
        self.sound = {}

    def run(self, cells, limit, texts=None, seconds=1000):
        fresh = {c.name: c for c in cells_of(self.path, self.module)}
        return forked(
            self.root,
            lambda: run_cells([fresh[c.name] for c in cells], self.path, self.module, limit, texts),
            seconds,
        )

    def cells_for(self, lines):
        "The cells that run these lines, and what they need."
        return needed(self.cells, lambda cell: cell.checks and runs(self.ran[cell.name], lines))

    def cost(self, cells):
        return sum(self.seconds[c.name] for c in cells)

    def red(self, cells):
        "The first cell of these that fails, and why."
        done = self.run(cells, 5 * self.limit, self.texts, 10 + 5 * self.cost(cells))
        if done is None:
            return "notebook: no end"
        return next((f"cell {name}: {row[1]}" for name, row in done.items() if row[1]), None)


def runs(ran, lines):
    "Does what ran there run functions in these lines? All do, of the module's own lines."
    return lines is None or any(line in lines for line in ran)


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

    def __exit__(self, *_):
        sys.setprofile(None)
        threading.setprofile(None)


# The tests that import it


def imports(path):
    "The modules of the package that a test file imports."
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


class Watcher:
    "A plugin of pytest: the seconds of each test, whether it passed, and which functions it ran."

    def __init__(self, module, limit, traced):
        self.tracer, self.limit, self.traced, self.done = Tracer(module), limit, traced, {}
        self.shared = defaultdict(set)  # what fixtures of a whole file ran

    def pytest_runtest_protocol(self, item, nextitem):
        self.tracer.lines, self.began = set(), time.process_time()
        self.done[item.nodeid] = [0, True, self.tracer.lines]
        if self.traced:
            self.tracer.__enter__()

    def pytest_runtest_logreport(self, report):
        row = self.done[report.nodeid]
        if report.when == "setup":
            self.shared[report.nodeid.partition("::")[0]] |= row[2]
        row[:2] = time.process_time() - self.began, row[1] and not report.failed
        if report.when == "teardown" and self.traced:
            self.tracer.__exit__()

    def limited(self, item):
        with at_most(self.limit):
            yield

    def answer(self):
        "{test: [seconds, passed, lines]}"
        return {
            name: [seconds, passed, sorted(lines | self.shared[name.partition("::")[0]])]
            for name, (seconds, passed, lines) in self.done.items()
        }


def run_tests(root, module, names, limit, traced=False):
    "Run these tests, up to the first that fails (traced: all): what they did, and pytest's exit code."
    import pytest

    class Limited(Watcher):
        pytest_runtest_call = pytest.hookimpl(hookwrapper=True)(Watcher.limited)

    os.chdir(root)
    watcher = Limited(module, limit, traced)
    options = ["-q", "-m", "not slow", "-p", "no:cacheprovider", *([] if traced else ["-x"])]
    code = pytest.main([*options, *names], plugins=[watcher])
    return watcher.answer(), int(code)


class Tests:
    "The tests that import a module and pass."

    def __init__(self, root, module, limit):
        self.root, self.module, self.limit = root, module, limit
        dotted = ".".join(module.relative_to(root).with_suffix("").parts)
        files = [
            str(p.relative_to(root))
            for p in sorted((root / "tests").glob("test_*.py"))
            if dotted in imports(p)
        ]
        done, _ = self.run(files, limit, True) if files else ({}, 0)
        self.ran = {name: lines for name, (_, passed, lines) in done.items() if passed}
        self.seconds = {name: done[name][0] for name in self.ran}

    def run(self, names, limit, traced=False, seconds=1000):
        return forked(self.root, lambda: run_tests(self.root, self.module, names, limit, traced), seconds)

    def that_run(self, lines):
        "Those that run these lines, the cheaper file first."
        some, file = [name for name, ran in self.ran.items() if runs(ran, lines)], defaultdict(float)
        for name in some:
            file[name.partition("::")[0]] += self.seconds[name]
        return sorted(some, key=lambda n: (file[n.partition("::")[0]], n.partition("::")[0]))

    def cost(self, names):
        return START + sum(self.seconds[name] for name in names)

    def red(self, names):
        "The first of these that fails."
        if not names:
            return None
        done = self.run(names, 5 * self.limit, seconds=10 + 5 * self.cost(names))
        if done is None:
            return "tests: no end"
        return next((name for name, row in done[0].items() if not row[1]), "tests" if done[1] else None)


# One module


class Module:
    "A module in the copy, what covers it, and what that notices."

    def __init__(self, root, name, limit):
        self.path = root / "gancourse" / f"{name.replace('.', '/')}.py"
        self.text = self.path.read_text(encoding="utf-8")
        self.notebook, self.tests = Notebook(root, self.path, limit), Tests(root, self.path, limit)
        self.sound = {}

    def write(self, text):
        self.path.write_text(text, encoding="utf-8")
        for stale in (self.path.parent / "__pycache__").glob(f"{self.path.stem}.*"):
            stale.unlink()

    @contextlib.contextmanager
    def changed(self, mutant):
        self.write(mutant.made_in(self.text))
        try:
            yield
        finally:
            self.write(self.text)

    def notebook_notices(self, mutant):
        "First the cells that run the changed function. If these are red as the module is, then all cells."
        cells = self.notebook.cells_for(mutant.lines)
        with self.changed(mutant):
            who = self.notebook.red(cells)
        if who and mutant.lines not in self.sound:
            self.sound[mutant.lines] = not self.notebook.red(cells)
        if who and not self.sound[mutant.lines]:
            with self.changed(mutant):
                who = self.notebook.red(self.notebook.cells)
        return who

    def tests_notice(self, mutant):
        with self.changed(mutant):
            return self.tests.red(self.tests.that_run(mutant.lines))

    def notices(self, mutant):
        "Who turns red, or None; the cheaper first."
        cost = {
            self.notebook_notices: self.notebook.cost(self.notebook.cells_for(mutant.lines)),
            self.tests_notice: self.tests.cost(self.tests.that_run(mutant.lines)),
        }
        return next(filter(None, (look(mutant) for look in sorted(cost, key=cost.get))), None)


def known(name):
    "The changes of a module that change nothing: {change: reason}."
    return json.loads(EQUIVALENT.read_text(encoding="utf-8")).get(name, {})


def measure(root, name, number, seed, limit, talk=False):
    "(killed, tried, equivalent, survivors) of a module."
    module = Module(root, name, limit)
    sample = drawn(module.text, number, f"{seed} {name}")
    equal = [m for m in sample if m.key in known(name)]
    tried = [m for m in sample if m not in equal]
    if talk:
        for what in (module.notebook, module.tests):
            print(
                f"{name}: {len(what.seconds)} {type(what).__name__}, {sum(what.seconds.values()):.1f} s",
                flush=True,
            )
    survivors = []
    for mutant in tried:
        began, who = time.monotonic(), module.notices(mutant)
        if talk:
            took = f"{time.monotonic() - began:.1f} s"
            print(f"  {mutant.line}: {mutant.key}: {one_line(who or 'SURVIVES')} ({took})", flush=True)
        if not who:
            survivors.append(mutant)
    return len(tried) - len(survivors), len(tried), len(equal), survivors


def all_modules(root):
    paths = sorted((root / "gancourse").rglob("[!_]*.py"))
    return [".".join(p.relative_to(root / "gancourse").with_suffix("").parts) for p in paths]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="such as losses or oracles.vae; none: all")
    parser.add_argument("--number", type=int, default=25, help="changes of each module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=3, help="seconds that a cell or a test may take")
    parser.add_argument("--talk", action="store_true", help="each change as it is tried")
    given = parser.parse_args()
    os.nice(19)
    warm()
    with tempfile.TemporaryDirectory() as folder:
        root = copied(folder)
        for name in given.modules or all_modules(root):
            killed, tried, equal, survivors = measure(
                root, name, given.number, given.seed, given.limit, given.talk
            )
            rate = f" ({killed / tried:.0%})" if tried else ""
            print(f"{name}: {killed} of {tried} noticed{rate}, {equal} change nothing", flush=True)
            for mutant in survivors:
                print(f"  gancourse/{name.replace('.', '/')}.py:{mutant.line} {mutant.key}", flush=True)


if __name__ == "__main__":
    main()
