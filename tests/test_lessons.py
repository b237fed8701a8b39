"""How a lesson reads: something moves on its first screen, a game is trained early, a picture is never far,
and whatever only hardens stands out of the way."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
LEARNERS_FIRST = {  # the lessons that are written so: lines of code that a reader may see
    "00_start": 200,  # it was short: these are twice the lines of before, with things to do
    "01_minimax": 407,
    "02_toy_gaussian": 522,
    "03_dcgan": 500,
    "04_hinge_lipschitz": 528,
    "05_pix2pix": 633,
    "06_cyclegan": 524,
    "07_vae": 396,
    "10_scaling_out": 384,
}
CELLS = {
    "00_start": (30, 65),  # a stranger's first page, read in one sitting
    "10_scaling_out": (50, 90),  # a supplement
}
each_lesson = pytest.mark.parametrize("name", LEARNERS_FIRST)


def cells(name):
    return nbformat.read(ROOT / f"nbs/{name}.ipynb", as_version=4).cells


def tags(cell):
    return cell.metadata.get("tags", [])


def is_folded(cell):
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


def visible_lines(found):
    "Lines of code that a reader sees."
    shown = [c.source for c in found if c.cell_type == "code" and not is_folded(c)]
    return sum(bool(line.strip()) for source in shown for line in source.splitlines())


def pictures(found):
    "Places of the cells that show a picture."
    return [
        i for i, c in enumerate(found) if any("image/png" in o.get("data", {}) for o in c.get("outputs", []))
    ]


def faults(found, most=400, size=(60, 95)):
    "What a lesson does that keeps its learner from learning, in words."
    text = "\n".join(c.source for c in found)
    code = [c for c in found if c.cell_type == "code"]
    head = found[0].source
    if not size[0] <= len(found) <= size[1]:
        yield f"{len(found)} cells, expected {size[0]} to {size[1]}"
    if (lines := visible_lines(found)) > most:
        yield f"{lines} lines of visible code, expected at most {most}"
    games = [i for i, c in enumerate(found) if "game" in tags(c)]
    if not games or games[0] >= 20:
        yield "no trained game (a cell tagged `game`) within the first 20 cells"
    shown = pictures(found)
    if not shown or shown[0] > 2:
        yield "no picture within the first three cells"
    yield from (
        f"no picture from cell {a} to {b}" for a, b in zip(shown, shown[1:], strict=False) if b - a > 12
    )
    if any("pytest" in c.source for c in code):
        yield "tests of refusals, which belong to nbs/proofs"
    if (slips := text.count("**A common slip.**")) > 3:
        yield f"{slips} boxes of slips, expected at most 3"
    if not re.search(r"\*\*Time budget:\*\* .+\*\*Your time:\*\* ", head):
        yield "not two times at the top"
    if (asked := sum(c.source.startswith("predict(") for c in code)) != 3:
        yield f"{asked} predictions, expected 3"
    if "complete this line" not in text:
        yield "no cell to complete"
    for i in shown:
        for out in found[i].outputs:
            if "image/png" in out.get("data", {}) and not out.metadata.get("image/png", {}).get("alt"):
                yield f"cell {i}: a picture without an alternative text"
    if re.search(
        r"\b[Ll]aws?\b", re.sub(r"`[^`]*`", "", "\n".join(c.source for c in found if c.cell_type != "code"))
    ):
        yield "says law for distribution"


@each_lesson
def test_a_lesson_is_written_for_its_learner(name):
    assert not list(faults(cells(name), LEARNERS_FIRST[name], CELLS.get(name, (60, 95))))


@each_lesson
def test_its_proofs_are_there_and_linked(name):
    links = re.findall(r"\]\((proofs/\w+\.ipynb)#", "\n".join(c.source for c in cells(name)))
    assert links and all((ROOT / "nbs" / link).is_file() for link in links)


def test_faults_are_found():
    text, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    image = nbformat.v4.new_output("display_data", data={"image/png": ""})
    bad = [
        text("# A law"),
        code("import pytest"),
        *[text("**A common slip.**")] * 4,
        code("x", outputs=[image]),
    ]
    said = "\n".join(faults(bad))
    for fault in ("7 cells", "no trained game", "within the first three", "refusals", "4 boxes", "two times"):
        assert fault in said
    for fault in ("0 predictions", "to complete", "cell 6: a picture without", "says law"):
        assert fault in said
    far = [code("x", outputs=[image]), *[text("...")] * 13, code("x", outputs=[image])]
    assert "no picture from cell 0 to 14" in "\n".join(faults(far))
    assert "401 lines" in "\n".join(faults([code("x = 1\n" * 401)]))
    folded = code("x = 1\n" * 401, metadata={"jupyter": {"source_hidden": True}})
    assert "lines" not in "\n".join(faults([folded]))
