"""Write nbs/exercises from nbs/solutions and execute what has changed: `python tools/exercises.py [01_minimax
...]`.

A cell keeps its outputs when its text and id stay the same; a notebook in which nothing has changed is not
touched.
"""

import json
import os
import sys
from pathlib import Path

from refresh import ROOT, refresh

from gancourse.assignment import students


def same_text(a, b):
    "The cells of two notebooks without their outputs: are they the same?"

    def bare(nb):
        return [(c["cell_type"], c["id"], "".join(c["source"]), c["metadata"]) for c in nb["cells"]]

    return bare(a) == bare(b)


def write(solutions):
    "Generate and execute one students' notebook, if it is not what it should be already."
    wanted = students(json.loads(solutions.read_text(encoding="utf-8")))
    path = ROOT / "nbs/exercises" / solutions.name
    if path.exists() and same_text(json.loads(path.read_text(encoding="utf-8")), wanted):
        return
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(wanted, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    try:
        refresh(path)
    except BaseException:
        path.unlink()  # half done: the next call begins anew
        raise


if __name__ == "__main__":
    os.environ["GANCOURSE_PROGRESS"] = "off"  # nobody is learning here
    chosen = [Path(name).stem for name in sys.argv[1:]]
    for solutions in sorted((ROOT / "nbs/solutions").glob("*.ipynb")):
        if not chosen or solutions.stem in chosen:
            write(solutions)
