"""Every kind of game of the course, on any machine: what checks of devices play.

`GAMES[name](machine, size)` gives a game and its batches. `size` is the side of its pictures: 16 for a look,
the lessons' 32 for a measurement. First weights and data are the same on every machine.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from gancourse.cyclegan import cyclegan
from gancourse.dcgan import Generator, dcgan
from gancourse.game import Game, average, draws, gan, minibatches, normal, unpaired
from gancourse.lipschitz import gradient_penalty, r1, r2, spectral_norm
from gancourse.losses import family, relativistic
from gancourse.machine import Machine, seeded
from gancourse.modern import GrowingDiscriminator, GrowingGenerator, R1R2Penalty, ladder, stacked
from gancourse.pix2pix import pix2pix
from gancourse.population import sweep
from gancourse.style import FeatureExtractor, aim, repaint
from gancourse.toy import mlp, ring, toy_generator
from gancourse.vae import Encoder, vae


def pictures(machine: Machine, n: int, size: int, channels: int = 3, seed: int = 0) -> torch.Tensor:
    "Smooth pictures (n, channels, size, size) in [-1, 1], on the device."
    x = torch.rand(n, channels, 4, 4, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return machine.place(nn.functional.interpolate(x, size, mode="bilinear"))


def toy(machine, size, norm=lambda layer: layer, **options):
    g = torch.Generator().manual_seed(0)
    G, D = toy_generator(g), nn.Sequential(*map(norm, mlp(2, 2 * size, 2 * size, 1, generator=g)))
    z = normal(2, 0, machine.device)
    game = gan(machine.place(G), machine.place(D), z=z, lr_D=1e-3, lr_G=1e-3, **options)
    average(game, decay=0.9)
    return game, draws(ring, 64, device=machine.device)


def spectral(layer):
    return spectral_norm(layer) if isinstance(layer, nn.Linear) else layer


def digits(machine, size, **options):
    game = dcgan(16, 1, size, size // 2, machine=machine, **options)
    return game, minibatches(pictures(machine, 64, size, 1), 32)


def pairs(machine, size):
    data = pictures(machine, 32, size, seed=1), pictures(machine, 32, size, seed=2)
    return pix2pix(size, width=size // 2, machine=machine), minibatches(data, 8)


def translation(machine, size):
    a, b = pictures(machine, 24, size, seed=1), pictures(machine, 16, size, seed=2)
    options = dict(width=size // 4, blocks=1, pool=6, decay=0.9, identity=5.0)
    return cyclegan(size, machine=machine, **options), unpaired(a, b, 4)


def autoencoder(machine, size):
    with seeded(0):
        E, G = Encoder(8, 1, size, size // 2), Generator(8, 1, size, size // 2)
    return vae(E, G, machine=machine), minibatches(pictures(machine, 64, size, 1), 32)


def picture(machine, size):
    eye = machine.place(FeatureExtractor())
    content, style = pictures(machine, 1, 2 * size, seed=1), pictures(machine, 1, 2 * size, seed=2)
    return repaint(content, eye, machine=machine), [aim(eye, content, style)]


def rung(machine, size, name):
    return stacked(ladder[name], size // 2, machine=machine), minibatches(pictures(machine, 64, 32), 16)


def growing(machine, size):
    with seeded(0):
        G, D = GrowingGenerator(16, 3, size, size), GrowingDiscriminator(3, size, size)
    G, D = machine.place(G), machine.place(D)
    G.growth = D.growth = 0.5
    z, options = normal(16, 0, machine.device), dict(autocast=machine.autocast)
    game = gan(G, D, relativistic, z, R1R2Penalty(0.05), **options)
    return game, minibatches(pictures(machine, 32, size), 8)


def many(machine, size):
    population = sweep([1e-3, 1e-2], [1e-3, 1e-2], seeds=(0, 1), penalty=r1, device=machine.device)
    return population, draws(ring, 2 * size, device=machine.device)


GAMES: dict[str, Callable[[Machine, int], tuple[Game, object]]] = {
    **{f"toy, {name}": partial(toy, loss=loss) for name, loss in family.items()},
    **{f"toy, {p.__name__}": partial(toy, penalty=p) for p in (r1, r2, gradient_penalty)},
    "toy, spectral norm": partial(toy, norm=spectral),
    "toy, joint": partial(toy, joint=True),
    "toy, fresh": partial(toy, fresh=True),
    "dcgan": digits,
    "dcgan, r1": partial(digits, penalty=r1),
    "pix2pix": pairs,
    "cyclegan": translation,
    "vae": autoencoder,
    "style": picture,
    **{f"modern, {name}": partial(rung, name=name) for name in ladder},
    "modern, growing": growing,
    "sweep": many,
}
KINDS = ["toy, r1", "dcgan", "pix2pix", "cyclegan", "vae", "style", "sweep"]  # one of each
