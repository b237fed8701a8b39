"The seesaw of lesson 01 in JupyterLab: played by mouse and by keyboard, alone and beside a busy kernel."

import time

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect
from test_playground import NAMELESS, THEME
from test_quiz import BUSY, RUNNING, START

from gancourse.seesaw import play_seesaw

MAKE = "import time\nfrom gancourse.seesaw import Seesaw"
SHOW = "seesaw = Seesaw()\nseesaw"


class SeesawPage:
    "A seesaw in cell 1, and what the kernel has heard of it."

    def __init__(self, page):
        self.lab_page, self.page, self.nb, self.seesaw = page, page.page, page.nb, page.lab
        self.find, self.words = page.find, page.find("words")

    def press(self, *names):
        for name in names:
            self.find(name).click()

    def rounds(self, n, way="left"):
        self.press(*["answer", way] * n)

    def may_press(self, *names):
        "Exactly these buttons are on."
        for name in ("answer", "left", "right", "on", "undo", "again"):
            on = expect(self.find(name))
            on.to_be_enabled() if name in names else on.to_be_disabled()

    def heard(self, places, guesses):
        "Wait until the kernel knows so many places and these guesses; the places."
        end = time.time() + 10
        while True:
            known = self.lab_page.ask("[seesaw.trace.tolist(), list(seesaw.guesses)]")
            if len(known[0]) == places and known[1] == guesses:
                return known[0]
            assert time.time() < end, known
            time.sleep(0.05)

    def places(self):
        return int(self.seesaw.get_attribute("data-places"))

    def plays(self, rounds=3):
        "Play on, until so many rounds have been seen; then Pause."
        before = self.places()
        expect(self.find("on")).to_have_text("Play on")
        self.press("on")
        expect(self.find("on")).to_have_text("Pause")
        self.page.wait_for_function(
            "([e, n]) => Number(e.dataset.places) >= n",
            arg=[self.seesaw.element_handle(), before + 2 * rounds],
        )
        self.press("on")
        expect(self.find("on")).to_have_text("Play on")

    def choose(self, label, option):
        if not self.seesaw.locator("details").evaluate("e => e.open"):
            self.seesaw.locator("summary").click()
        self.seesaw.get_by_label(label).select_option(option)


@pytest.fixture
def seesaw(open_lab):
    return SeesawPage(open_lab(SHOW, MAKE))


def test_a_round_by_hand(seesaw):
    expect(seesaw.words).to_contain_text("The line is level")
    behind = seesaw.nb.output(1).locator("img, .gc-still")  # the still picture and its words
    assert behind.evaluate_all("parts => parts.map(e => e.checkVisibility())") == [False, False]
    seesaw.may_press("answer", "on", "again")
    level, way = seesaw.lab_page.pixels(0), seesaw.lab_page.pixels(1)
    seesaw.press("answer")
    asks = "Your move: on which side would the fake score more?"
    expect(seesaw.words).to_have_text(f"D has tilted its line: the fake scores −0.5 now. {asks}")
    seesaw.may_press("left", "right", "on", "undo", "again")
    assert seesaw.lab_page.pixels(0) != level and seesaw.lab_page.pixels(1) != way
    expect(seesaw.seesaw.locator("canvas").first).to_have_accessible_name(
        "D's line: the real point at 0 scores 0, the fake at 1 scores −0.5"
    )
    seesaw.press("right")
    expect(seesaw.words).to_contain_text(
        "Right: the fake's score went from −0.5 to −0.59. That was downhill."
    )
    seesaw.heard(3, [0, 1])
    seesaw.press("undo")
    expect(seesaw.words).to_have_text("Taken back.")
    seesaw.heard(2, [0, 0])
    seesaw.press("left")
    expect(seesaw.words).to_contain_text(
        "Left: the fake's score went from −0.5 to −0.41. That is the step which G's"
    )
    seesaw.may_press("answer", "on", "undo", "again")
    assert seesaw.heard(3, [1, 1]) == [pytest.approx(place) for place in play_seesaw(1).tolist()]
    seesaw.press("again")
    expect(seesaw.words).to_contain_text("The line is level")
    assert seesaw.heard(1, [0, 0]) == [[1, 0]]
    seesaw.press("undo")  # even Start over
    seesaw.heard(3, [1, 1])
    seesaw.rounds(7)  # the fake has passed the real point: the last steps to the left are downhill
    expect(seesaw.words).to_contain_text("That was downhill")
    assert seesaw.lab_page.ask("seesaw.guesses[0]") < 8


def test_play_on_and_other_rules(seesaw):
    seesaw.press("answer")
    seesaw.plays(6)
    places = seesaw.places()
    known = seesaw.heard(places, [0, 0])
    theta, psi = known[1]
    wanted = play_seesaw((places - 2) // 2, theta, psi).tolist()
    assert known[1:] == [pytest.approx(place) for place in wanted]
    expect(seesaw.words).to_contain_text("Round and round")
    seesaw.page.wait_for_timeout(400)
    assert seesaw.places() == places  # it stands still
    seesaw.press("undo")  # all that was played on
    seesaw.heard(2, [0, 0])
    seesaw.may_press("left", "right", "on", "undo", "again")
    seesaw.press("again")
    seesaw.choose("Play on:", "at the same time")
    seesaw.plays(4)
    expect(seesaw.words).to_contain_text("outwards")
    assert seesaw.heard(seesaw.places(), [0, 0]) == [
        pytest.approx(place) for place in play_seesaw(seesaw.places() - 1, together=True).tolist()
    ]
    seesaw.press("again")
    seesaw.choose("Play on:", "in turn")
    seesaw.choose("G pays", "−ln D, as in code")
    seesaw.choose("D's tilt:", "with a brake")
    seesaw.plays(3)
    expect(seesaw.words).to_contain_text("winds inwards")
    assert seesaw.heard(seesaw.places(), [0, 0]) == [
        pytest.approx(place)
        for place in play_seesaw((seesaw.places() - 1) // 2, brake=0.3, fair=True).tolist()
    ]
    seesaw.press("on", "again")  # while it plays
    expect(seesaw.find("on")).to_have_text("Play on")
    seesaw.heard(1, [0, 0])


def test_while_the_kernel_is_busy(seesaw):
    seesaw.nb.put(2, BUSY)
    seesaw.page.evaluate(START, 2)
    seesaw.page.wait_for_function(RUNNING, arg=2)
    seesaw.rounds(3)
    expect(seesaw.words).to_contain_text("Left: the fake's score")
    assert seesaw.places() == 7 and seesaw.page.evaluate(RUNNING, 2)
    seesaw.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")
    expect(seesaw.nb.output(2)).to_contain_text("back", timeout=10_000)
    known = seesaw.heard(7, [3, 3])
    assert known == [pytest.approx(place) for place in play_seesaw(3).tolist()]


def test_shown_twice_and_run_again(seesaw):
    seesaw.rounds(2)
    seesaw.press("answer")
    seesaw.heard(6, [2, 2])
    seesaw.nb.put(2, "seesaw")
    seesaw.nb.run(2)
    other = SeesawPage(seesaw.lab_page)
    other.seesaw = seesaw.lab_page.widget(2)
    expect(other.seesaw.locator(".gc-words")).to_have_text("Where you left it.")
    expect(other.seesaw.locator(".gc-answer")).to_be_disabled()
    other.seesaw.locator(".gc-left").click()
    other.heard(7, [3, 3])
    seesaw.nb.python("first = seesaw")
    seesaw.nb.run(1)
    expect(seesaw.lab_page.widget(1)).to_have_count(1)
    expect(seesaw.lab_page.widget(2)).to_have_count(0)  # the old one is closed wherever it was shown
    expect(seesaw.lab_page.widget(1).locator(".gc-words")).to_contain_text("The line is level")
    assert seesaw.lab_page.ask("[first.view.comm is None, len(seesaw.trace), len(first.trace)]") == [
        True,
        1,
        7,
    ]


def test_by_keyboard(seesaw):
    "The focus stands on the next button, never outside, and JupyterLab gets none of the keys."
    cells = "jupyterapp.shell.currentWidget.content.widgets.length"
    before, press = seesaw.page.evaluate(cells), seesaw.page.keyboard.press
    seesaw.find("answer").focus()
    press("Enter")
    expect(seesaw.find("right")).to_be_focused()
    assert seesaw.find("right").evaluate("e => getComputedStyle(e).outlineStyle") != "none"
    press("Shift+Tab")
    press("Space")
    expect(seesaw.find("answer")).to_be_focused()
    expect(seesaw.find("live")).to_contain_text("Left: the fake's score went from −0.5 to −0.41.")
    press("Enter")
    seesaw.heard(4, [1, 1])
    for name in ("on", "undo"):
        press("Tab")
        expect(seesaw.find(name)).to_be_focused()
    for _ in range(3):
        press("Enter")
    expect(seesaw.find("undo")).to_be_disabled()
    expect(seesaw.find("answer")).to_be_focused()
    for key in ("a", "b", "d", "d", "x"):
        press(key)
    assert seesaw.page.evaluate(cells) == before
    press("Tab")
    expect(seesaw.find("on")).to_be_focused()
    press("Enter")
    expect(seesaw.find("on")).to_have_text("Pause")
    press("Enter")
    expect(seesaw.find("on")).to_have_text("Play on")
    for name in ("gc-undo", "gc-again"):
        press("Tab")
        assert seesaw.seesaw.evaluate("(e, c) => document.activeElement.classList.contains(c)", name)
    press("Tab")
    press("Enter")  # the fold
    press("Tab")
    press("ArrowDown")
    expect(seesaw.seesaw.get_by_label("Play on:")).to_have_value("at the same time")


def test_first_screen_and_phone(seesaw):
    seesaw.rounds(1)
    boxes = """e => [...e.querySelectorAll('canvas')].map(c => c.getBoundingClientRect())
        .map(r => [r.left, r.top, r.right, r.bottom].map(v => v - e.getBoundingClientRect().top))"""
    one, two = seesaw.seesaw.evaluate(boxes)
    assert one[1] == two[1] and one[2] <= two[0] and two[3] < 360, (one, two)  # beside each other
    tops = seesaw.seesaw.evaluate(
        "e => [...e.querySelectorAll('button')].map(b => b.getBoundingClientRect().top)"
    )
    assert max(tops) == min(tops)  # one row
    seesaw.page.evaluate("jupyterapp.shell.collapseLeft()")
    try:
        seesaw.page.set_viewport_size({"width": 390, "height": 844})
        seesaw.page.wait_for_timeout(400)
        seesaw.seesaw.locator("summary").click()
        one, two = seesaw.seesaw.evaluate(boxes)
        assert one[0] == two[0] and one[3] <= two[1], (one, two)  # one above the other
        outside = """e => [...e.querySelectorAll('*')].filter(c => c.checkVisibility()
            && !c.matches('.gc-live')
            && c.getBoundingClientRect().right > e.getBoundingClientRect().right + 1).map(c => c.outerHTML)"""
        assert not seesaw.seesaw.evaluate(outside)
        left, right = (seesaw.find(name).bounding_box() for name in ("left", "right"))
        assert left["y"] == right["y"] and left["x"] < right["x"]
    finally:
        seesaw.page.evaluate("jupyterapp.shell.expandLeft()")


def test_accessibility(seesaw):
    from axe_playwright_python.sync_playwright import Axe

    seesaw.press("answer")
    seesaw.seesaw.locator("summary").click()
    try:
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            seesaw.page.evaluate(THEME, theme)
            found = Axe().run(seesaw.page, context=".gancourse-seesaw").response["violations"]
            bad = [(v["id"], v["impact"], [n["html"][:150] for n in v["nodes"]]) for v in found]
            assert not bad, (theme, bad)
    finally:
        seesaw.page.evaluate(THEME, "JupyterLab Light")
    assert not seesaw.seesaw.evaluate(NAMELESS)


def test_no_kernel_is_needed(notebook, open_lab):
    nb = notebook([MAKE, SHOW, ""])
    complaints = []
    nb.page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
    seesaw = SeesawPage(open_lab(SHOW, MAKE, nb))
    seesaw.rounds(1)
    seesaw.heard(3, [1, 1])
    nb.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    nb.page.wait_for_function(
        "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'", timeout=30_000
    )
    seesaw.rounds(1)
    seesaw.plays(2)
    seesaw.press("undo", "undo")
    expect(seesaw.words).to_have_text("Taken back.")
    assert seesaw.places() == 4
    seesaw.press("left", "again")
    expect(seesaw.words).to_contain_text("The line is level")
    assert not complaints and nb.python("print('seesaw' in globals())").strip() == "False"
    nb.python(seesaw.lab_page.TRUTH)  # for the end of the test
