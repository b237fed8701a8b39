"""Data as they come from the field: names from a Mac, formats of phones, folders with all sorts of files,
uploads, addresses, bombs, archives that would do harm, loaders without a batch size."""

import functools
import hashlib
import io
import itertools
import stat
import struct
import time
import unicodedata
import warnings
import zipfile
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image, features
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    TensorDataset,
)

from gancourse import checkpoint, data
from gancourse.dcgan import dcgan
from gancourse.feed import Feed, as_tensor, minibatches, unpaired
from gancourse.machine import assets, pick

CAT = assets() / "data/photos/chelsea.jpg"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)
AVIF = b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1miaf" + bytes(200)
PAGE = b"\r\n<!DOCTYPE html><html><body>Welcome to the hotel</body></html>"


def colours(width=40, height=30, seed=0):
    y, x = np.mgrid[:height, :width]
    return Image.fromarray(
        np.uint8(np.stack([255 * x / width, 255 * y / height, 0 * x + 40 * (seed % 6)], -1))
    )


def refused(call, *args, error=ValueError, **kw):
    "What the error says."
    with pytest.raises(error) as raised:
        call(*args, **kw)
    return str(raised.value)


# Names from a Mac


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC")])
def test_partners_in_two_spellings_are_one_pair(tmp_path, forms):
    for side, form in zip(("in", "out"), forms, strict=True):
        (tmp_path / side).mkdir()
        for i, name in enumerate(("été", "Zürich", "a")):
            colours(seed=i).save(tmp_path / side / unicodedata.normalize(form, f"{name}.png"))
    x, y = data.pairs(tmp_path / "in", tmp_path / "out", 16)
    assert torch.equal(x, y) and len(x) == 3 and len({float(z[2].mean()) for z in x}) == 3
    orders = [
        [unicodedata.normalize("NFC", p.name) for p in data.image_files(tmp_path / s)] for s in ("in", "out")
    ]
    assert orders[0] == orders[1]  # the order does not depend on the spelling either


def test_both_spellings_in_one_folder_are_told(tmp_path):
    for side, forms in (("in", ("NFC", "NFD")), ("out", ("NFC",))):
        (tmp_path / side).mkdir()
        for form in forms:
            colours().save(tmp_path / side / unicodedata.normalize(form, "é.png"))
    assert "the same name as" in refused(data.pairs, tmp_path / "in", tmp_path / "out")


@pytest.mark.parametrize("typed, stored", [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_path_is_found_in_either_spelling(tmp_path, typed, stored):
    place = tmp_path / unicodedata.normalize(stored, "für GAN")
    place.mkdir()
    colours().save(place / unicodedata.normalize(stored, "é.png"))
    asked = tmp_path / unicodedata.normalize(typed, "für GAN")
    assert torch.equal(data.picture(asked / unicodedata.normalize(typed, "é.png"), 8), data.folder(asked, 8))
    assert "there is no file" in refused(data.picture, asked / "ö.png", error=FileNotFoundError)
    (place / unicodedata.normalize(stored, "ü-idx")).write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 1, 7]))
    assert data.read_idx(asked / unicodedata.normalize(typed, "ü-idx")).tolist() == [7]


# Formats of phones and cameras


@pytest.mark.parametrize(
    "name, content, what",
    [
        ("IMG_0001.HEIC", HEIC, "a HEIC photograph, which can't be read here: save it as JPEG or PNG first"),
        ("IMG_0001", HEIC, "a HEIC photograph, which can't be read here"),
        ("photo.jpg", HEIC, "a HEIC photograph, which can't be read here"),
        ("photo.avif", AVIF, "an AVIF picture, which can't be read here: save it as JPEG or PNG first"),
        (
            "cut.heic",
            b"damaged",
            "not an image, or damaged at its very beginning; its name says a HEIC photograph",
        ),
        ("a.svg", b"<?xml version='1.0'?><svg/>", "an SVG drawing, which can't be read here"),
        ("a.jpg", PAGE, "a web page, not a picture: load it again"),
    ],
)
def test_foreign_formats_are_named_with_what_to_do(tmp_path, name, content, what):
    (tmp_path / name).write_bytes(content)
    for said in (
        refused(data.picture, tmp_path / name),
        refused(data.picture, {"name": name, "content": memoryview(content)}),
        refused(data.picture, content, name=name),
        refused(data.folder, tmp_path),
        refused(data.pairs, tmp_path),
    ):
        assert what in said and name in said and "/picture" not in said


def test_a_raw_file_is_not_its_thumbnail(tmp_path):
    "Pillow opens many of them as the small TIFF that stands at their beginning."
    colours(16, 16).save(tmp_path / "a.tif")
    (tmp_path / "a.tif").rename(tmp_path / "DSC_1.NEF")
    assert "a camera's raw file, which can't be read here" in refused(data.folder, tmp_path)


def test_a_jpeg_called_heic_is_read(tmp_path):
    (tmp_path / "a.heic").write_bytes(CAT.read_bytes())
    assert torch.equal(data.picture(tmp_path / "a.heic", 16), data.picture(CAT, 16))


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_avif_is_read_where_pillow_can(tmp_path):
    colours().save(tmp_path / "a.avif", quality=100)
    colours().save(tmp_path / "b.png")
    a, b = data.folder(tmp_path, 16)
    assert (a - b).abs().mean() < 0.05


def test_postscript_is_never_run(tmp_path):
    "Pillow hands EPS to Ghostscript, whatever the file is called."
    (tmp_path / "a.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    assert "not an image" in refused(data.folder, tmp_path)


# Folders with all sorts of files


@pytest.fixture
def mixed(tmp_path):
    others = ("Icon\r", "form.pdf", "clip.mp4", "notes.xmp", "README")
    for i, name in enumerate(("a.png", "b.jpg", "no_ending")):
        colours(seed=i).save(tmp_path / name, "jpeg" if name == "b.jpg" else "png")
    for name in others:
        (tmp_path / name).write_bytes(b"%PDF-1.7 of whatever kind")
    (tmp_path / "a.jpg.part").write_bytes(CAT.read_bytes()[:3000])
    return tmp_path


COUNTED = "passed over 6 files that are no pictures: 1 .mp4, 1 .part, 1 .pdf, 1 .xmp, 2 without an ending"


def test_other_files_are_passed_over_and_counted(mixed):
    for read in (data.image_files, data.folder):
        with pytest.warns(UserWarning) as told:
            found = read(mixed)
        assert [str(w.message) for w in told] == [f"path: {COUNTED}"] and len(found) == 3
        assert told[0].filename == __file__  # it points to whoever asked
    with pytest.warns(UserWarning) as told:
        x, y = data.pairs(mixed, mixed, 16)
    assert torch.equal(x, y) and [str(w.message) for w in told] == [
        f"{k}: {COUNTED}" for k in ("inputs", "targets")
    ]


def test_damaged_pictures_among_them_are_still_refused(mixed):
    (mixed / "c.png").write_bytes(b"")
    with pytest.warns(UserWarning, match="passed over 6 files"):
        said = refused(data.folder, mixed)
    assert "1 of 4 files cannot be read" in said and "c.png" in said and "README" not in said


def test_no_pictures_but_films(tmp_path):
    for i in range(12):
        (tmp_path / f"film.{i:03}").write_bytes(b"?")
    with pytest.warns(UserWarning, match=r"12 files that are no pictures: 1 \.000, .*, …$"):
        assert "has none" in refused(data.folder, tmp_path)


def test_a_clean_folder_is_read_without_a_word(tmp_path):
    colours().save(tmp_path / "a.png")
    (tmp_path / "notes.txt").write_text("beside")
    (tmp_path / ".hidden.mp4").write_bytes(b"?")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(data.folder(tmp_path)) == 1


# Pictures that are not square


def halves(tmp_path, width=640, height=240, ending="png"):
    left, right = colours(width // 2, height, 1), colours(width // 2, height, 5)
    both = Image.new("RGB", (width, height))
    both.paste(left, (0, 0))
    both.paste(right, (width - width // 2, 0))
    both.save(tmp_path / f"pair.{ending}", quality=100)
    return left, right


def as_bytes(x):
    return ((x + 1) * 127.5).round().byte()


def test_halves_are_cropped_as_photographs_are(tmp_path):
    left, right = halves(tmp_path)
    x, y = data.pairs(tmp_path, size=48)
    for z, half in ((x, left), (y, right)):
        half.save(buffer := io.BytesIO(), "png")
        assert torch.equal(z, data.picture(buffer.getvalue(), 48)) and z.shape == (1, 3, 48, 48)


def test_halves_of_an_odd_width_leave_the_middle_out(tmp_path):
    left, right = halves(tmp_path, 641, 240)
    x, y = data.pairs(tmp_path, size=240)
    for z, half in ((x, left), (y, right)):
        middle = torch.from_numpy(np.array(half)[:, 40:280].copy()).permute(2, 0, 1)
        assert torch.equal(as_bytes(z[0]), middle)


def test_fit_says_how(tmp_path):
    "A picture four times as wide as high: black, with its left and right eighth red."
    x = np.zeros((32, 128, 3), np.uint8)
    x[:, :16] = x[:, -16:] = 255, 0, 0
    (tmp_path / "one").mkdir()
    Image.fromarray(x).save(tmp_path / "one/a.png")
    Image.fromarray(np.concatenate([x, x], 1)).save(tmp_path / "pair.png")
    for read in (
        lambda fit: data.folder(tmp_path / "one", 32, fit=fit),
        lambda fit: data.picture(tmp_path / "one/a.png", 32, fit=fit),
        lambda fit: data.pairs(tmp_path / "one", tmp_path / "one", 32, fit=fit)[1],
    ):
        crop, pad, stretch = (as_bytes(read(fit))[0] for fit in ("crop", "pad", "stretch"))
        assert (crop == 0).all()
        assert (pad[:, :12] == 255).all() and (pad[:, 20:] == 255).all() and pad[:, 13:19, 8:24].max() == 0
        assert pad[0, 16, 1] > 250 > 10 > pad[1, 16, 1]
        assert stretch[0, :, 1].min() > 250 and stretch[1].max() < 10 and stretch[0, :, 8:24].max() == 0
    (tmp_path / "one/a.png").unlink()
    (tmp_path / "one").rmdir()
    wide = data.pairs(tmp_path, size=32, fit="stretch")
    assert torch.equal(as_bytes(wide[0])[0], stretch) and torch.equal(*wide)
    assert torch.equal(as_bytes(data.pairs(tmp_path, size=32, fit="pad")[0])[0], pad)


def test_a_wrong_fit_is_named(tmp_path):
    halves(tmp_path)
    for read in (data.folder, data.pairs, data.picture):
        assert refused(read, tmp_path, fit="squeeze").startswith(
            "fit: expected one of 'crop', 'pad', 'stretch'"
        )


# Addresses


@pytest.mark.parametrize(
    "address",
    ["https://example.org/cat.jpg", "HTTP://x/y", "s3://bucket/cats", "data:image/png;base64," + "A" * 5000],
)
def test_an_address_is_called_one(address):
    for argument, call in (
        ("source", data.picture),
        ("path", data.folder),
        ("path", data.image_files),
        ("path", data.read_idx),
        ("inputs", data.pairs),
        ("targets", functools.partial(data.pairs, CAT.parent)),
    ):
        said = refused(call, address)
        assert said.startswith(
            f"{argument}: expected a path on this machine, but got an address, {address[:40]}"[:90]
        )
        assert "download it first" in said and len(said) < 200


def test_what_is_no_path_is_named():
    for call, argument in ((data.folder, "path"), (data.read_idx, "path"), (data.pairs, "inputs")):
        assert refused(call, None, error=TypeError) == f"{argument}: expected a path, but got NoneType"


# Uploads


def test_the_value_of_an_upload_is_taken():
    cat = CAT.read_bytes()
    file, known = (
        {"name": "cat.jpg", "type": "image/jpeg", "size": len(cat), "content": memoryview(cat)},
        data.picture(CAT),
    )
    seven = {"cat.jpg": {"metadata": {"name": "cat.jpg", "type": "image/jpeg"}, "content": cat}}
    for value in (file, (file,), [file], seven):
        assert torch.equal(data.picture(value), known)


def test_a_real_upload_widget():
    widgets = pytest.importorskip("ipywidgets")
    upload = widgets.FileUpload()
    assert refused(data.picture, upload.value).endswith("but got none: choose a file first")
    upload.set_trait("value", tuple(_file(name) for name in ("a.jpg",)))
    assert torch.equal(data.picture(upload.value), data.picture(CAT))
    upload.set_trait("value", tuple(_file(name) for name in ("a.jpg", "b.jpg")))
    assert "upload of one picture, but got 2 files" in refused(data.picture, upload.value)


def _file(name):
    from datetime import UTC, datetime

    cat = CAT.read_bytes()
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return dict(name=name, type="image/jpeg", size=len(cat), content=memoryview(cat), last_modified=when)


@pytest.mark.parametrize(
    "value", [{"name": "cut.jpg", "content": b"\xff\xd8\xff"}, {"cut.jpg": {"content": b"\xff\xd8\xff"}}]
)
def test_a_damaged_upload_has_its_own_name(value):
    for given in (value, (value,)) if "name" in value else (value,):
        said = refused(data.picture, given)
        assert said.startswith("source: cut.jpg can't be read: ") and "tmp" not in said


@pytest.mark.parametrize("wrong", [3, ("a.jpg",), {"a": 1}, {"content": None}, [b"x"], None])
def test_what_is_no_upload_is_named(wrong):
    assert "expected a path, bytes, or the value of an upload" in refused(
        data.picture, wrong, error=TypeError
    )


# Bombs


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width, height):
    "A PNG of one colour, a thousandth of its pixels large."
    packer, rows = zlib.compressobj(9), b""
    for _ in range(height):
        rows += packer.compress(bytes(width + 1))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows + packer.flush()) + chunk(b"IEND", b"")


def test_a_bomb_below_pillows_own_limit_is_refused_at_once(tmp_path):
    (tmp_path / "bomb.png").write_bytes(content := bomb(9400, 9400))
    assert len(content) < 300_000
    began = time.perf_counter()
    for said in (
        refused(data.picture, content),
        refused(data.folder, tmp_path),
        refused(data.pairs, tmp_path),
    ):
        assert "more than 40,000,000 pixels; shrink it first" in said
    assert time.perf_counter() - began < 1


def test_a_large_photograph_is_decoded_small():
    "A JPEG as phones make them: its 65 million pixels are never in memory at once."
    noise = np.random.default_rng(0).integers(0, 256, (1500, 10_000), np.uint8)
    photo = Image.fromarray(np.concatenate([noise, np.full((5000, 10_000), 99, np.uint8)]))
    photo.save(buffer := io.BytesIO(), "jpeg", quality=75)
    content = buffer.getvalue()
    assert len(content) > 8e6
    began = time.perf_counter()
    assert data.picture(content, 64).mean() == pytest.approx(99 / 127.5 - 1, abs=0.3)
    assert time.perf_counter() - began < 5
    photo.save(buffer := io.BytesIO(), "jpeg", quality=20, progressive=True)  # holds all coefficients at once
    assert "more than 40,000,000 pixels" in refused(data.picture, buffer.getvalue())


def test_a_jpeg_of_a_thousand_scans_is_refused():
    colours(300, 300).save(buffer := io.BytesIO(), "jpeg", progressive=True)
    content = buffer.getvalue()
    last = content.rindex(b"\xff\xda")
    scan, end = content[last:-2], content[-2:]
    assert data.picture(content[:-2] + scan * 20 + end).shape == (1, 3, 64, 64)
    assert "a JPEG of" in refused(data.picture, content[:-2] + scan * 1000 + end)


def test_a_large_file_is_not_read(tmp_path):
    with open(tmp_path / "a.webp", "wb") as file:  # sparse: takes no room on the disk
        file.write(b"RIFF\xff\xff\xff\x7fWEBPVP8 ")
        file.truncate(3 << 30)
    began = time.perf_counter()
    assert "more than 268,435,456; shrink the picture first" in refused(data.picture, tmp_path / "a.webp")
    assert time.perf_counter() - began < 1


def test_a_header_that_announces_a_gigabyte_is_refused(tmp_path):
    (tmp_path / "idx").write_bytes(bytes([0, 0, 8, 2]) + struct.pack(">II", 40_000, 40_000) + bytes(9))
    said = refused(data.read_idx, tmp_path / "idx")
    assert "expected at most 1,073,741,824 bytes, but the header announces 40000 x 40000" in said


def test_a_web_page_in_place_of_mnist(tmp_path):
    import gzip

    for content in (PAGE, gzip.compress(PAGE)):
        (tmp_path / "train").write_bytes(content)
        assert "it is a web page, not the file" in refused(data.read_idx, tmp_path / "train")


# Downloads


class Endless:
    "What pooch would write: parts of a body without end."

    def __init__(self, part, seconds=0.0):
        self.part, self.seconds = part, seconds

    def write_to(self, file):
        for _ in itertools.count():
            file.write(self.part)
            time.sleep(self.seconds)


@pytest.mark.parametrize(
    "body, why",
    [
        (Endless(bytes(1 << 20)), "sent more than 5,000,000 bytes"),
        (Endless(b"a", 0.02), "sent less than 1 kB a second"),
        (Endless(PAGE), "sent a web page, not the file"),
    ],
)
def test_a_mirror_without_end_is_given_up(tmp_path, monkeypatch, body, why):
    import pooch

    monkeypatch.setattr(data, "MOST_LOADED", 5_000_000)
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", lambda self, address, file, _: body.write_to(file))
    said = refused(
        data.fetch_mnist, tmp_path, "http://x/", False, {"a": "0" * 64}, 0.02, error=ConnectionError
    )
    assert said.startswith(f"a: expected its only mirror to have it, but\n  http://x/: {why}")
    assert list(tmp_path.iterdir()) == []


def test_the_error_says_how_to_fetch_by_hand_and_then_that_works(tmp_path, monkeypatch):
    import pooch

    def down(self, address, file, _):
        import requests

        raise requests.ConnectionError("down", request=None)

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", down)
    packed = zipped({"ab/trainA/1.png": b"a"})
    known = {"ab": hashlib.sha256(packed).hexdigest()}
    ask = functools.partial(data.fetch_pictures, "ab", tmp_path, progress=False, files=known)
    said = refused(ask, error=ConnectionError)
    assert (
        f"save {data.AUTHORS[0]}ab.zip in the folder {tmp_path}, then try again" in said
        and known["ab"] in said
    )
    (tmp_path / "ab.zip").write_bytes(packed)
    assert (ask() / "trainA/1.png").read_bytes() == b"a"


# Archives


def zipped(files):
    with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return out.getvalue()


def unpack(place, packed):
    (place / "ab.zip").write_bytes(packed)
    known = {"ab": hashlib.sha256(packed).hexdigest()}
    return data.fetch_pictures("ab", place, "http://nobody.invalid/", progress=False, files=known)


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


GOOD = zipped({"ab/trainA/1.png": bytes(3000)})
CENTRAL = GOOD[GOOD.index(b"PK\1\2") :][:12]  # of the directory at its end, up to the method
LIES = GOOD.replace(struct.pack("<I", 3000), struct.pack("<I", 30))  # its size, in both headers


@pytest.mark.parametrize(
    "packed, why",
    [
        (zipped({"ab/1.png": bytes(1 << 26)}), "it would unpack to 67,108,864 bytes, more than"),
        (zipped({"ab/1.png": b"a", "../evil.png": b"b"}), "'../evil.png' leads out of its folder"),
        (zipped({"ab/../../evil.png": b"b"}), "leads out of its folder"),
        (zipped({"/evil.png": b"b"}), "leads out of its folder"),
        (zipped({"C:\\evil.png": b"b"}), "leads out of its folder"),
        (zipped({link("ab/1.png"): "/etc/passwd"}), "'ab/1.png' is a link"),
        (zipped({"other/1.png": b"a"}), "it holds no folder ab"),
        (zipped({f"ab/{i}": b"" for i in range(10)}), "it holds 10 files, more than 9"),
        (LIES, "Bad CRC-32"),
        (GOOD[:-10], "File is not a zip file"),
        (GOOD[:45] + b"\x77" * 8 + GOOD[53:], ""),
        (GOOD.replace(CENTRAL, CENTRAL[:-2] + b"\x63\0"), "That compression method is not supported"),
        (PAGE, "File is not a zip file"),
        (b"", "File is not a zip file"),
    ],
    ids="bomb dots inner_dots absolute drive link elsewhere crowd lies cut stream method page empty".split(),
)
def test_an_archive_that_would_do_harm_is_refused(tmp_path, monkeypatch, packed, why):
    (place := tmp_path / "deep/cache").mkdir(parents=True)
    monkeypatch.setattr(data, "MOST_FILES", 9)
    said = refused(unpack, place, packed)
    assert (
        said.startswith(f"{place / 'ab.zip'}: expected a zip file that can be unpacked, but {why}")
        or why in said
    )
    assert [p.name for p in place.iterdir()] == ["ab.zip"] and not list(tmp_path.rglob("evil*"))


def test_any_damaged_byte_of_an_archive_is_a_sentence_or_harmless(tmp_path):
    whole = zipped({"ab/trainA/1.png": b"some picture" * 9, "ab/trainB/2.png": b"another"})
    for at in range(len(whole)):
        (place := tmp_path / str(at)).mkdir()
        try:
            path = unpack(place, whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        except ValueError as error:
            assert str(error).startswith(f"{place / 'ab.zip'}: expected a zip file")
        else:
            assert path == place / "ab"


def test_what_lies_beside_the_folder_is_left_out(tmp_path):
    path = unpack(tmp_path, zipped({"ab/1.png": b"a", "__MACOSX/ab/._1.png": b"b"}))
    assert [p.name for p in tmp_path.iterdir()] == ["ab"] and [p.name for p in path.iterdir()] == ["1.png"]


# Loaders without a batch size, on several processes


class Stream(IterableDataset):
    def __iter__(self):
        return iter(torch.arange(24.0))


class Uneven(Sampler):
    "A batch sampler of one's own, without a size."

    def __iter__(self):
        yield from ([0, 1, 2, 3], [4, 5], [6, 7, 8, 9, 10, 11])


def loaders():
    rows = torch.arange(24.0)
    seeded = lambda: torch.Generator().manual_seed(3)
    whole = TensorDataset(rows.reshape(6, 4))
    return {
        "no batch size": lambda: DataLoader(list(rows.reshape(6, 4)), batch_size=None),
        "no batch size, shuffled": lambda: DataLoader(
            whole, batch_size=None, shuffle=True, generator=seeded()
        ),
        "a sampler of batches": lambda: DataLoader(
            rows, batch_size=None, sampler=BatchSampler(RandomSampler(rows, generator=seeded()), 4, True)
        ),
        "a batch sampler": lambda: DataLoader(
            rows, batch_sampler=BatchSampler(SequentialSampler(rows), 4, True)
        ),
        "a batch sampler of one's own": lambda: DataLoader(rows, batch_sampler=Uneven()),
        "a stream": lambda: DataLoader(Stream(), batch_size=4),
        "a stream of batches": lambda: DataLoader(Batches(), batch_size=None),
        "dicts": lambda: DataLoader([{"image": r, "label": -r} for r in rows], batch_size=4),
        "dicts of batches": lambda: [{"image": rows[:4], "more": (rows[4:8], rows[8:12].numpy())}],
        "arrays": lambda: [rows[:4].double().numpy(), rows[4:8].numpy()],
        "an array": lambda: rows.numpy(),
    }


class Batches(IterableDataset):
    def __iter__(self):
        return iter(torch.arange(24.0).split(4))


def flat(batch):
    "The tensors of a batch, one below the other."
    if isinstance(batch, dict):
        batch = tuple(batch.values())
    if isinstance(batch, (tuple, list)):
        return torch.cat([flat(part) for part in batch], -1)
    x = torch.as_tensor(batch).float()
    return x[:, None] if x.ndim == 1 else x


@pytest.mark.parametrize("kind", loaders())
def test_shards_of_any_loader_make_the_joint_batch(kind):
    parallel = pytest.importorskip("gancourse.parallel")
    alone = parallel.start(cpu=True)
    one = [flat(b) for b in itertools.islice(Feed(loaders()[kind]()), 7)]
    whole = parallel.Shards(loaders()[kind](), alone)
    if kind not in ("a batch sampler", "dicts"):  # those Accelerate prepares, which needs real processes
        seats = [SimpleNamespace(process_index=k, num_processes=2) for k in range(2)]
        parts = [parallel.Shards(loaders()[kind](), seat) for seat in seats]
        for joint in one:
            assert torch.equal(torch.cat([flat(next(part)) for part in parts]), joint)
    assert all(torch.equal(flat(next(whole)), joint) for joint in one)


def test_shards_of_a_batch_sampler_know_their_place():
    parallel = pytest.importorskip("gancourse.parallel")
    alone, rows = parallel.start(cpu=True), torch.arange(24.0)
    make = lambda: DataLoader(rows, batch_sampler=BatchSampler(RandomSampler(rows), 4, True))
    first, second = (parallel.Shards(make(), alone) for _ in range(2))
    ahead = [next(first).tolist() for _ in range(20)]
    for _ in range(8):
        next(second)
    third = parallel.Shards(make(), alone)
    third.load_state_dict(second.state_dict())
    assert [next(third).tolist() for _ in range(12)] == ahead[8:]


@pytest.mark.parametrize(
    "make, why",
    [
        (
            lambda x: DataLoader(list(x.split(4)), batch_size=None, shuffle=True),
            "this RandomSampler draws another",
        ),
        (
            lambda x: DataLoader(x, 4, sampler=SubsetRandomSampler(range(24))),
            "this SubsetRandomSampler draws another",
        ),
        (
            lambda x: DataLoader(x, batch_sampler=BatchSampler(SequentialSampler(x), 3, True)),
            "batch size .* but got 3",
        ),
        (lambda x: DataLoader(x, 4, sampler=SequentialSampler(x[:21])), "last of each epoch has 1 rows"),
    ],
)
def test_a_loader_that_several_processes_cannot_share_is_told(make, why):
    parallel = pytest.importorskip("gancourse.parallel")
    with pytest.raises(ValueError, match=f"^batches: expected .*{why}"):
        parallel.Shards(make(torch.arange(24.0)), SimpleNamespace(process_index=0, num_processes=2))


@pytest.mark.parametrize(
    "batch, came", [({"text": ["a", "b"]}, "str"), ((torch.tensor(1.0),), "float32 of shape ()")]
)
def test_what_has_no_rows_is_named(batch, came):
    parallel = pytest.importorskip("gancourse.parallel")
    with pytest.raises(TypeError) as error:
        parallel.share(batch, 0, 2)
    assert str(error.value) == f"batch: expected tensors, whose rows can be shared, but got {came}"


# Arrays as data


def test_arrays_are_data_wherever_tensors_are():
    x, y = np.random.default_rng(0).normal(size=(12, 3)), np.arange(12)
    rows = torch.from_numpy(x).float()
    for given, same in (
        (minibatches(x, 4), minibatches(rows, 4)),
        (minibatches((x, y), 4), minibatches((rows, torch.arange(12)), 4)),
        (minibatches([x, y], 4), minibatches((rows, torch.arange(12)), 4)),
        (unpaired(x, x[:7], 4), unpaired(rows, rows[:7], 4)),
    ):
        for a, b in itertools.islice(zip(given, same, strict=True), 8):
            a, b = ((a,), (b,)) if torch.is_tensor(a) else (a, b)
            assert all(
                torch.is_tensor(s) and s.dtype == t.dtype and torch.equal(s, t)
                for s, t in zip(a, b, strict=True)
            )
    pixels = np.arange(256, dtype=np.uint8)
    assert np.array_equal(data.to_bytes(data.from_bytes(pixels).double().numpy()).numpy(), pixels)


def test_arrays_of_any_make():
    x = np.arange(12.0).reshape(3, 4)
    for given in (x, x[::-1], x.T, x.astype(">f4"), x.astype(">f8"), x[:, ::2], x.astype(np.float32)):
        got = as_tensor(given)
        assert got.dtype == torch.float32 and np.array_equal(got.numpy(), given)
    assert as_tensor(np.array(3.0)).shape == () and as_tensor(np.array([True])).dtype == torch.bool
    for wrong in (np.array(["a"]), np.array([None, 1])):
        with pytest.raises(TypeError, match="x: expected an array of numbers, but got one of "):
            as_tensor(wrong)


@pytest.mark.parametrize("n", [0, 13, 2.5, "4", True, None])
def test_a_batch_size_that_is_none_is_named(n):
    for make in (minibatches, lambda x, n: unpaired(x, x, n)):
        with pytest.raises(ValueError, match="n: expected a whole number from 1 to 12, but got"):
            make(torch.zeros(12, 2), n)


def test_a_save_of_a_joint_game_tells_of_the_game_alone():
    "So that one process, or another number of them, goes on with it without a false warning."
    parallel = pytest.importorskip("gancourse.parallel")
    here = pick("cpu", "float32")
    alone, joint = (dcgan(4, width=2, size=16, machine=here) for _ in range(2))
    parallel.join(joint, SimpleNamespace(process_index=1, num_processes=2))
    assert checkpoint._fingerprint(joint, None) == checkpoint._fingerprint(alone, None)
    assert torch.equal(joint.z(3), alone.z(6)[3:])
