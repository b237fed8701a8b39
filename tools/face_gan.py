"""Train generators of faces on fresh faces, and hold them against the truth.

python tools/face_gan.py lesson WORK [SEED]   the recipe of toolbox/face_gan
python tools/face_gan.py plain WORK [SEED]    lesson 03's networks and loss, as many faces a step
python tools/face_gan.py today WORK [SEED]    the same with 64 faces a step
python tools/face_gan.py best WORK            the recipe, ten times as long
python tools/face_gan.py ship WORK RUN        the running mean of a state as it is, such as RUN lesson_0

A run keeps its state in the folder WORK and goes on from it, to the bit. As long as the learning rates are
steady, `best` and `lesson` are one run: whichever is started second goes on from the other's last steady
state. Scores go into assets/results/faces_dcgan.json, and so does a whole film of seed 0: faces_dcgan.webp, a
latent code in each row, from the first step to the last. Seconds are those of one CPU thread.
"""

import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

import torch
from manifest import DATA, promise
from PIL import Image
from safetensors.torch import save_file

from gancourse.dcgan import dcgan
from gancourse.face_gan import cooled, face_gan
from gancourse.face_scores import score_faces
from gancourse.faces import law, number, pictures
from gancourse.features import face_attributes
from gancourse.game import Feed, draws, load, save, train
from gancourse.machine import pick
from gancourse.modern import pictures_of

RESULTS, MODEL = DATA.parent / "results", DATA / "weights/faces_dcgan.safetensors"
FRAMES, CODES, SCORED, EVERY = 24, 12, 2000, 50


class Recipe(NamedTuple):
    "A game, and how it is played."

    make: object  # (seed=, machine=, **options) -> game
    options: dict
    batch: int
    steps: int
    share: float  # of the steps, in which the learning rates fall

    @property
    def steady(self):
        return round(self.steps * (1 - self.share))


DCGAN = dict(size=64, channels=3, width=32)
RECIPES = {
    "today": Recipe(dcgan, DCGAN | dict(lr=2e-3), 64, 2000, 0.0),
    "plain": Recipe(dcgan, DCGAN | dict(lr=1e-3), 16, 1300, 0.4),
    "lesson": Recipe(face_gan, {}, 16, 4000, 0.4),
    "best": Recipe(face_gan, {}, 16, 40_000, 0.4),
}


def begin(recipe, seed):
    game = recipe.make(seed=seed, machine=pick("cpu", threads=1), **recipe.options)
    return game, Feed(draws(pictures, recipe.batch, seed))


def play(recipe, seed, keep, steady=None):
    "The game at its end, and its notes; resumed where `keep` holds its state, or else `steady` one to begin."
    (game, feed), note = begin(recipe, seed), dict(seconds=0.0, log=[], film=[], at=[])
    held = next((file for file in (keep, steady) if file and file.exists()), None)
    if held:
        note |= load(held, game, feed)
    steps = train(game, feed, recipe.steps - game.step)
    if recipe.share:
        steps = cooled(steps, recipe.steps, recipe.share)
    marks = {round(recipe.steps * (i / (FRAMES - 1)) ** 2) for i in range(FRAMES)}
    codes = torch.randn(CODES, game.z.dim, generator=torch.Generator().manual_seed(7))
    if not game.step:
        shoot(game, codes, note)
    began, recent = time.process_time(), []
    for step in steps:
        recent.append(step.losses)
        if step.n in marks:
            shoot(game, codes, note)
        if step.n % EVERY == 0 or step.n == recipe.steps:
            means = [torch.stack([r[k] for r in recent]).mean().item() for k in ("D", "G")]
            note["log"].append([step.n, *(round(v, 4) for v in means)])
            note["seconds"] += time.process_time() - began
            print(step.n, f"{note['seconds']:.0f} s  D {means[0]:.3f}  G {means[1]:.3f}", flush=True)
            for file in [keep] + [steady] * (steady is not None and step.n <= recipe.steady):
                save(file, game, feed, **note)
            began, recent = time.process_time(), []
    return game, note


@torch.no_grad()
def shoot(game, codes, note):
    "One more moment of the film: what G's running mean makes of the codes, in bytes."
    x = game.nets["EMA"](codes).clamp(-1, 1)
    note["film"].append(((x + 1) * 127.5).round().byte().contiguous())
    note["at"].append(game.step)


def strip(film, path):
    "The film as one picture: a code in each row, a moment in each column."
    sheet = torch.stack(film, 1).permute(0, 3, 1, 4, 2).flatten(0, 1).flatten(1, 2)
    Image.fromarray(sheet.contiguous().numpy()).save(path, quality=80, method=6)


def scores(G):
    "Generated faces against the law, with the floors beside."
    made = pictures_of(G, SCORED, G.latent_dim, machine=pick("cpu", threads=1))
    found, net = score_faces(made), face_attributes()
    white = (pictures(SCORED, torch.Generator().manual_seed(3)) == 1).flatten(0, 1).all(0)  # on every face
    off = (1 - made[:, :, white]).amax(1)
    return dict(
        n=SCORED,
        clean=round(found.clean, 4),
        clean_real=round(found.clean_real, 4),
        fid=round(found.fid, 3),
        fid_floor=round(found.fid_floor, 3),
        coverage=[round(v, 3) for v in found.coverage],
        coverage_floor=[round(v, 3) for v in found.coverage_floor],
        confidence={name: round(sure, 3) for name, sure in found.confidence.items()},
        off_by={name: [round(s.distance, 3), round(s.floor, 3)] for name, s in found.shares.items()},
        least={name: round((s.shares / law[name]).min().item(), 2) for name, s in found.shares.items()},
        worst_pair=round(found.dependence.worst, 1),
        distinct=len(number(net.read(made).attributes).unique()),
        specks=round((off > 0.1).double().mean().item(), 5),  # of the ground that is white on every face
    )


def keep_results(**new):
    "Into the table: `film` as it is, a row in place of an earlier one of the same seed."
    path = RESULTS / "faces_dcgan.json"
    table = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, value in new.items():
        if name == "film":
            table[name] = value
        else:
            others = [row for row in table.get(name, []) if row["seed"] != value["seed"]]
            table[name] = sorted([*others, value], key=lambda row: row["seed"])
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8", newline="\n")


def ship(G, row):
    "A generator as float16, with its recipe, and its line in the manifest."
    state = {k: v.half().contiguous() if v.is_floating_point() else v for k, v in G.state_dict().items()}
    save_file(state, MODEL, {"recipe": json.dumps(dict(made_by="tools/face_gan.py", width=32) | row)})
    promise(
        MODEL,
        "Generator of gancourse, trained on ToonHead by Johan Melin (CC BY 4.0)",
        f"tools/face_gan.py: {row['recipe']}, {row['steps']} steps on fresh faces, seed {row['seed']}",
    )


def main(name, work, told="0"):
    torch.set_num_threads(1)
    work = Path(work)
    work.mkdir(parents=True, exist_ok=True)
    run, seed = told.rsplit("_", 1) if name == "ship" else (name, told)
    seed, recipe, keep = int(seed), RECIPES[run], work / f"{run}_{seed}.safetensors"
    if name == "ship":
        game, feed = begin(recipe, seed)
        note = load(keep, game, feed)
    else:
        steady = work / f"steady_{seed}.safetensors" if recipe.make is face_gan else None
        game, note = play(recipe, seed, keep, steady)
    G = game.nets["EMA"].module
    row = dict(recipe=run, seed=seed, steps=game.step, seconds=round(note["seconds"])) | scores(G)
    if name == "ship":
        ship(G, row)
    elif seed == 0 and len(note["film"]) == FRAMES:
        strip(note["film"], RESULTS / "faces_dcgan.webp")
        keep_results(film=dict(recipe=run, steps=note["at"]))
    keep_results(**{run: row | dict(log=note["log"])})
    print(row)


if __name__ == "__main__":
    main(*sys.argv[1:])
