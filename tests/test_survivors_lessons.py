"Slips that no notebook noticed when they were planted: growing networks, stacked digits, painted pictures."

import pytest
import torch
from torch import nn

from gancourse import modern, style
from gancourse.dcgan import Generator
from gancourse.losses import hinge
from gancourse.machine import pick

MACHINE = pick("cpu", "float32", 1)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def shapes(net):
    return [p.shape for p in net.parameters()]


# growing


def test_growing_networks_are_as_wide_as_their_table_says():
    G, D, M = (
        modern.GrowingGenerator(),
        modern.GrowingDiscriminator(),
        modern.MultiScaleDiscriminator(3, width=2),
    )
    ways = lambda net: [(block[0].in_channels, block[0].out_channels) for block in net.blocks]
    assert ways(G) == [(64, 64), (64, 32), (32, 16)] and ways(D) == [(64, 64), (32, 64), (16, 32)]
    assert (G.latent_dim, G.first.out_features, G.growth, D.last.in_features) == (64, 64 * 16, 2, 64 * 16)
    assert [conv.out_channels for conv in (*G.to_rgb, *D.from_rgb)] == [1, 1, 1, 64, 32, 16]
    assert ways(M) == [(8 + 3, 8), (4 + 3, 8), (2, 4)] and M.sides == [8, 16, 32]
    small = modern.GrowingGenerator(4, 3, 16, 2)
    assert ways(small) == [(4, 4), (4, 2)] and small(torch.ones(2, 4)).shape == (2, 3, 16, 16)


@pytest.mark.parametrize("size, start", [(8, 8), (4, 8), (24, 8), (12, 6), (6, 3), (20, 8)])
def test_sides_that_do_not_double(size, start):
    for kind in (modern.GrowingGenerator, modern.GrowingDiscriminator, modern.MultiScaleDiscriminator):
        with pytest.raises(ValueError, match=f"^size: expected start = {start} times 2, 4, 8"):
            kind(size=size, start=start)


def test_what_growing_networks_are_shown():
    D = modern.GrowingDiscriminator(1, 16, 2)
    for shape in ((2, 1, 16, 8), (2, 1, 8, 16), (2, 1, 8, 8), (2, 1, 32, 32)):
        with pytest.raises(ValueError, match="^x: expected a side of 16 at growth 1"):
            D(torch.zeros(shape))
    D.growth = 0
    assert D(torch.zeros(2, 1, 8, 8)).shape == (2,)
    for growth in (-0.1, 1.1):
        D.growth = growth
        with pytest.raises(ValueError, match="^growth: expected a number from 0 to 1"):
            D(torch.zeros(2, 1, 16, 16))
    old, new = torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2)
    assert modern.fade(old, new, 0) is old and modern.fade(old, new, 0.25).eq(0.25).all()
    for alpha in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="^alpha: expected a number in"):
            modern.fade(old, new, alpha)


# stacked digits


def test_a_game_on_stacked_digits_is_as_wide_as_said():
    game = modern.stacked(modern.Rung(hinge), 2, machine=MACHINE)
    assert shapes(game.nets["G"]) == shapes(Generator(64, 3, 32, 2)) and game.z(1).shape == (1, 64)
    assert shapes(game.nets["D"]) == shapes(modern.PlainDiscriminator(3, 32, 2))
    assert game.nets["EMA"].decay == 0.99 and [p.lr for p in game.players] == [1e-3, 1e-3]


@pytest.mark.parametrize("training", [True, False])
def test_a_generator_draws_many_pictures_and_is_put_back(training):
    G, seen = Generator(3, 1, 8, 2).train(training), []
    G.register_forward_pre_hook(lambda net, z: seen.append((net.training, len(z[0]))))
    made = modern.pictures_of(G, 501, 3, machine=MACHINE)
    assert G.training is training and seen == [(False, 500), (False, 1)] and made.shape == (501, 1, 8, 8)
    z = torch.randn(501, 3, generator=seeded(99))
    torch.testing.assert_close(made, G.eval()(z).detach())


def test_a_stored_generator_is_frozen():
    G, _ = modern.stacked_generator()
    assert not G.training and not any(p.requires_grad for p in G.parameters())


# painted pictures

PAINTED = {  # mean and spread of each colour, and the edges: at 24 x 24
    style.stained_glass: [-0.219, -0.294, -0.323, 0.584, 0.509, 0.503, 0.308, 0.318],
    style.waves: [-0.174, 0.034, 0.183, 0.711, 0.580, 0.384, 0.356, 0.185],
    style.strokes: [-0.228, -0.128, -0.172, 0.650, 0.531, 0.392, 0.518, 0.518],
}


@pytest.mark.parametrize("paint", [style.stained_glass, style.waves, style.strokes])
def test_painted_pictures_stay_what_they_are(paint):
    "Their colours and edges, on which the numbers of the lesson were measured."
    x = paint(24)
    edges = [x.diff(dim=d).abs().mean().item() for d in (2, 3)]
    assert [*x.mean((0, 2, 3)).tolist(), *x.std((0, 2, 3)).tolist(), *edges] == pytest.approx(
        PAINTED[paint], abs=2e-3
    )


class Eye(nn.Module):
    "Sees the pixels themselves."

    def maps(self, images, which):
        return [images for _ in which]


def test_an_eye_measures_the_usual_spread(monkeypatch):
    asked, x = (
        [],
        torch.randn(4, 3, 8, 8, generator=seeded()) * torch.tensor([1.0, 2.0, 0.001])[:, None, None],
    )
    monkeypatch.setattr(style, "photos", lambda size: asked.append(size) or {"one": x[:2], "two": x[2:]})
    eye = style.FeatureExtractor(Eye(), blocks=(0, 3))
    usual = x.std((0, 2, 3))
    assert asked == [128] and [name for name, _ in eye.named_buffers()] == ["spread0", "spread3"]
    expected = torch.stack([usual[0], usual[1], 0.1 * usual[0]])  # at least a tenth of the median
    torch.testing.assert_close(eye.spread0, expected[:, None, None])
    seen = eye(x.clamp(-1, 1), (3,))
    torch.testing.assert_close(seen[3], x.clamp(-1, 1) / expected[:, None, None])
    with pytest.raises(
        ValueError, match="^on: expected pictures that differ, but block 0 sees no difference"
    ):
        style.FeatureExtractor(Eye(), torch.zeros(2, 3, 4, 4), (0,))
