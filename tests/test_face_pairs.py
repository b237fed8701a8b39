"""Noise beside a picture, and the networks of faces that the course ships."""

import json

import pytest
import torch
from torch import Tensor

from gancourse.faces import ATTRIBUTES, COLOURS, rows, sketch, sketched
from gancourse.features import face_attributes
from gancourse.game import draws, train
from gancourse.machine import assets, pick
from gancourse.pix2pix import UNet, pix2pix, shipped

PLAIN = pick("cpu", "float32")


def some(*shape) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1)).tanh()


def test_noise_is_even_channels_beside_the_picture():
    net, wide = UNet(8, 2, noise=3, dropout=0.0).eval(), UNet(8, 2, in_channels=6, dropout=0.0).eval()
    wide.load_state_dict(net.state_dict())
    x, z = some(4, 3, 16, 16), some(4, 3)
    beside = z[:, :, None, None] * torch.ones(1, 1, 16, 16)
    assert torch.equal(net(x, z), wide(torch.cat([x, beside], 1)))
    assert not torch.equal(net(x, z), net(x, z.flip(0)))


def test_with_codes_the_first_number_chooses_one_of_them():
    plain, net = UNet(8, 2, noise=3, dropout=0.0).eval(), UNet(8, 2, noise=3, dropout=0.0, codes=4).eval()
    codes = some(4, 3)
    net.load_state_dict(plain.state_dict() | {"codes": codes})
    z = torch.tensor([-9.0, -0.1, 0.1, 9.0])[:, None].expand(4, 3)  # a quarter of all normal numbers each
    x = some(4, 3, 16, 16)
    assert torch.equal(net(x, z), plain(x, codes))


def test_numbers_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"^z: expected \(4, 3\), but got \(4, 2\)"):
        UNet(8, 2, noise=3)(some(4, 3, 16, 16), some(4, 2))
    with pytest.raises(ValueError, match=r"^z: expected \(4, 0\), but got \(4, 2\)"):
        UNet(8, 2)(some(4, 3, 16, 16), some(4, 2))
    with pytest.raises(ValueError, match="^noise: expected a whole number >= 0"):
        UNet(8, 2, noise=-1)


def test_a_game_draws_its_noise_from_its_own_generator():
    game = pix2pix(8, 2, unet=dict(noise=2), machine=PLAIN)
    start, outside, ends = game.snapshot(), torch.get_rng_state(), []
    for _ in range(2):
        game.load_state_dict(start)
        for _ in train(game, draws(lambda n, generator: sketched(n, generator, 32), 2), 2):
            pass
        ends.append([p.clone() for p in game.nets["G"].parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*ends, strict=True))
    assert torch.equal(torch.get_rng_state(), outside)
    batch = game.deal(sketched(2, torch.Generator().manual_seed(0), 32))
    assert not torch.equal(batch.fake, batch.again().fake)


def test_the_shipped_network_keeps_the_sketch_and_throws_colours():
    net, recipe = shipped("sketch to face")
    g = torch.Generator().manual_seed(3)
    wanted = rows(40, g)
    x, z = sketch(wanted), torch.randn(2, 40, net.noise, generator=g)
    reader = face_attributes()
    with torch.no_grad():
        read = [reader.read(net(x, part)).attributes for part in z]
    shapes = [i for i, name in enumerate(ATTRIBUTES) if name not in COLOURS]
    assert (read[0] == wanted)[:, shapes].double().mean() > 0.7
    assert (read[0] != read[1])[:, -3:].any(1).double().mean() > 0.8  # other numbers, other colours
    assert recipe["unet"]["noise"] == net.noise and not net.training


def test_l1_alone_answers_with_the_middle_colour_and_a_code_with_all_of_them():
    played = json.loads((assets() / "results/faces_pix2pix.json").read_text(encoding="utf-8"))
    for name in ("skin", "hair_colour"):
        told, alone = (played[game]["colours"][name]["distance"] for game in ("sketch", "L1"))
        assert told < 0.15 < 0.5 < alone
    assert played["sketch"]["colourings"] > 9 > 3 > played["L1"]["colourings"]
