"""The shipped networks: a damaged file is refused, whatever is wrong; its line tells how it was made."""

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from gancourse import features, metrics
from gancourse.machine import assets

NAME = "data/weights/digits.safetensors"


def copied(name, folder, monkeypatch):
    "A copy of a shipped file and the manifest, in which the package looks from now on."
    (folder / "data/weights").mkdir(parents=True)
    for file in (name, "data/manifest.json"):
        shutil.copy(assets() / file, folder / file)
    monkeypatch.setattr(features, "assets", lambda: folder)
    return folder / name


@pytest.fixture
def ward(tmp_path, monkeypatch):
    "The digit classifier's file, which may be damaged."
    return copied(NAME, tmp_path, monkeypatch)


def test_healthy(ward):
    before = torch.random.get_rng_state()
    net = metrics.digit_classifier()
    assert torch.equal(torch.random.get_rng_state(), before)  # loading draws nothing
    assert not net.training and not any(p.requires_grad for p in net.parameters())
    for name, t in load_file(ward).items():
        assert (
            torch.equal(net.state_dict()[name], t)
            and t.dtype == torch.float32
            and bool(torch.isfinite(t).all())
        )


def test_the_file_is_small_and_says_how_it_was_made():
    assert (assets() / NAME).stat().st_size < 500_000
    with safe_open(assets() / NAME, "pt") as file:
        recipe = file.metadata()["recipe"]
    line = json.loads((assets() / "data/manifest.json").read_text("utf-8"))["weights/digits.safetensors"]
    assert recipe == line["origin"] and line["licence"] == "Apache-2.0"


def flip(content):
    "One bit of one weight, which nothing but a checksum can see."
    return content[:-1000] + bytes([content[-1000] ^ 1]) + content[-999:]


@pytest.mark.parametrize(
    "damage",
    [
        flip,
        lambda c: c[:-1],
        lambda c: c[:100],
        lambda c: b"",
        lambda c: b"<html>404</html>",
        lambda c: c + b"\0",
    ],
    ids=["a bit flipped", "a byte short", "header cut", "empty", "a web page", "a byte too many"],
)
def test_a_damaged_file_is_refused(ward, damage):
    ward.write_bytes(damage(ward.read_bytes()))
    with pytest.raises(ValueError, match=r"^path: .*digits\.safetensors is damaged.*gancourse doctor"):
        metrics.digit_classifier()


def test_a_missing_file_is_named(ward):
    ward.unlink()
    with pytest.raises(FileNotFoundError, match=r"no file .*digits\.safetensors; `gancourse doctor`"):
        metrics.digit_classifier()


def test_a_state_of_ones_own(ward, tmp_path):
    state = load_file(ward)
    own = tmp_path / "own.safetensors"
    save_file({name: 2 * t for name, t in state.items()}, own)
    assert torch.equal(metrics.digit_classifier(own).head.bias, 2 * state["head.bias"])
    own.write_bytes(own.read_bytes()[:-1])
    with pytest.raises(ValueError, match="path: expected the weights of DigitClassifier"):
        metrics.digit_classifier(own)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s.pop("head.bias"),
        lambda s: s.update(extra=torch.zeros(1)),
        lambda s: s.update({"head.bias": torch.zeros(9)}),
        lambda s: s.update({"head.bias": torch.full((10,), torch.nan)}),
    ],
    ids=["missing", "too many", "another shape", "NaN"],
)
def test_the_state_of_another_network_is_refused(ward, tmp_path, spoil):
    state = load_file(ward)
    spoil(state)
    save_file(state, tmp_path / "other.safetensors")
    with pytest.raises(
        ValueError, match=r"path: expected the weights of DigitClassifier, but .*other\.safetensors"
    ):
        metrics.digit_classifier(tmp_path / "other.safetensors")


def test_a_pickle_is_refused(tmp_path):
    torch.save(metrics.DigitClassifier().state_dict(), tmp_path / "net.pt")
    with pytest.raises(ValueError, match="path: expected the weights of DigitClassifier"):
        metrics.digit_classifier(tmp_path / "net.pt")


def test_nearest_is_bounded_in_memory(monkeypatch):
    "Neither all distances nor all candidates stand in memory at once: the pieces shrink as the data grow."
    seen = []
    monkeypatch.setattr(
        torch, "cdist", lambda x, data, cdist=torch.cdist: seen.append(len(x) * len(data)) or cdist(x, data)
    )
    x, data = torch.randn(3000, 2), torch.randn(20_000, 2)
    distances, indices = metrics.nearest(x, data)
    assert max(seen) <= 2**24 and len(seen) == 4 and distances.shape == indices.shape == (3000, 1)


def test_scores_leave_no_trace():
    "Neither torch's random numbers nor the filters of warnings change, nor the network."
    import warnings

    net, x = metrics.digit_classifier(), 2 * torch.rand(40, 1, 28, 28) - 1
    rng, filters, state = (
        torch.random.get_rng_state(),
        list(warnings.filters),
        [p.clone() for p in net.parameters()],
    )
    metrics.kid(x, x, net, subsets=3, subset_size=20)
    metrics.fid(x, x, net)
    assert torch.equal(rng, torch.random.get_rng_state()) and warnings.filters == filters
    assert all(map(torch.equal, state, net.parameters())) and not net.training


# --- the ImageNet features ---

LITE = "data/weights/efficientnet_lite0_blocks0-10_fp16.npz"


@pytest.fixture
def clinic(tmp_path, monkeypatch):
    "The file of ImageNet features, which may be damaged."
    return copied(LITE, tmp_path, monkeypatch)


def weights():
    with np.load(assets() / LITE) as file:
        return {k: file[k] for k in file.files}


def test_imagenet_features_are_the_file_and_nothing_else(clinic):
    before = torch.random.get_rng_state()
    net, stored = metrics.imagenet_features(), weights()
    assert torch.equal(torch.random.get_rng_state(), before)  # loading draws nothing
    assert not net.training and not any(p.requires_grad for p in net.parameters())
    state = net.state_dict()
    assert len(state) == len(stored) == 66 and sum(t.numel() for t in state.values()) == sum(
        a.size for a in stored.values()
    )
    assert np.array_equal(state["blocks.3.dw.weight"].numpy(), stored["3.dw.w"].astype(np.float32))
    assert np.array_equal(state["stem.bias"].numpy(), stored["stem.b"].astype(np.float32))


def same_conv(x, w, b, stride, groups):
    "TensorFlow's SAME, straight from its definition: output o looks at o * stride - before + (0 .. k-1)."
    k, side = w.shape[-1], x.shape[-1]
    out = -(-side // stride)
    missing = max((out - 1) * stride + k - side, 0)
    padded = torch.zeros(*x.shape[:2], side + missing, side + missing, dtype=x.dtype)
    padded[..., missing // 2 : missing // 2 + side, missing // 2 : missing // 2 + side] = x
    return torch.nn.functional.conv2d(padded, w, b, stride, groups=groups)


@pytest.mark.parametrize("side", [32, 45, 64])
def test_imagenet_features_against_the_architecture_written_out(side):
    "A second way, in float64, from the table in the data's README: maps of all blocks, and pooled features."
    w = {k: torch.from_numpy(v).double() for k, v in weights().items()}
    images = 2 * torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(side)) - 1

    def conv(x, name, stride=1, groups=1):
        return same_conv(x, w[f"{name}.w"], w[f"{name}.b"], stride, groups)

    x = conv((255 * ((images.double() + 1) / 2) - 127) / 128, "stem", 2).clamp(0, 6)
    expected, strides = [x], {1: 2, 3: 2, 5: 2}
    for i in range(11):
        wide = x if i == 0 else conv(x, f"{i}.expand").clamp(0, 6)
        out = conv(conv(wide, f"{i}.dw", strides.get(i, 1), wide.shape[1]).clamp(0, 6), f"{i}.project")
        x = x + out if x.shape == out.shape else out
        expected.append(x)
    net = metrics.imagenet_features()
    for got, due in zip(net.maps(images, range(-1, 11)), expected, strict=True):
        torch.testing.assert_close(got.double(), due, atol=2e-3, rtol=1e-3)
    torch.testing.assert_close(
        metrics.features_of(images, net).double(), x.mean((2, 3)), atol=2e-3, rtol=1e-3
    )


@pytest.mark.parametrize(
    "damage",
    [
        flip,
        lambda c: c[:-1],
        lambda c: c[:100],
        lambda c: b"",
        lambda c: b"<html>404</html>",
        lambda c: c + b"\0",
    ],
    ids=["a bit flipped", "a byte short", "cut", "empty", "a web page", "a byte too many"],
)
def test_damaged_imagenet_features_are_refused(clinic, damage):
    content = damage(clinic.read_bytes())
    clinic.write_bytes(content)
    with pytest.raises(ValueError, match=r"^path: .*fp16\.npz is damaged.*gancourse doctor"):
        metrics.imagenet_features()
    if len(content) < 1000:  # as a file of one's own it has no checksum, but it is no such file
        with pytest.raises(ValueError, match="path: expected the weights of ImagenetFeatures"):
            metrics.imagenet_features(clinic)


def test_missing_imagenet_features_are_named(clinic):
    clinic.unlink()
    with pytest.raises(
        FileNotFoundError,
        match=r"path: expected the ImageNet features, .* no file .*fp16\.npz; `gancourse doctor`",
    ):
        metrics.imagenet_features()
    with pytest.raises(FileNotFoundError, match=r"there is no file .*own\.npz$"):
        metrics.imagenet_features(clinic.with_name("own.npz"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s.pop("4.project.b"),
        lambda s: s.update({"11.dw.w": np.zeros(3, np.float16)}),
        lambda s: s.update({"stem.b": np.zeros(31, np.float16)}),
        lambda s: s.update({"stem.b": np.full(32, np.nan, np.float16)}),
        lambda s: s.update(notes=np.zeros(1)),
        lambda s: s.update({"stem.b": np.array([None] * 32)}),
        lambda s: s.update({"stem.b": np.array(["a"] * 32)}),
    ],
    ids=["missing", "too many", "another shape", "NaN", "a strange name", "objects", "words"],
)
def test_the_weights_of_another_network_are_refused(tmp_path, spoil):
    state = weights()
    spoil(state)
    np.savez(tmp_path / "other.npz", **state)
    with pytest.raises(ValueError, match=r"path: expected the weights of ImagenetFeatures, but .*other\.npz"):
        metrics.imagenet_features(tmp_path / "other.npz")


def test_one_array_is_not_an_archive(tmp_path):
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(ValueError, match=r"path: expected the weights of ImagenetFeatures, but .*one\.npy"):
        metrics.imagenet_features(tmp_path / "one.npy")


def test_scores_of_pictures_leave_no_trace():
    x, y = (2 * torch.rand(20, 3, 16, 16, generator=torch.Generator().manual_seed(i)) - 1 for i in (0, 1))
    before, rng = x.clone(), torch.random.get_rng_state()
    x.requires_grad_()
    assert all(
        type(v) is float for v in (*metrics.psnr(x, y), metrics.ssim(x, y), metrics.gradient_energy(x))
    )
    assert (
        torch.equal(x.detach(), before) and x.grad is None and torch.equal(rng, torch.random.get_rng_state())
    )


def test_psnr_and_ssim_against_the_classes_of_torchmetrics():
    "The course calls the functions; the classes gather batches in another way, and must agree."
    from torchmetrics.image import PeakSignalNoiseRatio, StructuralSimilarityIndexMeasure

    y = 2 * torch.rand(50, 3, 24, 24, generator=torch.Generator().manual_seed(2)) - 1
    x = (y + 0.2 * torch.randn(y.shape, generator=torch.Generator().manual_seed(3))).clamp(-1, 1)
    pooled, structure = PeakSignalNoiseRatio(data_range=2.0), StructuralSimilarityIndexMeasure(data_range=2.0)
    for a, b in zip(x.split(7), y.split(7), strict=True):
        pooled.update(a, b)
        structure.update(a + 1, b + 1)
    assert metrics.psnr(x, y).pooled == pytest.approx(pooled.compute().item(), abs=1e-3)
    assert metrics.ssim(x, y) == pytest.approx(structure.compute().item(), abs=1e-4)
