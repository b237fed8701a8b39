"The living map of a sweep: seen, walked over, and a click opens the member's own Lab."

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

MAKE = """
import torch
from gancourse.game import minibatches
from gancourse.population import sweep
from gancourse.ratemap import SweepLab
from gancourse.toy import gaussian
data = gaussian(1000, torch.Generator().manual_seed(0))
columns, rows = torch.logspace(-3, -1, 9).tolist(), torch.logspace(-3, -1, 5).tolist()
def member():
    game = lab.opened and lab.opened.game
    return game and dict(step=game.step, rates={p.name: p.lr for p in game.players})
"""
SHOW = "lab = SweepLab(lambda: sweep(columns, rows), minibatches(data, 8), steps=10**6, title='Many')\nlab"


@pytest.fixture
def page(open_lab):
    page = open_lab(SHOW, MAKE)
    page.lab = page.lab.first
    page.map, page.card = page.find("sweep").locator("canvas").first, page.find("member")
    page.map.scroll_into_view_if_needed()
    page.page.mouse.move(5, 5)  # else it may still point at a pair, from the test before
    return page


def shown(page):
    return page.card.locator("xpath=..").evaluate("e => [Number(e.dataset.cell), Number(e.dataset.shown)]")


def point(page, column, row, click=False):
    "Go to a pair: columns from the left, rows from below, as on the map."
    box = page.map.bounding_box()
    left, top, width = 52, 6, box["width"] - 52 - 58
    tall = min(380, max(60, round(width * 5 / 9)))
    x, y = box["x"] + left + (column + 0.5) * width / 9, box["y"] + top + tall - (row + 0.5) * tall / 5
    page.page.mouse.move(x, y)
    if click:
        page.page.mouse.click(x, y)


def test_map(page):
    before, picture = page.pixels(0), page.pixels(1)
    page.play(50)
    assert page.new_pixels(before, 0) != before and page.new_pixels(picture, 1) != picture
    truth = page.pause()
    assert truth["step"] >= 50 and truth["threads"] == 1
    expect(page.lab).to_contain_text("Fréchet distance over 9 learning rates of D and 5 of G: from ")
    best = page.ask("int(lab.panels[0].errors.argmin())")
    assert shown(page) == [-1, best]
    assert "The best pair is lr_D" in page.map.get_attribute("aria-label")


def test_point(page):
    page.press("step")
    page.at_step(1)
    for column, row, pair in (
        (0, 0, "lr_D 0.001, lr_G 0.001"),
        (8, 0, "lr_D 0.1, lr_G 0.001"),
        (8, 4, "lr_D 0.1, lr_G 0.1"),
    ):
        point(page, column, row)
        expect(page.card.locator("b")).to_have_text(pair)
        assert shown(page) == [9 * row + column] * 2
    error = page.ask("lab.panels[0].errors[4, 8].item()")
    expect(page.card).to_contain_text(f"Fréchet distance {error:.3g}")
    box = page.map.bounding_box()
    page.page.mouse.move(box["x"] - 20, box["y"] + 20)
    expect(page.card.locator("b")).to_contain_text("the best so far: ")


def test_click_opens(page):
    page.press("step")
    page.at_step(1)
    page.press("epoch")
    page.at_step(126)
    page.status("paused")
    point(page, 6, 2, click=True)
    below = page.widget(1).nth(1)
    expect(below).to_contain_text(
        "Learning rates 0.0316 of D and 0.01 of G, seed 0, from step 126", timeout=30_000
    )
    expect(page.find("notice")).to_contain_text("Opened below: learning rates 0.0316 of D")
    opened = page.ask("member()")
    assert opened["step"] == 126 and opened["rates"] == pytest.approx({"D": 10**-1.5, "G": 0.01}, rel=1e-5)
    below.locator(".gc-step").click()
    expect(below).to_have_attribute("data-step", "127")
    page.press("step")
    page.at_step(127)
    same = """[bool(torch.allclose(own, many[lab.panels[0].errors.shape[1] * 2 + 6], atol=1e-5))
        for k in "GD" for own, many in
              zip(lab.opened.game.nets[k].parameters(), lab.game.nets[k].parameters())]"""
    assert page.ask(same) == [True] * 8  # it goes on where it stood
    point(page, 1, 0, click=True)  # another takes its place
    expect(page.widget(1).nth(1)).to_contain_text("from step 127", timeout=30_000)
    expect(page.widget(1)).to_have_count(2)
    assert page.kernel()["threads"] == 2


def test_keys(page):
    page.press("step")
    page.at_step(1)
    row, column = divmod(
        page.ask("int(lab.panels[0].errors.argmin())"), 9
    )  # the keys set out from the best pair
    page.find("read").focus()
    ways = dict(ArrowRight=(0, 1), ArrowUp=(1, 0), ArrowLeft=(0, -1), ArrowDown=(-1, 0))
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowDown"):
        page.page.keyboard.press(key)
        row, column = (
            min(max(0, v + d), top) for v, d, top in zip((row, column), ways[key], (4, 8), strict=True)
        )
        assert shown(page) == [9 * row + column] * 2
    expect(page.find("said").first).to_contain_text("Fréchet distance")
    page.page.keyboard.press("Enter")
    expect(page.widget(1).nth(1)).to_contain_text("from step 1", timeout=30_000)
    assert page.ask("member()")["rates"] == pytest.approx(
        page.ask(f"dict(D=columns[{column}], G=rows[{row}])"), rel=1e-5
    )
    page.find("read").focus()
    page.page.keyboard.press("Escape")
    assert shown(page)[0] == -1


def test_while_it_runs(page):
    page.play(50)
    point(page, 4, 2, click=True)
    below = page.widget(1).nth(1)
    expect(below).to_contain_text("Learning rates 0.01 of D and 0.01 of G", timeout=30_000)
    page.plays_on(50)  # the sweep goes on
    below.locator(".gc-play").click()
    expect(below).to_have_attribute("data-status", "running")
    expect(page.find("others")).to_contain_text("Another Lab is running too", timeout=30_000)
    below.locator(".gc-play").click()
    expect(below).to_have_attribute("data-status", "paused")
    page.pause()
    page.nb.run(1)  # the cell again: the old map and its member end
    expect(page.widget(1)).to_have_count(1)
    assert page.ask("sum(t.name == 'gancourse-lab' for t in threading.enumerate())") == 1
