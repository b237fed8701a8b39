"Each item of the source texts has one row, each row leads to a cell that speaks of it, each tag has its row."

import json
import re
from pathlib import Path

import pytest

NBS = Path(__file__).resolve().parent.parent / "nbs"
ITEM = re.compile(r"S[0-4]\.\d+[abc]?")
VERDICTS = {"right", "imprecise", "wrong", "opinion", "exercise", "figure"}


def items(source, first, last):
    return {f"S{source}.{n}" for n in range(first, last + 1)}


# S4.53 makes three claims, and each has its row
DUE = items(0, 1, 60) | items(1, 1, 54) | items(2, 1, 66) | items(3, 1, 42)
DUE |= items(4, 1, 52) | {"S4.53a", "S4.53b", "S4.53c"} | items(4, 54, 67)
CHINESE = items(2, 1, 59)  # S2 is S0 in another language: a cell that speaks of S0.17 speaks of S2.17


def twin(item):
    return item.replace("S2.", "S0.") if item in CHINESE else item


def cells(notebook):
    return json.loads((NBS / notebook).read_text(encoding="utf-8"))["cells"]


def table():
    "(item, claim, verdict, links) of each row."
    text = "\n".join("".join(c["source"]) for c in cells("concordance.ipynb") if c["cell_type"] == "markdown")
    for line in text.splitlines():
        columns = [c.strip() for c in line.strip().strip("|").split("|")]
        if ITEM.fullmatch(columns[0]):
            assert len(columns) == 5, f"{columns[0]}: expected 5 columns, but got {len(columns)}"
            assert all(columns), f"{columns[0]}: a column is empty"
            yield columns[0], columns[1], columns[2], re.findall(r"\]\(([^)]+)\)", columns[4])


def tags_by_section(notebook):
    "{anchor of a heading: tags of the cells from there to the next heading of the same or a higher level}"
    open_sections, found = [], {}
    for cell in cells(notebook):
        source = "".join(cell["source"])
        for marks, title in (
            re.findall(r"^(#+) +(.+?) *$", source, re.M) if cell["cell_type"] == "markdown" else []
        ):
            open_sections = [(level, a) for level, a in open_sections if level < len(marks)]
            open_sections.append((len(marks), title.replace(" ", "-")))
            found.setdefault(open_sections[-1][1], set())
        for _, anchor in open_sections:
            found[anchor] |= set(cell["metadata"].get("tags", []))
    return found


ROWS = list(table())


def faults(listed):
    "What is wrong with a list of items, in words."
    yield from (f"{item}: missing" for item in sorted(DUE - set(listed)))
    yield from (f"{item}: in none of the texts" for item in sorted(set(listed) - DUE))
    yield from (
        f"{item}: listed {listed.count(item)} times" for item in sorted(set(listed)) if listed.count(item) > 1
    )


def test_every_item_of_the_five_texts_has_exactly_one_row():
    assert not list(faults([item for item, *_ in ROWS]))


def test_no_row_can_be_removed_or_added():
    listed = [item for item, *_ in ROWS]
    for i, item in enumerate(listed):
        assert list(faults(listed[:i] + listed[i + 1 :])) == [f"{item}: missing"]
    assert list(faults([*listed, "S0.61"])) == ["S0.61: in none of the texts"]
    assert list(faults([*listed, "S4.53a"])) == ["S4.53a: listed 2 times"]
    assert len(listed) == 60 + 54 + 66 + 42 + 69


def test_verdicts_are_known_and_each_row_leads_somewhere():
    assert {verdict for _, _, verdict, _ in ROWS} <= VERDICTS
    assert not [item for item, *_, links in ROWS if not links]


def test_the_chinese_chapter_says_what_its_twin_says():
    known = {item: (verdict, links) for item, _, verdict, links in ROWS}
    same = [item for item, claim, *_ in ROWS if item in CHINESE and claim.startswith(f"as {twin(item)}: ")]
    assert 45 <= len(same) < len(CHINESE)  # the others differ, and have a row of their own
    assert not [item for item in same if known[item] != known[twin(item)]]


@pytest.mark.parametrize("notebook", sorted({link.split("#")[0] for *_, links in ROWS for link in links}))
def test_links_lead_to_cells_that_speak_of_the_item(notebook):
    sections = tags_by_section(notebook)
    astray = []
    for item, link in [(item, link) for item, _, _, links in ROWS for link in links]:
        file, anchor = link.split("#")
        if file == notebook and not {item, twin(item)} & sections.get(anchor, set()):
            missing = "cell in the section" if anchor in sections else "heading"
            astray.append(f"{item} -> {link}: no such {missing}")
    assert not astray, "\n".join(astray)


def test_every_tagged_cell_has_its_row():
    listed = {item for item, *_ in ROWS}
    tagged = {
        tag
        for path in NBS.glob("*.ipynb")
        for tags in tags_by_section(path.name).values()
        for tag in tags
        if ITEM.fullmatch(tag)
    }
    assert tagged <= listed, sorted(tagged - listed)
