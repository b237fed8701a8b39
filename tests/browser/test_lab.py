"The first Lab, pressed as a learner presses it."
import json
import time
from pathlib import Path

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[2]

MAKE = """
import torch
from gancourse.game import draws, gan, normal
from gancourse.live import Curves, Lab, Points
from gancourse.metrics import frechet, moments
from gancourse.toy import gaussian, toy_discriminator, toy_generator

def new_game():
    g = torch.Generator().manual_seed(1)
    return gan(toy_generator(g), toy_discriminator(g), z=normal(2, seed=1), lr_D=0.05, lr_G=0.005)

data = gaussian(1000, torch.Generator().manual_seed(0))
truth = moments(data)
"""
SHOW = """
lab = Lab(new_game, draws(gaussian, 8), steps=10**6, title="The toy Gaussian", panels=[
    Points(data[:300], (-5, 7, -4, 8)), Curves(equilibrium={"ln 2": 0.6931}),
    Curves("distance to the truth", truth=lambda fake: {"Fréchet": frechet(fake, truth)})])
lab
"""
ASK = """
import hashlib, json, threading
def look(game):
    bits = b"".join(p.detach().numpy().tobytes() for n in game.nets.values() for p in n.parameters())
    return dict(step=game.step, rates={p.name: p.lr for p in game.players}, bits=hashlib.sha256(bits).hexdigest())
print(json.dumps(lab.ask(look) | dict(status=lab.session.status, threads=sum(t.name == "gancourse-lab" for t in threading.enumerate()))))
"""


class Page:
    "The Lab's widget in cell 1, and the truth from the kernel in cell 2."

    def __init__(self, notebook, make=MAKE, show=SHOW, ask=ASK):
        self.nb = notebook([make, show, ask])
        self.nb.run(0), self.nb.run(1)
        self.lab = self.nb.output(1).locator(".gancourse-lab")
        expect(self.lab.locator("canvas").first).to_be_visible(timeout=30_000)

    def kernel(self):
        return json.loads(self.nb.run(2))

    def press(self, name):
        self.lab.locator(f".gc-{name}").click()

    def status(self, status):
        expect(self.lab).to_have_attribute("data-status", status, timeout=20_000)

    def turn(self, n):
        expect(self.lab).to_have_attribute("data-turn", str(n), timeout=20_000)

    def slide(self, name, value):
        self.lab.locator(f".gc-{name}").evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')) }", value)


def drawn(lab):
    "How many different colours the first canvas shows."
    return lab.locator("canvas").first.evaluate("""c => { const s = new Set();
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        for (let i = 0; i < d.length; i += 4) s.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return s.size }""")


def test_start_pause_step(notebook):
    page = Page(notebook)
    first = page.kernel()
    assert (first["step"], first["status"]) == (0, "paused")
    page.press("play"), page.status("running")
    time.sleep(1.5)
    page.press("play"), page.status("paused")
    paused = page.kernel()
    assert paused["step"] > 20 and paused["bits"] != first["bits"]
    time.sleep(0.5)
    assert page.kernel() == paused  # it stays
    page.turn(paused["step"])
    page.press("step"), page.turn(paused["step"] + 1)
    after = page.kernel()
    assert after["step"] == paused["step"] + 1 and after["status"] == "paused"
    assert drawn(page.lab) > 50  # a surface and two sets of points, not an empty canvas
    expect(page.lab.locator(".gc-words")).to_contain_text("The generated points lie around")


def test_slider_and_reset(notebook):
    page = Page(notebook)
    first = page.kernel()
    assert first["rates"] == pytest.approx({"D": 0.05, "G": 0.005})
    page.press("play"), page.status("running")
    page.slide("lr-D", -3)
    page.nb.page.wait_for_timeout(600)
    running = page.kernel()
    assert running["status"] == "running" and running["rates"] == pytest.approx({"D": 1e-3, "G": 0.005})  # changed while it runs
    page.press("reset"), page.turn(0)
    reset = page.kernel()
    assert reset["bits"] == first["bits"] and reset["status"] == "paused"  # bit for bit
    assert reset["rates"] == pytest.approx(running["rates"])  # what the slider shows
    page.slide("lr-D", -5)
    page.press("step"), page.turn(1)
    assert page.kernel()["rates"]["D"] == 0


def test_same_bits_as_unwatched(notebook):
    "Fifty turns under a browser's eyes, and the same fifty turns in a loop that nobody watches."
    alone = """
from gancourse.game import train
game = new_game()
for _ in train(game, draws(gaussian, 8), 50): pass
print(look(game)["bits"])
"""
    page = Page(notebook, ask=ASK + alone)
    for _ in range(3):
        page.press("step")
    page.turn(3)
    page.nb.page.evaluate("() => {}")
    page.lab.evaluate("e => { for (let i = 0; i < 47; i++) e.querySelector('.gc-step').click() }")
    page.turn(50)
    watched, unwatched = page.nb.run(2).split("\n")[:2]
    assert json.loads(watched)["bits"] == unwatched.strip()


def test_error_is_shown(notebook):
    broken = MAKE + """
def poisoned():
    for i, x in enumerate(draws(gaussian, 8), 1):
        yield x * float("nan") if i == 7 else x
class Batches:
    def __iter__(self): return poisoned()
"""
    page = Page(notebook, broken, SHOW.replace("draws(gaussian, 8)", "Batches()"))
    page.press("play"), page.status("error")
    expect(page.lab.locator(".gc-error")).to_contain_text("the loss of player 'D' at step 7 is nan")
    expect(page.lab.locator(".gc-error")).to_contain_text("last good state, step 6")
    assert page.kernel()["step"] == 6
    page.press("reset"), page.status("paused")
    expect(page.lab.locator(".gc-error")).to_be_empty()


def test_running_the_cell_again_leaves_one_run(notebook):
    page = Page(notebook)
    page.press("play"), page.status("running")
    page.nb.run(1)
    page.turn(0), page.status("paused")
    again = page.kernel()
    assert (again["threads"], again["step"], again["status"]) == (1, 0, "paused")
    assert page.nb.output(1).locator(".gancourse-lab").count() == 1
    page.press("step"), page.turn(1)


def test_reload_finds_the_running_game(notebook):
    page = Page(notebook)
    page.press("play"), page.status("running")
    page.nb.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    page.nb.page.wait_for_timeout(500)
    before = page.kernel()["step"]
    page.nb.page.reload()
    page.nb.page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady", timeout=60_000)
    expect(page.lab).to_have_attribute("data-status", "running", timeout=30_000)
    page.nb.page.wait_for_function("([e, n]) => Number(e.dataset.turn) > n", arg=[page.lab.element_handle(), before], timeout=20_000)
    page.press("play"), page.status("paused")


@pytest.mark.parametrize("lesson", ["00_start", "02_toy_gaussian"])
def test_the_lessons_lab(notebook, lesson):
    "Run a lesson down to its Lab, as a learner does, and press Start."
    nb = notebook(ROOT / "nbs" / f"{lesson}.ipynb")
    nb.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    lab = nb.page.locator(".gancourse-lab").last
    expect(lab).to_have_attribute("data-status", "paused", timeout=480_000)
    lab.scroll_into_view_if_needed()
    lab.locator(".gc-play").click()
    nb.page.wait_for_function("e => Number(e.dataset.turn) > 20", arg=lab.element_handle(), timeout=30_000)
    lab.locator(".gc-play").click()
    expect(lab).to_have_attribute("data-status", "paused", timeout=20_000)
    assert drawn(lab) > 50


def test_a_restarted_kernel_is_said(notebook):
    page = Page(notebook)
    page.press("play"), page.status("running")
    page.nb.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.nb.page.wait_for_timeout(3000)
    page.lab.evaluate("e => e.querySelector('.gc-step').click()")  # a click on a dead view, if nothing else has noticed
    page.status("dead")
    expect(page.lab.locator(".gc-words")).to_contain_text("Run its cell again")
    expect(page.nb.output(1).locator("img")).to_be_visible()  # the still picture takes its place
