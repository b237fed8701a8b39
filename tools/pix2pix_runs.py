"""Play lesson 05's games for three seeds, with and without a discriminator, and train the networks that the
course ships; and lesson 05's own small game for five seeds, with three kinds of D. Write
assets/results/pix2pix.json, assets/data/models/*.safetensors and their lines in the manifest. What is there
already stays.

python tools/pix2pix_runs.py [seeds] [models] [judges]   (an hour on one CPU core; without a word: all)
"""

import copy
import json
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from manifest import promise
from safetensors.torch import save_file

from gancourse.data import emoji, mosaic
from gancourse.game import minibatches, train
from gancourse.machine import pick
from gancourse.metrics import fid, gradient_energy, imagenet_features, psnr, ssim
from gancourse.pix2pix import pix2pix

ASSETS = Path(__file__).resolve().parent.parent / "assets"
RESULTS, MODELS = ASSETS / "results/pix2pix.json", ASSETS / "data/models"
BATCH = 16
STEPS = {"mosaic 8": 400, "mosaic 4": 400, "sketch to 3d": 450}
SHIPPED = {"sketch to 3d": 3500, "sketch to flat": 700, "flat to 3d": 500}
DEEP = dict(
    size=32, width=28, patch=dict(layers=4)
)  # colours that fit together: a deeper G, and a D that sees all of the picture
SETTINGS = {"sketch to 3d": DEEP, "sketch to flat": DEEP}  # of pix2pix; its own for the other tasks
ARMS = {"L1": dict(weight=0.0), "L1 + adversarial": {}}
SMALL = dict(width=16)  # the lesson's own game
JUDGES = {
    "L1 alone": dict(weight=0.0),
    "spectral norm, λ 20": {},
    "batch norm, λ 100": dict(l1=100.0, patch=dict(norm="batch")),
}


def pairs_of(task, split):
    "The inputs and targets of a task, (n, 3, 64, 64) each."
    what, of = task.split(maxsplit=1)
    if what == "mosaic":
        target = emoji("3d", split)
        return mosaic(target, int(of)), target
    return emoji(what, split), emoji(of.removeprefix("to "), split)


def jolt(x, y, generator):
    "Each pair turned, mirrored or not, zoomed and shifted at random; x and y alike, white outside."
    lean, zoom, across, down, side = torch.rand(5, len(x), generator=generator) * 2 - 1
    angle, scale, side = 0.2 * lean, 1.08 ** (2.5 * zoom) * 1.08, torch.where(side > 0, 1.0, -1.0)
    rows = (
        torch.stack([scale * angle.cos() * side, -scale * angle.sin(), 0.12 * across], 1),
        torch.stack([scale * angle.sin() * side, scale * angle.cos(), 0.12 * down], 1),
    )
    grid = F.affine_grid(torch.stack(rows, 1), x.shape, align_corners=False)
    return (1 - F.grid_sample(1 - torch.cat([x, y], 1), grid, align_corners=False)).split(x.shape[1], 1)


def jolted(x, y, n, machine, seed=0):
    "Endless batches of pairs, no pair twice the same."
    generator = torch.Generator().manual_seed(seed)
    while True:
        for rows in torch.randperm(len(x), generator=generator).split(n):
            if len(rows) == n:
                yield tuple(map(machine.place, jolt(x[rows], y[rows], generator)))


def play(task, seed, steps, machine, moved=False, **options):
    "One game to its end, and the seconds of computing. moved: each pair a little, each time."
    x, y = pairs_of(task, "train")
    batches = (
        jolted(x, y, BATCH, machine, seed)
        if moved
        else minibatches((machine.place(x), machine.place(y)), BATCH, seed)
    )
    game, began = pix2pix(seed=seed, machine=machine, **SETTINGS.get(task, {}) | options), time.process_time()
    for _ in train(game, batches, steps):
        pass
    return game, time.process_time() - began


@torch.no_grad()
def answers(G, x, machine):
    "What G makes of x, float32 on the CPU."
    with machine.autocast():
        return torch.cat([G(machine.place(part)).float().cpu() for part in x.split(29)])


def scores(made, target, features):
    "Numbers against the truth."
    truth = gradient_energy(target)
    return dict(
        psnr=round(psnr(made, target).pooled, 3),
        psnr_mean=round(psnr(made, target).mean, 3),
        ssim=round(ssim(made, target), 4),
        sharpness=round(gradient_energy(made) / truth, 4),
        fid=round(fid(target, made, features), 1),
    )


def seeds(machine, features, results):
    "Three seeds of each task and arm."
    for task, steps in STEPS.items():
        x, y = pairs_of(task, "test")
        rows = results.setdefault(task, {"input": scores(x, y, features)})
        for seed in range(3):
            for arm, options in ARMS.items():
                done = rows.setdefault(arm, [])
                if any(row["seed"] == seed and row["steps"] == steps for row in done):
                    continue
                game, seconds = play(task, seed, steps, machine, **options)
                done.append(
                    dict(seed=seed, steps=steps, seconds=round(seconds, 1))
                    | scores(answers(game.nets["EMA"], x, machine), y, features)
                )
                keep(results, task, arm, done[-1])


def judges(machine, features, results):
    "Five seeds of the lesson's game on coarse mosaics: what each D brings, and whether it knows truths."
    x, y = pairs_of("mosaic 8", "test")
    for seed in range(5):
        for arm, options in JUDGES.items():
            done = results.setdefault("judges", {}).setdefault(arm, [])
            if any(row["seed"] == seed for row in done):
                continue
            game, seconds = play("mosaic 8", seed, 300, machine, **SMALL | options)
            made = answers(game.nets["EMA"], x, machine)
            row = dict(seed=seed, machine=str(machine), steps=300, seconds=round(seconds, 1)) | scores(
                made, y, features
            )
            done.append(row | (ranked(game, x, y, machine) if "D" in game.nets else {}))
            keep(results, "judges", arm, done[-1])


@torch.no_grad()
def ranked(game, x, y, machine):
    "The share of pairs in which D puts the truth above G's answer: pictures, patches; its loss on both."
    fake, D = answers(game.nets["G"], x, machine), copy.deepcopy(game.nets["D"])

    def judge(z):
        parts = [torch.cat(part, 1) for part in zip(x.split(29), z.split(29), strict=True)]
        return torch.cat([D(machine.place(part)).float().cpu() for part in parts])

    told = {}
    for mode in (True, False):
        D.train(mode)
        truth, answer = judge(y), judge(fake)
        rank = lambda a, b: round((a > b).float().mean().item(), 3)
        pictures = rank(truth.mean((1, 2, 3)), answer.mean((1, 2, 3)))
        loss = round(game.rules.loss.d(truth, answer).item(), 3)
        told["in play" if mode else "settled"] = dict(
            pictures=pictures, patches=rank(truth, answer), loss=loss
        )
    return told


def models(machine, features, results):
    "The networks that the course ships, float16."
    MODELS.mkdir(parents=True, exist_ok=True)
    shipped = results.setdefault("shipped", {})
    for task, steps in SHIPPED.items():
        path = MODELS / f"{task.replace(' ', '_')}.safetensors"
        if path.exists() and shipped.get(task, {}).get("steps") == steps:
            continue
        game, seconds = play(task, 0, steps, machine, moved=True)
        G = game.nets["EMA"]
        state = {
            k: v.contiguous().half() if v.is_floating_point() else v for k, v in G.module.state_dict().items()
        }
        x, y = pairs_of(task, "test")
        shipped[task] = dict(
            steps=steps, seconds=round(seconds, 1), **scores(answers(G, x, machine), y, features)
        )
        unet = dict(size=16, width=32, dropout=0.0, grow="resize") | {
            k: v for k, v in SETTINGS.get(task, {}).items() if k != "patch"
        }
        recipe = dict(
            task=task, unet=unet, batch=BATCH, moved=True, made_by="tools/pix2pix_runs.py", **shipped[task]
        )
        save_file(state, path, {"recipe": json.dumps(recipe)})
        promise(
            path,
            "U-Net of gancourse, trained on Fluent Emoji © Microsoft Corporation (MIT)",
            f"tools/pix2pix_runs.py: {task}, {steps} steps of pix2pix(), seed 0; "
            "trained on the embedded emoji",
        )
        keep(results, task, "shipped", shipped[task])


def keep(results, *what):
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(*what, flush=True)


if __name__ == "__main__":
    machine, features, wanted = pick(), imagenet_features(), sys.argv[1:]
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results.setdefault("machine", str(machine))
    for part in (seeds, models, judges):
        if part.__name__ in (wanted or ["seeds", "models", "judges"]):
            part(machine, features, results)
