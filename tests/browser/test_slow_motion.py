"""Slow motion in games as the lessons' Labs play them, every scene told, and off again at any time.

Lesson 00's is its own. The others have the same kinds of game with small networks, small pictures and one
panel: a step of the real ones takes seconds on a busy machine."""

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

MAKE = """
import torch
from gancourse.cyclegan import cyclegan
from gancourse.dcgan import Generator, dcgan
from gancourse.game import minibatches, unpaired
from gancourse.live import Curves, Images, Lab, Triples
from gancourse.machine import pick
from gancourse.pix2pix import pix2pix
from gancourse.playground import GALLERY
from gancourse.vae import Encoder, vae
machine = pick("cpu", "float32", 1)
torch.set_num_threads(1)
a, b = (torch.rand(16, 3, 16, 16, generator=torch.Generator().manual_seed(k)) * 2 - 1 for k in (0, 1))
grey = torch.rand(32, 1, 16, 16, generator=torch.Generator().manual_seed(2)) * 2 - 1
def coder():
    torch.manual_seed(0)
    return vae(Encoder(8, size=16, width=4), Generator(8, size=16, width=4), machine=machine)
"""
GAN = ["z", "fakeG", "judgeD", "moveD", "pullG", "moveG"]
WAY = "fakeG_{0}{1} judgeD_{1} backG_{1}{0} cycle"
LABS = {
    "00": ("Lab(GALLERY)", GAN),
    "03": (
        "Lab(lambda: dcgan(8, size=16, width=4, machine=machine), minibatches(grey, 8), "
        "panels=[Images(n=4)])",
        GAN,
    ),
    "05": (
        "Lab(lambda: pix2pix(16, width=4, machine=machine), minibatches((a, b), 4), panels=[Curves()])",
        ["pair", "fakeG", "judgeD", "moveD", "pullG", "moveG"],
    ),
    "06": (
        "Lab(lambda: cyclegan(16, width=4, blocks=1, machine=machine), unpaired(a, b, 4), panels=[Curves()])",
        ["deal", *WAY.format("A", "B").split(), *WAY.format("B", "A").split(), "moveD", "moveG"],
    ),
    "07": ("Lab(coder, minibatches(grey, 8))", ["encodeVAE", "draw", "decodeVAE", "termsVAE", "moveVAE"]),
}


@pytest.mark.parametrize("lesson", LABS)
def test_each_lab_tells_its_step(open_lab, lesson):
    make, story = LABS[lesson]
    page = open_lab(f"lab = {make}\nlab", MAKE)
    page.find("slow").check()
    for number, scene in enumerate(story, 1):
        page.press("step")
        page.has("data-moment", scene)
        expect(page.find("moment")).to_contain_text(f"{number} of {len(story)}")
        assert ("arrows" in page.find("moment").inner_text()) == (lesson == "00" and scene == "pullG")
    page.at_step(1)
    page.press("step")
    page.press("step")
    page.has("data-moment", story[1])
    page.press("undo")
    page.has("data-moment", story[0])
    expect(page.find("notice")).to_have_text("Undone: back to scene 1 of step 2.")
    page.find("slow").uncheck()  # the step is played to its end
    page.at_step(2)
    page.has("data-moment", "")
    expect(page.find("slow")).not_to_be_checked()
    page.status("paused")


def test_off_even_after_an_error(open_lab):
    page = open_lab(f"lab = {LABS['07'][0]}\nlab", MAKE)
    page.find("slow").check()
    page.press("step")
    page.has("data-moment", "encodeVAE")
    page.ask("lab.ask(lambda game: setattr(game.players[0], 'loss', lambda batch: 1 / 0))")
    page.find("slow").uncheck()
    page.status("error")
    expect(page.find("error")).to_contain_text("ZeroDivisionError")
    expect(page.find("slow")).not_to_be_checked()
    assert page.kernel()["step"] == 0
