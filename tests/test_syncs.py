"""No step of any game reads a number from the device: played on torch's meta device, where there are none.

A tensor on it has a shape and no values, so whoever asks for a value fails: `.item()`, `float(...)`, a branch
on a comparison, an index that is a number. On an accelerator each of these would make the CPU wait.
"""

from functools import partial
from unittest.mock import patch

import pytest
import torch

from gancourse.cyclegan import ImagePool, cycle_consistent
from gancourse.dcgan import Discriminator, Generator
from gancourse.game import average, gan, train
from gancourse.lipschitz import gradient_penalty, r1
from gancourse.losses import family
from gancourse.machine import Machine
from gancourse.pix2pix import PatchDiscriminator, UNet, paired
from gancourse.toy import mlp
from gancourse.vae import Encoder, vae

META = torch.device("meta")
SGD = partial(torch.optim.SGD, lr=0.01)  # fused Adam is not to be had there


def z(n, dim=2):
    return torch.empty(n, dim, device=META)


def pictures(n=4, channels=3, size=32):
    return torch.empty(n, channels, size, size, device=META)


def with_sgd(make, G, D, *args, **options):
    G, D = G.to(META), D.to(META)
    game = make(G, D, *args, opt_G=SGD(G.parameters()), opt_D=SGD(D.parameters()), **options)
    average(game)
    return game


def toy(**options):
    return with_sgd(gan, mlp(2, 8, 2), mlp(2, 8, 1), z=z, **options), torch.empty(8, 2, device=META)


def dcgan():
    G, D = Generator(16, 3, 32, 8), Discriminator(3, 32, 8)
    return with_sgd(gan, G, D, z=partial(z, dim=16)), pictures()


def pix2pix():
    return with_sgd(paired, UNet(32, 8, dropout=0.0), PatchDiscriminator(6, 8)), [(pictures(), pictures())]


def cyclegan():
    nets = {name: UNet(32, 4, dropout=0.0).to(META) for name in ("G_AB", "G_BA")}
    nets |= {name: PatchDiscriminator(3, 4, norm="instance").to(META) for name in ("D_A", "D_B")}
    pools = {name: ImagePool(6, (3, 32, 32)).to(META) for name in ("pool_A", "pool_B")}
    moved = {k: [p for name in names for p in nets[name].parameters()] for k, names in PLAYERS.items()}
    game = cycle_consistent(nets | pools, opt_D=SGD(moved["D"]), opt_G=SGD(moved["G"]), identity=5.0)
    return game, [(pictures(), pictures())]


PLAYERS = {"D": ("D_A", "D_B"), "G": ("G_AB", "G_BA")}


def coder():
    E, G = Encoder(8, 1, 32, 8).to(META), Generator(8, 1, 32, 8).to(META)
    machine = Machine(META, None, torch.contiguous_format, 1)
    with patch("gancourse.vae.normal", lambda *_: Unknown()):  # no generator of torch draws there
        game = vae(E, G, 0.2, 1.0, 2e-3, SGD([*E.parameters(), *G.parameters()]), 0, machine)
    return game, pictures(channels=1)


class Unknown:
    "Noise without values."

    generator = torch.Generator()

    def __call__(self, n):
        return z(n, 8)


GAMES = {f"toy, {name}": partial(toy, loss=loss) for name, loss in family.items()}
GAMES |= {"toy, joint": partial(toy, joint=True), "toy, fresh": partial(toy, fresh=True)}
GAMES |= {f"toy, {p.__name__}": partial(toy, penalty=p) for p in (r1, gradient_penalty)}
GAMES |= {"dcgan": dcgan, "pix2pix": pix2pix, "cyclegan": cyclegan, "vae": coder}


@pytest.mark.parametrize("name", GAMES)
def test_a_step_reads_nothing_from_the_device(name):
    game, batches = GAMES[name]()
    play = train(game, batches, rollback=False)  # for ever: so no look ends it
    for _ in range(3):
        step = next(play)
    assert game.step == 3 and all(loss.device == META for loss in step.losses.values())


@pytest.mark.parametrize(
    "read", [lambda x: x.sum().item(), lambda x: x[int(x.sum())], lambda x: bool(x.sum() > 0)]
)
def test_whoever_reads_is_found(read):
    game, batches = toy()
    player, told = game.player("D"), game.player("D").loss
    player.loss = lambda batch: (read(batch.real), told(batch))[1]
    with pytest.raises((RuntimeError, NotImplementedError), match="meta"):
        next(train(game, batches))
