"The first Lab, pressed as a learner presses it."

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
law = moments(data)
"""
SHOW = """
lab = Lab(new_game, draws(gaussian, 8), steps=10**6, title="The toy Gaussian", panels=[
    Points(data[:300], (-5, 7, -4, 8)), Curves(equilibrium={"ln 2": 0.6931}),
    Curves("distance to the truth", truth=lambda fake: {"Fréchet": frechet(fake, law)})])
lab
"""


def drawn(lab):
    "How many different colours the first canvas shows."
    return lab.locator("canvas").first.evaluate("""c => { const s = new Set();
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        for (let i = 0; i < d.length; i += 4) s.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);
        return s.size }""")


def test_start_pause_step(open_lab):
    page = open_lab(SHOW, MAKE)
    first = page.kernel()
    assert (first["step"], first["status"]) == (0, "paused")
    page.play(20)
    paused = page.pause()
    assert paused["step"] >= 20 and paused["bits"] != first["bits"]
    time.sleep(0.5)
    assert page.kernel() == paused  # it stays
    page.at_step(paused["step"])
    page.press("step")
    page.at_step(paused["step"] + 1)
    after = page.kernel()
    assert after["step"] == paused["step"] + 1 and after["status"] == "paused"
    assert drawn(page.lab) > 50  # a surface and two sets of points, not an empty canvas
    expect(page.find("words")).to_contain_text("The generated points lie around")
    expect(page.find("settings")).to_be_hidden()  # this game was written by hand
    expect(page.find("show-code")).to_be_hidden()


def test_slider_and_reset(open_lab):
    page = open_lab(SHOW, MAKE)
    first = page.kernel()
    assert first["rates"] == pytest.approx({"D": 0.05, "G": 0.005})
    page.play()
    page.slide("lr-D", -3)
    running = page.until(lambda k: k["rates"]["D"] == pytest.approx(1e-3))
    assert running["status"] == "running" and running["rates"] == pytest.approx(
        {"D": 1e-3, "G": 0.005}
    )  # changed while it runs
    page.press("reset")
    page.at_step(0)
    reset = page.kernel()
    assert reset["bits"] == first["bits"] and reset["status"] == "paused"  # bit for bit
    assert reset["rates"] == pytest.approx(running["rates"])  # what the slider shows
    page.slide("lr-D", -6)
    page.press("step")
    page.at_step(1)
    assert page.kernel()["rates"]["D"] == 0


def test_same_bits_as_unwatched(open_lab):
    "Fifty steps under a browser's eyes, and the same fifty steps in a loop that nobody watches."
    page = open_lab(SHOW, MAKE)
    for _ in range(3):
        page.press("step")
    page.at_step(3)
    page.lab.evaluate("e => { for (let i = 0; i < 47; i++) e.querySelector('.gc-step').click() }")
    page.at_step(50)
    page.nb.put(
        2,
        """
from gancourse.game import train
game = new_game()
for _ in train(game, draws(gaussian, 8), 50): pass
""",
    )
    page.nb.run(2)
    alone = page.ask("_truth(Lab(lambda: game, draws(gaussian, 8), panels=[]))")
    assert alone["step"] == 50 and alone["bits"] == page.kernel()["bits"]


def test_error_is_shown(open_lab):
    page = open_lab(
        SHOW.replace("draws(gaussian, 8)", "Batches()"),
        MAKE
        + """
def poisoned():
    for i, x in enumerate(draws(gaussian, 8), 1):
        yield x * float("nan") if i == 7 else x
class Batches:
    def __iter__(self): return poisoned()
""",
    )
    page.press("play")
    page.status("error")
    error = page.find("error")
    expect(error).to_contain_text("the loss of player 'D' at step 7 is nan")
    expect(error).to_contain_text("last good state, step 6")
    expect(error).to_contain_text("press Undo or Reset")
    assert page.kernel()["step"] == 6
    page.press("reset")
    page.status("paused")
    expect(error).to_be_empty()


def test_a_refused_command_is_said(open_lab):
    page = open_lab(SHOW, MAKE)
    before = page.kernel()
    page.ask('lab.do("lr", "D", -1)')
    expect(page.find("notice")).to_contain_text("lr: expected a finite number >= 0")
    assert page.kernel() == before | {"notice": page.find("notice").inner_text()}  # nothing else has changed
    page.press("step")
    page.at_step(1)
    expect(page.find("notice")).to_be_empty()


def test_the_still_picture_follows(open_lab):
    "What a saved notebook keeps: renewed when the game rests."
    page = open_lab(SHOW, MAKE)
    still = page.nb.output(1).locator("img")
    expect(still).to_be_hidden()  # behind the live view
    before = still.get_attribute("src")
    page.play(20)
    page.pause()
    expect(still).not_to_have_attribute("src", before, timeout=20_000)
    expect(page.nb.output(1)).to_contain_text(f"After {page.kernel()['step']} steps.", timeout=20_000)


def test_running_the_cell_again_leaves_one_run(open_lab):
    page = open_lab(SHOW, MAKE)
    page.play()
    page.nb.run(1)
    page.at_step(0)
    page.status("paused")
    again = page.kernel()
    assert (again["threads"], again["step"], again["status"]) == (1, 0, "paused")
    assert page.nb.output(1).locator(".gancourse-lab").count() == 1
    page.press("step")
    page.at_step(1)


DONE = """() => { const cells = jupyterapp.shell.currentWidget.content.widgets;
    const code = cells.filter(c => c.model.type === 'code' && c.model.sharedModel.source.trim());
    return code.at(-1).model.executionCount !== null &&
        code.every(c => c.model.executionState !== 'running') }"""


@pytest.mark.parametrize("lesson", ["00_start", "02_toy_gaussian"])
def test_the_lessons_labs(notebook, lesson):
    "Run a lesson as a learner does, and press Start in each of its Labs."
    nb = notebook(ROOT / "nbs" / f"{lesson}.ipynb")
    nb.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
    nb.page.wait_for_function(DONE, timeout=900_000)  # twice what a slow machine takes
    labs = nb.page.locator(".gancourse-lab")
    assert labs.count() >= 1
    for lab in labs.all():
        expect(lab).to_have_attribute("data-status", "paused", timeout=30_000)
        lab.locator(".gc-play").click()
        nb.page.wait_for_function(
            "e => Number(e.dataset.step) > 20", arg=lab.element_handle(), timeout=30_000
        )
        examples = lab.locator(".gc-example").all()[::-1]
        for example in examples:
            example.click()
            expect(lab.locator(".gc-notice")).to_have_text(
                f"{example.inner_text()}: a new game.", timeout=20_000
            )
        if examples:  # the new game waits
            lab.locator(".gc-play").click()
            nb.page.wait_for_function(
                "e => Number(e.dataset.step) > 20", arg=lab.element_handle(), timeout=30_000
            )
        lab.locator(".gc-play").click()
        expect(lab).to_have_attribute("data-status", "paused", timeout=20_000)
        assert drawn(lab) > 50
        lab.locator(".gc-slow").check()
        for number in range(1, 7):
            lab.locator(".gc-step").click()
            expect(lab.locator(".gc-moment b")).to_have_text(f"{number} of 6", timeout=20_000)
        lab.locator(".gc-slow").uncheck()
        expect(lab).to_have_attribute("data-moment", "", timeout=20_000)


def test_a_restarted_kernel_is_said(notebook, open_lab):
    nb = notebook(["", "", ""])
    page = open_lab(SHOW, MAKE, nb=nb)
    page.play()
    nb.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    nb.page.wait_for_timeout(3000)
    page.lab.evaluate(
        "e => e.querySelector('.gc-step').click()"
    )  # a click on a dead view, if nothing else has noticed
    page.status("dead")
    expect(page.find("gone")).to_contain_text("Run its cell again")
    expect(nb.output(1).locator("img")).to_be_visible()  # the still picture takes its place
    nb.run(0)  # the words tell the truth
    nb.python(page.TRUTH)
    nb.run(1)
    page.at_step(0)
    page.play(5)
    page.pause()
