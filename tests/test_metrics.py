"""The shipped digit classifier: a damaged file is refused, whatever is wrong with it, and its line tells how it was made."""
import json
import shutil

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from gancourse import metrics
from gancourse.machine import assets

NAME = "data/weights/digits.safetensors"


@pytest.fixture
def ward(tmp_path, monkeypatch):
    "A copy of the shipped file and its manifest, which may be damaged."
    (tmp_path / "data/weights").mkdir(parents=True)
    for name in (NAME, "data/manifest.json"):
        shutil.copy(assets() / name, tmp_path / name)
    monkeypatch.setattr(metrics, "assets", lambda: tmp_path)
    return tmp_path / NAME


def test_healthy(ward):
    before = torch.random.get_rng_state()
    net = metrics.digit_classifier()
    assert torch.equal(torch.random.get_rng_state(), before)  # loading draws nothing
    assert not net.training and not any(p.requires_grad for p in net.parameters())
    for name, t in load_file(ward).items():
        assert torch.equal(net.state_dict()[name], t) and t.dtype == torch.float32 and bool(torch.isfinite(t).all())


def test_the_file_is_small_and_says_how_it_was_made():
    assert (assets() / NAME).stat().st_size < 500_000
    with safe_open(assets() / NAME, "pt") as file:
        recipe = file.metadata()["recipe"]
    line = json.loads((assets() / "data/manifest.json").read_text("utf-8"))["weights/digits.safetensors"]
    assert recipe == line["origin"] and line["licence"] == "Apache-2.0"


def flip(content):
    "One bit of one weight, which nothing but a checksum can see."
    return content[:-1000] + bytes([content[-1000] ^ 1]) + content[-999:]


@pytest.mark.parametrize("damage", [
    flip, lambda c: c[:-1], lambda c: c[:100], lambda c: b"", lambda c: b"<html>404</html>", lambda c: c + b"\0",
], ids=["a bit flipped", "a byte short", "header cut", "empty", "a web page", "a byte too many"])
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
    with pytest.raises(ValueError, match="path: expected the state of a DigitClassifier"):
        metrics.digit_classifier(own)


@pytest.mark.parametrize("spoil", [
    lambda s: s.pop("head.bias"),
    lambda s: s.update(extra=torch.zeros(1)),
    lambda s: s.update({"head.bias": torch.zeros(9)}),
    lambda s: s.update({"head.bias": torch.full((10,), torch.nan)}),
], ids=["missing", "too many", "another shape", "NaN"])
def test_the_state_of_another_network_is_refused(ward, tmp_path, spoil):
    state = load_file(ward)
    spoil(state)
    save_file(state, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match=r"path: expected the state of a DigitClassifier, but .*other\.safetensors"):
        metrics.digit_classifier(tmp_path / "other.safetensors")


def test_a_pickle_is_refused(tmp_path):
    torch.save(metrics.DigitClassifier().state_dict(), tmp_path / "net.pt")
    with pytest.raises(ValueError, match="path: expected the state of a DigitClassifier"):
        metrics.digit_classifier(tmp_path / "net.pt")


def test_nearest_is_bounded_in_memory(monkeypatch):
    "Neither all distances nor all candidates stand in memory at once: the pieces shrink as the data grow."
    seen = []
    monkeypatch.setattr(torch, "cdist", lambda x, data, cdist=torch.cdist: seen.append(len(x) * len(data)) or cdist(x, data))
    x, data = torch.randn(3000, 2), torch.randn(20_000, 2)
    distances, indices = metrics.nearest(x, data)
    assert max(seen) <= 2**24 and len(seen) == 4 and distances.shape == indices.shape == (3000, 1)


def test_scores_leave_no_trace():
    "Neither torch's random numbers nor the filters of warnings change, nor the network."
    import warnings

    net, x = metrics.digit_classifier(), 2 * torch.rand(40, 1, 28, 28) - 1
    rng, filters, state = torch.random.get_rng_state(), list(warnings.filters), [p.clone() for p in net.parameters()]
    metrics.kid(x, x, net, subsets=3, subset_size=20), metrics.fid(x, x, net)
    assert torch.equal(rng, torch.random.get_rng_state()) and warnings.filters == filters
    assert all(map(torch.equal, state, net.parameters())) and not net.training
