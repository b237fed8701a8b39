"""What each kind of panel sends to a browser, recorded for these tests: python tests/js/record.py

A panel in Python says once what it is (`spec`), then it sends arrays. frames.json keeps both of a first look,
the arrays in base64 with their dtype."""

import base64
import json
from pathlib import Path

import torch
from torch import nn

from gancourse.face_panels import FaceShares
from gancourse.faces import draw, rows
from gancourse.feed import draws
from gancourse.game import gan, normal, train
from gancourse.panels import Curves
from gancourse.pictures import Histograms, Images, Map, PatchMap, Triples
from gancourse.points import Points
from gancourse.population import sweep
from gancourse.ratemap import RateMap
from gancourse.toy import gaussian, laws, toy_discriminator, toy_generator


def recorded(panel, game, rows=(), layers=()) -> dict:
    "The spec of a panel, and the arrays of its first look."
    panel.prepare(game)
    for layer in layers:
        panel.show(layer, True)
    panel.look(game, list(rows))
    arrays = {
        name: dict(dtype=a.dtype.str, data=base64.b64encode(a.tobytes()).decode())
        for name, a in panel.arrays(True).items()
    }
    spec = dict(kind=panel.kind, title=panel.title, **panel.spec())
    return dict(
        spec=json.loads(json.dumps(spec)), layers=dict(panel.layers), arrays=arrays, words=panel.words()
    )


def frames() -> dict:
    "A small game, seen by each kind of panel."
    seeded = torch.Generator().manual_seed(0)
    game = gan(toy_generator(seeded), toy_discriminator(seeded), z=normal(2, seed=0))
    steps = list(train(game, draws(gaussian, 8), 20))
    losses = [(step.n, {k: v.item() for k, v in step.losses.items()}) for step in steps]
    pictures = torch.rand(4, 1, 6, 6, generator=seeded) * 2 - 1
    filters = nn.Conv2d(1, 1, 3, 2, 1)
    faces = rows(40, seeded, beard="full")
    population = sweep((1e-3, 1e-2, 1e-1), (1e-3, 1e-2), seeds=(0,))
    return dict(
        points=recorded(
            Points(gaussian(40, seeded), (-5, 7, -4, 8), n=30, side=8),
            game,
            layers=("grid", "arrows", "probe"),
        ),
        curves=recorded(Curves(equilibrium={"ln 2": 0.6931}), game, losses),
        images=recorded(Images(source=lambda game: pictures), game),
        triples=recorded(Triples((pictures, pictures), lambda game, x: -x), game),
        histograms=recorded(
            Histograms("logits", lambda game: {"real": pictures, "fake": pictures / 2}), game
        ),
        map=recorded(Map("a matrix", lambda game: pictures[0, 0]), game),
        patches=recorded(
            PatchMap("patches", lambda game: {"real": (pictures, filters(pictures))}, field=3), game
        ),
        shares=recorded(FaceShares(source=lambda game: draw(faces), training=faces), game),
        sweep=recorded(RateMap(laws["gaussian"], lambda pop: torch.arange(6.0) + 1, n=16), population),
    )


if __name__ == "__main__":
    where = Path(__file__).with_name("frames.json")
    where.write_text(json.dumps(frames(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
