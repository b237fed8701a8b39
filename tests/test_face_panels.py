"The panels that know faces show what was measured: at each size, in slow motion, and of a broken G."

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gancourse import face_panels
from gancourse.dcgan import dcgan
from gancourse.face_panels import FaceShares, NearestFaces
from gancourse.face_scores import clean_share, memorised, novelty, shares
from gancourse.faces import ATTRIBUTES, Faces, change, draw, law, rows, sample
from gancourse.features import face_attributes
from gancourse.game import minibatches
from gancourse.live import Lab
from gancourse.machine import pick
from gancourse.panels import drawer
from gancourse.watch import watching

MACHINE = pick("cpu", "float32", 1)
pytestmark = pytest.mark.usefixtures("one_thread")


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def net():
    return face_attributes()


@pytest.fixture(scope="module")
def known():
    return sample(300, seeded(1))


def new_game():
    return dcgan(16, 3, 32, 4, machine=MACHINE)


def looked(panel):
    panel.prepare(new_game())
    return panel


def test_what_it_shows_was_measured(net, known):
    odd = change(rows(150, seeded(2)), eyes="wink")
    panel = looked(FaceShares(source=lambda game: draw(odd), training=known.attributes, net=net))
    read, sure = net.read(draw(odd))
    sent = panel.arrays(True)
    assert np.allclose(sent["shares"], torch.cat([s.shares for s in shares(read).values()]))
    assert np.allclose(sent["off"], [s.distance for s in shares(read).values()])
    assert np.allclose(sent["rates"], [clean_share(sure), novelty(read, known.attributes).new])
    for told, (name, values) in zip(panel.spec()["attributes"], ATTRIBUTES.items(), strict=True):
        assert told["name"] == name and tuple(told["values"]) == values
        assert told["truth"] == law[name].tolist() and told["floor"] == shares(read)[name].floor
    assert "Farthest from the truth: eyes, off by 0." in panel.words() and "; wink" in panel.words()


def test_without_a_training_set_nothing_is_called_new(net):
    panel = looked(FaceShares(n=20, net=net))
    assert panel.arrays(True)["rates"].shape == (1,) and "new" not in panel.words()
    assert list(panel.spec()["rates"]) == ["clean"]


@pytest.mark.parametrize("size", [32, 64, 128])
def test_real_faces_are_read_at_the_same_size(net, size):
    faces = draw(rows(150, seeded(3)), size)
    panel = looked(FaceShares(source=lambda game: faces, net=net))
    assert panel.real == face_panels._clean_real(net, 150, size)
    assert abs(panel.clean - panel.real) < 4 * math.sqrt(panel.real * (1 - panel.real) / 75) + 0.02


def test_it_shows_the_running_mean(net):
    game, panel = new_game(), FaceShares(n=40, net=net)
    panel.prepare(game)
    with watching(*game.nets.values()):
        made = drawer(game)(panel.z)
    read = net.read(made)
    assert drawer(game) is game.nets["EMA"]
    assert panel.clean == clean_share(read.confidence)
    assert all(torch.equal(panel.shares[k].shares, v.shares) for k, v in shares(read.attributes).items())


def test_the_nearest_are_the_nearest(net, known):
    x = draw(rows(12, seeded(4)))
    panel = looked(NearestFaces(known, source=lambda game: x, net=net))
    apart = torch.cdist(draw(known.attributes, 32).flatten(1), F.avg_pool2d(x, 2).flatten(1))
    assert torch.equal(panel.found.index, apart.argmin(0))
    found = memorised(x, net.read(x).attributes, known.pictures, known.attributes)
    assert torch.equal(panel.found.differ, found.differ)
    assert torch.equal(panel.sheets["nearest"], known.pictures[panel.found.index])
    sent = panel.arrays(False)
    assert sent["drawn"].shape == sent["nearest"].shape == (12, 64, 64, 3) and sent["drawn"].dtype == np.uint8
    copies = looked(NearestFaces(known, source=lambda game: known.pictures[5:9], net=net))
    assert copies.found.index.tolist() == [5, 6, 7, 8] and copies.found.distance.max() < 1e-3
    assert "0.00 away" in copies.words()


def test_a_broken_generator_is_shown_too(net, known):
    lost, grey = torch.full((4, 3, 64, 64), math.nan), torch.zeros(4, 1, 64, 64)
    for x in (lost, grey, 1e9 * torch.ones(4, 3, 64, 64)):
        for panel in (FaceShares(source=lambda game, x=x: x, net=net),
                      NearestFaces(known, source=lambda game, x=x: x, net=net)):  # fmt: skip
            assert looked(panel).words() and all(np.isfinite(v).all() for v in panel.arrays(True).values())


def test_refusals(net, known):
    with pytest.raises(ValueError, match=r"training: expected whole numbers \(n, 10\)"):
        NearestFaces(known[::-1], net=net)
    with pytest.raises(ValueError, match="training_attributes: expected 7 rows, one a picture, but got 300"):
        NearestFaces(Faces(known.attributes, known.pictures[:7]), net=net)
    with pytest.raises(
        ValueError, match=r"expected nearest of shape \(4, 3, 32, 32\), but got \(4, 3, 64, 64\)"
    ):
        looked(NearestFaces(known, n=4, net=net))  # G draws 32 pixels, the training set has 64


def test_in_slow_motion_and_back(net, known):
    "Scenes are told, the panels look, and the game plays as if there were none."

    def lab(*panels):
        return Lab(new_game, minibatches(draw(known.attributes, 32), 16), 10, list(panels), threads=1)

    small = Faces(known.attributes, draw(known.attributes, 32))
    ours, bare = lab(FaceShares(n=20, net=net), NearestFaces(small, n=3, net=net)), lab()
    for each in (ours, bare):
        each.listen()
        each.do("slow", True)
        for _ in range(8):
            each.do("step")
            each.ask(lambda game: None)
        each.do("slow", False)
        each.do("step", 2)
        each.play_to(3)
        assert not each.session.error and each.stop()
    states = [each.game.nets["G"].state_dict() for each in (ours, bare)]
    assert ours.game.step == bare.game.step and all(
        torch.equal(states[0][k], states[1][k]) for k in states[0]
    )
    assert "Attributes, 20 faces" in ours.words()
