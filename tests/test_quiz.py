"The quizzes of the course: valid, complete, drawable, not to be guessed from their looks; files refused."

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gancourse.quiz import (
    Quiz,
    as_html,
    as_markdown,
    for_browser,
    in_markdown,
    in_words,
    mathml,
    pieces,
    predict,
    quiz,
    read_quiz,
    shuffled,
    texts,
)

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "quizzes"
FILES = sorted(p for p in FOLDER.glob("*.json") if p.stem != "schema")
SCHEMA = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))

OPTIONS = [
    {"text": "one", "right": True, "why": "It is $1$."},
    {"text": "two", "right": False, "why": "No."},
    {"text": "three", "right": False, "why": "No."},
]
SAMPLE = {
    "lesson": "sample",
    "after": [
        {"kind": "single", "text": "Which $x<2$?", "options": OPTIONS},
        {
            "kind": "multiple",
            "text": "Which are `odd`?",
            "options": [OPTIONS[0], OPTIONS[1], dict(OPTIONS[2], right=True)],
        },
        {
            "kind": "number",
            "text": "What is $2\\ln 2$?",
            "answer": 1.386,
            "tolerance": 0.005,
            "unit": "nats",
            "why": "So it is.",
            "slips": [{"value": 0.693, "why": "Twice that."}],
        },
        {"kind": "order", "text": "Sort.", "items": ["$1$", "$2$", "$3$"], "why": "So it is."},
    ],
}


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert FILES, "no quiz in assets/quizzes"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_each_quiz_of_the_course(path):
    data = read_quiz(path.stem)
    assert data["lesson"] == path.stem and (ROOT / "nbs" / f"{path.stem}.ipynb").is_file()
    for when in ("before", "after"):
        questions = data[when]
        assert 5 <= len(questions) <= 8, f"{when}: 5 to 8 questions"
        assert {q["kind"] for q in questions} == {"single", "multiple", "number", "order"}, (
            f"{when}: a question of each kind"
        )
        assert len({q["text"] for q in questions}) == len(questions)
        words = Quiz(path.stem, when, questions)
        markdown, plain = in_markdown(words), in_words(words)
        assert markdown == in_markdown(words)
        for question in questions:
            assert question["text"] in plain
            for text in texts(question):
                formulas = sum(kind == "formula" for kind, _ in pieces(text))
                assert as_html(text).count("<math") == formulas and as_markdown(text) in markdown
            shown = for_browser(question)
            assert json.loads(json.dumps(shown)) == shown


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_saved_lesson_holds_the_questions_of_today(path):
    cells = json.loads((ROOT / "nbs" / f"{path.stem}.ipynb").read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        call = re.search(r'^(quiz|predict)\("(\w+)", "?(\w+)"?\)$', "".join(cell["source"]), re.MULTILINE)
        if cell["cell_type"] != "code" or call is None:
            continue
        shown = quiz(call[2], call[3]) if call[1] == "quiz" else predict(call[2], int(call[3]))
        saved = [o["data"] for o in cell["outputs"] if "text/markdown" in o.get("data", {})]
        assert [{k: "".join(v) for k, v in data.items()} for data in saved] == [shown._repr_mimebundle_()], (
            call[0]
        )


def test_right_options_do_not_show():
    "Neither by length nor by place: over the whole course, about as often as chance would have it."
    choices = [
        shuffled(q)
        for p in FILES
        for w in ("before", "predict", "after")
        for q in read_quiz(p.stem).get(w, [])
        if "options" in q
    ]
    single = [options for options in choices if sum(o["right"] for o in options) == 1]
    longest = sum(max(options, key=lambda o: len(o["text"]))["right"] for options in single)
    first = sum(options[0]["right"] for options in single)
    assert longest < 0.4 * len(single) + 3, (
        f"the longest option is right in {longest} of {len(single)} questions"
    )
    assert first < 0.45 * len(single) + 3, f"the first option is right in {first} of {len(single)} questions"
    for options in choices:
        sizes = [[len(o["text"]) for o in options if o["right"] is right] for right in (True, False)]
        right, wrong = (sum(size) / len(size) for size in sizes)
        assert right < 1.5 * wrong, f"right options are much longer than wrong ones: {options[0]['text']}"


def change(path, value):
    "A spoiler: sets what stands at this path of the sample, or takes it away (...)."

    def spoil(data):
        *way, last = path
        for key in way:
            data = data[key]
        if value is ...:
            del data[last]
        else:
            data[last] = value

    return spoil


Q = "after"
SPOILED = [  # (what is done to the sample, what is said of it, is it the schema that says so)
    (change(["lesson"], ...), "expected `lesson`, but got only after", True),
    (change(["lesson"], "../secret"), "lesson: expected a text", True),
    (change(["later"], []), "expected nothing but lesson, before, predict, after, but got `later`", True),
    (change([Q], ...), "expected questions `before` or `after` the lesson, but got only lesson", True),
    (change([Q], []), "after: expected at least 1 questions, but got 0", True),
    (
        change([Q, 0, "kind"], "essay"),
        r"after, question 1, kind: expected one of .*single.*, but got \"essay\"",
        True,
    ),
    (change([Q, 0, "kind"], ...), "after, question 1: expected `kind`, but got only text, options", True),
    (change([Q, 0, "text"], ...), "after, question 1: expected `text`", True),
    (change([Q, 0, "text"], "two\nlines"), "after, question 1, text: expected a text in one line", True),
    (change([Q, 0, "text"], ""), "after, question 1, text: expected a text", True),
    (
        change([Q, 0, "options"], OPTIONS[:2]),
        "after, question 1, options: expected at least 3 options, but got 2",
        True,
    ),
    (
        change([Q, 0, "options"], OPTIONS * 2),
        "after, question 1, options: expected at most 5 options, but got 6",
        True,
    ),
    (
        change([Q, 0, "options", 2, "why"], ...),
        "after, question 1, option 3: expected `why`, but got only text, right",
        True,
    ),
    (
        change([Q, 0, "options", 2, "right"], "yes"),
        "after, question 1, option 3, right: expected a value of type boolean",
        True,
    ),
    (
        change([Q, 0, "answer"], 1),
        "after, question 1: expected nothing but kind, text, options, but got `answer`",
        True,
    ),
    (
        change([Q, 2, "answer"], "1.4"),
        'after, question 3, answer: expected a value of type number, but got "1.4"',
        True,
    ),
    (
        change([Q, 2, "answer"], True),
        "after, question 3, answer: expected a value of type number, but got true",
        True,
    ),
    (
        change([Q, 2, "tolerance"], -1),
        "after, question 3, tolerance: expected a number >= 0, but got -1",
        True,
    ),
    (change([Q, 2, "unit"], ...), "after, question 3: expected `unit`", True),
    (
        change([Q, 2, "slips", 0, "value"], None),
        "after, question 3, slip 1, value: expected a value of type number",
        True,
    ),
    (
        change([Q, 3, "items"], ["a", "b"]),
        "after, question 4, items: expected at least 3 items, but got 2",
        True,
    ),
    (change([Q, 3, "items"], ["a", "b", "a"]), "after, question 4, items: expected different items", True),
    (
        change([Q, 3, "items"], list("abcdefg")),
        "after, question 4, items: expected at most 6 items, but got 7",
        True,
    ),
    (
        change([Q, 0, "options", 1, "right"], True),
        "after, question 1, options: expected exactly one right option, but got 2",
        False,
    ),
    (
        change([Q, 0, "options", 0, "right"], False),
        "after, question 1, options: expected exactly one right option, but got 0",
        False,
    ),
    (
        change([Q, 1, "options", 1, "right"], True),
        "after, question 2, options: expected right and wrong .* got 3 right of 3",
        False,
    ),
    (
        change([Q, 1, "options"], [dict(o, right=False) for o in OPTIONS]),
        "after, question 2, options: .*, but got 0 right of 3",
        False,
    ),
    (
        change([Q, 0, "options", 1, "text"], "one"),
        "after, question 1, options: expected different texts",
        False,
    ),
    (
        change([Q, 2, "slips", 0, "value"], 1.39),
        "after, question 3, slip 1, value: expected a number outside 1.386 ± 0.005",
        False,
    ),
    (change([Q, 0, "text"], "Costs 5 $"), "after, question 1: expected a partner for each \\$", False),
    (change([Q, 0, "text"], "`x"), "after, question 1: expected a partner for each `", False),
    (
        change([Q, 3, "why"], "$\\frac{1}$"),
        "after, question 4: formula: expected 2 parts of each <mfrac>",
        False,
    ),
    (
        change([Q, 2, "slips", 0, "why"], "$\\lnn 2$"),
        "after, question 3: formula: expected commands that browsers can draw",
        False,
    ),
    (change([Q, 2, "unit"], "$\\sqrt{$"), "after, question 3: formula: expected as many { as }", False),
]


def test_the_sample_is_valid():
    assert read_quiz(SAMPLE) is SAMPLE and Draft202012Validator(SCHEMA).is_valid(SAMPLE)


@pytest.mark.parametrize("spoil, said, schema", SPOILED, ids=[said[:60] for _, said, _ in SPOILED])
def test_what_is_wrong_is_said(spoil, said, schema, tmp_path):
    data = json.loads(json.dumps(SAMPLE))
    spoil(data)
    assert Draft202012Validator(SCHEMA).is_valid(data) is not schema
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ValueError, match=r"^mine\.json: " + said):
        read_quiz(path)


@pytest.mark.parametrize(
    "text, said",
    [
        ("{", "mine.json: expected JSON, but got something else"),
        ("[]", "mine.json: expected a value of type object"),
        (
            json.dumps(SAMPLE).replace("1.386", "NaN"),
            'answer: expected a value of type number, but got "NaN"',
        ),
    ],
)
def test_no_json(text, said, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read_quiz(path)


def test_a_quiz_that_is_nowhere():
    with pytest.raises(
        ValueError,
        match=rf"expected a lesson \(.*{FILES[0].stem}.*\) or the path of .*, but got '99_nothing'",
    ):
        read_quiz("99_nothing")


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{1}{2}",
        r"\mathbb{E}_{x\sim p}[\ln D(x)]",
        r"\min_G\max_D V(D, G)",
        r"\sqrt{2}\,\sigma",
        r"\|W\|_2\le 1",
        r"\nabla_x D",
        r"\hat{x}",
        r"\bar{x}",
        r"p_{\text{data}}",
        r"\mathcal{N}(0, I)",
        r"10^{-3}\approx 0",
        r"x_i^2",
        r"\left(\frac{a}{b}\right)^2",
        r"\{0, 1\}",
        r"x\to\infty",
        r"G^{\top}G",
        r"50\,\%",
        r"\sum_{i=1}^n x_i",
        r"\log_2 n",
    ],
)
def test_formulas(latex):
    drawn = mathml(latex)
    assert drawn.startswith("<math") and "\\" not in drawn and "xmlns" not in drawn
