"""How pytest runs the notebooks: nbval made to agree with nbdev, every notebook held to its time budget."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
NOT_RUN = re.compile(r"^#\|\s*(eval:\s*false|notest)\b", re.MULTILINE)


def pytest_configure(config):
    if not config.getoption("nbval", False):
        return
    from nbval.kernel import RunningKernel

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


class Budgets:
    "Sums the seconds of each notebook, prints them beside its budget, and fails a run that exceeds one."

    def __init__(self):
        course = json.loads((ROOT / "assets" / "course.json").read_text(encoding="utf-8"))
        self.budget = {f"nbs/{lesson['notebook']}.ipynb": lesson["budget_seconds"] for lesson in course}
        self.seconds = Counter()

    def pytest_runtest_logreport(
        self, report
    ):  # one for setup (the kernel starts), call and teardown of each cell
        path = report.nodeid.split("::")[0]
        if path.endswith(".ipynb"):
            self.seconds[path] += report.duration

    def over(self):
        return [
            path for path, seconds in self.seconds.items() if seconds > self.budget.get(path, float("inf"))
        ]

    def pytest_sessionfinish(self, session):
        if self.over() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        if not self.seconds:
            return
        terminalreporter.section("time of each notebook")
        for path, seconds in sorted(self.seconds.items()):
            name = path.removeprefix("nbs/").removesuffix(".ipynb")
            late = path in self.over()
            allowed = (
                f"of {self.budget[path]} s" if path in self.budget else "(no budget in assets/course.json)"
            )
            terminalreporter.line(
                f"{name} {seconds:.0f} s {allowed}{': OVER BUDGET, the run fails' * late}", red=late
            )
