"""pix2pix: the plain recipe and the course's, on the same networks, side by side in one run.

Speed, in pairs a second: 64x64 emoji in batches of 32, the networks that lesson 05 plays (and, with
--paper, the paper's: a U-Net of six halvings, a discriminator with batch norm), cross-entropy + 20 L1. The
plain recipe: float32, torch's default memory format, plain Adam, new answers for each player, one pass of
D for real and one for fake, and each player's `backward()` through everything. The course's is `pix2pix`,
with G's running mean, which the plain recipe has not. The ways take turns, so that a busy machine slows
all of them.
"""

import argparse
import statistics
import time
from itertools import islice

import torch
from torch import nn

from gancourse.data import emoji
from gancourse.game import train
from gancourse.losses import non_saturating
from gancourse.machine import pick
from gancourse.pix2pix import pix2pix

PAPER = dict(size=64, unet=dict(dropout=0.5, grow="transposed"), patch=dict(norm="batch", head=4))


def course(batches, precision, options):
    "The course's recipe; yields after each step."
    machine = pick("cpu", precision)
    yield from train(
        pix2pix(loss=non_saturating, machine=machine, **options),
        [tuple(map(machine.place, pair)) for pair in batches],
    )


def plain(batches, options):
    "The textbook's loop, on the same networks; yields after each step."
    nets = pix2pix(machine=pick("cpu", "float32"), **options).nets
    G, D = (nets[name].to(memory_format=torch.contiguous_format) for name in "GD")
    opt_G, opt_D = (torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.5, 0.999)) for net in (G, D))
    bce, l1 = nn.BCEWithLogitsLoss(), nn.L1Loss()
    while True:
        for x, y in batches:
            opt_D.zero_grad()
            real, fake = D(torch.cat([x, y], 1)), D(torch.cat([x, G(x).detach()], 1))
            (bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))).backward()
            opt_D.step()
            opt_G.zero_grad()
            fake = G(x)
            logits = D(torch.cat([x, fake], 1))
            (bce(logits, torch.ones_like(logits)) + 20 * l1(fake, y)).backward()
            opt_G.step()
            yield


def seconds(play, steps):
    "How long so many steps take."
    began = time.perf_counter()
    for _ in islice(play, steps):
        pass
    return time.perf_counter() - began


def speed(batches, options, rounds=7, steps=2):
    "Pairs a second of each way, round by round."
    ways = {
        "plain": plain(batches, options),
        **{name: course(batches, name, options) for name in ("float32", "bfloat16")},
    }
    for play in ways.values():
        seconds(play, 2)
    return [
        {name: len(batches[0][0]) * steps / seconds(play, steps) for name, play in ways.items()}
        for _ in range(rounds)
    ]


if __name__ == "__main__":
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument("--paper", action="store_true", help="the paper's networks instead of the lesson's")
    batches = list(zip(*(emoji(kind)[:128].split(32) for kind in ("sketch", "3d")), strict=True))
    rows = speed(batches, PAPER if ask.parse_args().paper else {})
    rate = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    for name, wanted in (("float32", 1.2), ("bfloat16", 2.0)):
        ratio = statistics.median(row[name] / row["plain"] for row in rows)
        print(
            f"pix2pix: plain loop {rate['plain']:,.0f} pairs/s, "
            f"course's in {name} {rate[name]:,.0f} pairs/s, ratio {ratio:.2f} "
            f"(wanted: above {wanted}{', where bfloat16 pays' if name == 'bfloat16' else ''})"
        )
