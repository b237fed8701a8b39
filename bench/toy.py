"""The toy game against the source's own loop, side by side in one run: examples per second and their ratio.

The loop on the left is the source's protocol as its text describes it: DataLoader, BCEWithLogitsLoss,
plain Adam, fakes made twice a step, both losses read at every step. On the right is the same network and
batch size as a game. Both run on one thread.
"""

import statistics
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from gancourse.game import gan, minibatches, normal, train
from gancourse.toy import gaussian, toy_discriminator, toy_generator


def networks(seed):
    generator = torch.Generator().manual_seed(seed)
    return toy_generator(generator), toy_discriminator(generator)


def label(loss, logits, y):
    return loss(logits, torch.full((len(logits),), y).reshape(logits.shape))


def source(data, seed, epochs):
    "Examples per second of the source's loop: fakes with their graph, detached for D, made again for G."
    G, D = networks(seed)
    loss, generator = nn.BCEWithLogitsLoss(reduction="sum"), torch.Generator().manual_seed(seed)
    opt_D, opt_G = torch.optim.Adam(D.parameters(), lr=0.05), torch.optim.Adam(G.parameters(), lr=0.005)
    loader = DataLoader(TensorDataset(data), 8, shuffle=True)
    began = time.perf_counter()
    for _ in range(epochs):
        sums = [0.0, 0.0]
        for (x,) in loader:
            z = torch.randn(len(x), 2, generator=generator)
            opt_D.zero_grad()
            loss_D = (label(loss, D(x), 1.0) + label(loss, D(G(z).detach()), 0.0)) / 2
            loss_D.backward()
            opt_D.step()
            opt_G.zero_grad()
            loss_G = label(loss, D(G(z)), 1.0)
            loss_G.backward()
            opt_G.step()
            sums = [sums[0] + loss_D.item(), sums[1] + loss_G.item()]
    return epochs * len(data) / (time.perf_counter() - began)


def game(data, seed, epochs):
    G, D = networks(seed)
    played = gan(G, D, z=normal(2, seed), lr_D=0.05, lr_G=0.005, betas=(0.9, 0.999), joint=True)
    feed = minibatches(data, 8, seed)
    began = time.perf_counter()
    for _ in train(played, feed, epochs * feed.per_epoch):
        pass
    return epochs * len(data) / (time.perf_counter() - began)


if __name__ == "__main__":
    torch.set_num_threads(1)
    data = gaussian(1000, torch.Generator().manual_seed(0))
    source(data, 0, 1)
    game(data, 0, 1)
    rows = [(source(data, seed, 4), game(data, seed, 4)) for seed in range(7)]
    left, right = (statistics.median(column) for column in zip(*rows, strict=True))
    ratio = statistics.median(b / a for a, b in rows)
    print(
        f"toy game: source's loop {left:,.0f} examples/s, game {right:,.0f} examples/s, "
        f"ratio {ratio:.2f} (wanted: above 1.3)"
    )
