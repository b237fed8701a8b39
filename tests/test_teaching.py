"The teaching guide: its minutes add up, each lesson is spoken of, and what it names exists."

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT / "nbs"
LESSONS = sorted(path.stem for path in NBS.glob("[0-9][0-9]_*.ipynb"))


def markdown(path):
    return "\n\n".join(
        "".join(c["source"])
        for c in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if c["cell_type"] == "markdown"
    )


def asset(name):
    return json.loads((ROOT / "assets" / name).read_text(encoding="utf-8"))


GUIDE = markdown(NBS / "teaching.ipynb")
HEADINGS = {
    m.strip() for lesson in LESSONS for m in re.findall(r"^#+ (.+)$", markdown(NBS / f"{lesson}.ipynb"), re.M)
}


def table(*head):
    "The rows below the header that begins with these columns."
    after = GUIDE.split("| " + " | ".join(head), 1)[1].split("\n")[2:]
    lines = after[: next(i for i, line in enumerate([*after, ""]) if not line.startswith("|"))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def numbers(row):
    return [int(cell) for cell in row if cell.isdigit()]


def of_lesson(lesson):
    "The guide's section of a lesson."
    return re.split(r"^##+ ", GUIDE.split(f"### Lesson {lesson[:2]}\n")[1], maxsplit=1, flags=re.M)[0]


def test_the_minutes_of_each_lesson_agree_with_the_course():
    rows, course = table("lesson", "machine"), {row["notebook"]: row for row in asset("course.json")}
    assert [re.search(r"\((.+)\.ipynb\)", row[0])[1] for row in rows] == LESSONS
    for lesson, row in zip(LESSONS, rows, strict=True):
        assert row[0].startswith(f"[{lesson[:2]} {course[lesson]['title']}]") and len(numbers(row)) == 5
        assert numbers(row)[0] == course[lesson]["budget_seconds"] / 60


def test_the_timetables_add_up():
    assert sum(numbers(row)[-1] for row in table("what", "minutes")) == 240 and "Four hours" in GUIDE
    days = [numbers(row[2:]) for row in table("day", "lessons")]
    assert len(days) == 5 and all(sum(day[:-1]) == day[-1] == 200 for day in days)
    weeks = table("week", "lesson")
    assert [int(row[0]) for row in weeks] == list(range(1, 14))
    assert all(sum(numbers(row)[-4:]) == 90 for row in weeks)


def test_the_reading_at_home_is_that_of_the_lessons():
    reading = {row[0][1:3]: numbers(row)[2] for row in table("lesson", "machine")}
    home = {}
    for row in table("week", "lesson"):
        these = tuple(re.findall(r"\b[01]\d\b", row[1]))
        home[these] = home.get(these, 0) + int(row[2])
    assert home.pop(("00",)) == 0  # read in class
    assert {n for these in home for n in these} == set(reading) - {"00"}
    assert not [these for these, minutes in home.items() if minutes != sum(reading[n] for n in these)]


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_lesson_has_its_section(lesson):
    section = of_lesson(lesson)
    for part in ("Aim.", "Live.", "Discuss.", "Breaks on purpose.", "Breaks by itself.", "Exercises."):
        assert section.count(f"**{part}**") == 1, part
    questions = re.findall(r"^- \*(.+?)\* (.+)$", section, re.M)
    assert 2 <= len(questions) <= 4 and all(len(answer) > 40 for _, answer in questions)


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_the_guide_names_exists(lesson):
    section = of_lesson(lesson)
    text = (NBS / f"{lesson}.ipynb").read_text(encoding="utf-8")
    before_discussion = section.split("**Discuss.**")[0]
    named = re.findall(r"(?<!\*)\*([A-Zλβ][^*?]+?)\*(?!\*)", before_discussion)
    assert not [name for name in named if name not in HEADINGS and name not in text]


@pytest.mark.parametrize("lesson", sorted(asset("exercises.json")))
def test_the_guide_says_for_whom_each_exercise_is(lesson):
    named = re.findall(r"`(\w+)`", of_lesson(lesson).split("**Exercises.**")[1])
    assert sorted(named) == sorted(e["name"] for e in asset("exercises.json")[lesson])


def test_sections_that_the_timetables_name_exist():
    rows = table("what", "minutes") + table("day", "lessons") + table("week", "lesson")
    named = [name for row in rows for name in re.findall(r"\*([^*]+)\*", " ".join(row))]
    assert len(named) >= 10 and not [name for name in named if name not in HEADINGS]


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+\.ipynb)", GUIDE):
        assert (NBS / target).exists(), target
