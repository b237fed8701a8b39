"JupyterLab on loopback and headless Chromium for the browser tests."

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY = """() => { const w = window.jupyterapp?.shell?.currentWidget, k = w?.sessionContext?.session?.kernel;
    return w?.context?.isReady && w.sessionContext.isReady && k?.connectionStatus === 'connected' &&
        k.status === 'idle' }"""
RUN = """i => { const nb = jupyterapp.shell.currentWidget.content; nb.activeCellIndex = i; nb.deselectAll();
    nb.widgets[i].model.executionCount = null; jupyterapp.commands.execute('notebook:run-cell') }"""
RAN = """i => { const c = jupyterapp.shell.currentWidget.content.widgets[i].model;
    return c.executionCount !== null && c.executionState !== 'running' }"""
PUT = "([i, text]) => { jupyterapp.shell.currentWidget.content.widgets[i].model.sharedModel.source = text }"
ANSWER = """async code => { const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const future = kernel.requestExecute({ code, store_history: false });
    let out = ''; future.onIOPub = m => { if (m.header.msg_type === 'stream') out += m.content.text;
        if (m.header.msg_type === 'error') out += m.content.traceback.join('\\n') };
    await future.done; return out }"""
TRUTH = """
import hashlib, json, threading
def _truth(lab):
    "What the kernel knows of a Lab, all at one moment between two steps."
    def look(game):
        s, net_bits = lab.session, {}
        for name, net in game.nets.items():
            numbers = b"".join(p.detach().numpy().tobytes() for p in net.parameters())
            net_bits[name] = hashlib.sha256(numbers).hexdigest()[:16]
        return dict(step=game.step, rates={p.name: p.lr for p in game.players}, bits=net_bits,
                    status=s.status, notice=s.notice, slow=s.slow, beat=s.beat, speed=min(s.speed, 1e9),
                    moment=s.moment and s.moment.name + s.moment.player,
                    values=s.recipe and s.recipe.values(), layers=[p.layers for p in lab.panels], left=s.left)
    return lab.ask(look) | dict(threads=sum(t.name == "gancourse-lab" for t in threading.enumerate()))
"""
CLOSE_ALL = """
from gancourse.frontend import close_all
close_all()
print(sum(t.name == "gancourse-lab" for t in threading.enumerate()))
"""


def pytest_collection_modifyitems(items):
    "Without Chromium these tests are skipped by name; CI must run them."
    if CHROMIUM is None and os.environ.get("CI") != "true":
        for item in items:
            if Path(item.path).is_relative_to(Path(__file__).parent):
                item.add_marker(
                    pytest.mark.skip(reason="no Chromium: run tools/chromium.sh, or set CHROMIUM")
                )


@dataclass
class Server:
    folder: Path
    port: int
    token: str

    def api(self, path, method="GET"):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        body = urllib.request.urlopen(request, timeout=10).read()
        return json.loads(body) if body else None

    def url(self, notebook):
        return f"http://127.0.0.1:{self.port}/lab/workspaces/t{secrets.token_hex(4)}/tree/{notebook}?token={self.token}"


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    "A JupyterLab of its own: settings, data and notebooks in a fresh folder."
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("notebooks")
    settings = json.loads((ROOT / "assets" / "live" / "overrides.json").read_text())
    settings["@jupyterlab/notebook-extension:tracker"] = {
        "windowingMode": "none",
        "autoStartDefaultKernel": True,
    }
    (home / "config" / "labconfig").mkdir(parents=True)
    (home / "config" / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(settings))
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    here = Server(folder, port, secrets.token_hex(16))
    places = {f"JUPYTER_{k}_DIR": str(home / k.lower()) for k in ("CONFIG", "DATA", "RUNTIME")}
    places |= {f"JUPYTERLAB_{k}_DIR": str(home / k.lower()) for k in ("SETTINGS", "WORKSPACES")}
    places |= dict(HOME=str(home), IPYTHONDIR=str(home), MPLCONFIGDIR=str(home))
    env = {k: v for k, v in os.environ.items() if k != "GANCOURSE_LIVE"} | places
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "lab",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={here.token}",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.expose_app_in_browser=True",
    ]
    with open(home / "server.log", "w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    end = time.time() + 90
    while True:
        try:
            here.api("status")
            break
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert process.poll() is None and time.time() < end, (home / "server.log").read_text()
            time.sleep(0.2)
    yield here
    for session in here.api("sessions"):
        here.api(f"sessions/{session['id']}", "DELETE")
    process.terminate()
    process.wait(30)


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.fail(
            "CI must run the browser tests, but there is no Chromium: tools/chromium.sh installs Debian's"
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


class Notebook:
    "A notebook open in JupyterLab."

    def __init__(self, server, browser, source, name):
        "source: code cells as strings, or the path of a notebook to copy."
        path = server.folder / name
        if isinstance(source, Path):
            shutil.copy(source, path)
        else:
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
            nbformat.write(
                nbformat.v4.new_notebook(
                    cells=[nbformat.v4.new_code_cell(c) for c in source], metadata=kernel
                ),
                path,
            )
        self.page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.errors, self.outside = [], []
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on(
            "request",
            lambda r: r.url.startswith("http") and "//127.0.0.1" not in r.url and self.outside.append(r.url),
        )
        self.page.goto(server.url(name))
        self.page.wait_for_function(READY, timeout=90_000)

    def cell(self, i):
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell").nth(i)

    def output(self, i):
        return self.cell(i).locator(".jp-Cell-outputArea")

    def run(self, i, seconds=90):
        "Run cell i, wait until it has run, and return what it printed."
        self.page.evaluate(RUN, i)
        self.page.wait_for_function(RAN, arg=i, timeout=seconds * 1000)
        return self.output(i).inner_text() if self.output(i).count() else ""

    def index(self, text):
        "The number of the first code cell that holds the text."
        return self.page.evaluate(
            """t => jupyterapp.shell.currentWidget.content.widgets.findIndex(
            c => c.model.type === 'code' && c.model.sharedModel.source.includes(t))""",
            text,
        )

    def put(self, i, source):
        self.page.evaluate(PUT, [i, source])

    def python(self, code):
        "Run code in the kernel beside the cells: nothing on the page moves. Returns what it printed."
        return self.page.evaluate(ANSWER, code)


class LabPage:
    "A Lab in cell 1 of a notebook (cell 0: what it needs; cell 2: free), and the truth from the kernel."

    TRUTH = TRUTH

    def __init__(self, nb, show, make=""):
        self.nb, self.page = nb, nb.page
        nb.put(0, make)
        nb.put(1, show)
        nb.put(2, "")
        if make:
            nb.run(0)
        nb.python(TRUTH)
        nb.run(1)
        self.lab = self.widget(1)
        try:
            self.lab.locator("canvas").first.wait_for(timeout=30_000)
        except Exception as e:
            raise AssertionError(f"No Lab came: {nb.output(1).inner_text()!r}, {nb.errors}") from e

    def widget(self, cell):
        return self.nb.output(cell).locator(".gancourse-lab")

    def find(self, name):
        return self.lab.locator(f".gc-{name}")

    def ask(self, expression):
        "A Python expression's value, from the kernel."
        text = self.nb.python(f"print(json.dumps({expression}))").strip()
        assert text and "Traceback" not in text, text
        return json.loads(text.splitlines()[-1])

    def kernel(self, lab="lab"):
        return self.ask(f"_truth({lab})")

    def until(self, condition, seconds=25, lab="lab"):
        "Ask the kernel until the condition holds; returns the truth of that moment."
        end = time.time() + seconds
        while not condition(truth := self.kernel(lab)):
            assert time.time() < end, truth
            time.sleep(0.05)
        return truth

    def press(self, name):
        "Press a button, wherever it stands: in the row, or under More."
        self.reveal(name)
        self.find(name).click()

    def reveal(self, name):
        "Open the fold that a control may stand in."
        for fold, opener in ((".gc-menu", ".gc-more summary"), (".gc-settings", ".gc-open-settings")):
            folded = self.lab.locator(f"{fold} .gc-{name}")
            if folded.count() and not self.lab.locator(fold).first.is_visible():
                self.lab.locator(opener).click()

    def status(self, status):
        self.has("data-status", status)

    def at_step(self, n):
        self.has("data-step", str(n))

    def has(self, attribute, value):
        from playwright.sync_api import expect

        expect(self.lab).to_have_attribute(attribute, value, timeout=30_000)

    def plays_on(self, steps=10):
        "Wait until the page has counted so many steps more; its count."
        before = int(self.lab.get_attribute("data-step"))
        wanted = [self.lab.element_handle(), before + steps]
        self.page.wait_for_function("([e, n]) => Number(e.dataset.step) >= n", arg=wanted, timeout=120_000)
        return int(self.lab.get_attribute("data-step"))

    def play(self, steps=10):
        self.press("play")
        self.status("running")
        return self.plays_on(steps)

    def pause(self):
        "Pause, and see that page and kernel agree on the step."
        self.press("play")
        self.status("paused")
        truth = self.kernel()
        self.at_step(truth["step"])
        return truth

    def slide(self, name, value):
        self.find(name).evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')) }", value)

    def choose(self, name, value):
        self.reveal(f"set-{name}")
        self.find(f"set-{name}").select_option(json.dumps(value).removesuffix(".0"))

    def pixels(self, canvas=0):
        "The picture, as text to compare."
        return self.lab.locator("canvas").nth(canvas).evaluate("c => c.toDataURL()")

    def new_pixels(self, before, canvas=0):
        self.page.wait_for_function(
            "([c, before]) => c.toDataURL() !== before",
            timeout=20_000,
            arg=[self.lab.locator("canvas").nth(canvas).element_handle(), before],
        )
        return self.pixels(canvas)


@pytest.fixture
def notebook(server, browser, request):
    opened = []

    def open_notebook(source):
        opened.append(Notebook(server, browser, source, f"{request.node.name}{len(opened)}.ipynb"))
        return opened[-1]

    yield open_notebook
    for nb in opened:
        nb.page.close()
        assert not nb.errors and not nb.outside, (nb.errors, nb.outside)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.when == "call":
        item.went_wrong = report.failed


@pytest.fixture(scope="session")
def shared(server, browser):
    "One notebook for many tests: opening one takes longer than most of them."
    state = {}

    def get():
        if not state:
            state["nb"] = Notebook(server, browser, ["", "", ""], f"shared{secrets.token_hex(3)}.ipynb")
        return state["nb"]

    def drop():
        if state:
            state.pop("nb").page.close()

    get.drop = drop
    yield get
    drop()


@pytest.fixture
def open_lab(shared, request):
    "open_lab(show, make) runs these cells in the shared notebook, or in nb. No Lab or thread is left over."
    used = []

    def open_one(show, make="", nb=None):
        used.append(nb or shared())
        return LabPage(used[-1], show, make)

    yield open_one
    if getattr(request.node, "went_wrong", True):
        shared.drop()  # the next test gets a fresh one
        return
    for nb in used:
        nb.page.set_viewport_size({"width": 1280, "height": 900})
        left = nb.python(CLOSE_ALL)
        errors, outside = list(nb.errors), list(nb.outside)
        nb.errors.clear()
        nb.outside.clear()
        assert left.strip() == "0" and not errors and not outside, (left, errors, outside)
