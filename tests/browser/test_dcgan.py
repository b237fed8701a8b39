"The Lab of lesson 03, lighter: a DCGAN on digits, with pictures, histograms and a score."

import hashlib
import time

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

MAKE = """
import copy, hashlib, math, torch
from gancourse.data import mnist
from gancourse.dcgan import dcgan
from gancourse.game import minibatches
from gancourse.live import Lab
from gancourse.machine import pick
from gancourse.metrics import digit_classifier, features_of, frechet, moments
from gancourse.panels import Curves, drawer
from gancourse.pictures import Histograms, Images

machine = pick("cpu", "float32", 1)
torch.set_num_threads(1)  # as in the Lab's own thread: with two the sums are rounded in another order
(digits, _), (test_images, test_labels) = mnist("train"), mnist("test")
digits, some, net = digits[:512], test_images[:32], digit_classifier()
known, z = moments(features_of(digits, net)), torch.randn(100, 16, generator=torch.Generator().manual_seed(7))

def answers(game):
    D = copy.deepcopy(game.nets["D"]).train()
    return {"real": D(some), "generated": D(game.nets["G"](z[:32]))}

def drawn(game):
    return {"real": test_labels.float(), "generated": net(drawer(game)(z)).argmax(1).float()}

def distance(fake):
    return {"Fréchet": frechet(known, features_of(fake, net))}

def bits(game):
    "Everything that playing changes: weights, running means, optimizers, generators."
    def flat(x):
        if isinstance(x, (dict, list)): return b"".join(map(flat, x.values() if isinstance(x, dict) else x))
        return x.numpy().tobytes() if isinstance(x, torch.Tensor) else repr(x).encode()
    return hashlib.sha256(flat(game.state_dict())).hexdigest()

def painted(game):
    "What the screen should show: the running mean's pictures of the 64 noises, as bytes."
    with torch.no_grad(): x = game.nets["EMA"](z[:64])
    return hashlib.sha256(((x + 1) * 127.5).round().byte().numpy().tobytes()).hexdigest()
"""
SHOW = """
new_game = lambda: dcgan(16, width=8, lr=1e-3, machine=machine)
lab = Lab(new_game, minibatches(machine.place(digits), 16), 10**6, title="DCGAN on MNIST", panels=[
    Images("what G's running mean draws", z=z[:64]),
    Curves("losses", equilibrium={"2 ln 2": 2 * math.log(2), "ln 2": math.log(2)}, size="small"),
    Histograms("D's logits", answers),
    Histograms("digits drawn", drawn, limits=(-0.5, 9.5), bins=10),
    Curves("distance to real digits", distance, z=z, log=True, size="small", share=0.03)])
lab
"""
IMAGES, LOGITS, CLASSES, LOSSES, DISTANCE = range(
    5
)  # the canvases, in a window where all stand beside the first
TILES = """c => { // 8 x 8 pictures of 32 x 32, each pixel a square of `zoom`, a line between pictures
    const g = c.getContext('2d'), out = [], side = (c.width - 1) / 8 - 1, zoom = side / 32;
    if (zoom !== Math.round(zoom)) return null; // not laid out yet
    for (let k = 0; k < 64; k++) {
        const corner = [k % 8 * (side + 1) + 1, Math.floor(k / 8) * (side + 1) + 1];
        const d = g.getImageData(...corner, side, side).data;
        for (let p = 0; p < 1024; p++) {
            const i = 4 * zoom * (Math.floor(p / 32) * side + p % 32);
            // grey, and nothing shines through
            if (d[i] !== d[i + 1] || d[i] !== d[i + 2] || d[i + 3] !== 255) return null;
            out.push(d[i]);
        }
    }
    return out }"""


@pytest.fixture(autouse=True)
def large_window(shared):
    "Each pixel of a digit is a whole number of the screen's."
    shared().page.set_viewport_size({"width": 1500, "height": 1000})


def bits(page):
    return page.ask("lab.ask(bits)")


def rests(page):
    "The step, and all canvases, once the pictures have come to rest."

    def now():
        return page.lab.get_attribute("data-step"), [page.pixels(c) for c in range(5)]

    before, end = now(), time.time() + 20
    while True:
        time.sleep(0.3)
        if (after := now()) == before:
            return after
        assert time.time() < end, "the pictures never rest"
        before = after


def shows_the_mean(page):
    "Byte for byte, what the running mean draws stands on the screen. Returns how many shades it has."
    wanted, end = page.ask("lab.ask(painted)"), time.time() + 20
    while True:
        tiles = page.lab.locator("canvas").nth(IMAGES).evaluate(TILES)
        if tiles and hashlib.sha256(bytes(tiles)).hexdigest() == wanted:
            return len(set(tiles))
        assert time.time() < end, "the screen shows other pictures than G's running mean draws"
        time.sleep(0.1)


def test_start_pause_step(open_lab):
    page = open_lab(SHOW, MAKE)
    assert page.lab.locator("canvas").count() == 5 and page.kernel()["step"] == 0
    shows_the_mean(page)
    first, (_, blank) = bits(page), rests(page)
    page.press("play")
    page.status("running")
    picture = blank[IMAGES]
    for _ in range(2):
        picture = page.new_pixels(picture, IMAGES)  # again and again
    step = page.plays_on(40)
    assert page.plays_on(5) >= step + 5
    paused = page.pause()
    step, pictures = rests(page)
    assert int(step) == paused["step"] >= 45 and all(a != b for a, b in zip(pictures, blank, strict=True))
    assert shows_the_mean(page) > 30  # shades: no longer the even grey of the beginning
    then = bits(page)
    time.sleep(0.8)
    assert (
        bits(page) == then != first and rests(page) == (step, pictures) and page.kernel() == paused
    )  # it stays
    page.press("step")
    page.at_step(paused["step"] + 1)
    page.status("paused")
    after = page.kernel()
    assert after["step"] == paused["step"] + 1 and all(
        after["bits"][k] != paused["bits"][k] for k in ("G", "D", "EMA")
    )
    assert page.new_pixels(pictures[IMAGES], IMAGES) and shows_the_mean(page)


def test_step_is_the_step_of_a_loop_that_nobody_watches(open_lab):
    "The panels read G, D, the mean, a copy of D in training: none leaves a trace, in batch norm neither."
    page = open_lab(SHOW, MAKE)
    page.lab.evaluate("e => { for (let i = 0; i < 12; i++) e.querySelector('.gc-step').click() }")
    page.at_step(12)
    page.status("paused")
    page.nb.put(
        2,
        """
from gancourse.game import history, train
alone = dcgan(16, width=8, lr=1e-3, machine=machine)
history(train(alone, minibatches(machine.place(digits), 16), 12))
""",
    )
    page.nb.run(2)
    assert page.ask("bits(alone)") == bits(page)


def test_sliders_change_the_running_optimizers(open_lab):
    page = open_lab(SHOW, MAKE)
    assert page.kernel()["rates"] == pytest.approx({"D": 1e-3, "G": 1e-3})
    page.play(3)
    page.slide("lr-D", -2)
    running = page.until(lambda k: k["rates"]["D"] == pytest.approx(1e-2))
    assert running["status"] == "running" and running["rates"]["G"] == pytest.approx(1e-3)
    assert page.ask(
        "lab.ask(lambda game: [p.opt.param_groups[0]['lr'] for p in game.players])"
    ) == pytest.approx([1e-2, 1e-3])
    page.slide("lr-G", -6)  # off
    page.until(lambda k: k["rates"]["G"] == 0)
    page.pause()
    before = page.kernel()
    page.press("step")
    page.at_step(before["step"] + 1)
    after = page.kernel()["bits"]
    assert after["G"] == before["bits"]["G"] and after["D"] != before["bits"]["D"]


def test_save_and_load(open_lab, tmp_path):
    page = open_lab(SHOW, MAKE)
    page.press("epoch")  # one pass over 512 digits
    page.at_step(32)
    page.status("paused")
    _, pictures = rests(page)
    shows_the_mean(page)
    saved = bits(page)
    with page.page.expect_download() as download:
        page.press("save")
    assert download.value.suggested_filename == "gancourse-step-32.safetensors"
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    page.press("epoch")
    page.at_step(64)
    page.status("paused")
    later, (_, other) = bits(page), rests(page)
    assert later != saved and other[IMAGES] != pictures[IMAGES]
    page.press("reset")
    page.at_step(0)
    page.find("file").set_input_files(path)
    page.at_step(32)
    page.status("paused")
    expect(page.find("notice")).to_contain_text("the game goes on from step 32")
    assert bits(page) == saved
    _, loaded = rests(page)
    assert loaded[IMAGES] == pictures[IMAGES] and shows_the_mean(page)  # the very same picture
    page.press("epoch")
    page.at_step(64)
    page.status("paused")
    assert (
        bits(page) == later and rests(page)[1][IMAGES] == other[IMAGES]
    )  # and it goes on as if nothing had been


def test_play_to(open_lab):
    "From a cell, while the view shows it."
    page = open_lab(SHOW, MAKE)
    page.lab.evaluate("""e => { window.seen = [];
        new MutationObserver(() => { const s = `${e.dataset.step} ${e.dataset.status}`;
            if (s !== seen.at(-1)) seen.push(s) })
            .observe(e, { attributes: true, attributeFilter: ['data-step', 'data-status'] }) }""")
    page.nb.put(2, "lab.play_to(600)\nprint(lab.game.step)")
    assert page.nb.run(2).strip() == "600"
    page.at_step(600)
    page.status("paused")
    assert page.kernel()["step"] == 600 and shows_the_mean(page)
    seen = [s.split() for s in page.page.evaluate("seen")]
    between = {int(n) for n, status in seen if status == "stepping"} - {0, 600}
    assert len(between) >= 3 and max(map(int, next(zip(*seen, strict=True)))) == 600  # it could be watched
    page.nb.put(2, "lab.play_to(60)\nprint(lab.game.step)")  # has been played already
    assert page.nb.run(2).strip() == "600"
    page.nb.put(2, "lab.play_to(10**9)\nprint(lab.game.step)")
    page.press("play")  # a run is under way: play_to takes over
    page.status("running")
    page.page.evaluate(
        "() => { const nb = jupyterapp.shell.currentWidget.content; "
        "nb.activeCellIndex = 2; nb.deselectAll(); "
        "nb.widgets[2].model.executionCount = null; jupyterapp.commands.execute('notebook:run-cell') }"
    )
    page.status("stepping")
    page.plays_on(5)
    page.press("play")  # Pause ends it
    page.status("paused")
    page.page.wait_for_function(
        "() => jupyterapp.shell.currentWidget.content.widgets[2].model.executionCount !== null",
        timeout=20_000,
    )
    assert int(page.nb.output(2).inner_text()) == page.kernel()["step"] > 600


def test_what_is_left_for_readers(open_lab):
    "The still picture and its words, renewed when the game rests."
    page = open_lab(SHOW, MAKE)
    still, words = page.nb.output(1).locator("img"), page.nb.output(1).locator(".gc-still")
    expect(still).to_be_hidden()  # behind the live view
    before = still.get_attribute("src")
    page.press("epoch")
    page.at_step(32)
    page.status("paused")
    expect(still).not_to_have_attribute("src", before, timeout=20_000)
    width, height = still.evaluate(
        "async e => { await e.decode(); return [e.naturalWidth, e.naturalHeight] }"
    )
    assert width > 900 and 150 < height < width
    for part in (
        "After 32 steps.",
        "What G's running mean draws: 64 images of 32 x 32 pixels.",
        "Losses: D ",
        "D's logits, medians: real ",
        "Digits drawn, medians: real 4",
        "Distance to real digits: Fréchet ",
    ):
        expect(words).to_contain_text(part, timeout=20_000)
        expect(page.find("words")).to_contain_text(part.removeprefix("After 32 steps."))
