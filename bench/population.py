"""A thousand toy GANs at once against one at a time, side by side in one run: examples per second and their
ratio.

Then the time of a whole map: 32 x 32 pairs of learning rates, 20 epochs of 1,000 points each, in batches
of 8, on one thread. One at a time is the fastest way that the course has for a single game (`joint=True`,
fused Adam). Rounds take turns, so that a busy machine slows both.
"""

import argparse
import statistics
import time
from itertools import islice

import torch

from gancourse.game import gan, minibatches, normal, train
from gancourse.metrics import Moments
from gancourse.population import frechet_error, sweep, toy_pair
from gancourse.toy import COVARIANCE, b, gaussian

BATCH = 8


def rates(side):
    return torch.logspace(-4, 0, side).tolist()


def single(data):
    G, D = toy_pair(torch.Generator().manual_seed(0))
    return train(gan(G, D, z=normal(2, 0), lr_D=0.05, lr_G=0.005, joint=True), minibatches(data, BATCH, 0))


def per_second(play, turns, members=1):
    began = time.perf_counter()
    for _ in islice(play, turns):
        pass
    return members * BATCH * turns / (time.perf_counter() - began)


def ratio(data, device, side=32, rounds=7):
    many, one = (
        train(sweep(rates(side), rates(side), device=device), minibatches(data.to(device), BATCH, 0)),
        single(data),
    )
    per_second(many, 20)
    per_second(one, 200)
    rows = [(per_second(many, 60, side * side), per_second(one, 1500)) for _ in range(rounds)]
    left, right = (statistics.median(column) for column in zip(*rows, strict=True))
    return left, right, statistics.median(a / c for a, c in rows)


def whole_map(data, device, side=32, epochs=20):
    "Seconds of a sweep, and the share of its pairs that have learned the law."
    game, feed = sweep(rates(side), rates(side), device=device), minibatches(data.to(device), BATCH, 0)
    score = frechet_error(Moments(b, COVARIANCE))
    start, began = score(game).median(), time.perf_counter()
    for _ in train(game, feed, epochs * feed.per_epoch):
        pass
    errors = score(game).cpu()
    return (
        time.perf_counter() - began,
        (errors < start.cpu() / 10).double().mean().item(),
        int((~game.well).sum()),
    )


if __name__ == "__main__":
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument(
        "--device", default="cpu", help="where the population lives; the single game stays on the CPU"
    )
    device = ask.parse_args().device
    torch.set_num_threads(1)
    data = gaussian(1000, torch.Generator().manual_seed(0))
    many, one, times = ratio(data, device)
    print(
        f"population: 1,024 toy GANs at once {many:,.0f} examples/s, one at a time {one:,.0f} examples/s, "
        f"ratio {times:.0f} (wanted: at least 100)"
    )
    seconds, good, lost = whole_map(data, device)
    print(
        f"population: 32 x 32 learning rates, 20 epochs: {seconds:.0f} s (wanted: within 60), "
        f"{good:.0%} of the pairs better than a tenth of the start, {lost} diverged"
    )
