"""How pytest runs the notebooks: nbval made to agree with nbdev, every notebook held to its time budget."""

import itertools
import json
import os
import re
import time
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
NOT_RUN = re.compile(r"^#\|\s*(eval:\s*false|notest)\b", re.MULTILINE)


def pytest_configure(config):
    if not config.getoption("nbval", False):
        return
    from nbval.kernel import RunningKernel

    os.environ["GANCOURSE_LIVE"] = "0"  # nobody is there to press a button: Labs play to their end

    RunningKernel.execute_cell_input = execute_as_jupyter_does
    if not hasattr(config, "workerinput"):  # not a worker of xdist: here the reports of all workers arrive
        config.pluginmanager.register(Budgets(), "budgets")


def execute_as_jupyter_does(self, cell_input, allow_stdin=None):
    "With history; nbval asks for none, and IPython then ignores a trailing `;` (nbval issue 194)."
    return self.kc.execute(cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False)


def pytest_collection_modifyitems(items):
    for item in items:
        if type(item).__name__ != "IPyNbCell":
            continue
        if item.cell.execution_count is None:  # as nbdev-clean leaves it; nbval would call the cell unrun
            item.cell.execution_count = 0
        if NOT_RUN.search(item.cell.source):
            item.add_marker(pytest.mark.skip(reason="the cell says eval: false or notest"))


REFERENCE_MS = 0.65  # a step of the toy game on the machine that the budgets were set on


def slowness(rounds=5, steps=100):
    """How many times slower this machine is than that one, now; at least 1, at most 5.

    A step of the toy game, the best of some rounds. Budgets are promises for a machine of that kind; on a
    slower one a notebook may take as many times longer.
    """
    import torch

    from gancourse.game import gan, minibatches, normal, train
    from gancourse.toy import gaussian, toy_discriminator, toy_generator

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    game = gan(toy_generator(generator), toy_discriminator(generator), z=normal(2), joint=True)
    play = train(game, minibatches(gaussian(1000, generator), 8))
    best = min(seconds_of(play, steps) for _ in range(rounds))
    torch.set_num_threads(threads)
    return min(5.0, max(1.0, 1e3 * best / steps / REFERENCE_MS))


def seconds_of(play, steps):
    began = time.perf_counter()
    for _ in itertools.islice(play, steps):
        pass
    return time.perf_counter() - began


class Budgets:
    """Sums the seconds of each notebook, prints them beside its budget, and fails a run that exceeds one.

    A slower machine than that of the budgets is measured, said and allowed for.
    """

    def __init__(self):
        course = json.loads((ROOT / "assets" / "course.json").read_text(encoding="utf-8"))
        self.slowness = slowness()
        self.budget = {f"nbs/{lesson['notebook']}.ipynb": lesson["budget_seconds"] for lesson in course}
        self.seconds = Counter()

    def pytest_runtest_logreport(self, report):  # one for setup (the kernel starts), call and teardown
        path = report.nodeid.split("::")[0]
        if path.endswith(".ipynb"):
            self.seconds[path] += report.duration

    def over(self):
        allowed = {path: self.slowness * budget for path, budget in self.budget.items()}
        return [path for path, seconds in self.seconds.items() if seconds > allowed.get(path, float("inf"))]

    def pytest_sessionfinish(self, session):
        if self.over() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        if not self.seconds:
            return
        terminalreporter.section("time of each notebook")
        if self.slowness > 1:
            terminalreporter.line(
                f"this machine is {self.slowness:.1f} times slower than that of the budgets"
            )
        for path, seconds in sorted(self.seconds.items()):
            name, late = path.removeprefix("nbs/").removesuffix(".ipynb"), path in self.over()
            known = path in self.budget
            allowed = f"of {self.budget[path]} s" if known else "(no budget in assets/course.json)"
            said = ": OVER BUDGET, the run fails" * late
            terminalreporter.line(f"{name} {seconds:.0f} s {allowed}{said}", red=late)
