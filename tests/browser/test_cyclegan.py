"CycleGAN in a Lab: strips there and back, four losses, scores against hidden partners, sliders for λ."

import pytest
from playwright.sync_api import expect

MAKE = """
import hashlib
import torch
from gancourse.cyclegan import cyclegan
from gancourse.data import disjoint_halves, emoji
from gancourse.game import unpaired
from gancourse.live import Curves, Lab, Triples
from gancourse.machine import pick
from gancourse.metrics import psnr

torch.set_num_threads(1)  # as in the Lab's own thread: with two the sums are rounded in another order
machine, (i, j) = pick("cpu", "float32"), disjoint_halves(1014)
a, b = emoji("flat", size=16)[i], emoji("3d", size=16)[j]
test_a, test_b = emoji("flat", "test", 16)[:8], emoji("3d", "test", 16)[:8]

def new_game(): return cyclegan(16, width=4, blocks=1, pool=6, cycle=3.0, decay=0.9, machine=machine)
def there_and_back(game, x): y = game.nets["EMA_AB"](x); return y, game.nets["EMA_BA"](y)
def back_and_there(game, x): y = game.nets["EMA_BA"](x); return y, game.nets["EMA_AB"](y)
def score(game): return {"PSNR": psnr(there_and_back(game, test_a)[0], test_b).pooled}
def bits(game):
    numbers = lambda net: b"".join(t.numpy().tobytes() for t in net.state_dict().values())
    return {k: hashlib.sha256(numbers(net)).hexdigest() for k, net in game.nets.items()}

def panels():
    last = ("and back", "hidden partner")
    return [Triples((test_a[:2], test_b[:2]), there_and_back, ("A", "A → B", *last), "A → B → A"),
            Triples((test_b[:2], test_a[:2]), back_and_there, ("B", "B → A", *last), "B → A → B"),
            Curves("does D believe it?", labels=("D.A", "D.B", "G.AB", "G.BA")),
            Curves("there and back", labels=("G.cycle_A", "G.cycle_B", "G.identity_A", "G.identity_B")),
            Curves("score", measure=score, share=0.2)]
"""
SHOW = """
lab = Lab(new_game, unpaired(a, b, 4), 10**6, panels(), "CycleGAN",
          sliders={"cycle": ("λ, weight of there and back", 0, 20),
                   "identity": ("weight of the identity loss", 0, 10)})
lab
"""
NETS = {"G_AB", "G_BA", "D_A", "D_B", "EMA_AB", "EMA_BA"}


def words(page):
    return page.find("words").inner_text()


def test_start_pause_step(open_lab):
    page = open_lab(SHOW, MAKE)
    assert page.lab.locator("canvas").count() == 5 and page.kernel()["step"] == 0
    expect(page.find("words")).to_contain_text("The A → B is off the hidden partner by")
    first = page.pixels(0), page.pixels(1)
    page.play(30)
    paused = page.pause()
    assert page.pixels(0) != first[0] and page.pixels(1) != first[1]  # both strips move
    page.press("step")
    page.at_step(paused["step"] + 1)
    page.status("paused")
    after = page.kernel()
    assert all(after["bits"][k] != paused["bits"][k] for k in NETS)  # four networks and two means
    said = words(page)
    for term in ("D.A", "G.AB", "G.BA", "G.cycle_A", "G.cycle_B", "Score: PSNR"):
        assert term in said


def test_step_is_the_step_of_a_loop_that_nobody_watches(open_lab):
    "Not even the pools of old fakes, nor their dice, feel that they are looked at."
    page = open_lab(SHOW, MAKE)
    page.lab.evaluate("e => { for (let i = 0; i < 12; i++) e.querySelector('.gc-step').click() }")
    page.at_step(12)
    page.status("paused")
    page.nb.put(
        2,
        "from gancourse.game import history, train\nalone = new_game()\n"
        "history(train(alone, unpaired(a, b, 4), 12))",
    )
    page.nb.run(2)
    assert page.ask("lab.ask(bits)") == page.ask("bits(alone)")


def test_sliders_change_the_rules_of_a_running_game(open_lab):
    page = open_lab(SHOW, MAKE)
    assert page.find("set-cycle").evaluate("e => [e.min, e.max, e.value]") == ["0", "20", "3"]
    page.play(5)
    page.slide("set-identity", 4)
    page.until(lambda k: k["values"]["identity"] == 4)
    page.plays_on(5)
    page.pause()
    assert "G.identity_A 0," not in words(page)  # it was 0, and is paid for now
    page.slide("set-cycle", 0)
    page.slide("set-identity", 0)
    page.until(lambda k: k["values"]["cycle"] == k["values"]["identity"] == 0)
    before = page.kernel()["step"]
    page.press("step")
    page.at_step(before + 1)
    page.status("paused")
    assert "G.cycle_A 0, G.cycle_B 0, G.identity_A 0, G.identity_B 0" in words(page)
    page.slide("lr-G", -6)  # off
    page.until(lambda k: k["rates"]["G"] == 0)
    before = page.kernel()
    page.press("step")
    page.at_step(before["step"] + 1)
    page.status("paused")
    after = page.kernel()["bits"]
    assert after["G_AB"] == before["bits"]["G_AB"] and after["G_BA"] == before["bits"]["G_BA"]
    assert after["D_A"] != before["bits"]["D_A"] and after["D_B"] != before["bits"]["D_B"]
    assert page.kernel()["rates"]["D"] == pytest.approx(5e-4)


def test_reset_begins_the_same_game_again(open_lab):
    page = open_lab(SHOW, MAKE)
    page.lab.evaluate("e => { for (let i = 0; i < 6; i++) e.querySelector('.gc-step').click() }")
    page.at_step(6)
    page.status("paused")
    once = page.ask("lab.ask(bits)")
    page.press("reset")
    page.at_step(0)
    assert page.ask("lab.ask(bits)") == page.ask("bits(new_game())")
    page.lab.evaluate("e => { for (let i = 0; i < 6; i++) e.querySelector('.gc-step').click() }")
    page.at_step(6)
    page.status("paused")
    assert page.ask("lab.ask(bits)") == once
