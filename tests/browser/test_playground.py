"Everything a learner can press in the playground, and what the kernel says to it."

import json
import math
import os
import re
import time
from pathlib import Path

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[2]

SHOW = """
from gancourse.live import Lab
from gancourse.playground import Playground
lab = Lab(Playground(width_D=16, width_G=16), steps=10**6)
lab
"""


def test_buttons(open_lab):
    page = open_lab(SHOW)
    first = page.kernel()
    assert (first["step"], first["status"], first["threads"]) == (0, "paused", 1)
    expect(page.find("play")).to_have_text("Start")
    page.play(30)
    expect(page.find("play")).to_have_text("Pause")
    paused = page.pause()
    assert paused["step"] >= 30 and paused["bits"] != first["bits"]
    time.sleep(0.4)
    assert page.kernel() == paused  # it stays
    page.press("step")
    page.at_step(paused["step"] + 1)
    page.status("paused")
    both = page.kernel()
    assert both["step"] == paused["step"] + 1 and all(both["bits"][p] != paused["bits"][p] for p in "DG")
    for n, (mover, other) in enumerate(("DG", "GD"), 1):
        before = page.kernel()
        page.press(f"only-{mover}")
        page.at_step(both["step"] + n)
        after = page.kernel()
        assert after["step"] == both["step"] + n and after["status"] == "paused"
        assert after["bits"][mover] != before["bits"][mover] and after["bits"][other] == before["bits"][other]
    page.press("undo")
    page.at_step(both["step"] + 1)
    page.press("undo")
    page.at_step(both["step"])
    expect(page.find("notice")).to_contain_text(f"back to step {both['step']}")
    assert page.kernel()["bits"] == both["bits"]
    page.press("undo")  # the step, the run
    page.press("undo")
    page.at_step(0)
    assert page.kernel()["bits"] == first["bits"]
    expect(page.find("undo")).to_have_attribute("aria-disabled", "true")
    page.find("undo").click(force=True)  # nothing to take back: said, and nothing else happens
    expect(page.find("notice")).to_contain_text("nothing was done yet")
    assert page.kernel()["bits"] == first["bits"]
    page.press("step")
    page.at_step(1)
    page.press("reset")
    page.at_step(0)
    assert page.kernel()["bits"] == first["bits"] and page.kernel()["status"] == "paused"


def test_epoch(open_lab):
    page = open_lab(SHOW)
    expect(page.find("epoch")).to_have_text("100 steps")
    page.press("epoch")
    page.at_step(100)
    page.status("paused")
    page.choose("points", 1024)
    expect(page.find("epoch")).to_have_text("Epoch")
    page.press("epoch")
    page.at_step(100 + 1024 // 128)
    page.status("paused")
    assert page.kernel()["step"] == 108 and page.kernel()["values"]["points"] == 1024


def test_speed(open_lab):
    page = open_lab(SHOW)
    page.slide("speed", 1)
    page.play(3)
    slow = page.kernel()
    assert slow["speed"] == pytest.approx(10) and slow["status"] == "running"
    step, began = slow["step"], time.perf_counter()
    page.plays_on(12)
    seconds = time.perf_counter() - began
    assert (
        2 < (page.kernel()["step"] - step) / seconds < 11.5
    )  # ten a second, or fewer on a machine that is busy
    page.slide("speed", 4)
    page.plays_on(100)
    assert page.pause()["speed"] == 1e9


MOMENTS = {
    "z": "Draw noise",
    "fakeG": "G makes",
    "judgeD": "D judges them",
    "moveD": "D moves",
    "pullG": "Which way",
    "moveG": "G moves",
}


def test_slow_motion(open_lab):
    page = open_lab(SHOW)
    page.press("step")
    page.at_step(1)
    plain = page.kernel()["bits"]
    page.press("step")
    page.at_step(2)
    plain_2 = page.kernel()["bits"]
    page.press("reset")
    page.at_step(0)
    expect(page.find("moment")).to_be_hidden()
    page.find("slow").check()
    expect(page.find("moment")).to_contain_text("Press Step")
    expect(page.find("beat")).to_be_visible()
    expect(page.find("speed")).to_be_hidden()
    for number, (name, words) in enumerate(MOMENTS.items(), 1):
        picture = page.pixels()
        page.press("step")
        page.has("data-moment", name)
        expect(page.find("moment")).to_contain_text(words)
        expect(page.find("moment").locator("b")).to_have_text(f"{number} of 6")
        expect(page.find("live")).to_contain_text(words)  # announced
        assert page.new_pixels(picture)
        truth = page.until(lambda k: k["status"] == "paused")
        assert (truth["moment"], truth["slow"], truth["step"]) == (name, True, int(number == 6))
    page.at_step(1)
    assert truth["bits"] == plain
    page.press("step")
    page.press("step")
    page.has("data-moment", "fakeG")
    page.find("slow").uncheck()  # finishes the step
    page.at_step(2)
    page.has("data-moment", "")
    truth = page.kernel()
    assert truth["bits"] == plain_2 and truth["slow"] is False and truth["status"] == "paused"
    page.press("undo")
    page.at_step(1)
    assert page.kernel()["bits"] == plain


def test_slow_motion_by_itself(open_lab):
    page = open_lab(SHOW)
    page.find("slow").check()
    page.slide("beat", 0.3)
    page.until(lambda k: k["beat"] == pytest.approx(0.3))
    page.lab.evaluate("""e => { window.seen = [];
        new MutationObserver(() => { const m = e.dataset.moment; if (m && m !== seen.at(-1)) seen.push(m) })
            .observe(e, { attributes: true, attributeFilter: ['data-moment'] }) }""")
    began = time.perf_counter()
    page.press("play")
    page.status("running")
    page.at_step(2)
    assert time.perf_counter() - began > 11 * 0.3 - 0.5  # twelve moments
    seen = page.page.evaluate("seen")
    assert seen[:12] == [*MOMENTS, *MOMENTS]
    page.press("step")  # Step while it runs: one more moment, then it waits
    page.status("paused")
    page.find("slow").uncheck()
    page.has("data-slow", "false")
    truth = page.kernel()
    page.at_step(truth["step"])
    page.press("reset")
    page.at_step(0)
    page.lab.evaluate(
        "(e, n) => { for (let i = 0; i < n; i++) e.querySelector('.gc-step').click() }", truth["step"]
    )
    page.at_step(truth["step"])
    assert page.kernel()["bits"] == truth["bits"] and truth["step"] >= 2  # no trace of the slowness


OTHER = dict(
    data="spiral",
    points=1024,
    batch=32,
    noise="uniform",
    loss="least_squares",
    penalty="r1",
    optimizer="rmsprop",
    momentum=0.9,
    k_D=2,
    k_G=3,
)
ANEW = dict(latent=1, depth_G=1, width_G=8, depth_D=3, width_D=32, seed=3)


def test_settings_that_change_while_it_runs(open_lab):
    page = open_lab(SHOW, "import gancourse.toy, torch\nfrom gancourse.losses import family")
    group = page.lab.locator("fieldset", has_text="Changes while it runs").locator("select")
    names = {c.removeprefix("gc-set-") for c in group.evaluate_all("es => es.map(e => e.className)")}
    assert names == set(OTHER)  # every one of them is tried here
    expect(page.find("set-weight")).to_be_hidden()
    last = page.play(20)
    for name, value in OTHER.items():
        page.choose(name, value)
        expect(page.find("notice")).to_contain_text(f"{name} = {value}, from step")
        truth = page.until(lambda k, name=name, value=value: k["values"][name] == value)
        assert truth["status"] == "running" and truth["step"] > last, name
        last = page.plays_on(2)
    expect(page.find("set-weight")).to_be_visible()  # there is a penalty now
    page.slide("set-weight", 0.5)
    page.until(lambda k: k["values"]["weight"] == pytest.approx(10**0.5, rel=1e-2))
    for player, place, rate in (("D", -2.5, 10**-2.5), ("G", -6, 0)):
        page.slide(f"lr-{player}", place)
        truth = page.until(
            lambda k, player=player, rate=rate: k["rates"][player] == pytest.approx(rate, rel=2e-2)
        )
        assert truth["values"][f"lr_{player}"] == truth["rates"][player] and truth["status"] == "running"
    shown = {n: page.find(f"set-{n}").evaluate("e => JSON.parse(e.value)") for n in [*OTHER, *ANEW]}
    assert shown == {n: page.kernel()["values"][n] for n in shown}
    facts = page.ask("""lab.ask(lambda game: dict(
        every=[p.every for p in game.players], opts=[type(p.opt).__name__ for p in game.players],
        loss=game.rules.loss is family["least_squares"], penalty=bool(game.rules.penalty),
        z=lab.session.last.batch.z.abs().max().item()))""")
    played = page.ask("lab.ask(lambda game: lab.session.last.batch.real.tolist())")
    training = page.ask(
        "gancourse.toy.laws['spiral'].sample(1024, torch.Generator().manual_seed(100)).tolist()"
    )
    assert len(played) == 32 and all(x in training for x in played)
    assert facts["every"] == [3, 2] and facts["opts"] == ["RMSprop"] * 2
    assert facts["loss"] and facts["penalty"] and 0.9 < facts["z"] <= 1  # uniform noise
    still = page.pause()["bits"]["G"]
    page.press("step")
    page.press("step")
    page.press("step")
    assert page.until(lambda k: k["left"] == 0)["bits"]["G"] == still  # its learning rate is 0
    page.choose("penalty", "none")
    expect(page.find("set-weight")).to_be_hidden()


def test_settings_that_start_a_new_game(open_lab):
    page = open_lab(SHOW)
    group = page.lab.locator("fieldset", has_text="Starts a new game").locator("select")
    assert {c.removeprefix("gc-set-") for c in group.evaluate_all("es => es.map(e => e.className)")} == set(
        ANEW
    )
    page.press("epoch")
    page.at_step(100)
    old = page.kernel()
    for name, value in ANEW.items():
        page.choose(name, value)
        page.at_step(0)
        expect(page.find("notice")).to_have_text(f"{name} = {value}: a new game.")
        new = page.kernel()
        assert (
            new["step"] == 0 and new["values"] == old["values"] | {name: value} and new["bits"] != old["bits"]
        )
        page.press("undo")
        page.at_step(100)
        expect(page.find(f"set-{name}")).to_have_value(str(old["values"][name]))
        back = page.kernel()
        assert (
            back["bits"] == old["bits"] and back["values"] == old["values"] and back["rates"] == old["rates"]
        )
    page.play(10)
    page.choose("width_G", 8)
    page.page.wait_for_function(
        "e => Number(e.dataset.step) < 100", arg=page.lab.element_handle(), timeout=20_000
    )
    page.status("running")  # whoever was running runs on
    page.plays_on(5)
    page.pause()


def test_layers(open_lab):
    page = open_lab(SHOW)
    page.press("epoch")
    page.at_step(100)
    on = {k: v for k, v in page.kernel()["layers"][0].items() if k != "probe"}
    assert on == dict(real=True, fake=True, surface=True, grid=False, arrows=False, best=False)
    for name, shown in on.items():
        check, before = page.find(f"layer-{name}"), page.pixels()
        expect(check).to_be_checked(checked=shown)
        check.set_checked(not shown)
        page.until(lambda k, name=name, shown=shown: k["layers"][0][name] is not shown)
        changed = page.new_pixels(before)
        if name == "best":  # a second map, beside the first
            expect(page.lab.locator("canvas").nth(1)).to_be_visible()
            box, other = (page.lab.locator("canvas").nth(i).bounding_box() for i in range(2))
            assert box["width"] == pytest.approx(other["width"], abs=2) and page.pixels(1) not in (
                before,
                changed,
            )
        check.set_checked(shown)
        page.until(lambda k, name=name, shown=shown: k["layers"][0][name] is shown)
        page.page.wait_for_function(
            "([c, before]) => c.toDataURL() === before",
            timeout=20_000,  # and back to the very same picture
            arg=[page.lab.locator("canvas").first.element_handle(), before],
        )
    expect(page.lab.locator("canvas").nth(1)).to_be_hidden()
    page.find("layer-arrows").check()
    page.find("layer-grid").check()
    page.choose("noise", "uniform")  # what was shown stays shown
    page.choose("loss", "hinge")
    page.until(
        lambda k: k["layers"][0]["arrows"] and k["layers"][0]["grid"] and k["values"]["loss"] == "hinge"
    )
    expect(page.find("layer-arrows")).to_be_checked()
    expect(page.find("layer-grid")).to_be_checked()


def place(page, x, y):
    "Where a point of the plane lies on the page: the square picture has its axes left and below."
    x0, x1, y0, y1 = page.ask("lab.panels[0].limits")
    canvas = page.lab.locator("canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    unit = min((box["width"] - 34) / (x1 - x0), (box["height"] - 24) / (y1 - y0))
    left, top = (
        30 + (box["width"] - 34 - unit * (x1 - x0)) / 2,
        4 + (box["height"] - 24 - unit * (y1 - y0)) / 2,
    )
    return box["x"] + left + unit * (x - x0), box["y"] + top + unit * (y1 - y)


TOLD = """lab.ask(lambda game: told(game, lab.panels[0]))"""
TELL = """
import torch
def told(game, panel):  # z, x, D(x) and pull of each generated point, by the formulas on the blackboard
    x = game.nets["G"](panel.z).detach().requires_grad_()
    logit = game.nets["D"](x).flatten()
    slope = torch.autograd.grad(logit.sum(), x)[0]
    pull = torch.sigmoid(-logit)[:, None] * slope  # of the non-saturating loss -log D(x)
    columns = [t.tolist() for t in (panel.z, x, torch.sigmoid(logit), pull)]
    return [dict(zip(("z", "x", "said", "pull"), row)) for row in zip(*columns)]
"""


def close(text, number):
    "Does the printed number say the same? Small ones come as 4e-4."
    return math.isclose(float(text), number, abs_tol=0.0051 if "e" not in text else 0.5 * abs(number) + 1e-9)


def agrees(lines, point):
    numbers = {
        k: v.strip("()").split(", ")
        for k, v in (line.replace("pull ", "pull = ").split(" = ") for line in lines)
    }
    assert set(numbers) == {"z", "D(x)", "pull", "x"}, lines
    wanted = {"z": point["z"], "D(x)": [point["said"]], "pull": point["pull"], "x": point["x"]}
    return all(len(numbers[k]) == len(v) and all(map(close, numbers[k], v)) for k, v in wanted.items())


def reads(page, tip, before=()):
    "The lines of the tooltip, once they are other lines than before and whole."
    page.page.wait_for_function(
        """([tip, before]) => { const now = [...tip.children].map(e => e.textContent);
        return tip.checkVisibility() && now.length === 4 && now.join() !== before }""",
        arg=[tip.element_handle(), ",".join(before)],
        timeout=20_000,
    )
    return tip.locator("div").all_inner_texts()


def test_hover(open_lab):
    page = open_lab(SHOW, TELL)
    page.press("epoch")
    page.at_step(100)
    mouse, points = page.page.mouse, page.ask(TOLD)
    tip = page.lab.locator(".gc-points[tabindex] [aria-hidden=true]")
    expect(tip).to_be_hidden()
    inside = [p for p in points if max(map(abs, p["x"])) < 2.8]
    lonely = max(
        inside, key=lambda p: min(math.dist(p["x"], q["x"]) for q in points if q is not p)
    )  # no doubt which one is meant
    now = []
    for point in (lonely, max(inside, key=lambda p: p["x"][0])):
        mouse.move(*place(page, *point["x"]))
        now = reads(page, tip, now)
        assert agrees(now, point)
    mouse.move(5, 5)
    expect(tip).to_be_hidden()
    page.until(lambda k: k["layers"][0]["probe"] is False)  # and asked to stop
    picture = page.lab.locator(".gc-points[tabindex]")
    picture.focus()
    said = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.page.keyboard.press(key)
        now = reads(page, tip, now)
        assert now not in said and any(agrees(now, point) for point in points), now
        expect(picture.locator("[role=status]")).to_have_text(", ".join(now))  # for who hears it
        said.append(now)
    x = [[float(v) for v in now[-1].removeprefix("x = ").strip("()").split(", ")] for now in said]
    assert x[1][0] > x[0][0] and x[2][1] < x[1][1]  # to the right, then down
    page.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.play(5)  # while it runs the tooltip follows its point
    picture.focus()
    page.page.keyboard.press("ArrowRight")
    reads(page, tip, reads(page, tip))
    page.pause()


def cells(page):
    return page.page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length")


def tab_to(page, selector, most=60):
    "Press Tab until the control has the focus, then look the other way. Its focus can be seen."
    for key in ["Tab"] * most + ["Shift+Tab"] * 2 * most:
        page.page.keyboard.press(key)
        if page.page.evaluate("s => document.activeElement.matches(s)", f".gancourse-lab {selector}"):
            break
    seen, style, width = page.page.evaluate("""() => { const s = getComputedStyle(document.activeElement);
        return [document.activeElement.matches(':focus-visible'), s.outlineStyle,
            parseFloat(s.outlineWidth)] }""")
    assert page.page.evaluate("s => document.activeElement.matches(s)", selector), (
        f"Tab does not reach {selector}"
    )
    assert seen and style != "none" and width >= 2, (selector, seen, style, width)


def test_keyboard_alone(open_lab):
    page = open_lab(SHOW)
    keyboard, before = page.page.keyboard, cells(page)
    page.nb.cell(1).locator(
        ".jp-Cell-inputArea .jp-InputPrompt"
    ).click()  # the cell is chosen, in command mode; from here on keys only
    tab_to(page, ".gc-play")
    keyboard.press("Enter")
    page.status("running")
    page.plays_on(5)
    keyboard.press("Space")
    page.status("paused")
    steps = page.kernel()["step"]
    page.at_step(steps)
    tab_to(page, ".gc-step", 1)
    keyboard.press("Enter")
    page.at_step(steps + 1)
    keyboard.press("Space")
    page.at_step(steps + 2)
    tab_to(page, ".gc-slow")
    keyboard.press("Space")
    page.has("data-slow", "true")
    keyboard.press("Space")
    page.has("data-slow", "false")
    rates = page.kernel()["rates"]
    tab_to(page, ".gc-lr-D")
    for _ in range(4):
        keyboard.press("ArrowLeft")
    slower = page.until(lambda k: k["rates"]["D"] < rates["D"] * 0.7)
    assert slower["rates"] == pytest.approx(
        {"D": 10 ** (math.log10(rates["D"]) - 0.2), "G": rates["G"]}, rel=0.01
    )
    for key in "abxd":
        keyboard.press(key)  # in JupyterLab's command mode: a cell above, a cell below, cut, delete
    keyboard.press("Home")
    assert page.until(lambda k: k["rates"]["D"] == 0)["step"] == steps + 2
    tab_to(page, ".gc-open-settings")
    keyboard.press("Enter")
    tab_to(page, ".gc-set-data")
    keyboard.press("ArrowDown")
    page.until(lambda k: k["values"]["data"] == "grid")
    tab_to(page, ".gc-layer-arrows")
    keyboard.press("Space")
    page.until(lambda k: k["layers"][0]["arrows"])
    tab_to(page, ".gc-more summary")
    keyboard.press("Enter")
    tab_to(page, ".gc-show-code")
    keyboard.press("Enter")
    expect(page.find("code").locator("pre")).to_contain_text("import torch")
    tab_to(page, ".gc-copy")
    tab_to(page, ".gc-code pre")
    for key in "abxd":
        keyboard.press(key)
    assert cells(page) == before and page.widget(1).count() == 1


def drag(page, *path):
    mouse = page.page.mouse
    mouse.move(*place(page, *path[0]))
    mouse.down()
    for at in path[1:]:
        mouse.move(*place(page, *at), steps=8)
    mouse.up()


def beside(point, a, b):
    "The distance from a point to the line from a to b."
    t = ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / math.dist(a, b) ** 2
    t = max(0, min(1, t))
    return math.dist(point, (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))


def test_draw_with_the_mouse(open_lab):
    page = open_lab(SHOW)
    a, b, c, d = (-2, -1), (1, 1.5), (0.5, -2), (2.5, -1)
    expect(page.find("clear")).to_be_hidden()
    before = page.play(5)
    page.press("draw")
    expect(page.find("draw")).to_have_text("Done drawing")
    expect(page.find("draw")).to_have_attribute("aria-pressed", "true")
    drag(page, a, b)
    one = page.until(lambda k: k["values"]["data"] == "drawn")
    first = one["values"]["drawing"]
    assert len(first) >= 15 and all(beside(p, a, b) < 0.15 for p in first)
    assert (
        min(math.dist(p, a) for p in first) < 0.15 and min(math.dist(p, b) for p in first) < 0.15
    )  # from end to end
    assert one["status"] == "running" and one["step"] > before
    page.plays_on(5)
    drag(page, c, d)  # a second stroke adds
    two = page.until(lambda k: len(k["values"]["drawing"]) > len(first))
    assert (
        two["values"]["drawing"][: len(first)] == first
        and two["status"] == "running"
        and two["step"] >= one["step"]
    )
    assert all(beside(p, c, d) < 0.15 for p in two["values"]["drawing"][len(first) :])
    expect(page.find("set-data")).to_have_value('"drawn"')
    page.press("draw")
    expect(page.find("draw")).to_have_text("Draw your own")
    expect(page.find("clear")).to_be_hidden()
    drawing = two["values"]["drawing"]
    page.plays_on(5)
    played = page.ask(
        "lab.ask(lambda game: lab.session.last.batch.real.tolist())"
    )  # the game learns these points
    assert len(played) == 128 and all(min(math.dist(x, p) for p in drawing) < 0.6 for x in played)
    page.choose("data", "ring")
    page.until(lambda k: k["values"]["data"] == "ring")
    page.choose("data", "drawn")  # the drawing is still there
    assert page.until(lambda k: k["values"]["data"] == "drawn")["values"]["drawing"] == drawing
    page.press("clear")
    drag(page, c, d)
    three = page.until(lambda k: k["values"]["drawing"] != drawing)["values"]["drawing"]
    assert all(beside(p, c, d) < 0.15 for p in three)  # the old strokes are gone
    page.pause()
    page.press("draw")


def test_draw_with_keys_and_touch(open_lab):
    page = open_lab(SHOW)
    keyboard, picture = page.page.keyboard, page.lab.locator(".gc-points[tabindex]")
    page.press("draw")
    empty = page.pixels()
    picture.focus()
    keyboard.press("ArrowRight")
    for _ in range(3):
        keyboard.press("Shift+ArrowUp")  # half a unit each
    keyboard.press("Space")
    assert page.until(lambda k: k["values"]["drawing"])["values"]["drawing"] == [[0.1, 1.5]]
    expect(picture.locator("[role=status]")).to_have_text("(0.10, 1.50), 1 points")
    keyboard.press("Shift+ArrowLeft")
    keyboard.press("Enter")
    assert page.until(lambda k: len(k["values"]["drawing"]) == 2)["values"]["drawing"][1] == [-0.4, 1.5]
    keyboard.press("Backspace")
    page.until(lambda k: k["values"]["drawing"] == [[0.1, 1.5]])
    before = page.new_pixels(empty)
    devices = page.page.context.new_cdp_session(page.page)
    a, b = (-1.5, -1.5), (1.5, -1.5)
    for kind, x in [
        ("touchStart", a[0]),
        *(("touchMove", a[0] + 0.3 * i) for i in range(1, 11)),
        ("touchEnd", None),
    ]:
        points = [] if x is None else [dict(zip("xy", place(page, x, -1.5), strict=True))]
        devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    drawn = page.until(lambda k: len(k["values"]["drawing"]) > 5)["values"]["drawing"]
    assert (
        drawn[0] == [0.1, 1.5]
        and all(beside(p, a, b) < 0.15 for p in drawn[1:])
        and max(p[0] for p in drawn) > 1.3
    )
    assert page.kernel()["status"] == "paused" and page.new_pixels(before)
    page.press("draw")
    page.press("step")
    page.at_step(1)


def test_show_as_code(open_lab):
    page = open_lab(SHOW)
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.press("epoch")
    page.at_step(100)
    for name, value in dict(loss="hinge", data="two_moons", penalty="r1", optimizer="sgd", k_D=2).items():
        page.choose(name, value)
    page.slide("lr-D", -2)
    page.until(lambda k: k["rates"]["D"] == pytest.approx(0.01))
    page.press("show-code")
    code = page.find("code").locator("pre")
    expect(code).to_contain_text("#   step 100: loss = hinge")  # a game that was changed on its way says so
    page.choose("width_G", 8)
    page.at_step(0)
    expect(code).not_to_contain_text("#   step")  # it follows the settings
    expect(code).to_contain_text("mlp(2, 8, 8, 2")
    page.press("step")
    page.at_step(1)
    page.press("reset")
    page.at_step(0)
    page.press("copy")
    expect(page.find("copy")).to_have_text("Copied")
    text = page.page.evaluate("navigator.clipboard.readText()")
    assert text == code.inner_text() == page.ask("lab.code()") and text.endswith("lab")
    page.ask("globals().update(first=lab)")
    page.nb.put(2, text)
    page.nb.run(2)
    pasted = page.widget(2)
    expect(pasted).to_have_attribute("data-status", "paused", timeout=30_000)
    for lab in (page.lab, pasted):
        lab.evaluate("e => { for (let i = 0; i < 50; i++) e.querySelector('.gc-step').click() }")
        expect(lab).to_have_attribute("data-step", "50", timeout=30_000)
    one, two = page.kernel("first"), page.kernel("lab")
    assert one["step"] == two["step"] == 50 and one["bits"] == two["bits"] and one["rates"] == two["rates"]
    page.find("code").locator(".gc-close").click()
    expect(code).to_be_hidden()


def test_save_and_load(open_lab, tmp_path):
    page = open_lab(SHOW)
    page.choose("loss", "hinge")
    page.press("epoch")
    page.at_step(100)
    saved = page.kernel()
    page.play(5)
    with page.page.expect_download() as download:
        page.press("save")  # while it runs, it runs on
    page.plays_on(5)
    page.pause()
    page.press("undo")
    page.at_step(100)
    with page.page.expect_download() as download:
        page.press("save")
    assert download.value.suggested_filename == "gancourse-step-100.safetensors"
    path = tmp_path / "game.safetensors"
    download.value.save_as(path)
    assert path.stat().st_size > 1000
    page.press("epoch")
    page.at_step(200)
    later = page.kernel()
    assert later["bits"] != saved["bits"]
    page.choose("width_D", 8)
    page.choose("seed", 2)
    page.at_step(0)
    other = page.kernel()
    for name, bad in (("broken", path.read_bytes()[:-100]), ("text", b"not a game at all")):
        (tmp_path / name).write_bytes(bad)
        page.find("file").set_input_files(tmp_path / name)
        expect(page.find("notice")).to_contain_text("another")
        assert page.kernel() | {"notice": ""} == other | {"notice": ""}  # nothing is lost
        page.press("step")  # and the game can be played
        page.at_step(1)
        page.press("undo")
        page.at_step(0)
    page.find("file").set_input_files(path)
    page.at_step(100)
    expect(page.find("notice")).to_contain_text("from step 100")
    loaded = page.kernel()
    assert (
        loaded["bits"] == saved["bits"]
        and loaded["values"] == saved["values"]
        and loaded["status"] == "paused"
    )
    expect(page.find("set-width_D")).to_have_value("16")
    expect(page.find("set-loss")).to_have_value('"hinge"')
    page.press("epoch")
    page.at_step(200)
    assert page.kernel()["bits"] == later["bits"]  # it goes on bit for bit
    page.press("undo")
    page.press("undo")
    page.at_step(0)
    assert page.kernel()["bits"] == other["bits"]


def test_two_labs(open_lab):
    page = open_lab(SHOW)
    page.ask("globals().update(first=lab)")
    page.nb.put(2, SHOW)
    page.nb.run(2)
    second = page.widget(2)
    expect(second).to_have_attribute("data-status", "paused", timeout=30_000)
    page.play(5)
    expect(page.find("others")).to_be_hidden()
    second.locator(".gc-play").click()
    expect(second).to_have_attribute("data-status", "running", timeout=20_000)
    expect(second.locator(".gc-others")).to_contain_text("Another Lab is running too")
    expect(page.find("others")).to_be_visible()  # both are told
    assert page.kernel("first")["status"] == page.kernel("lab")["status"] == "running"
    second.locator(".gc-quiet-others").click()
    page.status("paused")
    expect(page.find("notice")).to_contain_text("another Lab")
    assert page.kernel("first")["status"] == "paused" and page.kernel("lab")["status"] == "running"
    expect(second.locator(".gc-others")).to_be_hidden()
    second.locator(".gc-play").click()
    expect(second).to_have_attribute("data-status", "paused", timeout=20_000)
    assert page.kernel("lab")["threads"] == 2


def test_interrupt(open_lab):
    page = open_lab(SHOW)
    page.play(5)
    page.page.evaluate(
        "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()"
    )  # no cell runs
    page.status("paused")
    expect(page.find("notice")).to_contain_text("Interrupt")
    truth = page.kernel()
    assert truth["status"] == "paused" and truth["threads"] == 1
    page.at_step(truth["step"])
    page.play(5)
    expect(page.find("notice")).to_be_empty()
    page.nb.put(2, "while True: pass")
    page.page.evaluate("""() => { jupyterapp.shell.currentWidget.content.activeCellIndex = 2;
        jupyterapp.commands.execute('notebook:run-cell') }""")
    page.page.wait_for_function(
        "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'"
    )
    page.plays_on(5)  # while a cell runs the Lab goes on, and its buttons work
    page.press("play")
    page.status("paused")
    page.play(5)
    page.page.evaluate("() => jupyterapp.commands.execute('notebook:interrupt-kernel')")
    page.status("paused")
    expect(page.find("notice")).to_contain_text("Interrupt")
    expect(page.nb.output(2)).to_contain_text("KeyboardInterrupt")
    assert page.kernel()["status"] == "paused"
    page.play(5)
    page.pause()


def test_errors_in_a_panel_and_in_the_game(open_lab):
    page = open_lab(SHOW)
    page.play(5)
    page.ask("globals().update(look=lab.panels[0].look) or setattr(lab.panels[0], 'look', lambda *a: 1 / 0)")
    page.status("error")
    expect(page.find("error")).to_contain_text("The game stopped: ZeroDivisionError: division by zero")
    expect(page.find("error")).to_contain_text("Undo")
    page.find("details").locator("summary").click()
    expect(page.find("details")).to_contain_text("1 / 0")
    assert page.kernel()["status"] == "error" and page.kernel()["threads"] == 1
    page.ask("setattr(lab.panels[0], 'look', look)")
    page.press("undo")
    page.status("paused")
    page.at_step(0)
    expect(page.find("error")).to_be_hidden()
    expect(page.find("details")).to_be_hidden()
    page.press("step")
    page.at_step(1)
    good = page.kernel()
    page.play(5)
    page.ask('lab.ask(lambda game: [p.data.fill_(float("nan")) for p in game.nets["G"].parameters()] and 0)')
    page.status("error")
    expect(page.find("error")).to_contain_text("nan")
    expect(page.find("error")).to_contain_text("Undo")
    assert page.kernel()["status"] == "error"
    page.press("undo")
    page.status("paused")
    page.at_step(1)
    assert page.kernel()["bits"] == good["bits"]
    page.play(5)
    page.pause()


def save_notebook(page):
    page.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    page.page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")


def test_reload_finds_the_playground(notebook, open_lab):
    nb = notebook(["", "", ""])
    page = open_lab(SHOW, nb=nb)
    page.choose("loss", "hinge")
    page.choose("data", "spiral")
    page.find("layer-grid").check()
    page.slide("lr-G", -2)
    page.until(lambda k: k["rates"]["G"] == pytest.approx(0.01))
    before = page.play(5)
    save_notebook(page)
    nb.page.reload()
    page.status("running")
    page.plays_on(1)
    expect(page.find("set-loss")).to_have_value('"hinge"')
    expect(page.find("set-data")).to_have_value('"spiral"')
    expect(page.find("layer-grid")).to_be_checked()
    assert page.find("lr-G").input_value() == "-2" and int(page.lab.get_attribute("data-step")) > before
    truth = page.pause()
    page.press("step")
    page.at_step(truth["step"] + 1)
    # the page is left, and nobody looks for three seconds
    page.ask("setattr(lab.screen, 'unwatched', 3)")
    page.play(5)
    save_notebook(page)
    url = nb.page.url
    nb.page.goto("about:blank")
    time.sleep(5)
    nb.page.goto(url)
    page.status("paused")
    expect(page.find("notice")).to_contain_text("no page was watching for 3 seconds")
    nb.page.wait_for_function(
        "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady", timeout=60_000
    )
    left = page.kernel()
    page.at_step(left["step"])
    page.play(5)
    page.pause()


THEME = """async theme => { await jupyterapp.commands.execute('apputils:change-theme', { theme });
    while (document.body.dataset.jpThemeName !== theme) await new Promise(r => setTimeout(r, 50)) }"""
NAMELESS = """e => [...e.querySelectorAll('button, input, select, canvas, [tabindex]')]
    .filter(c => c.checkVisibility() && !(c.getAttribute('aria-label') || c.innerText ||
        [...c.labels || []].map(l => l.innerText).join('')).trim())
    .map(c => c.outerHTML)"""


@pytest.fixture
def themes(shared):
    "themes(): the light theme, then the dark one; the light one again at the end."

    def turns():
        for theme in ("JupyterLab Light", "JupyterLab Dark"):
            shared().page.evaluate(THEME, theme)
            yield theme.split()[1].lower()

    yield turns
    shared().page.evaluate(THEME, "JupyterLab Light")


def everything_open(page):
    "Nothing folded away: slow motion in the middle of a step, all layers, a penalty, another Lab, the code."
    page.press("epoch")
    page.at_step(100)
    page.choose("penalty", "r1")
    for layer in ("grid", "arrows", "best"):
        page.find(f"layer-{layer}").check()
    page.press("show-code")
    expect(page.find("code").locator("pre")).to_contain_text("import torch")
    page.find("slow").check()
    for moment in list(MOMENTS)[:3]:
        page.press("step")
        page.has("data-moment", moment)
    expect(page.lab.locator("canvas").nth(1)).to_be_visible()


def test_accessibility(open_lab, themes):
    from axe_playwright_python.sync_playwright import Axe

    def axe(what):
        found = Axe().run(page.page, context=".gancourse-lab").response["violations"]
        bad = [
            (v["id"], v["impact"], [n["html"][:150] for n in v["nodes"]])
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        assert not bad, (what, bad)
        assert not page.lab.evaluate(NAMELESS)

    page = open_lab(SHOW)
    axe("as it opens")
    everything_open(page)
    for theme in themes():
        axe(theme)
    page.press("draw")
    axe("drawing")
    page.press("draw")
    page.find("slow").uncheck()
    page.at_step(101)
    live = page.find("live")
    assert live.get_attribute("aria-live") == "polite" and live.get_attribute("role") == "status"
    page.play(5)
    expect(live).to_have_text("running")
    axe("running, dark")
    page.pause()
    expect(live).to_contain_text("paused. The generated points lie around")
    page.choose("depth_D", 1)
    page.at_step(0)
    expect(live).to_contain_text("depth_D = 1: a new game.")
    expect(page.lab.locator("canvas").first).to_have_attribute(
        "aria-label", re.compile("The generated points lie around")
    )
    page.ask("setattr(lab.panels[0], 'look', lambda *a: 1 / 0)")
    page.press("step")
    page.status("error")
    axe("an error, dark")
    assert page.find("error").get_attribute("role") == "alert"


def test_reduced_motion(open_lab):
    page = open_lab(SHOW)

    def pictures():
        return page.lab.evaluate("e => [e.gancourse.drawn, performance.now()]")

    page.page.emulate_media(reduced_motion="reduce")
    try:
        page.play(5)
        before, began = pictures()
        page.page.wait_for_function(
            "([e, n]) => e.gancourse.drawn >= n", arg=[page.lab.element_handle(), before + 4], timeout=20_000
        )
        after, ended = pictures()
        assert (after - before) / (ended - began) * 1000 < 4
    finally:
        page.page.emulate_media(reduced_motion="no-preference")
    before, began = pictures()
    page.page.wait_for_function(
        "([e, n]) => e.gancourse.drawn >= n", arg=[page.lab.element_handle(), before + 20], timeout=20_000
    )
    after, ended = pictures()
    assert (after - before) / (ended - began) * 1000 > 4  # who wants motion gets it
    page.pause()


CUT = """e => { const room = e.closest('.jp-OutputArea-output').getBoundingClientRect();
    const all = [...e.querySelectorAll(
        'button, input, select, canvas, legend, summary, .gc-legend span, .gc-caption')];
    const out = all.filter(c => c.checkVisibility() && !c.closest('pre')).filter(c => {
        const b = c.getBoundingClientRect();
        return b.left < room.left - 1 || b.right > room.right + 1 || b.width < 1 });
    return [e.scrollWidth - e.clientWidth, out.map(c => c.outerHTML.slice(0, 120))] }"""


def test_layout(open_lab, themes):
    page = open_lab(SHOW)
    everything_open(page)
    shots = os.environ.get("SHOTS")  # a folder for who wants to look
    for theme in themes():
        for width, height, files in (
            (1280, 900, True),
            (1024, 768, True),
            (640, 800, True),
            (640, 801, False),
        ):  # 640: 1280 at 200 % zoom
            page.page.set_viewport_size({"width": width, "height": height})
            if not files:
                page.page.evaluate("jupyterapp.shell.collapseLeft()")
            page.page.wait_for_timeout(200)  # the page lays itself out
            wider, out = page.lab.evaluate(CUT)
            assert wider <= 1 and not out, (theme, width, wider, out)
            if shots:
                page.page.set_viewport_size({"width": width, "height": 3500})
                page.page.wait_for_timeout(500)
                page.lab.screenshot(path=f"{shots}/lab_{theme}_{width}{'' if files else '_wide'}.png")
        page.page.evaluate("jupyterapp.shell.expandLeft()")


def test_the_appendix_names_what_is_there(open_lab):
    text = (ROOT / "nbs" / "toolbox" / "playground.ipynb").read_text()
    table = next(
        "".join(c["source"]) for c in json.loads(text)["cells"] if "Appendix" in "".join(c["source"])
    )
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("|")
    ][2:]
    names = [re.findall(r"`(gc-[\w-]+)`", row[-1]) for row in rows]
    assert len(rows) >= 20 and all(names), rows
    page = open_lab(SHOW)
    missing = [name for row in names for name in row if page.lab.locator(f".{name}").count() == 0]
    assert not missing


IMAGES = """
import torch
from torch import nn
from gancourse.game import draws, gan, normal
from gancourse.live import Curves, Histograms, Images, Lab, Map
def new_game():
    torch.manual_seed(0)
    G = nn.Sequential(nn.Unflatten(1, (4, 1, 1)), nn.ConvTranspose2d(4, 8, 4), nn.ReLU(),
                      nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Tanh())
    D = nn.Sequential(nn.Conv2d(1, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(128, 1))
    return gan(G, D, z=normal(4, seed=0))
def images(n, generator=None):
    return torch.rand(n, 1, 8, 8, generator=generator) * 2 - 1
seen = images(64, torch.Generator().manual_seed(5))
"""
IMAGE_LAB = """
lab = Lab(new_game, draws(images, 16), steps=10**6, panels=[Images(n=9), Curves(),
    Histograms("logits", lambda game: {"real": game.nets["D"](seen),
                                       "fake": game.nets["D"](game.nets["G"](game.z(64)))}),
    Map("first filter", lambda game: game.nets["D"][0].weight[0, 0])])
lab
"""


def test_a_game_of_images(open_lab):
    page = open_lab(IMAGE_LAB, IMAGES)
    assert [
        c for c in page.lab.locator("figure").evaluate_all("es => es.map(e => e.className.split(' ')[0])")
    ] == ["gc-images", "gc-curves", "gc-histograms", "gc-map"]
    expect(page.find("settings")).to_be_hidden()
    expect(page.find("draw")).to_be_hidden()
    expect(page.find("show-code")).to_be_hidden()
    first, before = [page.pixels(i) for i in range(4)], page.kernel()
    page.press("only-D")
    page.at_step(1)
    after = page.kernel()
    assert after["bits"]["D"] != before["bits"]["D"] and after["bits"]["G"] == before["bits"]["G"]
    page.new_pixels(first[3], 3)  # D's filter is another one, and G's images are not
    assert page.pixels(0) == first[0]
    page.play(30)
    for i in range(4):
        page.new_pixels(first[i], i)
    page.pause()
    assert all(drawn(page.lab.locator("canvas").nth(i)) > 5 for i in range(4))
    page.find("slow").check()
    for _ in range(6):
        page.press("step")
    page.has("data-moment", "moveG")
    page.press("reset")
    page.at_step(0)
    assert page.kernel()["bits"] == before["bits"]
    with page.page.expect_download() as download:
        page.press("save")
    assert download.value.suggested_filename == "gancourse-step-0.safetensors"


def drawn(canvas):
    "How many different colours a canvas shows."
    return canvas.evaluate("""c => {
        const s = new Set(), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        for (let i = 0; i < d.length; i += 4) s.add(d[i] << 24 | d[i + 1] << 16 | d[i + 2] << 8 | d[i + 3]);
        return s.size }""")


def test_memory_does_not_grow(open_lab):
    page = open_lab(SHOW)
    devices = page.page.context.new_cdp_session(page.page)

    def megabytes():
        devices.send("HeapProfiler.enable")
        devices.send("HeapProfiler.collectGarbage")
        kernel = page.ask(
            "[int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmRSS')][0]"
        )
        return kernel / 1e3, devices.send("Runtime.getHeapUsage")["usedSize"] / 1e6

    page.play(2500)  # the curves are full, all buffers were used once
    kernel, browser = megabytes()
    page.plays_on(5000)
    kernel_2, browser_2 = megabytes()
    page.pause()
    rows = page.ask("[len(panel.rows) for panel in lab.panels if hasattr(panel, 'rows')]")
    assert rows and max(rows) <= 2000
    assert kernel_2 - kernel < 30 and browser_2 - browser < 10, (kernel, kernel_2, browser, browser_2)


def test_gallery(open_lab):
    page = open_lab("""
from gancourse.live import Lab
from gancourse.playground import GALLERY
lab = Lab(GALLERY, steps=10**6)
lab
""")
    examples = page.ask(
        "[[e.title, e.question, e.answer, list(e.layers), e.recipe.values()] for e in GALLERY]"
    )
    buttons, group = page.find("gallery").locator(".gc-example"), page.find("gallery")
    assert buttons.all_inner_texts() == [title for title, *_ in examples] and len(examples) >= 6
    page.press("step")
    page.at_step(1)
    for k in (1, len(examples) - 1, 0):
        title, question, answer, layers, values = examples[k]
        buttons.nth(k).click()
        expect(group.locator("p").first).to_have_text(question)
        expect(buttons.nth(k)).to_have_attribute("aria-pressed", "true")
        expect(page.find("notice")).to_have_text(f"{title}: a new game.")
        truth = page.kernel()
        assert (
            truth["step"] == 0
            and truth["values"] == values
            and all(truth["layers"][0][name] for name in layers)
        )
        expect(group.get_by_text(answer)).to_be_hidden()  # not before it is asked for
        group.locator("summary").click()
        expect(group.get_by_text(answer)).to_be_visible()
        page.press("step")
        page.at_step(1)
    buttons.nth(1).click()
    page.at_step(0)
    page.press("undo")
    page.at_step(1)
    expect(buttons.nth(0)).to_have_attribute("aria-pressed", "true")  # back to the example before
    assert page.kernel()["values"] == examples[0][4]
