"""CycleGAN: the textbook's loop and the course's, on the same networks, in one run, in pairs a second.

The textbook's loop: two DataLoaders, float32, torch's default memory format and its instance norm, plain
Adam, the translators first with the discriminators frozen, then real and fake in two passes, a list of 50
old fakes. The course's is what lesson 06 plays, with the same networks and batches, the pools, and running
means of both translators that the textbook's does not keep.
"""

import argparse
import itertools
import random
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from gancourse.cyclegan import InstanceNorm, ResnetGenerator, cyclegan
from gancourse.data import disjoint_halves, emoji
from gancourse.game import train, unpaired
from gancourse.machine import pick
from gancourse.pix2pix import PatchDiscriminator

PATCH = dict(width=32, norm="instance", head=3)


class TorchNorm(nn.Module):
    def forward(self, x):
        return F.instance_norm(x)


def with_torch_norm(net):
    "The same network with torch's own instance norm, which computes the same."
    for parent in list(net.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, InstanceNorm):
                setattr(parent, name, TorchNorm())
    return net


def asked(pool, fakes, dice, size=50):
    "The list of old fakes."
    out = []
    for fake in fakes.detach():
        if len(pool) < size:
            pool.append(fake.clone())
            out.append(fake)
        elif dice.random() < 0.5:
            k = dice.randrange(size)
            out.append(pool[k].clone())
            pool[k] = fake.clone()
        else:
            out.append(fake)
    return torch.stack(out)


def textbook(a_all, b_all, batch, identity, size):
    "The textbook's loop; yields after each step."
    torch.manual_seed(0)
    G_AB, G_BA = (
        with_torch_norm(ResnetGenerator(3, 3, **size, residual=True, grow="resize")) for _ in range(2)
    )
    D_A, D_B = (PatchDiscriminator(3, **PATCH) for _ in range(2))
    opt_G, opt_D = (
        torch.optim.Adam([*m.parameters(), *n.parameters()], 5e-4, (0.5, 0.999))
        for m, n in ((G_AB, G_BA), (D_A, D_B))
    )
    mse, l1, dice, pools = nn.MSELoss(), nn.L1Loss(), random.Random(0), ([], [])
    loaders = [DataLoader(TensorDataset(x), batch, shuffle=True, drop_last=True) for x in (a_all, b_all)]

    def says(D, x, real):
        y = D(x)
        return mse(y, torch.full_like(y, float(real)))

    while True:
        for (a,), (b,) in zip(*loaders, strict=True):
            for D in (D_A, D_B):
                D.requires_grad_(False)
            fake_b, fake_a = G_AB(a), G_BA(b)
            loss = (
                says(D_B, fake_b, True)
                + says(D_A, fake_a, True)
                + 10 * (l1(G_BA(fake_b), a) + l1(G_AB(fake_a), b))
            )
            if identity:
                loss = loss + identity * (l1(G_BA(a), a) + l1(G_AB(b), b))
            opt_G.zero_grad()
            loss.backward()
            opt_G.step()
            for D in (D_A, D_B):
                D.requires_grad_(True)
            opt_D.zero_grad()
            for D, real, fake, pool in ((D_A, a, fake_a, pools[0]), (D_B, b, fake_b, pools[1])):
                (says(D, real, True) + says(D, asked(pool, fake, dice), False)).backward()
            opt_D.step()
            yield


def course(a, b, batch, identity, size, precision):
    "The course's game; yields after each step."
    machine = pick("cpu", precision)
    game = cyclegan(**size, patch=PATCH, identity=identity, machine=machine)
    yield from train(game, unpaired(machine.place(a), machine.place(b), batch))


def seconds(play, steps):
    "How long so many steps take."
    began = time.perf_counter()
    for _ in itertools.islice(play, steps):
        pass
    return time.perf_counter() - began


def speed(a, b, batch, identity, size, rounds, steps):
    "Pairs a second of each way, taken in turns, so that a busy machine slows all; and the medians of ratios."
    ways = {p: course(a, b, batch, identity, size, p) for p in ("float32", "bfloat16")}
    ways["textbook"] = textbook(a, b, batch, identity, size)
    for play in ways.values():
        seconds(play, 2)
    rows = [
        {name: batch * steps / seconds(play, steps) for name, play in ways.items()} for _ in range(rounds)
    ]
    middle = {name: statistics.median(row[name] for row in rows) for name in ways}
    return middle, {name: statistics.median(row[name] / row["textbook"] for row in rows) for name in ways}


if __name__ == "__main__":
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument("--batch", type=int, default=4)
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--steps", type=int, default=8)
    ask.add_argument("--identity", type=float, default=0.0)
    ask.add_argument("--width", type=int, default=16)  # the paper: 64
    ask.add_argument("--blocks", type=int, default=4)  # the paper: 9
    args = ask.parse_args()
    i, j = disjoint_halves(1014)
    rates, ratios = speed(
        emoji("flat")[i],
        emoji("3d")[j],
        args.batch,
        args.identity,
        dict(width=args.width, blocks=args.blocks),
        args.rounds,
        args.steps,
    )
    for name, wanted in (("float32", 1.1), ("bfloat16", 1.8)):
        print(
            f"cyclegan: textbook's loop {rates['textbook']:.1f} pairs/s, "
            f"course's in {name} {rates[name]:.1f} pairs/s, ratio {ratios[name]:.2f} "
            f"(wanted: above {wanted}{', where bfloat16 pays' if name == 'bfloat16' else ''})"
        )
