"""Draw the faces of the README with what the course ships, a film and networks: assets/figures/faces.png.

python tools/face_figure.py
"""

import io
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image

from gancourse import cyclegan, pix2pix
from gancourse.faces import change, draw, rows, sketch
from gancourse.plot import plot_images

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PATH = ASSETS / "figures/faces.png"
COLUMNS = 11


def born(codes=(0, 2), moments=(0, 2, 3, 4, 5, 6, 8, 11, 14, 18, 23)):
    "Some of the film's rows at some of its moments, and the steps of these."
    steps = json.loads((ASSETS / "results/faces_dcgan.json").read_text(encoding="utf-8"))["film"]["steps"]
    with Image.open(ASSETS / "results/faces_dcgan.webp") as sheet:
        film = torch.from_numpy(np.array(sheet.convert("RGB"))).unflatten(0, (-1, 64)).unflatten(2, (-1, 64))
    shown = film.permute(0, 2, 4, 1, 3)[list(codes)][:, list(moments)] / 127.5 - 1
    return shown.flatten(0, 1), [f"step {steps[k]:,}" for k in moments]


@torch.no_grad()
def coloured(g, sketches=8, shown=(2, 5)):
    "Some of the sketches, and beside each ten answers."
    net, _ = pix2pix.shipped("sketch to face")
    x = sketch(rows(sketches, g))
    z = torch.randn(sketches, COLUMNS - 1, net.noise, generator=g)
    answers = [net(x[k].expand(COLUMNS - 1, -1, -1, -1), z[k]) for k in shown]
    return torch.cat([torch.cat([x[k, None], own]) for k, own in zip(shown, answers, strict=True)]).clamp(
        -1, 1
    )


@torch.no_grad()
def bearded(g):
    "Faces without a beard and with the one that they are given, faces with a beard and without it."
    AB, BA, _ = cyclegan.shipped("no beard to full beard")
    few = rows(COLUMNS, g)
    without, full = draw(change(few, beard="none")), draw(change(few, beard="full"))
    return torch.cat([without, AB(without), full, BA(full)]).clamp(-1, 1)


def main():
    fig, (top, below, last) = plt.subplots(
        3, figsize=(9.4, 8), layout="constrained", height_ratios=[2.2, 2, 4]
    )
    film, heads = born()
    title = "Two faces being born: the same noise, while the network learns"
    plot_images(film, COLUMNS, heads, top).set_title(title, fontsize=12, pad=18)
    title = "A sketch and ten draws of noise: one network paints them all"
    plot_images(coloured(torch.Generator().manual_seed(5)), COLUMNS, ax=below).set_title(title, fontsize=12)
    title = "No beard, then one put on; a beard, then taken off: learnt from faces without partners"
    plot_images(bearded(torch.Generator().manual_seed(4)), COLUMNS, ax=last).set_title(title, fontsize=12)
    picture = io.BytesIO()
    fig.savefig(picture, format="png", dpi=150, facecolor="white")
    Image.open(picture).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(PATH, optimize=True)
    print(f"{PATH.name}: {PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
