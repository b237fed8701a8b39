"""Play lesson 03's DCGAN for five seeds, and the paper's settings for the same pictures; write
assets/results/dcgan_seeds.json.

python tools/dcgan_seeds.py   (some ten minutes on 2 CPU cores)
"""

import json
import time
from pathlib import Path

import torch

from gancourse.data import mnist
from gancourse.dcgan import dcgan
from gancourse.game import minibatches, train
from gancourse.machine import pick
from gancourse.metrics import class_coverage, digit_classifier, fid, kid

STEPS, OUT = 1500, Path(__file__).resolve().parent.parent / "assets/results/dcgan_seeds.json"
RECIPES = {"course": {}, "paper": dict(lr=2e-4)}  # options of dcgan


def play(options, seed, machine, images, net):
    "One run and its scores: G's running mean, and G itself, each on 2,000 pictures."
    game = dcgan(seed=seed, machine=machine, **options)
    began = time.perf_counter()
    for _ in train(game, minibatches(machine.place(images), 64, seed), STEPS):
        pass
    row = dict(seed=seed, steps=STEPS, seconds=round(time.perf_counter() - began, 1), machine=str(machine))
    z = torch.randn(2000, 64, generator=torch.Generator().manual_seed(99)).to(machine.device)
    with torch.no_grad():
        for name in ("EMA", "G"):
            pictures = torch.cat([game.nets[name].eval()(part) for part in z.split(500)]).float().cpu()
            seen = class_coverage(net(pictures))
            row[name] = dict(
                fid=round(fid(images, pictures, net), 3),
                kid=round(kid(images[:2000], pictures, net).mean, 4),
                shares=[round(share, 4) for share in seen.shares.tolist()],
                sure=round(seen.confidence, 3),
            )
    return row


if __name__ == "__main__":
    machine, net, (images, _) = pick(), digit_classifier(), mnist("train")
    results = {name: [] for name in RECIPES}
    for name, options in RECIPES.items():
        for seed in range(5):
            results[name].append(play(options, seed, machine, images, net))
            print(name, results[name][-1], flush=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
