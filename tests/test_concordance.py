"Every row of the concordance leads to a cell that speaks of it, and every tagged cell has its row."
import json
import re
from pathlib import Path

import pytest

NBS = Path(__file__).resolve().parent.parent / "nbs"
ITEM = re.compile(r"S[0-4]\.\d+[abc]?")
VERDICTS = {"right", "imprecise", "wrong", "opinion", "exercise", "figure"}


def cells(notebook):
    return json.loads((NBS / notebook).read_text(encoding="utf-8"))["cells"]


def table():
    "(item, verdict, link) of each row."
    text = "\n".join("".join(c["source"]) for c in cells("concordance.ipynb") if c["cell_type"] == "markdown")
    for line in text.splitlines():
        columns = [c.strip() for c in line.strip().strip("|").split("|")]
        if ITEM.fullmatch(columns[0]):
            assert len(columns) == 5, f"{columns[0]}: expected 5 columns, but got {len(columns)}"
            yield columns[0], columns[2], re.search(r"\]\(([^)]+)\)", columns[4])[1]


def tags_by_section(notebook):
    "{anchor of a heading: tags of the cells from there to the next heading of the same or a higher level}"
    open_sections, found = [], {}
    for cell in cells(notebook):
        source = "".join(cell["source"])
        for marks, title in re.findall(r"^(#+) +(.+?) *$", source, re.M) if cell["cell_type"] == "markdown" else []:
            open_sections = [(level, a) for level, a in open_sections if level < len(marks)]
            open_sections.append((len(marks), title.replace(" ", "-")))
            found.setdefault(open_sections[-1][1], set())
        for _, anchor in open_sections:
            found[anchor] |= set(cell["metadata"].get("tags", []))
    return found


ROWS = list(table())


def test_items_stand_once_and_verdicts_are_known():
    items = [item for item, _, _ in ROWS]
    assert len(items) == len(set(items)), {i for i in items if items.count(i) > 1}
    assert {verdict for _, verdict, _ in ROWS} <= VERDICTS


@pytest.mark.parametrize("notebook", sorted({link.split("#")[0] for _, _, link in ROWS}))
def test_links_lead_to_cells_that_speak_of_the_item(notebook):
    sections = tags_by_section(notebook)
    astray = []
    for item, _, link in ROWS:
        file, anchor = link.split("#")
        if file == notebook and item not in sections.get(anchor, ()):
            astray.append(f"{item} -> {link}: {'no such cell in the section' if anchor in sections else 'no such heading'}")
    assert not astray, "\n".join(astray)


def test_every_tagged_cell_has_its_row():
    listed = {item for item, _, _ in ROWS}
    tagged = {tag for path in NBS.glob("*.ipynb") for tags in tags_by_section(path.name).values() for tag in tags if ITEM.fullmatch(tag)}
    assert tagged <= listed, sorted(tagged - listed)


def test_the_rows_of_the_first_lessons_are_complete():
    "Lessons 00 to 10: the items that the audit of the sources gives them."
    def run(source, first, last):
        return {f"S{source}.{n}" for n in range(first, last + 1)}
    due = run(0, 1, 59) | run(2, 60, 65) | run(1, 1, 11) | {"S3.1"} | run(3, 3, 7) | run(3, 16, 19) | {"S3.23", "S3.24"}
    due |= run(4, 1, 8) | {"S4.25"} | run(4, 31, 34)
    due |= run(1, 12, 50) | run(3, 8, 15) | run(3, 20, 21) | {"S3.25", "S3.42", "S4.9", "S4.15"}
    due |= {"S3.22"} | run(4, 16, 27) | run(4, 35, 44) | run(4, 54, 55) | run(4, 62, 63)
    due |= run(4, 10, 14) | run(4, 28, 30) | run(4, 45, 51) | run(4, 56, 61) | {"S4.64", "S4.65"}
    due |= {"S4.52", "S4.53a", "S4.53b", "S4.53c", "S4.66"}
    due |= run(1, 51, 54) | run(3, 28, 34) | {"S3.26", "S3.27", "S3.38", "S3.40"}
    assert due <= {item for item, _, _ in ROWS}, sorted(due - {item for item, _, _ in ROWS})
