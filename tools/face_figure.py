"""Draw the faces of the README with the networks that the course ships: assets/figures/faces.png.

python tools/face_figure.py
"""

import io
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from PIL import Image

from gancourse import pix2pix
from gancourse.faces import rows, sketch
from gancourse.plot import plot_images

PATH = Path(__file__).resolve().parent.parent / "assets/figures/faces.png"
COLUMNS = 11


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


def main():
    title = "A sketch and ten draws of noise: one network paints them all"
    fig, ax = plt.subplots(figsize=(9.4, 2.2), layout="constrained")
    plot_images(coloured(torch.Generator().manual_seed(5)), COLUMNS, ax=ax).set_title(title, fontsize=12)
    picture = io.BytesIO()
    fig.savefig(picture, format="png", dpi=150, facecolor="white")
    Image.open(picture).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(PATH, optimize=True)
    print(f"{PATH.name}: {PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
