"""DCGAN: the source's recipe and the course's, on the same networks, side by side in one run.

First the speed, in pictures a second, in batches of 128. Then the time to quality: the seconds that the
course's recipe needs to reach the FID that the source's has after some epochs, in batches of 64. The
source's recipe: a DataLoader, new fakes for each player, float32, torch's default memory format, plain
Adam(2e-4, (.5, .9)), G first. The course's is what lesson 03 plays. Scoring is not timed.
"""

import argparse
import statistics
import time
from itertools import islice

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from gancourse.data import mnist
from gancourse.dcgan import Discriminator, Generator, dcgan
from gancourse.game import minibatches, train
from gancourse.machine import pick
from gancourse.metrics import digit_classifier, features_of, frechet, moments

LATENT, WIDTH = 64, 32


def source(images, batch, seed=0):
    "The source's loop; yields G after each step."
    torch.manual_seed(seed)
    G, D = Generator(LATENT, 1, 32, WIDTH), Discriminator(1, 32, WIDTH)
    opt_G, opt_D = (torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.9)) for net in (G, D))
    criterion, loader = (
        nn.BCEWithLogitsLoss(),
        DataLoader(TensorDataset(images), batch, shuffle=True, drop_last=True),
    )
    while True:
        for (x,) in loader:
            opt_G.zero_grad()
            y = D(G(torch.randn(len(x), LATENT)))
            criterion(y, torch.ones_like(y)).backward()
            opt_G.step()
            opt_D.zero_grad()
            real, fake = D(x), D(G(torch.randn(len(x), LATENT)).detach())
            (criterion(real, torch.ones_like(real)) + criterion(fake, torch.zeros_like(fake))).backward()
            opt_D.step()
            yield G


def course(images, precision, batch, seed=0):
    "The course's recipe; yields G's running mean after each step."
    machine = pick("cpu", precision)
    for step in train(
        dcgan(LATENT, width=WIDTH, seed=seed, machine=machine),
        minibatches(machine.place(images), batch, seed),
    ):
        yield step.game.nets["EMA"]


def seconds(play, steps):
    "How long so many steps take."
    began = time.perf_counter()
    for _ in islice(play, steps):
        pass
    return time.perf_counter() - began


def speed(images, batch=128, rounds=5, steps=10):
    "Pictures a second of each way: the ways take turns, so that a busy machine slows all of them."
    ways = {
        "source": source(images, batch),
        **{name: course(images, name, batch) for name in ("float32", "bfloat16")},
    }
    for play in ways.values():
        seconds(play, 3)
    rows = [
        {name: batch * steps / seconds(play, steps) for name, play in ways.items()} for _ in range(rounds)
    ]
    return {name: statistics.median(row[name] for row in rows) for name in ways}


@torch.no_grad()
def score(G, known, net, z):
    was = G.training
    pictures = torch.cat([G.eval()(part) for part in z.split(500)]).float()
    G.train(was)
    return frechet(known, features_of(pictures, net))


def time_to_quality(images, epochs, batch=64, every=50):
    "Seconds of the source's recipe for so many epochs and its score; seconds of the course's for that score."
    net = digit_classifier()
    known, z = (
        moments(features_of(images, net)),
        torch.randn(2000, LATENT, generator=torch.Generator().manual_seed(99)),
    )
    steps, play = epochs * (len(images) // batch), source(images, batch)
    theirs = seconds(play, steps - 1)
    goal, spent, ours = score(next(play), known, net, z), 0.0, course(images, "auto", batch)
    for n in range(1, 2 * steps // every):
        spent += seconds(ours, every - 1)
        if score(next(ours), known, net, z) <= goal:
            return theirs, goal, spent, n * every
    return theirs, goal, float("inf"), 2 * steps


if __name__ == "__main__":
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument(
        "--epochs", type=int, default=4, help="epochs of the source's recipe in the race for quality"
    )
    epochs, (images, _) = ask.parse_args().epochs, mnist("train")
    rates = speed(images)
    for name, wanted in (("float32", 1.2), ("bfloat16", 2.0)):
        print(
            f"dcgan: source's loop {rates['source']:,.0f} pictures/s, "
            f"course's in {name} {rates[name]:,.0f} pictures/s, ratio {rates[name] / rates['source']:.2f} "
            f"(wanted: above {wanted}{', where bfloat16 pays' if name == 'bfloat16' else ''})"
        )
    theirs, goal, ours, steps = time_to_quality(images, epochs)
    print(
        f"dcgan: the source's recipe has FID {goal:.1f} after {epochs} epochs and {theirs:.0f} s; "
        f"the course's ({pick()}) has it after {steps} steps and {ours:.0f} s, "
        f"ratio {ours / theirs:.2f} (wanted: below 0.5)"
    )
