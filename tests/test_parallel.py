"""Several processes play the game of one: real ones on the CPU, talking through gloo, killed with SIGKILL,
gone on with by another number.

The oracle is always one process that plays with the toolbox's `train` alone. This file is also the program
that the processes run: `python tests/test_parallel.py SCENARIO FOLDER`, with the environment that a
launcher gives.
"""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader

pytest.importorskip("accelerate", reason="an optional extra: gancourse[parallel]")

from gancourse import checkpoint as toolbox
from gancourse import parallel
from gancourse.data import mnist
from gancourse.dcgan import dcgan
from gancourse.game import Feed, average, gan, history, load, minibatches, normal, train
from gancourse.lipschitz import r1
from gancourse.machine import pick
from gancourse.parallel import play, start, toy_batches, toy_game
from gancourse.toy import mlp, ring

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.usefixtures("one_thread")
HERE = pick("cpu", "float32", 1)
POINTS = ring(72, torch.Generator().manual_seed(5))


def smooth(net):
    "With tanh between the layers: a kink turns a rounding into another slope, now and then."
    return torch.nn.Sequential(
        *[torch.nn.Tanh() if isinstance(layer, torch.nn.LeakyReLU) else layer for layer in net]
    )


def ring_game(machine=None, seed=0):
    "R1, and two optimizers: with SGD a sum of gradients in place of a mean shows; Adam hardly cares."
    g = torch.Generator().manual_seed(seed)
    G, D = (smooth(mlp(2, 32, 32, outputs, generator=g)) for outputs in (2, 1))
    game = gan(
        G,
        D,
        z=normal(2, seed),
        penalty=r1,
        opt_D=torch.optim.SGD(D.parameters(), 0.02, momentum=0.5),
        lr_G=1e-3,
    )
    average(game, decay=0.9)
    return game


def loader(machine=None):
    "72 points in batches of 16, shuffled: four batches an epoch, and 8 points left out."
    return DataLoader(POINTS, 16, shuffle=True, drop_last=True)


def digits(machine=None):
    return minibatches(mnist("test", 28)[0][:64].double(), 16, seed=1)


def pictures(machine=None):
    "A DCGAN with batch norm in both networks and R1 through it, in 64 bits, because LeakyReLU has a kink."
    game = dcgan(8, size=28, width=4, lr=2e-4, machine=HERE, penalty=r1)
    for net in game.nets.values():
        net.double()
    game.z.draw = partial(torch.randn, dtype=torch.float64)
    return game


# What a launched process does


def counted(folder, process):
    "Count the files that this process writes."
    write, count = toolbox._write, []

    def counting(path, *content):
        count.append(Path(path).name)
        (folder / f"writes{process}.json").write_text(json.dumps(count))
        write(path, *content)

    toolbox._write = counting


def complaint(**changes):
    "The error that `play` raises."
    options = dict(make_game=toy_game, make_batches=toy_batches, steps=1) | changes
    try:
        next(play(**options, accelerator=start(cpu=True)))
    except Exception as e:
        return f"{type(e).__name__}: {e}"
    return "none"


def equal(folder, accelerator):
    "Four games, each saved once, and three errors."
    run = lambda name, *args, **kw: history(
        play(*args, folder / f"{name}.safetensors", accelerator=accelerator, **kw)
    )
    run(
        "ring", lambda machine: ring_game(machine, seed=accelerator.process_index), toy_batches, 60, every=30
    )  # the main process's start counts
    run("loader", ring_game, loader, 30)
    run("pictures", pictures, digits, 6)
    run("own_norm", pictures, digits, 6, joint_norm=False)
    (folder / "damaged.safetensors").write_bytes(b"no game")
    errors = [
        complaint(make_batches=lambda machine: toy_batches(machine, 33)),
        complaint(make_batches=lambda machine: [POINTS[:15]]),
        complaint(path=folder / "damaged.safetensors"),
    ]
    (folder / f"errors{accelerator.process_index}.json").write_text(json.dumps(errors))


def forever(folder, accelerator):
    "Play and save until somebody kills this process."
    for _ in play(
        toy_game, toy_batches, 100_000, folder / "game.safetensors", every=3, accelerator=accelerator
    ):
        pass


def go_on(folder, accelerator):
    "Go on from the file to the step that the folder tells."
    goal = int((folder / "goal").read_text())
    steps = list(play(toy_game, toy_batches, goal, folder / "game.safetensors", accelerator=accelerator))
    (folder / f"first{accelerator.process_index}").write_text(str(steps[0].n))


if __name__ == "__main__":
    signal.alarm(300)  # whatever happens to the parent, no child stays
    torch.set_num_threads(1)
    accelerator, folder = start(cpu=True), Path(sys.argv[2])
    counted(folder, accelerator.process_index)
    {"equal": equal, "forever": forever, "go_on": go_on}[sys.argv[1]](folder, accelerator)
    accelerator.wait_for_everyone()  # nobody takes the group down while another still talks
    accelerator.end_training()


# The tests


def launched(scenario, folder, processes):
    "That many processes, told of each other as torchrun and `accelerate launch` do."
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    env = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    children = []
    for k in range(processes):
        if processes > 1:
            env |= dict(
                MASTER_ADDR="127.0.0.1",
                MASTER_PORT=str(port),
                RANK=str(k),
                LOCAL_RANK=str(k),
                WORLD_SIZE=str(processes),
                LOCAL_WORLD_SIZE=str(processes),
            )
        with open(folder / f"stderr{k}", "w") as errors:
            children.append(
                subprocess.Popen(
                    [sys.executable, __file__, scenario, str(folder)], cwd=ROOT, stderr=errors, env=env
                )
            )
    return children


def finished(children, folder):
    "Wait until all of them have ended well."
    codes = [child.wait(280) for child in children]
    assert not any(codes), [(folder / f"stderr{k}").read_text()[-2000:] for k in range(len(children))]


def loaded(make, path):
    game = make(HERE)
    load(path, game)
    return game


def alone(make, batches, steps):
    "The game of one process."
    game = make(HERE)
    history(train(game, Feed(batches), steps))
    return game


def apart(a, b):
    "The largest difference of two games' networks, buffers too."
    return max(
        (x.double() - y.double()).abs().max().item()
        for k in a.nets
        for x, y in zip(a.nets[k].state_dict().values(), b.nets[k].state_dict().values(), strict=True)
    )


def moved(game, other):
    "The largest difference of two games' parameters."
    return max(
        (p - q).abs().max().item()
        for k in "GD"
        for p, q in zip(game.nets[k].parameters(), other.nets[k].parameters(), strict=True)
    )


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    "What two processes have left behind after scenario `equal`."
    folder = tmp_path_factory.mktemp("two")
    children = launched("equal", folder, 2)
    try:
        finished(children, folder)
    finally:
        for child in children:
            child.kill()
    return folder


slow = pytest.mark.slow


@slow
def test_two_processes_play_the_game_of_one(two):
    "R1, two optimizers, a running mean; all networks to 1e-5."
    one, both = alone(ring_game, toy_batches(HERE), 60), loaded(ring_game, two / "ring.safetensors")
    print(f"after 60 steps {apart(both, one):.1e} apart, moved by {moved(one, ring_game()):.2f}")
    assert both.step == 60 and apart(both, one) < 1e-5 and moved(one, ring_game()) > 0.03
    assert [
        torch.equal(a.get_state(), b.get_state())
        for a, b in zip(both.generators, one.generators, strict=True)
    ] == [True]


@slow
def test_a_prepared_loader_is_shared(two):
    "The order is that of seed + epoch, and each process gets its half of each batch."
    epochs = [torch.randperm(72, generator=torch.Generator().manual_seed(epoch)) for epoch in range(8)]
    batches = [POINTS[rows] for order in epochs for rows in order[:64].split(16)][:30]
    one = alone(ring_game, batches, 30)
    assert apart(loaded(ring_game, two / "loader.safetensors"), one) < 1e-5 and moved(one, ring_game()) > 0.01


@slow
def test_batch_norm_sees_the_joint_batch(two):
    "With its running statistics; and each process by its own rows is another game."
    one = alone(pictures, digits(), 6)
    joint = apart(loaded(pictures, two / "pictures.safetensors"), one)
    own = moved(loaded(pictures, two / "own_norm.safetensors"), one)
    print(f"joint {joint:.1e}, own {own:.1e}, moved {moved(one, pictures()):.1e}")
    assert joint < 1e-8 < 5e-4 < moved(one, pictures())
    assert own > 5e-4


@slow
def test_only_the_main_process_writes(two):
    names = ["ring", "ring", "loader", "pictures", "own_norm"]
    assert json.loads((two / "writes0.json").read_text()) == [f"{name}.safetensors" for name in names]
    assert not (two / "writes1.json").exists()
    assert not list(two.glob(".*.part"))
    assert toolbox.notes(two / "ring.safetensors") == {"processes": 2}


@slow
def test_every_process_gets_the_error(two):
    errors = [json.loads((two / f"errors{k}.json").read_text()) for k in (0, 1)]
    assert errors[0] == errors[1]
    wanted = [
        "ValueError: batches: expected a batch size that 2 processes can share equally, but got 33",
        "ValueError: batch: expected a number of rows that 2 processes can share equally, but got 15",
        "ValueError: path: expected a file that save has written",
    ]
    assert all(error.startswith(start) for error, start in zip(errors[0], wanted, strict=True)), errors[0]


def turn_of(path):
    "Of a file that may be replaced at any moment: a copy of what stands there now is read."
    if not path.exists():
        return 0
    copy = path.with_suffix(".seen")
    copy.write_bytes(path.read_bytes())
    with toolbox._reading(copy) as saved:
        return saved.part("game", values=False)["step"]


def killed(folder, processes, draw):
    "Play until the second save, kill one process at random; the others must not stay. The last save's step."
    children, path = launched("forever", folder, processes), folder / "game.safetensors"
    try:
        end = time.time() + 240
        while turn_of(path) < 6:
            assert all(child.poll() is None for child in children), (folder / "stderr0").read_text()[-2000:]
            assert time.time() < end, "nothing was saved"
            time.sleep(0.02)
        time.sleep(draw.uniform(0, 0.3))
        victim = children[-1]
        victim.send_signal(signal.SIGKILL)
        assert victim.wait(30) == -signal.SIGKILL
        assert all(child.wait(60) for child in children)  # by themselves, and not with success
    finally:
        for child in children:
            child.kill()
    return turn_of(path)


@slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("before, after", [(2, 1), (1, 2)])
def test_killed_and_gone_on_with_by_another_number(tmp_path, before, after):
    at = killed(tmp_path, before, random.Random(before))
    assert at >= 6 and at % 3 == 0 and toolbox.notes(tmp_path / "game.safetensors") == {"processes": before}
    (tmp_path / "goal").write_text(str(at + 20))
    (tmp_path / "writes0.json").unlink(missing_ok=True)
    children = launched("go_on", tmp_path, after)
    try:
        finished(children, tmp_path)
    finally:
        for child in children:
            child.kill()
    assert [int((tmp_path / f"first{k}").read_text()) for k in range(after)] == [
        at + 1
    ] * after  # not from the start
    whole = alone(toy_game, toy_batches(HERE), at + 20)
    assert (
        apart(loaded(toy_game, tmp_path / "game.safetensors"), whole)
        < 1e-5
        < 1e-3
        < moved(whole, toy_game(HERE))
    )


def test_one_process_is_train_to_the_bit():
    steps = list(play(toy_game, toy_batches, 5, accelerator=start(cpu=True)))
    assert apart(steps[-1].game, alone(toy_game, toy_batches(HERE), 5)) == 0


def test_the_command_line_plays_and_goes_on(tmp_path, capsys):
    options = [
        "--cpu",
        "--game",
        "toy",
        "--batch",
        "32",
        "--save",
        str(tmp_path / "game.safetensors"),
        "--steps",
    ]
    parallel.main([*options, "8"])
    parallel.main([*options, "8"])
    parallel.main([*options, "12"])
    said = capsys.readouterr().out
    assert re.search(r"process 0 of 1 on cpu, float32, \d+ threads?: [\d,]+ rows/s", said)
    assert re.findall(r"step (\d+):|(nothing left)", said) == [("8", ""), ("", "nothing left"), ("12", "")]


def test_without_accelerate_the_error_says_what_to_install():
    code = "import sys; sys.modules['accelerate'] = None\nimport gancourse.parallel"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (
        run.returncode == 1
        and "ImportError: gancourse.parallel: expected Hugging Face Accelerate" in run.stderr
    )
    assert 'pip install "gancourse[parallel]"' in run.stderr
