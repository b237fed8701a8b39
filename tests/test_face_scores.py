"""Face scores find each planted fault and let real faces pass; the reader of faces reads; refusals."""

import io
import math

import pytest
import torch

from gancourse import face_scores as scores
from gancourse.faces import ATTRIBUTES, change, count, draw, log_prob, rows, sample
from gancourse.features import AttributeTraining, FaceAttributes, face_attributes, spoil


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def net():
    return face_attributes()


# --- the reader ---


def test_it_reads_fresh_faces_of_every_size(net):
    fresh = sample(400, seeded(1))
    for size, least in ((64, 0.95), (128, 0.95), (32, 0.88)):
        read = net.read(draw(fresh.attributes, size))
        right = (read.attributes == fresh.attributes).double().mean(0)
        assert right.min() > least and read.attributes.shape == read.confidence.shape == (400, 10)
        assert 0 < read.confidence.min() and read.confidence.max() <= 1
    read = net.read(spoil(fresh.pictures, seeded(2)))
    assert (read.attributes == fresh.attributes).double().mean() > 0.9


def test_it_looks_at_one_attribute_for_each(net):
    "Another mouth is another mouth, and nothing else."
    some = change(rows(200, seeded(3)), skin="fair", beard="none")
    before = net.read(draw(some)).attributes
    for name, value in (("mouth", "agape"), ("clothes", "shirt"), ("hair_colour", "blond")):
        after = net.read(draw(change(some, **{name: value}))).attributes
        k = list(ATTRIBUTES).index(name)
        assert (after[:, k] == ATTRIBUTES[name].index(value)).double().mean() > 0.95
        others = [i for i in range(10) if i != k]
        assert (after[:, others] == before[:, others]).double().mean() > 0.97


def test_its_sizes():
    net = FaceAttributes().eval()
    assert sum(p.numel() for p in net.parameters()) == 325_055
    x = sample(3, seeded(4)).pictures
    large = torch.nn.functional.interpolate(x, (192, 192))
    torch.testing.assert_close(net.features(large), net.features(x))
    assert net.features(x).min() >= 0
    for bad, complaint in ((x[:, :1], "float images"), (x[..., :32], "squares"), (x[0], "float images")):
        with pytest.raises(ValueError, match=f"images: expected {complaint}"):
            net.features(bad)
    with pytest.raises(ValueError, match=r"images: expected values in \[-1, 1\]"):
        net.read(100 * x)


def test_training_goes_on_to_the_bit_and_leaves_no_trace():
    before = torch.random.get_rng_state()
    training = AttributeTraining(20, batch=4)
    training.step()
    kept = torch.load(_through_a_file(training.state_dict()), weights_only=True)
    ahead = [training.step() for _ in range(2)]
    again = AttributeTraining(20, batch=4)
    again.load_state_dict(kept)
    assert all(torch.equal(a, again.step()) for a in ahead)
    assert torch.equal(torch.random.get_rng_state(), before)
    net = again.finish()
    assert not net.training and not any(p.requires_grad for p in net.parameters())


def test_training_spoils_the_share_that_it_is_told_and_goes_on_from_a_network():
    first, seen = FaceAttributes(), []
    training = AttributeTraining(20, batch=4, spoiled=0.5, net=first)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), training.net.parameters(), strict=True))
    training.net.register_forward_pre_hook(lambda _, x: seen.append(x[0]))
    training.step()
    as_they_are = sample(4, seeded(0)).pictures
    assert torch.equal(seen[0][2:], as_they_are[2:]) and not torch.equal(seen[0][:2], as_they_are[:2])
    assert not torch.equal(first.head.weight, training.net.head.weight)  # a copy learns
    with pytest.raises(ValueError, match="spoiled: expected a finite number >= 0 and <= 1"):
        AttributeTraining(20, spoiled=2)


def _through_a_file(state):
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return file


# --- shares and pairs ---


@pytest.mark.parametrize("n, p", [(1, 0.5), (7, 0.1), (40, 0.125), (300, 0.25)])
def test_de_moivre(n, p):
    each = ((math.comb(n, k) * p**k * (1 - p) ** (n - k), k) for k in range(n + 1))
    expected = sum(probability * abs(k - n * p) for probability, k in each)
    assert scores._mean_deviation(n, p) == pytest.approx(expected, rel=1e-6)


def test_shares_find_what_is_missing():
    many = rows(5000, seeded(5))
    fair = scores.shares(many)
    assert list(fair) == list(ATTRIBUTES)
    assert all(s.distance < 3 * s.floor and s.shares.sum() == pytest.approx(1) for s in fair.values())
    bald = scores.shares(change(many, beard=0))["beard"]
    assert bald.distance == pytest.approx(0.5) and bald.shares.tolist() == [1, 0, 0, 0, 0, 0]


def test_dependence_finds_what_hangs_together():
    many = rows(5000, seeded(6))
    free = scores.dependence(many)
    assert free.worst < 3 and torch.equal(free.information, free.information.T)
    assert free.information.diagonal().max() == 0 and free.information.min() >= 0
    tied = many.clone()
    half = slice(0, 2500)
    tied[half, 1] = (tied[half, 2] > 0).long()  # half of the time rear hair goes with the beard
    found = scores.dependence(tied)
    assert found.worst > 20 and found.information.argmax() in (12, 21)
    twins = change(many, mouth=many[:, 3])
    assert scores.dependence(twins).information[3, 5] == pytest.approx(math.log(5), abs=0.01)


# --- new, known, clean ---


def test_novelty_is_as_expected_for_real_faces():
    training = rows(12_000, seeded(7))
    got = scores.novelty(rows(20_000, seeded(8)), training)
    assert abs(got.new - got.expected_new) < 4 * got.std
    by_hand = log_prob(training.unique(dim=0)).double().exp().sum().item()
    assert 1 - got.expected_new == pytest.approx(by_hand, rel=1e-4)
    assert scores.novelty(training[:500], training).new == 0
    one = scores.novelty(training[:1].expand(50, -1), training[5:])
    assert one.new == 1 and one.distinct == 0.02


def test_different_faces_are_counted_exactly():
    n, kinds = 20_000, [kind * count // 30 for kind in (1, 4, 5, 20)]
    expected = scores.novelty(rows(n, seeded(9)), rows(2)).expected_distinct
    by_hand = sum(many * (1 - (1 - 0.25 / many) ** n) for many in kinds) / n
    assert expected == pytest.approx(by_hand, rel=1e-6)
    runs = [scores.novelty(rows(n, seeded(s)), rows(2)).distinct for s in range(10, 14)]
    assert sum(runs) / 4 == pytest.approx(expected, abs=4 * math.sqrt(1 - expected) / math.sqrt(4 * n))


def test_copies_are_found_in_pixels_and_in_attributes():
    known, fresh = sample(200, seeded(14)), sample(60, seeded(15))
    usual = scores.memorised(fresh.pictures, fresh.attributes, known.pictures, known.attributes)
    noise = 0.02 * torch.randn(60, 3, 64, 64, generator=seeded(16))
    copied = scores.memorised(known.pictures[:60] + noise, known.attributes[:60], *known[::-1])
    assert torch.equal(copied.index, torch.arange(60)) and torch.equal(copied.alike, torch.arange(60))
    assert copied.distance.max() < 0.03 < usual.distance.min() and copied.differ.max() == 0
    gaps = (fresh.attributes[:, None] != known.attributes).sum(2)
    assert torch.equal(usual.differ, gaps.min(1).values)
    nearest = (fresh.pictures[0] - known.pictures[usual.index[0]]).square().mean().sqrt()
    torch.testing.assert_close(usual.distance[0], nearest)


def test_clean_faces_are_counted():
    sure = torch.full((4, 10), 0.95)
    sure[0, 3], sure[1, 9] = 0.89, 0.1
    assert scores.clean_share(sure) == 0.5 and scores.clean_share(sure, above=0.96) == 0


def test_precision_and_recall_by_hand_and_by_definition():
    real, fake = torch.tensor([[0.0], [1.0], [3.0], [10.0]]), torch.tensor([[1.5], [4.0], [20.0]])
    assert scores.precision_recall(real, fake, k=1) == (2 / 3, 1.0)
    real, fake = torch.randn(70, 5, generator=seeded(17)), 0.5 * torch.randn(40, 5, generator=seeded(18))
    radius = torch.stack([(real - x).norm(dim=1).sort().values[3] for x in real])
    inside = [bool(((real - x).norm(dim=1) <= radius).any()) for x in fake]
    got = scores.precision_recall(real, fake)
    assert got.precision == pytest.approx(sum(inside) / 40) and got.recall < got.precision


# --- all of it ---


def test_each_fault_is_found_by_its_score(net):
    real, training = sample(500, seeded(19)), rows(5000, seeded(20))
    good = scores.score_faces(real.pictures, net, training)
    assert good.fid < 2.5 * good.fid_floor and good.clean == pytest.approx(good.clean_real, abs=0.06)
    mixed = scores.score_faces((real.pictures + real.pictures.roll(1, 0)) / 2, net, training)
    assert mixed.clean < 0.5 * good.clean and mixed.fid > 2 * good.fid and mixed.coverage.recall < 0.6
    few = scores.score_faces(draw(real.attributes[torch.arange(500) % 5]), net, training)
    assert few.coverage.recall < 0.5 and few.novelty.distinct < 0.05 and few.dependence.worst > 5
    text = str(good)
    assert (
        "FID" in text and all(name in text for name in ATTRIBUTES) and max(map(len, text.splitlines())) < 110
    )
    assert scores.score_faces(real.pictures[:20], net).novelty is None


def some(*shape):
    return torch.rand(*shape)


@pytest.mark.parametrize(
    "call, complaint",
    [
        (lambda: scores.shares(rows(0)), "attributes: expected at least one face, but got none"),
        (lambda: scores.dependence(rows(3).float()), "attributes: expected whole numbers"),
        (lambda: scores.novelty(rows(3), rows(3)[0]), "training: expected whole numbers"),
        (lambda: scores.clean_share(some(3, 9)), r"confidence: expected \(n, 10\)"),
        (lambda: scores.clean_share(some(3, 10), 2.0), "above: expected a finite number"),
        (lambda: scores.precision_recall(some(5, 2), some(5, 3)), r"fake: expected features \(m, 2\)"),
        (lambda: scores.precision_recall(some(5, 2), some(5, 2), 5), "k: expected a whole number"),
        (lambda: scores.score_faces(sample(9).pictures), "pictures: .* >= 10, but got 9"),
        (lambda: scores.score_faces(some(10, 3, 48, 48)), "size: expected one of 32, 64, 128"),
        (
            lambda: scores.memorised(sample(2).pictures, rows(3), *sample(4)[::-1]),
            "attributes: expected 2 rows, one a picture, but got 3",
        ),
    ],
)  # fmt: skip
def test_refusals(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
