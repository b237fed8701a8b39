"""Execute notebooks as Jupyter does and store clean outputs: `tools/refresh.py [--clean] [notebook ...]`.

A second run changes nothing. A cell tagged `timing` prints seconds, which differ from run to run and
machine to machine: it keeps the output it has, until somebody clears it. With --clean nothing is executed.
"""

import base64
import io
import os
import sys
from pathlib import Path

import nbformat
from fastcore.nbio import read_nb, write_nb
from nbclient import NotebookClient
from nbdev.clean import clean_nb
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent


def notebooks():
    return sorted(p for p in (ROOT / "nbs").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)


def without_widgets(output):
    "Drop the live view, which is blank without its kernel; the static picture beside it stays."
    output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    return output


def small(output):
    "A picture with 256 colours of its own: the eye sees no difference, and the notebook is half as large."
    png = output.get("data", {}).get("image/png")
    if png:
        out = io.BytesIO()
        Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB").quantize(
            256, dither=Image.Dither.NONE
        ).save(out, "png", optimize=True)
        output["data"]["image/png"] = min(png, base64.b64encode(out.getvalue()).decode(), key=len)
    return output


# Told to the kernel first: each figure is stored with what it says of itself, as its alternative text.
WORDS = """
from matplotlib_inline import backend_inline
from gancourse.plot import describe
backend_inline._fetch_figure_metadata = lambda fig, describe=describe: {"image/png": {"alt": describe(fig)}}
del backend_inline, describe
"""


def execute(nb, folder):
    os.environ["GANCOURSE_LIVE"] = "0"  # nobody is there to press a button: Labs play to their end
    client = NotebookClient(
        nb,
        timeout=1200,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    with client.setup_kernel():
        nb.cells.insert(0, nbformat.v4.new_code_cell(WORDS))  # nbclient puts what it runs into the notebook
        client.execute_cell(nb.cells[0], 0, store_history=False)
        del nb.cells[0]
        for index, cell in enumerate(nb.cells):
            client.execute_cell(cell, index)


def refresh(path):
    nb = nbformat.read(path, as_version=4)
    kept = {c.id: c.outputs for c in nb.cells if "timing" in c.metadata.get("tags", []) and c.outputs}
    execute(nb, path.parent)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = kept.get(cell.id) or [small(without_widgets(o)) for o in cell.outputs]
    nbformat.write(nb, path)
    clean(path)


def clean(path):
    "What nbdev-clean does with the project's settings; no widget state."
    nb = read_nb(path)
    nb.metadata.pop("widgets", None)
    clean_nb(
        nb,
        allowed_cell_metadata_keys=["tags", "jupyter"],
        allowed_out_metadata_keys=["image/png", "needs_background"],
    )
    write_nb(nb, path)


if __name__ == "__main__":
    only_clean = "--clean" in sys.argv
    chosen = [Path(arg).resolve() for arg in sys.argv[1:] if arg != "--clean"]
    for path in chosen or notebooks():
        print(path, flush=True)
        clean(path) if only_clean else refresh(path)
