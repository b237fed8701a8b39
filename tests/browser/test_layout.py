"The Lab on one screen: where its picture stands, how large it is, and what moves it."

import time

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect
from test_lab import MAKE, SHOW
from test_playground import IMAGE_LAB, IMAGES

GALLERY = """
from gancourse.live import Lab
from gancourse.playground import GALLERY
lab = Lab(GALLERY, steps=10**6, title="Your first games")
lab
"""
PAINT = """
import torch
from gancourse.style import Eye, aim, distances, repaint
from gancourse.live import Curves, Images, Lab
eye, pictures = Eye(), (torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1)
goal = aim(eye, pictures[:1], pictures[1:2])
"""
PAINTING = """
panels = [Images("content, style, and the picture", columns=3,
                 source=lambda game: torch.cat([pictures[:2], game.nets["picture"]().cpu()])),
          Curves("distances", measure=lambda game: distances(eye, game.nets["picture"](), goal))]
lab = Lab(lambda: repaint(pictures[:1], eye), [goal], 120, panels, "A picture is painted")
lab
"""
LABS = dict(gallery=("", GALLERY), images=(IMAGES, IMAGE_LAB), painting=(PAINT, PAINTING))
ROOM = """e => { const pane = e.closest('.jp-WindowedPanel-outer, .jp-Notebook').getBoundingClientRect();
    e.scrollIntoView();
    const lab = e.getBoundingClientRect(), of = s => e.querySelector(s).getBoundingClientRect();
    const picture = of('.gc-hero canvas'), bar = of('.gc-transport');
    return { top: picture.top - lab.top, bottom: picture.bottom, x: picture.left - lab.left,
        width: picture.width, height: picture.height, lab: lab.width, pane: pane.height, screen: pane.bottom,
        bar: bar.height } }"""


def at_size(page, width, height, files):
    "The window of that size, with or without JupyterLab's file browser."
    page.page.set_viewport_size({"width": width, "height": height})
    page.page.evaluate(f"jupyterapp.shell.{'expand' if files else 'collapse'}Left()")
    page.page.wait_for_timeout(400)  # the page lays itself out
    return page.lab.evaluate(ROOM)


@pytest.fixture
def sized(shared):
    "Afterwards the file browser is open again, as other tests expect it."
    yield
    shared().page.evaluate("jupyterapp.shell.expandLeft()")


@pytest.mark.parametrize("name", LABS)
def test_the_picture_stands_first_and_large(open_lab, sized, name):
    make, show = LABS[name]
    page = open_lab(show, make)
    for width, height, files in ((1400, 900, True), (1024, 768, False)):
        room = at_size(page, width, height, files)
        assert room["top"] < 190, (
            name,
            width,
            room,
        )  # title, buttons, a line of words: no more stands above it
        assert room["bottom"] <= room["screen"], (
            name,
            width,
            room,
        )  # the whole picture is on the first screen
        assert max(room["width"] / room["lab"], room["height"] / room["pane"]) > 0.45, (name, width, room)
        if files:
            assert room["bar"] < 45, room  # one row
        for button in ("play", "step", "undo", "reset"):
            expect(page.find(button)).to_be_visible()


def test_all_stands_in_one_column_on_a_phone(open_lab, sized):
    page = open_lab(GALLERY)
    room = at_size(page, 390, 844, False)
    assert room["width"] > 0.9 * room["lab"] and room["x"] < 30, room
    wider, lefts = page.lab.evaluate("""e => [e.scrollWidth - e.clientWidth,
        [...e.querySelectorAll('.gc-side > *, figure')].map(f => f.getBoundingClientRect().left)]""")
    assert wider <= 1 and len(lefts) >= 5 and max(lefts) - min(lefts) <= 1
    output = page.nb.output(1).evaluate("e => e.scrollWidth - e.clientWidth")
    assert output <= 1


def test_settings_and_code_never_move_the_picture(open_lab, sized):
    page = open_lab(GALLERY)
    for width, files in ((1400, True), (390, False)):
        before = at_size(page, width, 900, files)
        page.press("open-settings")
        expect(page.find("set-loss")).to_be_visible()
        page.press("show-code")
        expect(page.find("code").locator("pre")).to_contain_text("import torch")
        assert page.lab.evaluate(ROOM) == before
        if files:  # beside the picture, not over it
            edge = page.find("drawer").bounding_box()["x"]
            picture = page.lab.locator(".gc-hero canvas").first.bounding_box()
            assert edge >= picture["x"] + 0.95 * picture["width"]
        for close in page.lab.locator(".gc-close:visible").all()[::-1]:
            close.click()
        expect(page.find("drawer")).to_be_hidden()
        expect(page.find("open-settings")).to_have_attribute("aria-expanded", "false")


SLOW = """
import time
from gancourse.game import draws
def slowly():
    for x in draws(gaussian, 8):
        time.sleep(1.5)
        yield x
class Slowly:
    def __iter__(self): return slowly()
"""


def test_a_click_is_answered_at_once(open_lab):
    "A step that takes seconds: the page says so before the kernel does."
    page = open_lab(SHOW.replace("draws(gaussian, 8)", "Slowly()"), MAKE + SLOW)
    count = page.find("count")
    expect(count).to_have_text("step 0 · paused")
    text, busy = page.lab.evaluate("""e => { e.querySelector('.gc-step').click();
        return [e.querySelector('.gc-count').textContent, e.getAttribute('aria-busy')] }""")
    assert text == "step 0 · …" and busy == "true"
    time.sleep(0.5)
    expect(count).to_have_text("step 0 · …", timeout=500)  # still at work
    page.at_step(1)
    expect(count).to_have_text("step 1 · paused")
    expect(page.lab).to_have_attribute("aria-busy", "false")


def test_when_the_kernel_is_gone(notebook, open_lab):
    nb = notebook(["", "", ""])
    page = open_lab(SHOW, MAKE, nb=nb)
    page.play()
    nb.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.status("dead")  # nobody clicks: the page notices
    first = page.lab.locator("> :visible").first
    expect(first).to_have_text("No kernel drives this view. Run its cell again.")
    expect(page.find("play")).to_have_text("Start")
    expect(page.find("play")).to_be_disabled()
    expect(page.find("count")).not_to_contain_text("steps/s")
    assert page.lab.get_attribute("aria-busy") == "false"
    expect(nb.output(1).locator("img")).to_be_visible()
    nb.python(page.TRUTH)  # the new kernel must know how to be asked
