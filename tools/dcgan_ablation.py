"""Break the rules of DCGAN, one at a time, for five seeds: `python tools/dcgan_ablation.py [WORK]`.

Half an hour on one slow core. With a folder WORK each run is kept there, and a second call goes on where the
first one stopped. Writes assets/results/dcgan_ablation.json (FID of 2,000 digits drawn by G's running mean)
and assets/results/dcgan_ablation.png: a row a game of seed 0, six digits after each of `MOMENTS` steps.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from gancourse.data import mnist, to_bytes
from gancourse.dcgan import Discriminator, Generator
from gancourse.game import average, gan, minibatches, normal, train
from gancourse.machine import seeded
from gancourse.metrics import digit_classifier, fid

OUT = Path(__file__).resolve().parent.parent / "assets/results"
LATENT, WIDTH, BATCH, LR, SEEDS, MOMENTS = 64, 12, 32, 2e-3, 5, (50, 100, 200, 400)


def swapped(net, kind, new):
    "`net` with each layer of a kind replaced by the layers that `new` makes of it."
    layers = [new(layer) if isinstance(layer, kind) else [layer] for layer in net.net]
    net.net = nn.Sequential(*(layer for group in layers for layer in group))
    return net


def resized(layer):
    "Growing by a plain resize, shrinking by a pool; the first layer of G and the last one of D stay."
    if layer.stride != (2, 2):
        return [layer]
    conv = nn.Conv2d(layer.in_channels, layer.out_channels, 3, 1, 1, bias=False)
    up = isinstance(layer, nn.ConvTranspose2d)
    return [nn.Upsample(scale_factor=2), conv] if up else [conv, nn.MaxPool2d(2)]


def kernel_3(layer):
    if layer.stride != (2, 2):
        return [layer]
    more = dict(output_padding=1) if isinstance(layer, nn.ConvTranspose2d) else {}
    return [type(layer)(layer.in_channels, layer.out_channels, 3, 2, 1, bias=False, **more)]


def connected(G, D):
    "A fully connected hidden layer of 256 behind z, and one before the logit."
    wide, last = G.net[0].out_channels, D.net[-1].in_channels
    start = [nn.Flatten(), nn.Linear(LATENT, 256), nn.ReLU(), nn.Linear(256, wide * 16)]
    G.net = nn.Sequential(*start, nn.Unflatten(1, (wide, 4, 4)), *list(G.net)[1:])
    end = [nn.Flatten(), nn.Linear(last * 16, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1)]
    D.net = nn.Sequential(*list(D.net)[:-1], *end)


def norm_everywhere(G, D):
    "Batch norm at D's input, at its end, and before G's tanh too."
    D.net = nn.Sequential(nn.BatchNorm2d(1), *D.net, nn.BatchNorm2d(1))
    G.net = nn.Sequential(*list(G.net)[:-1], nn.BatchNorm2d(1), G.net[-1])


CONVOLUTIONS = nn.Conv2d, nn.ConvTranspose2d
BREAK = {  # what is changed in the two networks
    "all five rules": lambda G, D: None,
    "1: pooling and resizing": lambda G, D: [swapped(net, CONVOLUTIONS, resized) for net in (G, D)],
    "2: no batch norm": lambda G, D: [swapped(net, nn.BatchNorm2d, lambda _: []) for net in (G, D)],
    "2: batch norm everywhere": norm_everywhere,
    "3: fully connected layers": connected,
    "4: LeakyReLU in G": lambda G, D: swapped(G, nn.ReLU, lambda _: [nn.LeakyReLU(0.2)]),
    "4: no tanh": lambda G, D: swapped(G, nn.Tanh, lambda _: []),
    "5: ReLU in D": lambda G, D: swapped(D, nn.LeakyReLU, lambda _: [nn.ReLU()]),
    "kernel 3": lambda G, D: [swapped(net, CONVOLUTIONS, kernel_3) for net in (G, D)],
    "β₁ = 0.9": lambda G, D: None,
}


def begin(name, seed):
    "The game with one rule broken."
    with seeded(seed):
        G, D = Generator(LATENT, 1, 32, WIDTH), Discriminator(1, 32, WIDTH)
        BREAK[name](G, D)
        for m in [*G.modules(), *D.modules()]:
            if isinstance(m, CONVOLUTIONS):
                nn.init.normal_(m.weight, 0.0, 0.02)
    betas = (0.9 if name.startswith("β₁") else 0.5, 0.999)
    game = gan(G, D, z=normal(LATENT, seed), lr_D=LR, lr_G=LR, betas=betas)
    average(game, decay=0.99)
    return game


@torch.no_grad()
def draw(game, z):
    "What the running mean makes of z, in [-1, 1] also where no tanh sees to it."
    return torch.cat([game.nets["EMA"](part) for part in z.split(500)]).clamp(-1, 1)


def play(name, seed, images, net):
    "One run: its FID, and six digits at four moments."
    game, frames, began = begin(name, seed), [], time.process_time()
    z = torch.randn(2000, LATENT, generator=torch.Generator().manual_seed(99))
    for step in train(game, minibatches(images, BATCH, seed), MOMENTS[-1]):
        if step.n in MOMENTS:
            frames.append(draw(game, z[:6]))
    seconds = time.process_time() - began
    row = dict(seed=seed, fid=round(fid(images, draw(game, z), net), 2), seconds=round(seconds, 1))
    return row, torch.cat(frames)


def strips(films):
    "One picture in 16 greys, so that it stays small: a row a game."
    rows = [torch.cat(list(to_bytes(film)[:, 0]), 1) for film in films]
    return Image.fromarray(torch.cat(rows).numpy() // 17 * 17)


def main(work=None):
    torch.set_num_threads(1)
    work = Path(work or tempfile.mkdtemp())
    work.mkdir(parents=True, exist_ok=True)
    net, (images, _) = digit_classifier(), mnist("train")
    results, films = {name: [] for name in BREAK}, []
    for seed in range(SEEDS):
        for k, name in enumerate(BREAK):
            kept = work / f"{k}_{seed}.pt"
            if not kept.exists():
                torch.save(play(name, seed, images, net), kept)
            row, film = torch.load(kept)
            results[name].append(row)
            films += [film] if seed == 0 else []
            print(f"{name:26} {row}", flush=True)
    (OUT / "dcgan_ablation.json").write_text(
        json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    strips(films).save(OUT / "dcgan_ablation.png", optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
