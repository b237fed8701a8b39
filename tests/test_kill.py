"Killed in the middle of anything and gone on with: what `save` has written is whole, no game ever notices."

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from gancourse.data import mnist
from gancourse.dcgan import dcgan
from gancourse.game import Feed, history, load, minibatches, save, train
from gancourse.machine import pick

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.usefixtures("one_thread")
PHASES = TRAINING, SAVING, WRITING = range(3)
CHILD = """
import io, signal, sys, time
from pathlib import Path
signal.alarm(120)  # whatever happens to the parent, no child stays
sys.path.insert(0, "tests")
from gancourse import checkpoint
from test_kill import SAVING, TRAINING, WRITING, better, board, load, new, save, torch, train

class SlowDisk(io.FileIO):
    "Takes its bytes piece by piece: half a file is there for a long time."
    def __init__(self, name, mode, buffering=-1, opener=None):
        super().__init__(name, mode, opener=opener)

    def write(self, data):
        tell[0] = WRITING
        for i in range(0, len(data), 8192):
            super().write(data[i : i + 8192])
            time.sleep(3e-4)
        tell[0] = SAVING
        return len(data)

torch.set_num_threads(1)
path, tell = Path(sys.argv[1]), board(sys.argv[2])
checkpoint.open = SlowDisk
player, feed = new()
best = load(path, player, feed)["best"] if path.exists() else None
tell[1:] = player.step
for step in train(player, feed):
    best = better(step, best)
    tell[0] = SAVING
    save(path, player, feed, step=step.n, best=best)
    tell[2] = step.n
    tell[0] = TRAINING
"""


def board(path):
    "What a child tells even when it is killed: its phase, the step it began from, the step of its last save."
    return np.memmap(path, np.int32, "r+", shape=(3,))


def new(seed=0, width=4):
    "A small DCGAN and the feed of its digits; an epoch ends with a smaller batch."
    digits = mnist("test")[0][:200]
    machine = pick("cpu", "float32", 1)
    return dcgan(16, width=width, decay=0.9, seed=seed, machine=machine), Feed(
        minibatches(machine.place(digits), 16, seed=seed)
    )


def better(step, best):
    "The running mean at the smallest loss of G so far."
    loss = step.losses["G"].item()
    if best is not None and best["loss"] <= loss:
        return best
    return {"loss": loss, "EMA": {k: v.clone() for k, v in step.game.nets["EMA"].state_dict().items()}}


def tensors(x, name=""):
    "Everything in a nested state, as {name: value}."
    if isinstance(x, (dict, list, tuple)):
        pairs = x.items() if isinstance(x, dict) else enumerate(x)
        return {k: v for key, inside in pairs for k, v in tensors(inside, f"{name}.{key}").items()}
    return {name: x}


def memory(game, feed):
    return tensors({"game": game.snapshot(), "feed": feed.state_dict()})


def same(a, b):
    "Do two memories agree, bit for bit?"
    equal = [
        a[k].dtype == b[k].dtype and torch.equal(a[k], b[k])
        if isinstance(a[k], torch.Tensor)
        else a[k] == b[k]
        for k in a
        if k in b
    ]
    return a.keys() == b.keys() and all(equal)


def finite(memory):
    return all(bool(torch.isfinite(v).all()) for v in memory.values() if isinstance(v, torch.Tensor))


def stopped_in(child, tell, wanted, draw, seen):
    "Stop the child at random moments, and let it go on until one of them lies in the wanted phase."
    end = time.time() + 30
    while True:
        time.sleep(draw.uniform(0.01, 0.12))
        os.kill(child.pid, signal.SIGSTOP)
        _, status = os.waitpid(child.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "the child has died by itself"
        seen.append(int(tell[0]))
        if seen[-1] == wanted:
            return
        assert time.time() < end, f"never seen in phase {wanted}, but {seen}"
        os.kill(child.pid, signal.SIGCONT)


def run_and_kill(path, tell, wanted, draw, seen):
    "A child goes on from the file, saves at least once, and is killed in the wanted phase."
    tell[:] = TRAINING, -1, -1
    command = [sys.executable, "-c", CHILD, str(path), tell.filename]
    with (
        open(path.parent.parent / "errors.txt", "w+") as errors,
        subprocess.Popen(command, cwd=ROOT, stderr=errors) as child,
    ):
        try:
            while tell[1] < 0 or tell[2] <= tell[1]:
                assert child.poll() is None, (errors.seek(0), errors.read())
                time.sleep(0.01)
            stopped_in(child, tell, wanted, draw, seen)
        finally:
            child.kill()
        assert child.wait(30) == -signal.SIGKILL, (errors.seek(0), errors.read())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL and no SIGSTOP")
def test_killed_at_ten_random_moments(tmp_path):
    "While it trains, saves, has written half a file: the last save is whole, and the game goes on from it."
    path, draw, seen = tmp_path / "saves" / "game.safetensors", random.Random(0), []
    path.parent.mkdir()
    (tmp_path / "board").write_bytes(bytes(12))
    tell, best = board(tmp_path / "board"), None
    whole, whole_feed = new()  # never interrupted
    for n, wanted in enumerate(
        [WRITING, TRAINING, SAVING, WRITING, SAVING, WRITING, TRAINING, SAVING, WRITING, TRAINING], 1
    ):
        run_and_kill(path, tell, wanted, draw, seen)
        _, began, saved = map(int, tell)
        assert began == whole.step  # where the one before was killed, not from the start
        game, feed = new(seed=n)  # nothing of this one may be left
        notes = load(path, game, feed)
        assert game.step == notes["step"] and game.step - saved in ((0, 1) if wanted == SAVING else (0,))
        for step in train(whole, whole_feed, game.step - whole.step):
            best = better(step, best)
        assert same(tensors(notes["best"]), tensors(best))
        there = memory(game, feed)
        assert finite(there) and same(there, memory(whole, whole_feed))
        left = {f.name for f in path.parent.iterdir()} - {path.name}
        assert all(re.fullmatch(r"\.game\.safetensors\.[0-9a-f]{32}\.part", name) for name in left), left
        assert len(left) in {TRAINING: (0,), SAVING: (0, 1), WRITING: (1,)}[wanted]  # older ones were swept
    shares = ", ".join(
        f"{name} {seen.count(p) / len(seen):.0%}"
        for p, name in zip(PHASES, ("training", "saving", "writing"), strict=True)
    )
    print(f"{whole.step} steps, {len(seen)} looks: {shares}")


@pytest.fixture
def saved(tmp_path):
    "A DCGAN after five steps, its feed, and the file of both."
    (game, feed), path = new(), tmp_path / "game.safetensors"
    history(train(game, feed, 5))
    save(path, game, feed, step=5)
    return game, feed, path


def test_stop_load_go_on(saved):
    whole, whole_feed, path = saved
    parted, feed = new(seed=3)
    before = memory(parted, feed)
    assert load(path, parted, feed) == {"step": 5}
    assert same(memory(parted, feed), memory(whole, whole_feed)) and not same(memory(parted, feed), before)
    losses = [
        history(train(game, batches, 10)) for game, batches in ((parted, feed), (whole, whole_feed))
    ]  # and into the next epoch
    assert same(*losses) and same(memory(parted, feed), memory(whole, whole_feed))
    mean = parted.nets["EMA"]
    assert mean.n_averaged == 15 and not mean.training and not any(p.requires_grad for p in mean.parameters())
    at_five = new(seed=3)
    load(path, *at_five)
    counts = [k for k in before if k.endswith("n_averaged") or k.endswith("num_batches_tracked")]
    assert len(counts) == 1 + 3 + 3 + 2  # the mean's own, and each batch norm's in EMA, G and D
    then, now = memory(*at_five), memory(parted, feed)
    assert not any(
        torch.equal(then[k], now[k]) for k in then if ".nets." in k
    )  # every tensor of every network has moved


def test_another_width_is_refused(saved):
    *_, path = saved
    game, feed = new(seed=1, width=8)
    next(train(game, feed))
    before = memory(game, feed)
    with pytest.raises(ValueError, match="expected a save of this game, but .* is of another") as e:
        load(path, game, feed)
    assert "G.net.0.weight: expected float32 (16, 32, 4, 4), but got float32 (16, 16, 4, 4)" in str(e.value)
    assert same(memory(game, feed), before)
    assert finite(tensors(history(train(game, feed, 2))))  # and it can be played


def refused(path, untouched):
    game, feed, before = untouched
    with pytest.raises(ValueError, match="expected a file that save has written"):
        load(path, game, feed)
    assert same(memory(game, feed), before)


@pytest.fixture
def untouched():
    game, feed = new(seed=1)
    return game, feed, memory(game, feed)


def test_truncated_files_are_refused(saved, untouched):
    *_, path = saved
    data, draw = path.read_bytes(), random.Random(0)
    for length in [0, 1, 8, len(data) - 1, *(draw.randrange(len(data)) for _ in range(20))]:
        path.write_bytes(data[:length])
        refused(path, untouched)
    path.write_bytes(data)
    load(path, *untouched[:2])  # it was the length alone


def test_a_pickle_is_refused(saved, untouched):
    "Files of torch.save can run code when they are read; not even an honest one is."
    (game, _, path), sprung = saved, saved[2].with_name("sprung")
    torch.save(game.state_dict(), path)
    refused(path, untouched)
    for file in (path, path.with_suffix(".pt")):
        torch.save(Trap(str(sprung)), file)
        refused(file, untouched)
        assert not sprung.exists()
    torch.load(file, weights_only=False)
    assert sprung.exists()  # the trap was real


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)
