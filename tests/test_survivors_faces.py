"Slips that no notebook noticed when they were planted: faces, their scores, panels and game; walks."

import math
import types

import pytest
import torch
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from torch import nn

from gancourse import face_gan, face_panels, face_scores, faces, walk
from gancourse.faces import ATTRIBUTES, law
from gancourse.machine import pick

MACHINE = pick("cpu", "float32", 1)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


# the game


def test_a_game_for_faces_that_nobody_has_set(monkeypatch):
    asked = []
    for name in ("Generator", "PlainDiscriminator"):
        small = getattr(face_gan, name)
        monkeypatch.setattr(
            face_gan, name, lambda *a, kind=small: asked.append(a) or kind(*a[:-1], 2 + a[-1] % 32)
        )
    game = face_gan.face_gan(machine=MACHINE)
    assert asked == [(64, 3, 64, 32), (3, 64, 32)]
    assert game.nets["EMA"].decay == 0.999 and [p.lr for p in game.players] == [1e-3, 1e-3]
    assert [p.opt.param_groups[0]["betas"] for p in game.players] == [(0.0, 0.99)] * 2
    assert game.rules.penalty.gamma == 1.0 and game.rules.penalty.parts == 4 and game.rules.penalty.fakes
    monkeypatch.setattr(face_gan, "pick", lambda: MACHINE)
    small, same, other = (face_gan.face_gan(2, seed=seed) for seed in (0, 0, 1))
    assert asked[2:4] == [(64, 3, 64, 2), (3, 64, 2)] and torch.equal(small.z(3), same.z(3))
    for name in "GD":
        weights = [next(g.nets[name].parameters()) for g in (small, same, other)]
        assert torch.equal(*weights[:2]) and not torch.equal(weights[0], weights[2])
    unsaid = face_gan.face_gan(2)
    assert torch.equal(next(unsaid.nets["G"].parameters()), next(small.nets["G"].parameters()))
    monkeypatch.setattr(face_gan, "pick", lambda: pytest.fail("a machine was given"))
    assert face_gan.face_gan(2, 0.5, 0.1, 0.9, machine=MACHINE).nets["EMA"].decay == 0.9


def test_rates_cool_from_the_first_step_of_their_share_to_the_last():
    player = types.SimpleNamespace(lr=1.0)
    game = types.SimpleNamespace(players=[player])
    steps = (types.SimpleNamespace(n=n, game=game) for n in range(1, 13))
    rates = [player.lr for _ in face_gan.cooled(steps, 10)]
    assert rates == pytest.approx([1] * 6 + [0.75, 0.5, 0.25, 0, 0, 0])
    player.lr = 1.0
    steps = (types.SimpleNamespace(n=n, game=game) for n in range(1, 6))
    rates = [player.lr for _ in face_gan.cooled(steps, 5, 0.5)]  # they begin to fall after two and a half
    assert rates == pytest.approx([1, 1, 0.8, 0.4, 0])
    for total, share, name in ((0, 0.4, "total"), (1.5, 0.4, "total"), (5, 1.1, "share"), (5, 0, "share")):
        with pytest.raises(ValueError, match=f"^{name}: expected"):
            next(face_gan.cooled([], total, share))


# faces


def test_of_parts_each_is_where_its_value_says():
    "Sheets are read row by row; a value that paints nothing keeps all that is below."
    listed, sheets = faces._parts()
    slots = [slot for slot, _ in listed["parts"]]
    for slot, name in (("beard", "beard"), ("rearHair", "rear_hair"), ("mouth", "mouth")):
        first = slots.index(slot)
        for value in range(len(ATTRIBUTES[name])):
            part = faces._painted(slot, {name: value}, "sketch")
            if "none" in ATTRIBUTES[name] and value == 0:
                assert part.shape == (2, 128, 128) and part[0].eq(0).all() and part[1].eq(1).all()
            else:
                paint, alpha = sheets["sketch"][first + value - ("none" in ATTRIBUTES[name])]
                assert torch.equal(part, torch.stack([2 * paint - alpha, 1 - alpha]))


def test_attributes_are_looked_at():
    right = faces.rows(3, seeded())
    for wrong in (right.float(), right[0], right[:, :9], right > 0, [[0] * 10], right - 9):
        for look in (faces.log_prob, faces.number, faces.draw, faces.sketch):
            with pytest.raises(ValueError, match="^attributes: "):
                look(wrong)
    for wrong in (torch.zeros(2).long(), torch.zeros(3), torch.zeros(3, 1).long()):
        with pytest.raises(ValueError, match=r"^beard: expected a whole number a face, \(3,\), but got"):
            faces.change(right, beard=wrong)
    assert faces.rows(2, seeded(), beard=torch.tensor([5, 0]))[:, 2].tolist() == [5, 0]


# scores


def test_scores_want_faces():
    none, some = faces.rows(0), faces.rows(4, seeded())
    for call, name in (
        (lambda: face_scores.shares(none), "attributes"),
        (lambda: face_scores.dependence(none), "attributes"),
        (lambda: face_scores.novelty(none, some), "attributes"),
        (lambda: face_scores.novelty(some, none), "training"),
    ):
        with pytest.raises(ValueError, match=f"^{name}: expected at least one face, but got none"):
            call()
    for wrong in (torch.ones(3, 9), torch.ones(0, 10), torch.ones(10), [[1.0] * 10]):
        with pytest.raises(ValueError, match=r"^confidence: expected \(n, 10\), but got"):
            face_scores.clean_share(wrong)
    sure = torch.full((4, 10), 0.9)
    sure[0, 3] = 0.89
    assert face_scores.clean_share(sure) == 0.75 and face_scores.clean_share(sure, 0.5) == 1


def test_novelty_by_hand():
    training = faces.rows(40, seeded(1))
    training = torch.cat([training, training[:7]])  # who comes twice is known once
    told = face_scores.novelty(torch.cat([training[:3], training[:3], faces.rows(4, seeded(2))]), training)
    known = sum(
        math.prod(p[i].item() for p, i in zip(law.values(), row, strict=True))
        for row in set(map(tuple, training.tolist()))
    )
    assert told.new == pytest.approx(0.4) and told.distinct == pytest.approx(0.7)
    assert told.expected_new == pytest.approx(1 - known, abs=1e-12)
    assert told.std == pytest.approx(math.sqrt(known * (1 - known) / 10), rel=1e-4)
    assert 0.9999 < told.expected_distinct < 1


def test_who_is_nearest_by_hand():
    many, some = faces.sample(20, seeded(3), 32), faces.sample(3, seeded(4), 32)
    found = face_scores.memorised(some.pictures, some.attributes, many.pictures, many.attributes)
    apart = (some.pictures[:, None] - many.pictures).square().flatten(2).mean(2).sqrt()
    torch.testing.assert_close(found.distance, apart.min(1).values)
    assert torch.equal(found.index, apart.argmin(1))
    differ = (some.attributes[:, None] != many.attributes).sum(2)
    assert torch.equal(found.differ, differ.min(1).values) and torch.equal(found.alike, differ.argmin(1))


def test_precision_and_recall_by_hand():
    "Balls to the nearest neighbour but one; the rim belongs to them. What has a graph is measured too."
    real = torch.tensor([[0.0], [1.0], [3.0], [6.0]], requires_grad=True)
    fake = torch.tensor([[-3.0], [9.0], [12.0], [12.5]], requires_grad=True)
    reach = torch.tensor([3.0, 2.0, 3.0, 5.0])  # of the real ones, k = 2
    inside = ((fake - real.T).abs() <= reach).any(1).double().mean().item()
    told = face_scores.precision_recall(real, fake, 2)
    assert told.precision == inside == 0.5
    reach = torch.tensor([15.0, 3.5, 3.0, 3.5])
    assert told.recall == ((real - fake.T).abs() <= reach).any(1).double().mean().item() == 1


def test_a_table_of_scores():
    read = faces.rows(50, seeded(5))
    pair, other = face_scores.PrecisionRecall(0.5, 0.25), face_scores.PrecisionRecall(0.75, 1.0)
    sure = {name: 0.9 for name in ATTRIBUTES}
    parts = face_scores.shares(read), face_scores.dependence(read)
    new = face_scores.Novelty(0.5, 0.75, 0.125, 0.25, 1.0)
    table = face_scores.FaceScores(50, 1.5, 0.5, 0.25, 0.125, pair, other, 0.4, 0.8, sure, *parts, new)
    lines = str(table).splitlines()
    assert lines[1:5] == [
        "FID                      1.500  0.500",
        "KID                     0.2500 0.1250",
        "precision                0.500  0.750",
        "recall                   0.250  1.000",
    ]
    assert lines[7:9] == [
        "new to the training     0.5000 0.7500 ± 0.1250",
        "all different           0.2500 1.0000",
    ]
    assert lines[9].split() == "attribute sure off by (floor) shares".split() and len(lines) == 20
    assert len(str(table._replace(novelty=None)).splitlines()) == 18


# panels


def test_multiples_of_the_true_shares():
    read, ax = faces.rows(80, seeded(6)), Figure().subplots()
    shared = face_scores.shares(faces.change(read, beard="full"))
    face_panels._draw_multiples(shared, 80, ax)
    bars = [bar for bar in ax.patches if bar.get_width() > 0]
    p = torch.cat([p for p in law.values()])
    ratios = torch.cat([s.shares for s in shared.values()]) / p
    assert [bar.get_height() for bar in bars] == pytest.approx(ratios.tolist())
    spread = (2 * ((1 - p) / (80 * p)).sqrt()).tolist()
    assert [face_panels._spread(q, 80) for q in p.tolist()] == pytest.approx(spread)
    begin, middles, ticks = 0, [], ax.get_xticks().tolist()
    for values in ATTRIBUTES.values():  # a gap of one bar between two attributes
        middles += [begin + k for k in range(len(values))]
        begin += len(values) + 1
    assert [bar.get_x() + 0.4 for bar in bars] == pytest.approx(middles)
    assert ticks[:3] == [1.5, 7, 13.5] and ax.get_xlim() == (-1, begin - 1)
    for bar, ratio, wide in zip(bars, ratios.tolist(), spread, strict=True):
        alpha = 0.9 if abs(ratio - 1) > wide else 0.2
        assert bar.get_facecolor() == pytest.approx(to_rgba(face_panels.FAKE, alpha))
    bands = [band.get_paths()[0].vertices for band in ax.collections]
    assert len(bands) == len(bars)
    for band, at, wide in zip(bands, middles, spread, strict=True):
        assert band.min(0) == pytest.approx([at - 0.5, 1 - wide]) and band.max(0) == pytest.approx(
            [at + 0.5, 1 + wide]
        )
    assert [text.get_text() for text in ax.get_xticklabels()][1:3] == ["rear hair", "beard"]


def test_the_farthest_attribute_and_its_farthest_value():
    shared = face_scores.shares(faces.change(faces.rows(500, seeded(7)), skin="dark"))
    assert "skin, off by 0.80, real faces by 0.0" in (words := face_panels._farthest(shared))
    assert words.endswith("dark 100% instead of 20%.")
    bald = {"beard": face_scores.Shares(torch.tensor([0.0, 0.2, 0.2, 0.2, 0.2, 0.2]), 0.5, 0.1)}
    assert face_panels._farthest(bald).endswith("none 0% instead of 50%.")  # too few, most of all


class Reader:
    "Reads whatever it is shown as the same faces."

    def __init__(self, n=6):
        self.attributes, self.confidence = faces.rows(n, seeded(8)), torch.linspace(0.85, 1, n)[:, None]

    def read(self, x):
        read = types.SimpleNamespace(attributes=self.attributes[: len(x)])
        read.confidence = self.confidence[: len(x)].expand(-1, 10)
        return Pair(read.attributes, read.confidence)


class Pair(tuple):
    def __new__(cls, attributes, confidence):
        pair = super().__new__(cls, (attributes, confidence))
        pair.attributes, pair.confidence = attributes, confidence
        return pair


def shown(panel):
    panel.prepare(types.SimpleNamespace(nets={}, generators=[]))
    return panel


def test_a_panel_sends_when_there_is_something_new(monkeypatch):
    x, reader = torch.zeros(6, 3, 32, 32), Reader()
    monkeypatch.setattr(face_panels, "_drawn", lambda panel, game: x)
    monkeypatch.setattr(face_panels, "_clean_real", lambda *_: 0.5)
    plain = shown(face_panels.FaceShares("mine", source=lambda game: x, net=reader))
    assert plain.arrays(False) and not plain.arrays(False) and plain.arrays(True)
    assert list(plain.rates()) == ["clean"] and plain.z is None and plain.novelty is None
    known = shown(face_panels.FaceShares(source=lambda game: x, net=reader, training=reader.attributes[:2]))
    assert known.rates()["new"][0] == pytest.approx(4 / 6) and known.arrays(False)["rates"].shape == (2,)
    plain.draw(ax := Figure().subplots())
    assert ax.get_title() == "mine"
    with pytest.raises(ValueError, match="^training: expected whole numbers"):
        face_panels.FaceShares(training=reader.attributes.float(), net=reader)


@pytest.mark.parametrize("n, columns", [(1, 2), (4, 2), (5, 4), (6, 4)])
def test_pairs_stand_in_one_block_or_in_two(monkeypatch, n, columns):
    training = faces.sample(8, seeded(9), 32)
    x = training.pictures[:n]
    monkeypatch.setattr(face_panels, "_drawn", lambda panel, game: x)
    panel = shown(face_panels.NearestFaces(training, "near", source=lambda game: x, net=Reader()))
    sheets = []
    monkeypatch.setattr(face_panels, "plot_images", lambda *a: sheets.append(a) or a[-1])
    panel.draw(ax := Figure().subplots())
    pairs, wide, heads, where = sheets[0]
    assert torch.equal(pairs, x.repeat_interleave(2, 0)) and wide == columns and where is ax
    assert list(heads) == ["drawn", "nearest"] * (columns // 2) and ax.get_title() == "near"


def test_small_pictures_are_means():
    x = torch.randn(2, 3, 64, 64, generator=seeded(10))
    torch.testing.assert_close(face_panels._small(x), nn.functional.avg_pool2d(x, 2))


def test_what_is_shipped_is_read_only_where_nothing_is_given(monkeypatch):
    seen, mine = [], Reader()

    def stop(x, net):
        seen.append(net)
        raise LookupError

    monkeypatch.setattr(face_scores, "features_of", stop)
    for module in (face_scores, face_panels):
        monkeypatch.setattr(module, "face_attributes", lambda: "shipped")
    for net in (mine, None):
        with pytest.raises(LookupError):
            face_scores.score_faces(faces.pictures(10, seeded(), 32), net)
    assert seen == [mine, "shipped"]
    assert face_panels.FaceShares(net=mine).net is mine and face_panels.FaceShares().net == "shipped"
    monkeypatch.setattr(face_gan, "read_generator", lambda *a: a)
    path, size, what = face_gan.face_generator()
    assert path.name == "faces_dcgan.safetensors" and (size, what) == (64, "faces")
    assert face_gan.face_generator("mine") == ("mine", 64, "faces")


# walks


def test_directions_come_from_the_first_weights():
    linear = nn.Linear(3, 4)
    assert not walk.strongest_directions(nn.Sequential(nn.Flatten(), linear)).requires_grad
    for net in (nn.Sequential(nn.BatchNorm1d(3), linear), nn.Sequential(nn.Tanh())):
        with pytest.raises(ValueError, match="^G: expected a linear or convolutional first layer, but got"):
            walk.strongest_directions(net)


def test_a_walk_s_still_has_a_row_for_each_direction(monkeypatch):
    figures, made = [], []
    monkeypatch.setattr(walk, "png", lambda fig: figures.append(fig) or "")
    draw = lambda z: made.append(z) or z[:, :1, None, None].tanh().expand(-1, 1, 4, 4)
    here = walk.Walk(draw, torch.eye(2), torch.tensor([[1.0, 2.0]]))
    data, more = here.still()
    assert figures[0].get_size_inches().tolist() == pytest.approx([7.6, 2.1])
    (ax,) = figures[0].axes
    assert [text.get_text() for text in ax.texts] == ["-4", "-3", "-2", "-1", "+0", "+1", "+2", "+3", "+4"]
    assert ax.images[0].get_array().shape == (9, 44, 4) and more["image/png"]["alt"] == data["text/plain"]
    assert made[0][0].tolist() == [-3, 2] and made[0][-1].tolist() == [1, 6]


def test_where_a_walk_can_go():
    weight = nn.Parameter(torch.zeros(1, 1, 4, 4))
    here = walk.Walk(lambda z: weight, torch.eye(2), torch.zeros(1, 2))
    assert not here.picture.requires_grad and here.reach == 4
    for steps in ((), (1.0,), (1.0, 2.0, 3.0)):
        with pytest.raises(ValueError, match=f"^steps: expected 2 numbers, but got {len(steps)}"):
            here.move(*steps)
    for z in (torch.zeros(2, 2), torch.zeros(2)):
        with pytest.raises(ValueError, match=r"^z: expected"):
            walk.Walk(lambda z: weight, torch.eye(2), z)


def test_sliders_follow_the_walk_and_move_it_once(monkeypatch):
    monkeypatch.setattr(walk, "answer_at_once", lambda widget: None)
    here = walk.Walk(
        lambda z: z[:, :1, None, None].tanh().expand(-1, 1, 4, 4), torch.eye(2), torch.zeros(1, 2)
    )
    here.view, moves = walk._Sliders(here), []
    image, column = here.view.children
    assert image is here.view.image and list(column.children[:2]) == here.view.sliders
    monkeypatch.setattr(here, "move", lambda *steps: moves.append(steps))
    here.view.sliders[1].value = 2.0
    assert moves == [(0.0, 2.0)]
    here.at = torch.tensor([1.0, -1.0])
    here.view.show()  # quietly
    assert [slider.value for slider in here.view.sliders] == [1, -1] and len(moves) == 1
