"The drawing pad: strokes, keys, samples and files; the answer follows. And a slider for a game's rules."

import io
import re
import time

import numpy as np
import pytest

pytest.importorskip("playwright")
from PIL import Image
from playwright.sync_api import expect

MAKE = """
import json, threading, time
import torch
from torch import nn
from gancourse.data import emoji, emoji_names
from gancourse.pad import Pad

class Net(nn.Module):
    "As much work as the U-Net of lesson 05 for 64 x 64 pixels: six halvings, six doublings, width 32."
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        n = [3, 32, 64, 128, 256, 256, 256]
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1) for a, b in zip(n, n[1:]))
        pairs = enumerate(zip(n, n[1:]))
        up = [nn.ConvTranspose2d(b if k == 5 else 2 * b, a, 4, 2, 1) for k, (a, b) in pairs]
        self.up = nn.ModuleList(reversed(up))
    def forward(self, x):
        seen = [x]
        for layer in self.down: seen.append(torch.relu(layer(seen[-1])))
        y = seen.pop()
        for k, layer in enumerate(self.up):
            y = layer(torch.relu(y if k == 0 else torch.cat([y, seen.pop()], 1)))
        return torch.tanh(y)

net, mode, asked = Net().eval(), "net", []
def answer(x):
    asked.append(x)
    if mode == "slow": time.sleep(0.3)
    if mode == "broken": return x.log()
    return -x + 0.01 * net(x)  # the negative, so that a test can read what was drawn
some, names = emoji("sketch", "test")[[10, 54, 143]], ["tomato", "bomb", "star"]
"""
SHOW = """titles = ('your drawing', 'the negative')
pad = Pad(answer, samples=some, names=names, titles=titles, title='Try it')
pad"""
DARK = """c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0;
    for (let i = 0; i < d.length; i += 4) n += d[i] < 128; return n / d.length * 4 }"""


class PadPage:
    "A pad in cell 1, and the truth from the kernel."

    def __init__(self, page):
        self.lab_page, self.page, self.pad, self.nb = page, page.page, page.lab, page.nb
        self.sheet, self.paper, self.reply = (page.find(name) for name in ("sheet", "page", "reply"))
        self.paper.scroll_into_view_if_needed()
        self.answered()

    def find(self, name):
        return self.lab_page.find(name)

    def ask(self, expression):
        return self.lab_page.ask(expression)

    def answered(self, more=0, before=0):
        "Wait until nothing is under way and so many answers more have come; how many there are."
        self.page.wait_for_function(
            "([e, n]) => e.dataset.busy === 'false' && Number(e.dataset.answers) >= n",
            timeout=20_000,
            arg=[self.pad.element_handle(), before + max(1, more)],
        )
        return int(self.pad.get_attribute("data-answers"))

    def at(self, x, y):
        "A place on the sheet, 0 to 1, as a place on the page."
        box = self.paper.bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def stroke(self, *places, steps=12):
        before = self.answered()
        self.page.mouse.move(*self.at(*places[0]))
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*self.at(*place), steps=steps)
        self.page.mouse.up()
        return self.answered(1, before)

    def ink(self, canvas=None):
        "The dark share of the sheet, or of another canvas."
        return (canvas or self.paper).evaluate(DARK)

    def drawn(self):
        "(dark share, the answer fits) of the drawing that the kernel has."
        return self.ask(
            "[(pad.drawing.mean(1) < 0).float().mean().item(), "
            "(pad.answer_now + pad.drawing).abs().max().item() < 0.1]"
        )


@pytest.fixture
def pad(open_lab):
    return PadPage(open_lab(SHOW, MAKE))


def test_strokes(pad):
    "It opens with the first sample and its answer; strokes change both, and each answer comes soon."
    assert pad.ask(
        "bool(((pad.drawing - some[:1]).abs() < 0.01).all())"
    )  # exactly, although the sheet has more points
    pad.find("clear").click()
    pad.answered(1, 1)
    assert pad.ink() == 0 and pad.drawn() == [0, True]
    expect(pad.find("tip")).to_be_visible()
    pad.stroke((0.2, 0.2), (0.8, 0.2))  # the first stroke may be slower
    expect(pad.find("tip")).to_be_hidden()
    one = pad.ink()
    assert 0.03 < one < 0.05 and pad.drawn() == [
        pytest.approx(one, abs=0.01),
        True,
    ]  # 38 x 4 of 64 x 64 pixels, and round ends
    pad.pad.evaluate("e => { e.gancourse.delays = [] }")
    before, picture = pad.answered(), pad.reply.evaluate("c => c.toDataURL()")
    pad.stroke((0.2, 0.2), (0.2, 0.8), (0.8, 0.8), (0.8, 0.2), steps=40)
    stats = pad.pad.evaluate("e => e.gancourse")
    assert stats["answers"] >= before + 3, stats  # while the hand moved
    delays = sorted(stats["delays"])  # from a change of the page to the answer on the screen, in ms
    assert 0 < delays[len(delays) // 2] < 300 and delays[-1] < 1000, delays
    assert pad.reply.evaluate("c => c.toDataURL()") != picture and 0.1 < pad.ink() < 0.2 and pad.drawn()[1]
    last = pad.reply.evaluate("c => [...c.getContext('2d').getImageData(32, 32, 1, 1).data]")
    assert max(last[:3]) < 20 and pad.ink(pad.reply) == pytest.approx(
        1 - pad.ink(), abs=0.02
    )  # the negative of the sheet


def test_pens_fill_and_undo(pad):
    pad.find("clear").click()
    pad.answered(1, 1)
    expect(pad.find("tool-pen")).to_have_attribute("aria-pressed", "true")
    pad.stroke((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8), (0.2, 0.2))
    frame, count = pad.ink(), pad.answered()
    pad.find("tool-fill").click()
    pad.page.mouse.click(*pad.at(0.5, 0.5))
    pad.answered(1, count)
    assert pad.ink() == pytest.approx(0.66**2, abs=0.02)
    pad.find("tool-eraser").click()
    filled = pad.ink()
    pad.stroke((0.3, 0.5), (0.7, 0.5))
    assert filled - 0.09 < pad.ink() < filled - 0.04
    pad.find("tool-fine").click()
    pad.stroke((0.05, 0.92), (0.95, 0.92))
    for wanted in (filled - 0.06, filled, frame, 0):  # each stroke by itself
        count = pad.answered()
        pad.find("undo").click()
        pad.answered(1, count)
        assert pad.ink() == pytest.approx(wanted, abs=0.02)
        assert pad.drawn() == [pytest.approx(pad.ink(), abs=0.01), True]
    count = pad.answered()
    pad.find("undo").click()  # even Clear
    pad.answered(1, count)
    assert pad.ask("bool(((pad.drawing - some[:1]).abs() < 0.01).all())")
    expect(pad.find("undo")).to_be_disabled()


def test_keys(pad):
    "Everything without a mouse, and JupyterLab gets none of the keys."
    cells = "jupyterapp.shell.currentWidget.content.widgets.length"
    before = pad.page.evaluate(cells)
    pad.find("clear").focus()
    pad.page.keyboard.press("Enter")
    pad.answered(1, 1)
    pad.find("tool-fill").focus()
    pad.page.keyboard.press("a")
    pad.page.keyboard.press("Shift+Tab")
    pad.page.keyboard.press("Shift+Tab")
    pad.page.keyboard.press(" ")  # two to the left: the broad pen
    expect(pad.find("tool-pen")).to_have_attribute("aria-pressed", "true")
    for _ in range(20):
        if pad.sheet.evaluate("e => e === document.activeElement"):
            break
        pad.page.keyboard.press("Tab")
    assert pad.sheet.evaluate(
        "e => e === document.activeElement && getComputedStyle(e).outlineStyle !== 'none'"
    )
    expect(pad.find("keys")).to_be_visible()
    for key in (
        "Shift+ArrowLeft",
        "Shift+ArrowUp",
        "Space",
        *["Shift+ArrowRight"] * 4,
        *["ArrowDown"] * 3,
        "Space",
        "ArrowLeft",
        "b",
    ):
        pad.page.keyboard.press(key)
    expect(pad.find("live")).to_contain_text("The pen is up")
    count = pad.answered(1, 2)
    assert 0.02 < pad.ink() < 0.04 and pad.drawn() == [pytest.approx(pad.ink(), abs=0.01), True]
    pad.page.keyboard.press("Control+z")
    pad.answered(1, count)
    assert pad.ink() == 0 and pad.page.evaluate(cells) == before
    pad.find("sample").first.focus()
    pad.page.keyboard.press("ArrowRight")
    pad.page.keyboard.press("ArrowRight")
    pad.page.keyboard.press("Enter")
    expect(pad.find("live")).to_contain_text("star is the drawing now")
    pad.answered(1, count + 1)
    assert pad.ask("bool(((pad.drawing - some[2:]).abs() < 0.01).all())")
    expect(pad.find("sample").nth(2)).to_have_attribute("aria-pressed", "true")
    expect(pad.find("sample").nth(2)).to_have_accessible_name("star")
    pad.find("next").focus()
    pad.page.keyboard.press("Enter")
    expect(pad.find("live")).to_contain_text("tomato is the drawing now")


def test_touch(pad):
    assert pad.paper.evaluate("c => getComputedStyle(c).touchAction") == "none"
    pad.find("clear").click()
    pad.answered(1, 1)
    (x, y), (x2, _) = pad.at(0.3, 0.5), pad.at(0.7, 0.5)
    devices = pad.page.context.new_cdp_session(pad.page)
    for kind, at in [
        ("touchStart", x),
        *(("touchMove", x + (x2 - x) * i / 10) for i in range(1, 11)),
        ("touchEnd", None),
    ]:
        devices.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [] if at is None else [{"x": at, "y": y}]},
        )
    pad.answered(1, 2)
    assert 0.02 < pad.ink() < 0.04 and pad.drawn()[1]


def test_files(pad, tmp_path):
    photo, notes, big, heic = (tmp_path / name for name in ("half.png", "notes.png", "big.png", "half.HEIC"))
    image = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 100, 100))
    image.save(photo)
    notes.write_text("milk, eggs")
    big.write_bytes(bytes(9_000_000))
    heic.write_bytes(photo.read_bytes())
    count = pad.answered()
    pad.find("file").set_input_files(photo)
    expect(pad.find("notice")).to_contain_text("half.png is the drawing now")
    pad.answered(1, count)
    assert pad.ink() == pytest.approx(0.5, abs=0.01) and pad.drawn() == [pytest.approx(0.5, abs=0.02), True]
    for path, words in (
        (
            notes,
            "notes.png can't be read: not an image, or damaged at its very beginning. "
            "Your drawing is as it was.",
        ),
        (
            big,
            "big.png has 9 MB, 8 MB can be sent, and no picture is found in it. Your drawing is as it was.",
        ),
        (
            heic,
            "half.HEIC is a HEIC photograph, which can't be read here. "
            "Save it as JPEG or PNG first. Your drawing is as it was.",
        ),
    ):
        pad.find("file").set_input_files(path)
        expect(pad.find("notice")).to_have_text(words)
        assert pad.ink() == pytest.approx(0.5, abs=0.01) and pad.drawn()[1]
    noise = np.random.default_rng(0).integers(0, 255, (2000, 2000, 3), np.uint8)
    noise[:, 1000:] = 255
    Image.fromarray(noise).resize((4000, 2400)).save(large := tmp_path / "large.png")
    assert large.stat().st_size > 8e6  # the browser makes it smaller
    count = pad.answered()
    pad.find("file").set_input_files(large)
    expect(pad.find("notice")).to_contain_text("large.png is the drawing now", timeout=20_000)
    pad.answered(1, count)
    pad.find("file").set_input_files(photo)
    expect(pad.find("notice")).to_contain_text("half.png is the drawing now")
    pad.answered(2, count)
    with pad.page.expect_download() as download:
        pad.find("save").click()
    download.value.save_as(tmp_path / "answer.png")
    saved = Image.open(io.BytesIO((tmp_path / "answer.png").read_bytes())).convert("RGB")
    assert download.value.suggested_filename == "answer.png" and saved.size == (64, 64)
    wanted = pad.ask("((pad.answer_now[0, :, 7, [3, 60]] + 1) * 127.5).round().int().T.tolist()")
    assert [list(saved.getpixel((x, 7))) for x in (3, 60)] == wanted


def test_slow_and_broken_answers(pad):
    pad.nb.python("mode = 'slow'; asked.clear()")
    began = time.perf_counter()
    pad.stroke((0.1, 0.1), (0.9, 0.1), (0.1, 0.5), (0.9, 0.5), steps=60)
    assert (
        3 <= pad.ask("len(asked)") <= (time.perf_counter() - began) / 0.3 + 1 and pad.drawn()[1]
    )  # one at a time, never a queue
    assert pad.ask("round((pad.drawing.mean(1) < 0).float().mean().item(), 2)") == pytest.approx(
        pad.ink(), abs=0.02
    )
    pad.nb.python("mode = 'broken'")
    pad.page.mouse.click(*pad.at(0.95, 0.95))
    expect(pad.find("error")).to_contain_text(
        "The answer went wrong. ValueError: answer: expected finite numbers in [-1, 1], but "
    )
    expect(pad.find("details")).to_be_visible()
    pad.nb.python("mode = 'net'")
    pad.page.mouse.click(*pad.at(0.9, 0.95))
    expect(pad.find("error")).to_be_empty()
    assert pad.drawn()[1]


def test_from_python_reload_and_again(pad):
    count = pad.answered()
    pad.nb.python("pad.put(some[1:2])")
    pad.answered(1, count)
    assert pad.ask("bool(((pad.drawing - some[1:2]).abs() < 0.01).all())") and pad.ink() > 0.2
    assert pad.ask("sum(t.name == 'gancourse-pad' for t in threading.enumerate())") == 1
    pad.nb.run(1)  # the cell again: the old pad ends
    expect(pad.lab_page.widget(1)).to_have_count(1)
    end = time.time() + 10
    while pad.ask("sum(t.name == 'gancourse-pad' for t in threading.enumerate())") != 1:
        assert time.time() < end
    expect(pad.nb.output(1).locator("img").last).to_be_hidden()  # the still picture, behind the live pad


def test_kernel_restart(notebook, open_lab):
    nb = notebook([MAKE, SHOW, ""])
    pad = PadPage(open_lab(SHOW, MAKE, nb))
    nb.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    pad.page.mouse.click(*pad.at(0.5, 0.9))
    pad.page.mouse.click(*pad.at(0.5, 0.8))
    expect(pad.pad).to_have_attribute("data-status", "dead", timeout=20_000)
    expect(pad.find("notice")).to_have_text("No kernel drives this pad. Run its cell again.")
    expect(pad.find("clear")).to_be_disabled()
    expect(pad.find("save")).to_be_enabled()
    expect(nb.output(1).locator("img").last).to_be_visible()
    nb.run(0)
    nb.run(1)
    expect(nb.output(1).locator(".gancourse-pad").last).to_have_attribute("data-status", "ready")


GAME = """
from dataclasses import dataclass
import torch
from gancourse.game import Rules, draws, gan, normal
from gancourse.live import Curves, Lab, PatchMap
from gancourse.toy import mlp, ring

@dataclass(slots=True)
class Weighted(Rules):
    weight: float = 1.0

def new_game():
    g = torch.Generator().manual_seed(0)
    game = gan(mlp(2, 16, 2, generator=g), mlp(2, 16, 1, generator=g), z=normal(2))
    game.rules = Weighted(game.rules.loss, lambda D, real, fake: game.rules.weight * D(real).square().mean())
    return game

def judged(game):
    x = torch.linspace(-1, 1, 16 * 16).view(1, 1, 16, 16).repeat(2, 1, 1, 1)
    said = torch.linspace(-3, 3, 16).view(1, 1, 4, 4).repeat(2, 1, 1, 1) + 0.001 * game.step
    return {"real": (x, said), "generated": (-x, -said)}
"""
LAB = """
lab = Lab(new_game, draws(ring, 32), 10**6, [Curves(), PatchMap("patch by patch", judged, field=7)],
          sliders={"weight": ("weight of the penalty", 0, 5)})
lab
"""


def test_slider_of_the_rules(open_lab):
    page = open_lab(LAB, GAME)
    expect(page.find("settings")).to_be_hidden()  # the slider stands beside the learning rates
    assert page.find("set-weight").evaluate("e => [e.min, e.max, e.value]") == ["0", "5", "1"]
    page.play(5)
    page.slide("set-weight", 3)
    running = page.until(lambda k: k["values"]["weight"] == 3)
    assert running["status"] == "running" and page.ask("lab.game.rules.weight") == 3
    expect(page.find("notice")).to_contain_text("weight = 3")
    before = page.pause()
    page.press("step")
    page.at_step(before["step"] + 1)
    for value in (3.2, 3.4, 3.6):
        page.slide("set-weight", value)  # one movement
    page.until(lambda k: k["values"]["weight"] == pytest.approx(3.6))
    page.slide("lr-G", -3)
    page.until(lambda k: k["rates"]["G"] == pytest.approx(1e-3))
    page.press("reset")
    page.at_step(0)
    truth = page.kernel()
    assert truth["values"]["weight"] == pytest.approx(3.6) and truth["rates"]["G"] == pytest.approx(
        1e-3
    )  # both stay
    page.press("undo")  # Reset
    page.until(lambda k: k["step"] == before["step"] + 1 and k["values"]["weight"] == pytest.approx(3.6))
    page.press("undo")  # the movement, and with it the learning rate
    page.until(lambda k: k["values"]["weight"] == 3 and k["rates"]["G"] == pytest.approx(2e-4))
    expect(page.find("set-weight")).to_have_js_property("value", "3")
    page.press("show-code")
    expect(page.find("code").locator("pre")).to_contain_text("game.rules.weight = 3.0")


def test_patch_map(open_lab):
    page = open_lab(LAB, GAME)
    figure = page.find("patches")
    figure.locator("canvas").scroll_into_view_if_needed()
    expect(page.find("words")).to_contain_text(
        "Patch by patch: 4 x 4 patches a picture. D takes for real 50% of real"
    )
    before = page.pixels(0)
    figure.locator(".gc-layer-patches").uncheck()
    plain = page.new_pixels(before, 0)
    figure.locator(".gc-layer-patches").check()
    assert page.new_pixels(plain, 0) == before
    figure.locator(".gc-read").focus()
    said = []
    for key in [*["ArrowRight"] * 8, *["ArrowLeft"] * 8]:
        page.page.keyboard.press(key)
        said.append(figure.locator(".gc-said").inner_text())
    places = [re.match(r"(\w+) 1, row (\d), column (\d): logit", text).groups() for text in said[7:]]
    assert len({row for _, row, _ in places}) == 1
    assert [
        "".join((label[0], c)) for label, _, c in places
    ] == "g4 g3 g2 g1 r4 r3 r2 r1 r1".split()  # across both, to the edge
    canvas = figure.locator("canvas").bounding_box()
    page.page.mouse.move(canvas["x"] + 12, canvas["y"] + 30)
    expect(figure.locator(".gc-legend b")).to_have_text("-3")
    expect(figure.locator(".gc-legend")).to_contain_text("real 1, row 1, column 1: logit")


def test_accessibility(pad):
    from axe_playwright_python.sync_playwright import Axe
    from test_playground import THEME

    pad.nb.python("mode = 'broken'")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        pad.page.evaluate(THEME, theme)
        count = pad.answered()
        found = Axe().run(pad.page, context=".gancourse-pad").response["violations"]
        bad = [
            (v["id"], v["impact"], [n["html"][:150] for n in v["nodes"]])
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        assert not bad, (theme, bad)
        if theme.endswith("Dark"):  # then once more, with an error
            pad.page.mouse.click(*pad.at(0.5, 0.95))
            expect(pad.find("error")).not_to_be_empty()
    assert pad.find("error").get_attribute("role") == "alert" and count
    named = pad.pad.evaluate("""e => [...e.querySelectorAll('button, [tabindex="0"]')]
        .filter(b => b.checkVisibility()
        && !(b.getAttribute('aria-label') || b.innerText).trim()).length""")
    assert named == 0
