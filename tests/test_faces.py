"""Faces: as the design's own renderer paints them, all different, drawn from the law, and for ever."""

import json
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gancourse import faces
from gancourse.checkpoint import load, save
from gancourse.dcgan import dcgan
from gancourse.faces import ATTRIBUTES, COLOURS, SIZES, change, draw, law, log_prob, number, rows, sketch
from gancourse.feed import Feed, draws
from gancourse.game import train

HERE = Path(__file__).resolve().parent
LISTED = json.loads((HERE.parent / "assets/data/faces/parts.json").read_text(encoding="utf-8"))
SLOT = {"rear_hair": "rearHair"}  # the design's word for an attribute
PALETTE = {"skin": "skin", "hair_colour": "hair", "clothes_colour": "clothes"}


def of_the_design(name):
    "The design's own words for the values of an attribute, in our order."
    if name in COLOURS:
        return ["#" + colour for colour in LISTED["palette"][PALETTE[name]]]
    variants = [variant for slot, variant in LISTED["parts"] if slot == SLOT.get(name, name)]
    return [None] * ("none" in ATTRIBUTES[name]) + variants


def as_row(shown):
    "Our attributes of a face that the design describes."
    keys = {name: f"{PALETTE[name]}Color" if name in COLOURS else SLOT.get(name, name) for name in ATTRIBUTES}
    return [of_the_design(name).index(shown.get(key)) for name, key in keys.items()]


WHOLE = torch.tensor([as_row(shown) for shown in json.loads((HERE / "faces.json").read_text())])
with Image.open(HERE / "faces.png") as sheet:
    TILES = torch.from_numpy(np.array(sheet)).float().div(255).unflatten(0, (4, 128)).unflatten(2, (4, 128))
RENDERED = TILES.permute(0, 2, 4, 1, 3).flatten(0, 1)  # (16, 3, 128, 128), in [0, 1]


def error(pictures):
    "Mean absolute error against the renders, in [0, 1]."
    rendered = torch.nn.functional.avg_pool2d(RENDERED, 128 // pictures.shape[-1])
    return ((pictures + 1) / 2 - rendered).abs().mean().item()


@pytest.mark.parametrize("size", SIZES)
def test_as_the_design_renders_them(size):
    assert (right := error(draw(WHOLE, size))) < 0.0005
    for name in ATTRIBUTES:  # another value in half of the faces: even a mouth shows
        wrong = WHOLE.clone()
        column = wrong[::2, list(ATTRIBUTES).index(name)]
        column.copy_((column + 1) % len(ATTRIBUTES[name]))
        assert error(draw(wrong, size)) > 1.1 * right, name


def test_order_and_colours_matter(monkeypatch):
    "What is planted is found: the rear hair in front of the head, skin and hair in exchanged colours."
    (back, names), *others = layers = list(faces._LAYERS.items())
    monkeypatch.setattr(faces, "_LAYERS", dict([(back[::-1], names), *others]))
    faces._layers.cache_clear()
    assert error(draw(WHOLE, 128)) > 0.001
    monkeypatch.setattr(faces, "_LAYERS", dict(layers))
    monkeypatch.setattr(faces, "COLOURS", ("hair_colour", "skin", "clothes_colour"))
    faces._layers.cache_clear()
    assert error(draw(WHOLE, 128)) > 0.01
    monkeypatch.undo()
    faces._layers.cache_clear()
    assert error(draw(WHOLE, 128)) < 0.0005


def test_a_word_for_each_part_and_colour():
    for name, values in ATTRIBUTES.items():
        assert len(values) == len(of_the_design(name)) == len(set(values)), name
    assert [name for name, values in ATTRIBUTES.items() if "none" in values] == ["rear_hair", "beard"]
    assert LISTED["optional"] == {SLOT.get(name, name): 1 - law[name][0] for name in ("rear_hair", "beard")}
    assert of_the_design("beard")[ATTRIBUTES["beard"].index("full")] == "fullBeard"
    assert of_the_design("hair_colour")[ATTRIBUTES["hair_colour"].index("blond")] == "#d6b370"


def test_rows_follow_the_law_and_the_generator():
    many = rows(100_000, torch.Generator().manual_seed(0))
    columns = list(zip(law.items(), many.T, strict=True))
    for (name, p), column in columns:
        share = column.bincount(minlength=len(p)) / len(many)
        assert ((share - p).abs() < 4.5 * (p * (1 - p) / len(many)).sqrt()).all(), name
    for (_, p), a in columns:  # any two are independent
        for (_, q), b in columns:
            if a is not b:
                both = (a * len(q) + b).bincount(minlength=len(p) * len(q)) / len(many)
                due = torch.outer(p, q).flatten()
                assert ((both - due).abs() < 5.5 * (due / len(many)).sqrt()).all()
    fixed = rows(500, torch.Generator().manual_seed(0), beard="full", skin=4)
    assert torch.equal(fixed, change(rows(500, torch.Generator().manual_seed(0)), beard="full", skin="dark"))
    assert rows(0).shape == (0, 10) and draw(rows(0)).shape == (0, 3, 64, 64)


def test_log_prob_is_that_of_the_law():
    each = torch.tensor([[[i] * 10] for i in range(4)])[:, 0]
    by_hand = [sum(p[i].log() for p in law.values()).item() for i in range(4)]
    torch.testing.assert_close(log_prob(each), torch.tensor(by_hand))
    kinds = rows(4, rear_hair=torch.tensor([0, 1, 0, 1]), beard=torch.tensor([0, 0, 1, 1]))
    many = torch.tensor([1, 4, 5, 20]) * (faces.count // 30)  # how many faces have rear hair, a beard, both
    assert (log_prob(kinds).double().exp() * many).sum().item() == pytest.approx(1, abs=1e-5)


def test_numbers_are_digits():
    many = rows(20_000, torch.Generator().manual_seed(1))
    assert len(number(many).unique()) == len(many.unique(dim=0)) > 19_900
    radix = [len(values) for values in ATTRIBUTES.values()]
    one, value = many[7].tolist(), 0
    for digit, base in zip(one, radix, strict=True):
        value = value * base + digit
    assert number(many[7:8]).item() == value < faces.count


def test_sizes_are_means_and_sketches_have_no_colours():
    some = rows(20, torch.Generator().manual_seed(2))
    for paint in (draw, sketch):
        large = paint(some, 128)
        assert large.shape == (20, 3, 128, 128) and -1 <= large.min() < -0.5 and large.max() == 1
        for size in (32, 64):
            means = torch.nn.functional.avg_pool2d(large, 128 // size)
            torch.testing.assert_close(paint(some, size), means)
        assert torch.equal(paint(some)[3:4], paint(some[3:4]))
    grey = sketch(some)
    assert torch.equal(grey[:, 0], grey[:, 1]) and torch.equal(grey, sketch(change(some, hair_colour=3)))
    assert not torch.equal(grey, sketch(change(some, mouth="agape")))


def test_change_takes_words_numbers_and_columns():
    some = rows(6)
    before = some.clone()
    column = torch.tensor([0, 1, 2, 3, 4, 5])
    changed = change(some, beard=column, hair="bun", mouth=2)
    assert torch.equal(some, before) and torch.equal(changed[:, 2], column)
    assert changed[:, 0].tolist() == [3] * 6 and changed[:, 5].tolist() == [2] * 6
    kept = [i for i in range(10) if i not in (0, 2, 5)]
    assert torch.equal(changed[:, kept], some[:, kept])


HAIR = "attributes: hair: expected a whole number from 0 to 3 a face, but got"
WHOLES = r"attributes: expected whole numbers \(n, 10\), but got"


@pytest.mark.parametrize(
    "call, complaint",
    [
        (lambda: rows(-1), "n: expected a whole number >= 0, but got -1"),
        (lambda: faces.sample(2, size=48), "size: expected one of 32, 64, 128, but got 48"),
        (lambda: draw(rows(2), 256), "size: expected one of 32, 64, 128, but got 256"),
        (lambda: rows(2, whiskers="full"), "attribute: expected one of 'hair', .*, but got 'whiskers'"),
        (lambda: rows(2, beard="fluffy"), "beard: expected one of 'none', .*, but got 'fluffy'"),
        (lambda: rows(2, beard=6), "beard: expected a whole number from 0 to 5, but got 6"),
        (lambda: rows(2, beard=torch.tensor([0, 6])), "beard: .* from 0 to 5 a face, but got 6"),
        (lambda: rows(2, beard=torch.zeros(3).long()), r"beard: .* a face, \(2,\), but got int64 of shape"),
        (lambda: rows(2, beard=torch.zeros(2)), r"beard: .* a face, \(2,\), but got float32"),
        (lambda: draw(rows(2).float()), f"{WHOLES} float32"),
        (lambda: draw(rows(2)[0]), rf"{WHOLES} int64 of shape \(10,\)"),
        (lambda: draw(rows(2) * 0 - 1), f"{HAIR} -1"),
        (lambda: log_prob(rows(2) * 0 + 4), f"{HAIR} 4"),
        (lambda: number([[0] * 10]), f"{WHOLES} list"),
    ],
)
def test_refusals(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()


@pytest.mark.parametrize("sample", [faces.pictures, partial(faces.pictures, size=32, beard="full")])
def test_a_game_on_fresh_faces_goes_on_to_the_bit(sample, tmp_path):
    size = sample(1).shape[-1]

    def begin():
        return dcgan(8, channels=3, size=size, width=4, seed=0), Feed(draws(sample, 4, seed=1))

    def play(game, feed, steps):
        return [step.batch.real.clone() for step in train(game, feed, steps)]

    game, feed = begin()
    first = play(game, feed, 2)
    save(tmp_path / "here.safetensors", game, feed)
    seen = play(game, feed, 2)
    assert not any(torch.equal(a, b) for a in first for b in seen)  # fresh ones
    other, again = begin()
    load(tmp_path / "here.safetensors", other, again)
    assert all(torch.equal(*pair) for pair in zip(seen, play(other, again, 2), strict=True))
    for a, b in zip(game.nets["G"].parameters(), other.nets["G"].parameters(), strict=True):
        assert torch.equal(a, b)


def test_pairs_fit_and_samples_tell_what_they_show():
    lines, painted = faces.sketched(5, torch.Generator().manual_seed(3), 32)
    shown = faces.sample(5, torch.Generator().manual_seed(3), 32)
    assert torch.equal(painted, shown.pictures) and torch.equal(lines, sketch(shown.attributes, 32))
    assert torch.equal(draw(shown.attributes, 32), painted)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES[:2])
def test_no_two_of_all_shapes_look_alike(size):
    "So each attribute can be read off each picture: the ceiling of any reader is 1."
    shapes = [name for name in ATTRIBUTES if name not in COLOURS]
    columns = {name: torch.arange(len(ATTRIBUTES[name])) for name in shapes}
    each = torch.cartesian_prod(*columns.values())
    attributes = torch.zeros(len(each), 10, dtype=torch.int64)
    attributes[:, [list(ATTRIBUTES).index(name) for name in shapes]] = each
    looks = set()
    for part in attributes.split(1000):
        pixels = ((draw(part, size) + 1) * 127.5).round().to(torch.uint8).flatten(1).numpy()
        looks |= {sha256(row.tobytes()).digest() for row in pixels}
    assert len(looks) == len(attributes) == 75_000
