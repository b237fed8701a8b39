"""The parts of faces as three sheets, from the renders of parts.mjs: `python tools/faces/build.py RENDERS`.

Writes assets/data/faces/*.png with their lines in assets/data/manifest.json, and for the tests whole faces,
tests/faces.png, with what they show, tests/faces.json. The same bytes each time.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))
from manifest import DATA, promise

SIDE, COLUMNS, WHOLE = 128, 7, 16
COLOURS = ("skin", "hair", "clothes")
ORIGIN = "npm @dicebear/toon-head 9.4.3; parts rendered apart, cropped to a square, scaled (tools/faces)"


def picture(path, side):
    "A render as (SIDE, SIDE, 4) in [0, 1], premultiplied, by the mean over areas."
    x = np.fromfile(path, np.uint8).reshape(side, side, 4) / 255
    x[..., :3] *= x[..., 3:]
    return x.reshape(SIDE, side // SIDE, SIDE, side // SIDE, 4).mean((1, 3))


def sheet(x, columns):
    "Pictures (n, h, w, c) as one, row by row."
    missing = -len(x) % columns
    x = np.concatenate([x, np.zeros((missing, *x.shape[1:]))])
    x = x.reshape(-1, columns, *x.shape[1:]).swapaxes(1, 2)
    x = x.reshape(x.shape[0] * SIDE, columns * SIDE, -1)
    return Image.fromarray(np.round(x * 255).clip(0, 255).astype(np.uint8))


def main(renders):
    listed = json.loads((renders / "list.json").read_text())

    def layer(kind):
        return np.stack(
            [picture(renders / f"{slot}.{part}.{kind}.rgba", listed["side"]) for slot, part in listed["list"]]
        )

    fixed = layer("fixed")
    masks = [layer(colour)[..., :3].mean(-1) - fixed[..., :3].mean(-1) for colour in COLOURS]
    sheets = {"fixed": fixed, "masks": np.stack(masks, -1), "sketch": layer("sketch")[..., [0, 3]]}
    for name, x in sheets.items():
        sheet(x, COLUMNS).save(DATA / f"faces/{name}.png", optimize=True)
    for path in sorted((DATA / "faces").iterdir()):
        promise(path, "ToonHead by Johan Melin", ORIGIN, licence="CC BY 4.0")
    whole = np.stack([picture(renders / f"whole.{i}.rgba", listed["side"])[..., :3] for i in range(WHOLE)])
    sheet(whole, 4).save(ROOT / "tests/faces.png", optimize=True)
    shown = json.loads((renders / "whole.json").read_text())[:WHOLE]
    keys = [*listed["order"], *(f"{colour}Color" for colour in COLOURS)]
    rows = [{key: row[key] for key in keys if key in row} for row in shown]
    (ROOT / "tests/faces.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
