"""Data from outside, with faults: a slow, silent, broken or lying server, damaged IDX files, odd images."""

import contextlib
import functools
import gzip
import hashlib
import io
import json
import logging
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import warnings
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pooch
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gancourse import cli, data

ROOT = Path(__file__).resolve().parent.parent


def idx(x):
    "A uint8 array as the bytes of an IDX file."
    return bytes([0, 0, 8, x.ndim]) + struct.pack(f">{x.ndim}I", *x.shape) + x.tobytes()


# Fetching


@pytest.fixture(autouse=True)
def log_to_an_open_stream():
    "pooch logs to the stderr of its first import: under pytest that of another test, closed since."
    for handler in pooch.get_logger().handlers:
        handler.setStream(sys.__stderr__)


RANDOM = np.random.default_rng(0)
CONTENT = {
    "a-images.gz": gzip.compress(idx(RANDOM.integers(0, 256, (300, 28, 28), np.uint8)), mtime=0),
    "a-labels.gz": gzip.compress(idx(RANDOM.integers(0, 10, 300, np.uint8)), mtime=0),
}
FILES = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
IMAGES, LABELS = FILES


class Mirror(BaseHTTPRequestHandler):
    "One server, many mirrors: /good/, /slow/, /cut/, … serve the same files, each in its way."

    def do_GET(self):
        _, manner, name = self.path.split("/")
        self.server.asked.append((manner, name))
        getattr(self, manner)(CONTENT[name])

    def answer(self, content, length=None, status=200, headers=()):
        self.send_response(status)
        for header in headers:
            self.send_header(*header)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def good(self, content):
        self.answer(content)

    def slow(self, content):  # in drips, each within the time that a mirror may be silent
        self.answer(b"", len(content))
        for start in range(0, len(content), len(content) // 5):
            self.wfile.write(content[start : start + len(content) // 5])
            self.wfile.flush()
            time.sleep(0.15)

    def silent(self, content):
        self.server.over.wait(20)

    def stalls(self, content):  # half of it, and then nothing more
        self.answer(content[: len(content) // 2], len(content))
        self.wfile.flush()
        self.server.over.wait(20)

    def cut(self, content):
        self.answer(content[:-100], len(content))

    def cut_unannounced(self, content):  # without a length: only the hash can tell
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content[:-100])

    def other(self, content):
        self.answer(b"<html>Welcome to the hotel</html>")

    def one_bit(self, content):
        self.answer(content[:-1] + bytes([content[-1] ^ 1]))

    def unpacked(self, content):
        self.answer(gzip.decompress(content))

    def encoded(self, content):  # says that the file is the encoding of another one: clients unpack it
        self.answer(content, headers=[("Content-Encoding", "gzip")])

    def busy(self, content):
        self.answer(b"", status=503)

    def gone(self, content):
        self.answer(b"no such file", status=404)

    def moved(self, content):
        self.answer(b"", status=302, headers=[("Location", f"/good/{self.path.split('/')[2]}")])

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as server:
        server.asked, server.over, server.daemon_threads = [], threading.Event(), True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        server.at = lambda *manners: [
            f"http://127.0.0.1:{server.server_port}/{manner}/" for manner in manners
        ]
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def deaf():
    "An address at which nobody listens."
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


def fetch(folder, mirrors, files=FILES, timeout=0.4):
    return data.fetch_mnist(folder, mirrors, progress=False, files=files, timeout=timeout)


def contents(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()}


@pytest.mark.parametrize("manner", ["good", "slow", "moved"])
def test_a_mirror_that_works(server, tmp_path, manner):
    paths = fetch(tmp_path / "new/cache", server.at(manner))
    assert paths == [tmp_path / "new/cache" / name for name in FILES]
    assert contents(tmp_path / "new/cache") == CONTENT
    assert data.read_idx(paths[0]).shape == (300, 28, 28) and data.read_idx(paths[1]).max() == 9


FAULTS = {
    "silent": "silent for too long",
    "stalls": "silent for too long",
    "cut": "broke off",
    "cut_unannounced": "SHA-256 differs",
    "other": "sent a web page, not the file",
    "one_bit": "SHA-256 differs",
    "unpacked": "SHA-256 differs",
    "encoded": "SHA-256 differs",
    "busy": "answered 503",
    "gone": "answered 404",
}


@pytest.mark.parametrize("manner", FAULTS)
def test_a_mirror_that_fails_is_followed_by_the_next(server, tmp_path, manner):
    fetch(tmp_path, server.at(manner, "good"))
    assert contents(tmp_path) == CONTENT
    assert server.asked == [
        (manner, IMAGES),
        ("good", IMAGES),
        ("good", LABELS),
    ]  # the one that failed is not asked first again


@pytest.mark.parametrize("manner", FAULTS)
def test_without_a_good_mirror_nothing_is_left_behind(server, deaf, tmp_path, manner):
    with pytest.raises(ConnectionError) as error:
        fetch(tmp_path, [*server.at(manner), deaf])
    first, one, two, hand, known = str(error.value).splitlines()
    assert first.startswith(f"{IMAGES}: expected one of 2 mirrors")
    assert server.at(manner)[0] in one
    assert FAULTS[manner] in one
    assert deaf in two
    assert "cannot be reached" in two
    assert server.at(manner)[0] + IMAGES in hand and str(tmp_path) in hand and known.strip() == FILES[IMAGES]
    assert contents(tmp_path) == {}


def test_an_unknown_host_is_told(tmp_path):
    with pytest.raises(
        ConnectionError,
        match="no-such-host.invalid/: (its name is not known|cannot be reached|the proxy|was silent)",
    ):
        fetch(tmp_path, ["http://no-such-host.invalid/"], timeout=2)


def test_whole_files_are_left_alone(server, deaf, tmp_path):
    fetch(tmp_path, server.at("good"))
    before = {p.name: p.stat() for p in tmp_path.iterdir()}
    server.asked.clear()
    assert fetch(tmp_path, [deaf]) == [tmp_path / name for name in FILES]  # nothing to ask a mirror for
    (tmp_path / LABELS).unlink()
    with pytest.raises(ConnectionError, match=LABELS):
        fetch(tmp_path, [*server.at("other", "cut"), deaf])
    assert [name for _, name in server.asked] == [LABELS, LABELS]
    after = (tmp_path / IMAGES).stat()
    assert (after.st_mtime_ns, after.st_ino) == (before[IMAGES].st_mtime_ns, before[IMAGES].st_ino)
    assert contents(tmp_path) == {IMAGES: CONTENT[IMAGES]}
    fetch(tmp_path, server.at("good"))
    assert contents(tmp_path) == CONTENT
    assert (tmp_path / IMAGES).stat().st_mtime_ns == before[IMAGES].st_mtime_ns


def test_a_damaged_file_is_replaced_once_a_good_one_is_there(server, tmp_path):
    (tmp_path / IMAGES).write_bytes(b"damaged")
    with pytest.raises(ConnectionError):
        fetch(tmp_path, server.at("one_bit"))
    assert contents(tmp_path) == {IMAGES: b"damaged"}
    fetch(tmp_path, server.at("good"))
    assert contents(tmp_path) == CONTENT


def test_a_fault_of_this_machine_is_raised_at_once(server, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError) as error:
        fetch(tmp_path / "file/cache", server.at("good", "good"))
    assert not isinstance(error.value, ConnectionError) and server.asked == []


def test_a_full_disk(server, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.move", full)
    with pytest.raises(OSError, match="No space left"):
        fetch(tmp_path, server.at("good", "good"))
    assert len(server.asked) == 1 and contents(tmp_path) == {}


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_killed_half_way(server, tmp_path, how):
    code = (
        f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"from gancourse.data import fetch_mnist\n"
        f"fetch_mnist({str(tmp_path)!r}, {server.at('stalls')!r}, files={FILES!r}, timeout=20)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE) as child:
        deadline = time.monotonic() + 60
        while not (server.asked and list(tmp_path.iterdir())) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.2)
        assert child.poll() is None and server.asked == [("stalls", IMAGES)], child.stderr.read().decode()
        child.send_signal(how)
        child.communicate()
    assert not {p.name for p in tmp_path.iterdir()} & set(FILES)
    if how == signal.SIGINT:  # SIGKILL leaves no time to tidy up
        assert contents(tmp_path) == {}
    fetch(tmp_path, server.at("good"))
    assert CONTENT.items() <= contents(tmp_path).items()


def zipped(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, name)
    return out.getvalue()


def test_pictures_are_unpacked_whole_or_not_at_all(server, tmp_path, monkeypatch):
    packed = zipped("ab/trainA/1.jpg", "ab/trainB/1.jpg", "ab/trainB/2.jpg")
    monkeypatch.setitem(CONTENT, "ab.zip", packed)
    known = {"ab": hashlib.sha256(packed).hexdigest()}
    ask = functools.partial(data.fetch_pictures, "ab", tmp_path, progress=False, files=known, timeout=0.4)
    with pytest.raises(ConnectionError, match="ab.zip: expected one of 2 mirrors"):
        ask(server.at("one_bit", "cut"))
    assert list(tmp_path.iterdir()) == []
    with monkeypatch.context() as disk:
        disk.setattr(
            zipfile.ZipFile,
            "_extract_member",
            lambda *args: (_ for _ in ()).throw(OSError(28, "No space left on device")),
        )
        with pytest.raises(OSError, match="No space left"):
            ask(server.at("good"))
    assert [p.name for p in tmp_path.iterdir()] == ["ab.zip"]  # the download is kept, no half data set
    server.asked.clear()
    path = ask(server.at("good"))
    assert server.asked == [] and [p.name for p in tmp_path.iterdir()] == ["ab"] == [path.name]
    assert sorted(p.relative_to(path).as_posix() for p in path.rglob("*.jpg")) == [
        "trainA/1.jpg",
        "trainB/1.jpg",
        "trainB/2.jpg",
    ]
    assert ask([]) == path


def test_progress_is_optional(server, tmp_path, capfd):
    import pooch

    said, log, listener = [], pooch.get_logger(), logging.Handler()
    listener.emit = lambda record: said.append(record.getMessage())
    log.addHandler(listener)
    try:
        fetch(tmp_path / "a", server.at("busy", "good"))
        assert said == [] and "%" not in capfd.readouterr().err
        data.fetch_mnist(tmp_path / "b", server.at("good"), files=FILES)
        assert len(said) == 2 and IMAGES in said[0] and "100%" in capfd.readouterr().err
    finally:
        log.removeHandler(listener)
    assert log.filters == []


# Reading MNIST


def test_full_mnist_from_the_cache(tmp_path, monkeypatch):
    "The four files under their own names, with short content."
    monkeypatch.setenv("GANCOURSE_DATA", str(tmp_path))
    x, y = RANDOM.integers(0, 256, (7, 28, 28), np.uint8), np.arange(7, dtype=np.uint8)
    for name in data.MNIST:
        if "images" in name or "train" in name:
            (tmp_path / name).write_bytes(gzip.compress(idx(x if "images" in name else y)))
    images, labels = data.mnist("train", 28, full=True)
    assert np.array_equal(((images[:, 0] + 1) * 127.5).round().numpy(), x)
    assert labels.tolist() == list(range(7))
    with pytest.raises(
        FileNotFoundError, match=r"full: t10k-labels-idx1-ubyte.gz not found in .*run `gancourse fetch mnist`"
    ):
        data.mnist("test", full=True)


@pytest.mark.parametrize(
    "images, labels", [((5, 28, 28), (4,)), ((5, 14, 56), (5,)), ((5, 28, 28), (5, 1)), ((5, 784), (5,))]
)
def test_files_that_do_not_belong_together(tmp_path, monkeypatch, images, labels):
    monkeypatch.setenv("GANCOURSE_DATA", str(tmp_path))
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(np.zeros(images, np.uint8))))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.zeros(labels, np.uint8))))
    with pytest.raises(ValueError, match="expected images .* labels from 0 to 9"):
        data.mnist(full=True)


def test_a_label_that_is_no_digit(tmp_path, monkeypatch):
    monkeypatch.setenv("GANCOURSE_DATA", str(tmp_path))
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(np.zeros((2, 28, 28), np.uint8))))
    for label in (9, 10):
        (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.uint8([0, label]))))
        if label == 10:
            with pytest.raises(ValueError, match="labels from 0 to 9 .* up to 10"):
                data.mnist(full=True)
        else:
            assert data.mnist(full=True)[1].tolist() == [0, 9]


FULL = all((Path(os.environ.get("GANCOURSE_DATA", "nowhere")) / name).is_file() for name in data.MNIST)


@pytest.mark.skipif(
    not FULL, reason="GANCOURSE_DATA does not point to the full MNIST (`gancourse fetch mnist`)"
)
@pytest.mark.parametrize("split, n, ones", [("train", 60_000, 6742), ("test", 10_000, 1135)])
def test_the_real_full_mnist(split, n, ones):
    images, labels = data.mnist(split, full=True)
    assert images.shape == (n, 1, 32, 32) and labels.shape == (n,) and (images.min(), images.max()) == (-1, 1)
    assert (labels == 1).sum() == ones and set(labels.tolist()) == set(range(10))
    few, answers = data.mnist(split)
    assert torch.equal(images[: len(few)], few)
    assert torch.equal(labels[: len(few)], answers)  # the embedded ones are its beginning


# Damaged IDX files: an error that names the file, never other numbers

arrays = st.lists(st.integers(1, 4), min_size=1, max_size=4).flatmap(
    lambda shape: st.binary(min_size=int(np.prod(shape)), max_size=int(np.prod(shape))).map(
        lambda content: np.frombuffer(content, np.uint8).reshape(shape)
    )
)
many = settings(max_examples=150, deadline=None)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("idx") / "some-ubyte"


def read(path, content):
    path.write_bytes(content)
    return data.read_idx(path).numpy()


def refuses(path, content):
    with pytest.raises(ValueError, match="^path: .*some-ubyte: expected"):
        read(path, content)


@many
@given(x=arrays, packed=st.booleans())
def test_whole_files_come_back(path, x, packed):
    again = read(path, gzip.compress(idx(x)) if packed else idx(x))
    assert again.dtype == np.uint8 and again.shape == x.shape and np.array_equal(again, x)


@many
@given(x=arrays, share=st.floats(0, 1, exclude_max=True), packed=st.booleans())
def test_cut_anywhere(path, x, share, packed):
    content = gzip.compress(idx(x)) if packed else idx(x)
    refuses(path, content[: int(share * len(content))])


@many
@given(x=arrays, more=st.binary(min_size=1, max_size=20), packed=st.booleans())
def test_padded(path, x, more, packed):
    refuses(path, gzip.compress(idx(x) + more) if packed else idx(x) + more)


@many
@given(x=arrays, at=st.integers(0, 19), flip=st.integers(1, 255))
def test_header_changed(path, x, at, flip):
    content = bytearray(idx(x))
    content[at % (4 + 4 * x.ndim)] ^= flip
    refuses(path, content)


@many
@given(x=arrays, share=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_gzip_changed_anywhere(path, x, share, flip):
    content = bytearray(gzip.compress(idx(x)))
    content[int(share * len(content))] ^= flip
    try:
        again = read(path, content)
    except ValueError as e:
        assert str(e).startswith(f"path: {path}: expected")
    else:  # a byte on which nothing depends, such as the date
        assert np.array_equal(again, x)


@pytest.mark.parametrize("sizes", [(4, 0), (0,), (0, 28, 28)])
def test_nothing_is_no_data(path, sizes):
    with pytest.raises(
        ValueError, match=f"expected sizes of at least 1 in the header, but got {' x '.join(map(str, sizes))}"
    ):
        read(path, idx(np.zeros(sizes, np.uint8)))


@many
@given(content=st.binary(max_size=60))
def test_any_bytes(path, content):
    with contextlib.suppress(ValueError):
        x = read(path, content)
        assert content[:2] == b"\x1f\x8b" or idx(x) == content


def test_a_header_that_claims_too_much_takes_no_memory(path):
    import tracemalloc

    tracemalloc.start()
    for content in (claim := bytes([0, 0, 8, 2]) + b"\xff" * 8 + bytes(100), gzip.compress(claim)):
        refuses(path, content)
    bomb = gzip.compress(
        bytes([0, 0, 8, 1, 0, 0, 0, 9]) + bytes(50_000_000)
    )  # nine bytes announced, fifty million packed
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    refuses(path, bomb)
    assert tracemalloc.get_traced_memory()[1] - before < 3_000_000
    tracemalloc.stop()


# Awkward images

BLUE = (40, 110, 220)


def picture(size=(60, 40)):
    "Left half red, right half blue."
    x = np.full((size[1], size[0], 3), BLUE, np.uint8)
    x[:, : size[0] // 2] = 255, 0, 0
    return Image.fromarray(x)


def corners(image):
    "Colours near the upper left and the lower right corner, 0 to 255."
    x = ((image + 1) * 127.5).round().int()
    return tuple(x[:, 3, 3].tolist()), tuple(x[:, -4, -4].tolist())


def near(a, b, slack=6):
    return all(abs(i - j) <= slack for i, j in zip(a, b, strict=True))


@pytest.mark.parametrize(
    "name", ["p.png", "p.jpg", "p.webp", "p.gif", "p.bmp", "p.tif", "p.PNG", "p.ppm", "no_ending"]
)
def test_formats(tmp_path, name):
    lossy = {"quality": 95} if name.endswith(("jpg", "webp")) else {}
    picture().save(tmp_path / name, format=None if "." in name else "png", **lossy)
    x = data.folder(tmp_path, 32)
    left, right = corners(x[0])
    assert x.shape == (1, 3, 32, 32) and near(left, (255, 0, 0), 12) and near(right, BLUE, 12)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"])
@pytest.mark.parametrize("channels", [1, 3])
def test_modes(tmp_path, mode, channels):
    grey = Image.new("RGB", (50, 50), (90, 90, 90)).convert(mode)
    grey.save(
        tmp_path
        / (
            "a.png"
            if mode in ("1", "L", "LA", "P", "RGB", "RGBA")
            else "a.jpg"
            if mode in ("CMYK", "YCbCr")
            else "a.tif"
        )
    )
    x = data.folder(tmp_path, 16, channels)
    assert x.shape == (1, channels, 16, 16) and x.dtype == torch.float32
    expected = {"1": (90 - 127.5) / 127.5}.get(mode, 90 / 127.5 - 1)  # one bit: dithered, the mean stays
    assert x.mean().item() == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("turn", range(1, 9))
def test_exif_turns(tmp_path, turn):
    "A picture stored turned, with the tag that turns it back, is the upright picture."
    from PIL import ImageOps

    upright = Image.fromarray(
        RANDOM.integers(0, 2, (6, 6, 1), np.uint8).repeat(8, 0).repeat(8, 1).repeat(3, 2) * 255
    )
    exif = Image.Exif()
    exif[0x0112] = turn
    upright.save(tmp_path / "a.png", exif=exif)
    stored = Image.open(tmp_path / "a.png")
    expected = np.asarray(ImageOps.exif_transpose(stored))
    assert (turn == 1) == np.array_equal(expected, np.asarray(upright))
    assert np.array_equal(
        ((data.folder(tmp_path, 48)[0] + 1) * 127.5).round().permute(1, 2, 0).numpy(), expected
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda p, clear: Image.merge("RGBA", (*p.split(), clear)),
        lambda p, clear: Image.merge("LA", (p.convert("L"), clear)),
        lambda p, clear: Image.merge("RGBA", (*p.split(), clear)).quantize(8),
    ],
    ids=["RGBA", "LA", "P"],
)
def test_what_is_transparent_is_white(tmp_path, make):
    clear = Image.fromarray(np.repeat(np.uint8([[0] * 30 + [255] * 30]), 40, 0))
    make(picture(), clear).save(tmp_path / "a.png")
    left, right = corners(data.folder(tmp_path, 32)[0])
    assert left == (255, 255, 255) and max(right) < 230


def test_a_transparent_colour_is_white(tmp_path):
    picture().save(tmp_path / "a.png", transparency=(255, 0, 0))
    Image.fromarray(np.uint8([[7] * 30 + [99] * 30] * 40)).save(tmp_path / "b.png", transparency=7)
    colour, grey = data.folder(tmp_path, 32)
    assert corners(colour)[0] == corners(grey)[0] == (255,) * 3
    assert near(corners(colour)[1], BLUE)
    assert near(corners(grey)[1], (99,) * 3)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path, name):
    Image.fromarray(np.uint16([[0, 16448, 32896, 65535]] * 4)).save(tmp_path / name)
    assert ((data.folder(tmp_path, 4, 1)[0, 0, 0] + 1) * 127.5).round().tolist() == [0, 64, 128, 255]


def test_sixteen_bit_pgm(tmp_path):
    (tmp_path / "a.pgm").write_bytes(
        b"P5 4 4 65535\n" + np.array([[0, 16448, 32896, 65535]] * 4, ">u2").tobytes()
    )
    assert ((data.folder(tmp_path, 4, 1)[0, 0, 0] + 1) * 127.5).round().tolist() == [0, 64, 128, 255]


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "a.tif"])
def test_of_several_frames_the_first(tmp_path, name):
    picture().save(tmp_path / name, save_all=True, append_images=[Image.new("RGB", (60, 40), "green")] * 2)
    left, right = corners(data.folder(tmp_path, 32)[0])
    assert near(left, (255, 0, 0), 12) and near(right, BLUE, 12)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (5, 5), (64, 64), (1000, 65), (3001, 2003)])
def test_sizes(tmp_path, size):
    picture(size).save(tmp_path / "a.jpg", quality=95)
    assert data.folder(tmp_path, 64).shape == (1, 3, 64, 64)


def test_the_square_is_the_middle_one(tmp_path):
    x = np.zeros((10, 30, 3), np.uint8)
    x[:, 10:20] = 255
    Image.fromarray(x).save(tmp_path / "a wide.png")
    Image.fromarray(x.transpose(1, 0, 2)).save(tmp_path / "b high.png")
    assert (data.folder(tmp_path, 10) == 1).all()


@pytest.mark.parametrize("size", [32, 256])
def test_a_large_jpeg_shrinks_as_its_pixels_do(tmp_path, size):
    "Decoding at a part of the size changes hardly anything."
    y, x = np.mgrid[:768, :1024]
    photo = Image.fromarray(np.uint8(np.stack([x / 5, y / 4, 127 + 100 * np.sin(x / 4)], 2)))
    photo.save(tmp_path / "a.jpg", quality=95, subsampling=0)
    photo.save(tmp_path / "b.png")
    jpeg, png = data.folder(tmp_path, size)
    assert 0 < (jpeg - png).abs().mean() < 0.02


def test_stripes_turn_grey(tmp_path):
    Image.fromarray(np.tile(np.uint8([0, 255]), (256, 128))).save(tmp_path / "a.png")
    assert data.folder(tmp_path, 64, 1)[..., 4:-4].abs().max() < 0.05


def test_order_sub_folders_and_what_lies_beside(tmp_path):
    for i, name in enumerate(["b.png", "a/z.png", "a/b/c.png", "B.png", "c10.png", "c2.png", "ä ö 图.png"]):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), i * 10).save(tmp_path / name)
    for name in [
        ".hidden.png",
        ".thumbs/x.png",
        "a/.DS_Store",
        "Thumbs.db",
        "Desktop.INI",
        "notes.txt",
        "README.MD",
        "labels.json",
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"?")
    names = [p.relative_to(tmp_path).as_posix() for p in data.image_files(tmp_path)]
    assert names == ["B.png", "a/b/c.png", "a/z.png", "b.png", "c10.png", "c2.png", "ä ö 图.png"]
    x = data.folder(str(tmp_path), 4, 1)
    assert ((x[:, 0, 0, 0] + 1) * 127.5).round().tolist() == [30, 20, 10, 0, 40, 50, 60]


def test_every_bad_file_is_named_with_its_reason(tmp_path):
    out = io.BytesIO()
    picture((400, 300)).save(out, "png")
    jpeg = io.BytesIO()
    picture((400, 300)).save(jpeg, "jpeg")
    png = out.getvalue()
    bad = {
        "cut.png": png[: len(png) // 2],
        "cut.jpg": jpeg.getvalue()[:1500],
        "empty.png": b"",
        "page.jpg": b"<html></html>",
        "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "phone.heic": b"\0\0\0\x18ftypheic",
        "crc.png": png[:40] + bytes([png[40] ^ 255]) + png[41:],
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
    Image.fromarray(np.ones((4, 4), np.float32)).save(tmp_path / "floats.tif")
    Image.fromarray(np.ones((4, 4), np.int32)).save(tmp_path / "ints.tif")
    if os.name != "nt":
        (tmp_path / "astray.png").symlink_to("nowhere.png")
        (tmp_path / "linked").symlink_to(tmp_path.parent, target_is_directory=True)
        os.mkfifo(tmp_path / "pipe.png")  # opening it would wait for ever
    picture().save(tmp_path / "good.png")
    (tmp_path / "notes.txt").write_text("beside")
    with pytest.raises(ValueError) as error:
        data.folder(tmp_path)
    first, *lines = str(error.value).splitlines()
    named = {line.split(": ")[0].strip() for line in lines}
    assert named == {str(p) for p in tmp_path.iterdir()} - {
        str(tmp_path / "good.png"),
        str(tmp_path / "notes.txt"),
    }
    assert f"{len(lines)} of {len(lines) + 1} files" in first
    assert all(line.split(": ", 1)[1] for line in lines)


def test_a_bomb_is_refused(tmp_path):
    def chunk(kind, content):
        import zlib

        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    for side in (12_000, 60_000):  # more than Pillow's limit, and more than twice as much
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
        (tmp_path / f"{side}.png").write_bytes(
            b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
        )
    with warnings.catch_warnings(), pytest.raises(ValueError) as error:
        warnings.simplefilter("ignore")
        data.folder(tmp_path)
    assert str(error.value).count("more than 40,000,000 pixels; shrink it first") == 2


def test_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="path: .*does not exist"):
        data.folder(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="path: .*has none"):
        data.folder(tmp_path)
    (tmp_path / "notes.txt").write_text("beside")
    with pytest.raises(ValueError, match="path: .*has none"):
        data.folder(tmp_path)
    with pytest.raises(NotADirectoryError, match="path: .*is a file"):
        data.folder(tmp_path / "notes.txt")


@pytest.mark.parametrize(
    "wrong", [{"size": 0}, {"size": 2.5}, {"size": "64"}, {"channels": 4}, {"channels": True}]
)
def test_wrong_arguments(tmp_path, wrong):
    picture().save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: expected"):
        data.folder(tmp_path, **wrong)


# The command


def test_fetch_says_where_the_files_are(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GANCOURSE_DATA", str(tmp_path))
    monkeypatch.setattr(
        data,
        "fetch_mnist",
        functools.partial(data.fetch_mnist, mirrors=server.at("gone", "good"), files=FILES),
    )
    assert cli.main(["fetch", "mnist"]) == 0 and contents(tmp_path) == CONTENT
    said = capsys.readouterr().out
    assert str(tmp_path) in said
    assert all(f"{name} " in said and f"{len(CONTENT[name]):,} bytes" in said for name in FILES)
    assert "full=True" in said


def test_fetch_says_where_the_pictures_are(server, tmp_path, monkeypatch, capsys):
    packed = zipped("facades/trainA/1.jpg", "facades/trainB/1.jpg", "facades/trainB/2.jpg")
    monkeypatch.setitem(CONTENT, "facades.zip", packed)
    monkeypatch.setenv("GANCOURSE_DATA", str(tmp_path))
    known = {"facades": hashlib.sha256(packed).hexdigest()}
    monkeypatch.setattr(
        data, "fetch_pictures", functools.partial(data.fetch_pictures, mirrors=server.at("good"), files=known)
    )
    assert cli.main(["fetch", "facades"]) == 0 and (tmp_path / "facades/trainA/1.jpg").is_file()
    said = " ".join(capsys.readouterr().out.split())
    assert "trainA 1 pictures trainB 2 pictures" in said and 'fetch_pictures("facades")' in said


def test_fetch_fails_in_words(server, deaf, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GANCOURSE_DATA", str(tmp_path))
    monkeypatch.setattr(
        data,
        "fetch_mnist",
        functools.partial(data.fetch_mnist, mirrors=[*server.at("busy"), deaf], files=FILES),
    )
    assert cli.main(["fetch", "mnist"]) == 1
    said = capsys.readouterr()
    assert said.out == "" and "answered 503" in said.err and deaf in said.err and "Traceback" not in said.err


def test_fetch_can_be_stopped(monkeypatch, capsys):
    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "fetch_mnist", stop)
    assert cli.main(["fetch", "mnist"]) == 1 and "Not fetched. Stopped." in capsys.readouterr().err


def command(*words, **env):
    return subprocess.run(
        [sys.executable, "-m", "gancourse", *words],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )


def test_the_command_without_a_network(deaf, tmp_path):
    "The real mirrors, asked through a proxy that is not there."
    done = command(
        "fetch",
        "mnist",
        GANCOURSE_DATA=str(tmp_path / "cache"),
        HTTPS_PROXY=deaf,
        https_proxy=deaf,
        NO_PROXY="",
        no_proxy="",
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr and done.stdout == ""
    assert all(mirror in done.stderr for mirror in data.MIRRORS)
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_command_where_it_may_not_write(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    done = command("fetch", "mnist", GANCOURSE_DATA=str(tmp_path / "file"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"{tmp_path / 'file'} is a file" in done.stderr


@pytest.mark.parametrize("words", [["fetch"], ["fetch", "cifar"]])
def test_what_can_be_fetched_is_listed(words):
    done = command(*words)
    assert done.returncode == 2 and "mnist" in done.stderr and "Traceback" not in done.stderr


def test_importing_data_loads_no_network():
    code = "import gancourse.data, gancourse.cli, sys; print({'pooch', 'requests'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout
        == "set()\n"
    )


def test_mirrors_and_files_are_those_of_mnist():
    assert all(mirror.startswith("https://") for mirror in data.MIRRORS) and len(data.MIRRORS) == 2
    assert len(data.MNIST) == 4 and all(len(known) == 64 for known in data.MNIST.values())
    short = json.loads((ROOT / "assets/data/manifest.json").read_text(encoding="utf-8"))
    assert not {line["sha256"] for line in short.values()} & set(data.MNIST.values())
