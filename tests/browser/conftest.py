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
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
READY = """() => { const w = window.jupyterapp?.shell?.currentWidget, k = w?.sessionContext?.session?.kernel;
    return w?.context?.isReady && w.sessionContext.isReady && k?.connectionStatus === 'connected' && k.status === 'idle' }"""
RUN = """i => { const nb = jupyterapp.shell.currentWidget.content; nb.activeCellIndex = i; nb.deselectAll();
    const before = nb.widgets[i].model.executionCount; jupyterapp.commands.execute('notebook:run-cell'); return before }"""
RAN = """([i, before]) => { const c = jupyterapp.shell.currentWidget.content.widgets[i].model;
    return c.executionCount !== null && c.executionCount !== before && c.executionState !== 'running' }"""


def pytest_collection_modifyitems(items):
    "Without Chromium these tests are skipped by name; CI must run them."
    if CHROMIUM is None and os.environ.get("CI") != "true":
        for item in items:
            if Path(item.path).is_relative_to(Path(__file__).parent):
                item.add_marker(pytest.mark.skip(reason="no Chromium: run tools/chromium.sh, or set CHROMIUM"))


@dataclass
class Server:
    folder: Path
    port: int
    token: str

    def api(self, path, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/{path}", method=method,
                                         headers={"Authorization": f"token {self.token}"})
        body = urllib.request.urlopen(request, timeout=10).read()
        return json.loads(body) if body else None

    def url(self, notebook):
        return f"http://127.0.0.1:{self.port}/lab/workspaces/t{secrets.token_hex(4)}/tree/{notebook}?token={self.token}"


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    "A JupyterLab of its own: settings, data and notebooks in a fresh folder."
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("notebooks")
    settings = json.loads((ROOT / "assets" / "live" / "overrides.json").read_text())
    settings["@jupyterlab/notebook-extension:tracker"] = {"windowingMode": "none", "autoStartDefaultKernel": True}
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
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
               "--ServerApp.port_retries=0", f"--IdentityProvider.token={here.token}", f"--ServerApp.root_dir={folder}",
               "--LabApp.expose_app_in_browser=True"]
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
        pytest.fail("CI must run the browser tests, but there is no Chromium: tools/chromium.sh installs Debian's")
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
            nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in source], metadata=kernel), path)
        self.page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.errors, self.outside = [], []
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on("request", lambda r: r.url.startswith("http") and "//127.0.0.1" not in r.url and self.outside.append(r.url))
        self.page.goto(server.url(name))
        self.page.wait_for_function(READY, timeout=90_000)

    def cell(self, i):
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell").nth(i)

    def output(self, i):
        return self.cell(i).locator(".jp-Cell-outputArea")

    def run(self, i, seconds=90):
        "Run cell i, wait until it has run, and return what it printed."
        before = self.page.evaluate(RUN, i)
        self.page.wait_for_function(RAN, arg=[i, before], timeout=seconds * 1000)
        return self.output(i).inner_text() if self.output(i).count() else ""

    def index(self, text):
        "The number of the first code cell that holds the text."
        return self.page.evaluate("""t => jupyterapp.shell.currentWidget.content.widgets.findIndex(
            c => c.model.type === 'code' && c.model.sharedModel.source.includes(t))""", text)


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
