"""Manifest and embedded files agree; pairs of pictures on disk are read whole, or what is wrong is named."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gancourse import data

DATA = Path(__file__).resolve().parent.parent / "assets/data"
MANIFEST = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))
README = (DATA / "README.md").read_text(encoding="utf-8")


def test_every_file_has_its_line():
    there = {p.relative_to(DATA).as_posix() for p in DATA.rglob("*") if p.is_file()}
    assert there - {"README.md", "manifest.json"} == set(MANIFEST)


@pytest.mark.parametrize("name", MANIFEST)
def test_line_tells_the_truth(name):
    line, content = MANIFEST[name], (DATA / name).read_bytes()
    assert set(line) == {"bytes", "sha256", "licence", "attribution", "origin"} and all(line.values())
    assert (line["bytes"], line["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert f"`{name.split('/')[0]}/`" in README and line["licence"] in README


# --- pairs of pictures on disk ---


def picture(width=40, height=40, seed=0):
    "Colours that run smoothly over the picture, so that another size or a shift of half a pixel shows."
    y, x = np.mgrid[:height, :width]
    return np.stack([255 * x / width, 255 * y / height, 0 * x + 40 * (seed % 6)], -1).round().astype(np.uint8)


@pytest.fixture
def two(tmp_path):
    "Two folders of four partners, one of them in a sub-folder."
    for side, ending in (("in", "png"), ("out", "bmp")):
        (tmp_path / side / "sub").mkdir(parents=True)
        for i, name in enumerate(("a", "b", "c", "sub/d")):
            Image.fromarray(picture(seed=i + (side == "out"))).save(tmp_path / side / f"{name}.{ending}")
    return tmp_path / "in", tmp_path / "out"


def lines(error):
    return [line.strip() for line in str(error.value).splitlines()[1:]]


def test_pairs_are_the_two_folders_in_order(two):
    x, y = data.pairs(*two, size=40)
    assert torch.equal(x, data.folder(two[0], 40)) and torch.equal(y, data.folder(two[1], 40)) and len(x) == 4
    assert not torch.equal(x, y) and -1 <= x.min() < x.max() <= 1
    x, y = data.pairs(*map(str, two), size=16, channels=1)
    assert x.shape == y.shape == (4, 1, 16, 16) and torch.equal(x, data.folder(two[0], 16, 1))


def test_pairs_follow_the_inputs_where_endings_sort_otherwise(tmp_path):
    "'a-b.png' comes before 'a.png', but 'a' before 'a-b': the partners must not slip."
    for side, endings in (("in", ("png", "png")), ("out", ("bmp", "gif"))):
        (tmp_path / side).mkdir()
        for i, (name, ending) in enumerate(zip(("a", "a-b"), endings, strict=True)):
            Image.fromarray(np.full((8, 8, 3), 100 * i + 50, np.uint8)).save(
                tmp_path / side / f"{name}.{ending}"
            )
    x, y = data.pairs(tmp_path / "in", tmp_path / "out", size=8)
    assert (
        torch.equal(x, y)
        and x[0].mean() > 0 > x[1].mean()
        and torch.equal(x, data.folder(tmp_path / "in", 8))
    )


@pytest.mark.parametrize("side", [0, 1])
def test_a_missing_partner_is_named_on_either_side(two, side):
    (gone := data.image_files(two[side])[1]).unlink()
    with pytest.raises(
        ValueError, match=r"^inputs, targets: expected two folders of partners, but 1 does not fit:"
    ) as error:
        data.pairs(*two)
    assert (
        lines(error) == [f"{data.image_files(two[1 - side])[1]}: no partner in {two[side]}"]
        and gone.stem == "b"
    )


def test_all_that_is_wrong_is_named_at_once(two):
    (two[0] / "b.png").unlink()
    (two[1] / "c.bmp").unlink()
    (two[0] / "a.png").write_bytes((two[0] / "a.png").read_bytes()[:60])
    (two[1] / "sub/d.bmp").write_text("a note")
    (two[1] / "a.jpg").write_bytes((two[1] / "a.bmp").read_bytes())
    with pytest.raises(ValueError, match="but 5 do not fit") as error:
        data.pairs(*two)
    said = {line.split(": ")[0]: line.split(": ")[1] for line in lines(error)}
    assert said.keys() - {str(two[1] / "a.bmp"), str(two[1] / "a.jpg")} == {
        str(two[0] / "c.png"),
        str(two[1] / "b.bmp"),
        str(two[0] / "a.png"),
        str(two[1] / "sub/d.bmp"),
    }
    assert said[str(two[1] / "a.jpg")] == "the same name as a.bmp"
    assert said[str(two[1] / "sub/d.bmp")] == "not an image, or damaged at its very beginning"


def test_grey_transparent_and_odd_files_are_read_as_folder_does(two):
    inputs, outputs = two
    Image.fromarray(picture(41, 41)).convert("L").save(inputs / "a.png")
    half_clear = np.dstack(
        [picture(40, 40, 3), np.where(np.arange(40) < 20, 0, 255).astype(np.uint8)[None].repeat(40, 0)]
    )
    Image.fromarray(half_clear).save(inputs / "b.png")
    Image.fromarray(picture(33, 57)).save(inputs / "c.png")
    Image.fromarray(np.full((50, 31), 65535, np.uint16)).save(inputs / "sub/d.png")
    x, y = data.pairs(inputs, outputs, size=20)
    assert x.shape == y.shape == (4, 3, 20, 20) and torch.equal(x, data.folder(inputs, 20))
    assert (
        torch.equal(x[0, 0], x[0, 2])
        and (x[1, :, :, :6] == 1).all()
        and x[1, 2, :, 14:].max() < 0.1
        and (x[3] == 1).all()
    )


@pytest.mark.parametrize("height", [1, 32, 33, 47])
def test_halves_of_any_height(tmp_path, height):
    "Also of an odd height: each half is then odd, and still whole."
    left, right = picture(height, height, 1), picture(height, height, 4)[::-1]
    Image.fromarray(np.concatenate([left, right], 1)).save(tmp_path / "pair.png")
    x, y = data.pairs(tmp_path, size=height)
    for z, part in ((x, left), (y, right)):
        assert torch.equal(
            ((z[0] + 1) * 127.5).round().byte(), torch.from_numpy(part.copy()).permute(2, 0, 1)
        )


def test_a_large_jpeg_is_cut_in_its_middle(tmp_path):
    "A JPEG may be decoded at a part of its size; cut after that, an odd half would be off."
    side = 333
    both = np.concatenate([np.zeros((side, side, 3), np.uint8), np.full((side, side, 3), 255, np.uint8)], 1)
    Image.fromarray(both).save(tmp_path / "pair.jpg", quality=100)
    x, y = data.pairs(tmp_path, size=16)
    assert x.max() < -0.9 and y.min() > 0.9


@pytest.mark.parametrize("shape", [(32, 64), (64, 64), (1, 1)], ids=str)
def test_a_file_that_is_not_wider_than_high_is_named(tmp_path, shape):
    Image.fromarray(picture(64, 32)).save(tmp_path / "good.png")
    Image.fromarray(picture(*shape)).save(tmp_path / "bad.png")
    with pytest.raises(
        ValueError,
        match=r"^inputs: expected files that hold input and target side by side .* 1 does not fit:",
    ) as error:
        data.pairs(tmp_path)
    assert lines(error) == [
        f"{tmp_path / 'bad.png'}: {shape[0]} x {shape[1]} pixels, not wider than high: "
        "no two pictures side by side"
    ]


def test_halves_stand_upright_and_grey_or_clear_ones_become_colour(tmp_path):
    both = np.concatenate([picture(24, 24, 1), picture(24, 24, 4)], 1)
    lying = Image.Exif()
    lying[0x0112] = 6
    Image.fromarray(both).transpose(Image.Transpose.ROTATE_90).save(tmp_path / "a.png", exif=lying)
    Image.fromarray(both).save(tmp_path / "b.png")
    Image.fromarray(both).convert("L").save(tmp_path / "c.png")
    Image.fromarray(np.dstack([both, np.zeros((24, 48), np.uint8)])).save(tmp_path / "d.png")
    (tmp_path / "notes.txt").write_text("left out")
    x, y = data.pairs(tmp_path, size=24)
    assert torch.equal(x[0], x[1]) and torch.equal(y[0], y[1]) and not torch.equal(x[1], y[1])
    assert torch.equal(x[2, 0], x[2, 2]) and (x[3] == 1).all() and (y[3] == 1).all()


def test_unreadable_halves_are_named(tmp_path, monkeypatch):
    for name in "ab":
        Image.fromarray(picture(64, 32)).save(tmp_path / f"{name}.png")
    (tmp_path / "b.png").write_bytes(b"")
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    with (
        pytest.warns(UserWarning, match="inputs: passed over 1 file that is no picture: 1 .mp4"),
        pytest.raises(ValueError, match="but 1 does not fit") as error,
    ):
        data.pairs(tmp_path)
    assert [line.split(":")[0] for line in lines(error)] == [str(tmp_path / "b.png")]
    (tmp_path / "film.mp4").unlink()
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ValueError, match="a.png: more than 1,000 pixels"):
        data.pairs(tmp_path)


def test_pairs_name_the_argument(two, tmp_path):
    (tmp_path / "void").mkdir()
    nowhere = tmp_path / "nowhere"
    for given, complaint in (
        ((nowhere,), "inputs: .*does not exist"),
        ((two[0], nowhere), "targets: .*does not exist"),
        ((two[0] / "a.png", two[1]), "inputs: .* is a file"),
    ):
        with pytest.raises(OSError, match=complaint):
            data.pairs(*given)
    for given, complaint in (
        ((tmp_path / "void",), "inputs: .*void has none"),
        ((two[0], tmp_path / "void"), "targets: .*void has none"),
        ((*two, 0), "size: expected a whole number >= 1"),
        ((*two, 8, 4), "channels: expected one of 1, 3"),
    ):
        with pytest.raises(ValueError, match=complaint):
            data.pairs(*given)
