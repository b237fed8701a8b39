"A quiz in JupyterLab: each kind of question answered by keyboard while the kernel is busy; how it looks."

import json

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect
from test_playground import NAMELESS, THEME

from gancourse.quiz import shuffled

OPTIONS = [
    {
        "text": f"$\\frac{{1}}{{{n}}}$ of `x`",
        "right": n == 2,
        "why": f"Why {n}: it is $\\mathbb{{E}}_{{x\\sim p}}[x_{n}^2]$.",
    }
    for n in (1, 2, 3, 4)
]
QUESTIONS = [
    {"kind": "single", "text": "How much is a half, <b>exactly</b>?", "options": OPTIONS},
    {
        "kind": "multiple",
        "text": "Which are even?",
        "options": [
            {"text": f"${n}$", "right": n % 2 == 0, "why": f"{n} is {'even' if n % 2 == 0 else 'odd'}."}
            for n in (1, 2, 3, 4)
        ],
    },
    {
        "kind": "number",
        "text": "What is $\\frac{1}{2}$?",
        "answer": 0.5,
        "tolerance": 0.001,
        "unit": "nats",
        "why": "One of two.",
        "slips": [{"value": 2, "why": "That is $\\frac{2}{1}$, the other way round."}],
    },
    {
        "kind": "order",
        "text": "Sort, the smallest first.",
        "items": ["$1$", "$\\sqrt{2}$", "$2$", "$e$"],
        "why": "$1<1.414<2<2.718$.",
    },
]
SHOW = f"""
import json, time
from gancourse.quiz import Quiz
noted = []
questions = json.loads({json.dumps(json.dumps(QUESTIONS))})
q = Quiz("sample", "after", questions, note=lambda *result: noted.append(list(result)))
q
"""
BUSY = "try: time.sleep(60)\nexcept KeyboardInterrupt: print('back')"
FOCUS = "e => e.contains(document.activeElement)"
START = """i => { jupyterapp.shell.currentWidget.content.activeCellIndex = i;
    jupyterapp.commands.execute('notebook:run-cell') }"""
RUNNING = "i => jupyterapp.shell.currentWidget.content.widgets[i].model.executionState === 'running'"


class QuizPage:
    "The sample in cell 0 of the shared notebook."

    def __init__(self, nb):
        self.nb, self.page = nb, nb.page
        nb.put(0, SHOW)
        nb.put(1, BUSY)
        nb.put(2, "")
        nb.run(0)
        self.quiz = nb.output(0).locator(".gancourse-quiz")
        self.quiz.wait_for(timeout=20_000)
        self.cards = [self.quiz.locator(".gq-card").nth(k) for k in range(4)]

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def verdict(self, k, verdict, words=""):
        expect(self.cards[k]).to_have_attribute("data-verdict", verdict)
        expect(self.cards[k].locator(".gq-verdict")).to_contain_text(words) if verdict else None

    def whys(self, k):
        return self.cards[k].locator(".gq-why:not([hidden])").all_inner_texts()

    def count(self, right):
        expect(self.quiz.locator(".gq-count")).to_have_text(f"{right} of 4 right")

    def place(self, k, right=True):
        "The places of the options of question k that are right, or wrong, as the page shows them."
        return [n for n, option in enumerate(shuffled(QUESTIONS[k])) if option["right"] is right]

    def sort(self):
        "Bring the items into their right order by keyboard."
        shown = shuffled(QUESTIONS[3])
        for place, item in enumerate(QUESTIONS[3]["items"]):
            row = (
                self.cards[3]
                .locator("li")
                .filter(has=self.page.locator(f".gq-item[id$='-{shown.index(item)}']"))
            )
            row.locator("button").first.focus()
            while row.evaluate("e => [...e.parentNode.children].indexOf(e)") > place:
                self.press("ArrowUp")
                assert row.evaluate(FOCUS)  # the focus travels with the item


@pytest.fixture
def quiz(shared, request):
    used = []

    def make():
        used.append(QuizPage(shared()))
        return used[-1]

    yield make
    if getattr(request.node, "went_wrong", True):
        shared.drop()
        return
    for page in used:
        page.page.set_viewport_size({"width": 1280, "height": 900})
        errors, outside = list(page.nb.errors), list(page.nb.outside)
        page.nb.errors.clear()
        page.nb.outside.clear()
        assert not errors and not outside, (errors, outside)


def test_each_kind_by_keyboard_while_the_kernel_is_busy(quiz):
    page = quiz()
    cells = page.page.locator(".jp-Notebook .jp-Cell").count()
    page.page.evaluate(START, 1)
    page.page.wait_for_function(RUNNING, arg=1)
    page.count(0)
    first, wrong, (right,) = page.cards[0], page.place(0, right=False), page.place(0)
    first.locator("input").first.focus()
    page.press("Enter")
    page.verdict(0, "unclear", "Choose something first.")
    expect(first.locator(".gq-show")).to_be_hidden()
    page.press("Space", *["ArrowDown"] * wrong[-1], "Enter")
    page.verdict(0, "wrong", "Not yet. Try another one.")
    assert len(page.whys(0)) == 1 and page.whys(0)[0].startswith("✗ Wrong. Why")
    assert first.locator("input").nth(wrong[-1]).evaluate(FOCUS)
    expect(first.locator(".gq-show")).to_be_visible()
    page.count(0)
    page.press(*["ArrowUp"] * (wrong[-1] - right), *["ArrowDown"] * (right - wrong[-1]))
    page.verdict(0, "")
    page.press("Enter")
    page.verdict(0, "right", "Right.")
    page.count(1)
    assert len(page.whys(0)) == 4 and "✓ Right. Why 2" in page.whys(0)[right]
    expect(page.quiz.locator(".gq-live")).to_contain_text("✓ Right. Why 2")

    page.press("Tab")  # from one question to the next
    assert page.cards[1].locator("input").first.evaluate(FOCUS)
    for k in range(4):  # a wrong one, and a right one missing
        if k in (page.place(1, right=False)[0], page.place(1)[0]):
            page.press("Space")
        if k < 3:
            page.press("Tab")
    page.press("Enter")
    page.verdict(1, "wrong", "One of your choices is wrong. A right one is still missing.")
    assert len(page.whys(1)) == 1 and "odd" in page.whys(1)[0]
    for k, verdict, words in [
        (page.place(1, right=False)[0], "wrong", "So far so good. A right one is still missing."),
        (page.place(1)[1], "right", "Right."),
    ]:
        page.cards[1].locator("input").nth(k).focus()
        page.press("Space", "Enter")
        page.verdict(1, verdict, words)
    page.count(2)

    page.press("Tab")
    for typed, verdict, words in [
        ("", "unclear", "Write a number first."),
        ("abxddzm", "unclear", "That is not a number."),
        ("1e-3", "wrong", "Your number is too small."),
        ("2", "wrong", "the other way round."),
        ("-1/2", "wrong", "That is -0.5. The size is right, the sign is not."),
        ("0,5 nats", "right", "One of two."),
    ]:
        page.press("Control+a", "Delete")
        page.page.keyboard.type(typed)
        page.press("Enter")
        page.verdict(2, verdict, words)
    page.count(3)
    assert page.page.locator(".jp-Notebook .jp-Cell").count() == cells  # no key went to JupyterLab

    page.press("Tab", "Tab")  # the "down" button of the first item
    item = page.cards[3].locator("li").first.element_handle()
    page.press("ArrowDown", "Enter")  # a key, and the button itself
    assert item.evaluate("e => [...e.parentNode.children].indexOf(e)") == 2 and item.evaluate(FOCUS)
    expect(page.quiz.locator(".gq-live")).to_have_text("Place 3 of 4.")
    page.sort()
    page.press("ArrowUp")
    page.cards[3].locator(".gq-check").press("Enter")
    page.verdict(3, "wrong", "2 of 4 stand at the right place.")
    page.sort()
    page.cards[3].locator(".gq-check").press("Enter")
    page.verdict(3, "right", "1<1.414<2<2.718")
    page.count(4)

    assert page.page.evaluate(RUNNING, 1)  # all this without the kernel
    page.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")
    expect(page.nb.output(1)).to_contain_text("back", timeout=10_000)
    assert json.loads(page.nb.python("print(json.dumps([q.score, noted[-1]]))")) == [
        [4, 4],
        ["sample", "after", 4, 4],
    ]


def test_numbers(quiz):
    page = quiz()
    field = page.cards[2].locator("input")
    said = dict(
        right=["0.5", ".5", "0,5", "1/2", "5e-1", "+0.50", " 0.5  nats ", "0.4991"],
        wrong=["−0.5", "0.4989", "5.", "-1e-3"],
        unclear=["half", "1/0", "1e999", "0.5.1", "1/2/1", "0x1", "0 5", "0.5 bits", "e", ".", "Infinity"],
    )
    for text, verdict in [(text, verdict) for verdict, texts in said.items() for text in texts]:
        field.fill(text)
        field.press("Enter")
        assert page.cards[2].get_attribute("data-verdict") == verdict, text
        if page.quiz.locator(".gq-again").is_visible():
            page.quiz.locator(".gq-again").click()


def test_show_the_answer_and_start_over(quiz):
    page = quiz()
    page.nb.put(2, "q")  # the same quiz once more
    page.nb.run(2)
    other = page.nb.output(2).locator(".gancourse-quiz")
    wrong = page.place(0, right=False)[0]
    page.cards[0].locator("label").nth(wrong).click()
    page.cards[2].locator("input").fill("7")
    for card in page.cards[:1] + page.cards[2:]:
        card.locator(".gq-check").click()
        card.locator(".gq-show").click()
        expect(card).to_have_attribute("data-verdict", "shown")
        assert card.locator(".gq-verdict").evaluate(FOCUS)
    page.verdict(2, "shown", "The answer. One of two.")
    page.count(0)
    expect(page.cards[2].locator("input")).to_have_value("0.5")
    (right,) = page.place(0)
    expect(page.cards[0].locator("input").nth(right)).to_be_checked()
    page.cards[0].locator("label").nth(wrong).click(force=True)  # what has been shown stays
    page.cards[2].locator("input").press("7")
    expect(page.cards[0].locator("input").nth(right)).to_be_checked()
    expect(page.cards[2].locator("input")).to_have_value("0.5")
    items = [
        QUESTIONS[3]["items"].index(shuffled(QUESTIONS[3])[int(i.rsplit("-", 1)[1])])
        for i in page.cards[3].locator(".gq-item").evaluate_all("items => items.map(i => i.id)")
    ]
    assert items == [0, 1, 2, 3]
    for k in (0, 2, 3):
        expect(other.locator(".gq-card").nth(k)).to_have_attribute("data-verdict", "shown")
    other.locator(".gq-again").click()
    expect(other.locator(".gq-title")).to_be_focused()
    cells = page.page.locator(".jp-Notebook .jp-Cell").count()
    page.press("x", "b", "d", "d")  # no key goes to JupyterLab
    assert page.page.locator(".jp-Notebook .jp-Cell").count() == cells
    for k in range(4):
        page.verdict(k, "")
    expect(page.cards[2].locator("input")).to_have_value("")
    expect(page.quiz.locator(".gq-again")).to_be_hidden()
    assert page.nb.python("print(q.score, noted)").strip() == "(0, 4) []"


def test_formulas_theme_and_width(quiz):
    "The browser draws the formulas; a screen reader finds no fault; nothing sticks out of a narrow window."
    from axe_playwright_python.sync_playwright import Axe

    page = quiz()
    fractions = page.quiz.locator("math mfrac")
    boxes = fractions.first.evaluate(
        "f => [f, ...f.children].map(e => e.getBoundingClientRect()).map(r => [r.top, r.bottom, r.height])"
    )
    (_, _, whole), (_, low, above), (high, _, below) = boxes
    assert low <= high + 1 and min(above, below) > 4 and whole > 12  # one above the other
    assert "<b>exactly</b>" in page.cards[0].inner_text() and page.cards[0].locator("code").count() == 4
    page.cards[0].locator("label").nth(page.place(0, right=False)[0]).click()
    for card in page.cards:
        card.locator(".gq-check").click()
    page.cards[3].locator(".gq-show").click()
    try:
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            page.page.evaluate(THEME, theme)
            found = Axe().run(page.page, context=".gancourse-quiz").response["violations"]
            bad = [
                (v["id"], v["impact"], [n["html"][:150] for n in v["nodes"]])
                for v in found
                if v["impact"] in ("serious", "critical")
            ]
            assert not bad, (theme, bad)
    finally:
        page.page.evaluate(THEME, "JupyterLab Light")
    assert not page.quiz.evaluate(NAMELESS.replace("input, select, canvas, [tabindex]", "input"))
    page.page.evaluate("jupyterapp.shell.collapseLeft()")
    for width in (1280, 700, 400):
        page.page.set_viewport_size({"width": width, "height": 900})
        wide = page.quiz.evaluate(
            "e => [...e.querySelectorAll('*')]"
            ".filter(c => c.checkVisibility() && !c.closest('.gq-live, math')"
            " && c.getBoundingClientRect().right > e.getBoundingClientRect().right + 1).map(c => c.className)"
        )
        assert not wide, (width, wide)
    page.page.evaluate("jupyterapp.shell.expandLeft()")


def test_the_words_stand_where_no_quiz_is(quiz):
    page = quiz()
    assert not page.nb.output(0).locator("details").first.is_visible()  # behind the quiz
    page.nb.put(2, "from IPython.display import display\ndisplay(q._repr_mimebundle_(), raw=True)")
    page.nb.run(2)
    words = page.nb.output(2)
    expect(words.locator("details")).to_have_count(4)
    expect(words).to_contain_text("How much is a half, <b>exactly</b>?")
    expect(words.locator("mjx-container, .MathJax").first).to_be_visible(timeout=15_000)
    assert "One of two." not in words.inner_text()
    words.locator("summary").nth(2).click()
    expect(words).to_contain_text("0.5 nats. One of two.")
