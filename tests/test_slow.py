"""Slow motion plays the same steps: every kind of game, told scene by scene, ends in the same bits."""

import itertools

import pytest
import torch

from gancourse.cyclegan import cyclegan
from gancourse.dcgan import dcgan
from gancourse.game import draws, gan, minibatches, normal, train, unpaired
from gancourse.machine import pick
from gancourse.pix2pix import pix2pix
from gancourse.population import sweep
from gancourse.slow import SlowStep
from gancourse.toy import gaussian, toy_discriminator, toy_generator
from gancourse.vae import Encoder, vae

MACHINE = pick("cpu", "float32", 1)


def pictures(n, channels, size, seed):
    return torch.rand(n, channels, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def toy():
    g = torch.Generator().manual_seed(0)
    return gan(toy_generator(g), toy_discriminator(g), z=normal(2, seed=0)), draws(gaussian, 8)


def digits():
    return dcgan(8, width=4, machine=MACHINE), minibatches(pictures(32, 1, 32, 0), 8)


def pairs(**more):
    data = pictures(16, 3, 16, 1), pictures(16, 3, 16, 2)
    return pix2pix(16, width=4, machine=MACHINE, **more), minibatches(data, 4)


def translation(**more):
    game = cyclegan(16, width=4, blocks=1, pool=6, decay=0.9, machine=MACHINE, **more)
    return game, unpaired(pictures(16, 3, 16, 1), pictures(12, 3, 16, 2), 4)


def autoencoder():
    from gancourse.dcgan import Generator

    torch.manual_seed(0)
    game = vae(Encoder(8, size=16, width=4), Generator(8, size=16, width=4), machine=MACHINE)
    return game, minibatches(pictures(32, 1, 16, 0), 8)


def many():
    return sweep([0.01, 0.1], [0.001, 0.01], seeds=(0, 1)), draws(gaussian, 8)


GAMES = {
    "toy": (toy, ["z", "fake", "judge", "move", "pull", "move"]),
    "dcgan": (digits, ["z", "fake", "judge", "move", "pull", "move"]),
    "pix2pix": (pairs, ["pair", "fake", "judge", "move", "pull", "move"]),
    "cyclegan": (translation, ["deal", *["fake", "judge", "back", "cycle"] * 2, "move", "move"]),
    "cyclegan without a way back": (
        lambda: translation(cycle=0.0),
        ["deal", *["fake", "judge"] * 2, "move", "move"],
    ),
    "vae": (autoencoder, ["encode", "draw", "decode", "terms", "move"]),
    "sweep": (many, ["z", "fake", "judge", "move", "move"]),
}


def everything(game):
    return [t for net in game.nets.values() for t in net.state_dict().values()]


@pytest.mark.parametrize("name", GAMES)
def test_slow_motion_plays_the_same_steps(name):
    make, story = GAMES[name]
    torch.manual_seed(1)
    (fast, data), steps = make(), 3
    for _ in train(fast, data, steps):
        pass
    torch.manual_seed(1)
    slowed, data = make()
    for batch in itertools.islice(data, steps):
        moments = list(SlowStep(slowed, batch))
        assert [moment.name for moment in moments] == story
        assert all(moment.words and "nan" not in moment.words for moment in moments)
    assert slowed.step == fast.step == steps
    assert all(torch.equal(a, b) for a, b in zip(everything(slowed), everything(fast), strict=True))
    assert all(
        torch.equal(a.get_state(), b.get_state())
        for a, b in zip(slowed.generators, fast.generators, strict=True)
    )
