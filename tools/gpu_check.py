"""Does the course keep its promises on this accelerator? One command, under eight minutes, in parts.

`python tools/gpu_check.py` plays every kind of game in float32 and in bfloat16, as fast as it goes. Each part
is written to `assets/results/gpu_NAME-OF-THE-CARD.json` as soon as it is done; another call goes on with what
is missing. A part has failed where

- the first losses in float32 are off those of a CPU, from the same weights, data and noise, by over 1 %;
- a loss or a network is not finite after all steps;
- a step makes the CPU wait (CUDA can tell);
- its save can't be loaded on a CPU, or gives other weights there.

Where there is no accelerator it runs on the CPU: that says little, but shows that it runs.
"""

import argparse
import contextlib
import itertools
import json
import math
import re
import sys
import tempfile
import time
import warnings
from pathlib import Path

import torch
from games import GAMES
from torch.utils._pytree import tree_map

from gancourse.game import Feed, load, save, train
from gancourse.machine import pick

RESULTS = Path(__file__).resolve().parent.parent / "assets" / "results"
FIRST, BAND = 5, 1e-2  # steps held against the CPU, and how far off they may be
PRECISIONS = "float32", "bfloat16"


def card(device):
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def now(device):
    "Seconds, when the device has done all that it was asked to."
    if device.type != "cpu":
        torch.get_device_module(device).synchronize()
    return time.perf_counter()


def with_noise_of_the_cpu(game, device):
    "Generators of two devices draw different numbers; so all noise is drawn on the CPU, and brought."
    for part in getattr(game.z, "parts", [game.z] if game.z else []):
        draw, part.generator = part.draw, torch.Generator().manual_seed(part.generator.initial_seed())
        part.draw = lambda n, dim, draw=draw, **how: draw(n, dim, **how).to(device)
    return game


def values(step):
    return step.losses.values()


def off_the_cpu(name, machine, size):
    "The largest difference of the first losses from a CPU's, as a share of their size, or of 1."
    cpu = pick("cpu", "float32")
    here, batches = GAMES[name](cpu, size)
    there, _ = GAMES[name](machine, size)
    batches = list(itertools.islice(Feed(batches), FIRST))
    moved = [tree_map(machine.place, batch) for batch in batches]
    losses = [
        [v.item() for step in train(with_noise_of_the_cpu(game, device), data, FIRST) for v in values(step)]
        for game, data, device in ((here, batches, cpu.device), (there, moved, machine.device))
    ]
    return max(abs(a - b) / max(1.0, abs(a)) for a, b in zip(*losses, strict=True))


def waits(play, device):
    "Does a step make the CPU wait? CUDA raises an error then; others can't tell."
    if device.type != "cuda":
        return None
    torch.cuda.set_sync_debug_mode("error")
    try:
        next(play)
    except RuntimeError as e:
        if "synchroniz" not in str(e):
            raise
        return True
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return False


def loads_on_a_cpu(name, game, size):
    "Is a save of the game that game, on a CPU?"
    again, _ = GAMES[name](pick("cpu", "float32"), size)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that noise goes on from a seed
        save(Path(folder) / "game", game)
        load(Path(folder) / "game", again)
    return again.step == game.step and all(
        torch.equal(x, game.nets[k].state_dict()[key].cpu())
        for k, net in again.nets.items()
        for key, x in net.state_dict().items()
    )


def check(name, machine, steps, size):
    "What is found of one game in one precision."
    found, device = {"steps": steps}, machine.device
    if machine.amp is None:
        found["off the CPU"] = off_the_cpu(name, machine, size)
    game, batches = GAMES[name](machine, size)
    play = train(game, batches, rollback=False)
    next(play)
    found["waits"] = waits(play, device)
    began = now(device)
    for step in itertools.islice(play, steps):
        losses = step.losses
    found["steps a second"] = round(steps / (now(device) - began), 1)
    found["losses"] = {k: round(v.item(), 4) for k, v in losses.items()}
    found["finite"] = game.finite() and all(map(math.isfinite, found["losses"].values()))
    found["loads on a CPU"] = loads_on_a_cpu(name, game, size)
    return found


def failures(found):
    "What is wrong with it, in words."
    if found.get("off the CPU", 0.0) > BAND:
        yield f"the first losses are {found['off the CPU']:.1%} off those of the CPU"
    if found["waits"]:
        yield "a step makes the CPU wait"
    if not found["finite"]:
        yield "a loss or a network is not finite"
    if not found["loads on a CPU"]:
        yield "its save gives another game on a CPU"


def read(path):
    with contextlib.suppress(FileNotFoundError):
        return json.loads(path.read_text(encoding="utf-8"))
    return {"torch": torch.__version__, "parts": {}}


def main(args=None):
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--device", help="cuda, mps, ...; the best there is")
    ask.add_argument("--steps", type=int, default=300, help="of each game in each precision")
    ask.add_argument("--size", type=int, default=32, help="side of the pictures")
    ask.add_argument("--games", nargs="+", choices=GAMES, default=list(GAMES), metavar="GAME")
    ask.add_argument("--seconds", type=float, default=420, help="no part is begun after them")
    ask.add_argument("--out", type=Path, default=RESULTS, help="the folder of the figures")
    told, began = ask.parse_args(args), time.perf_counter()
    machines = {p: pick(told.device, p) for p in PRECISIONS}
    name = card(machines["float32"].device)
    path = told.out / f"gpu_{re.sub(r'[^A-Za-z0-9]+', '-', name)}.json"
    figures = read(path) | {"card": name}
    wanted = {f"{game}, {p}": (game, machine) for game in told.games for p, machine in machines.items()}
    for part, (game, machine) in wanted.items():
        if part in figures["parts"] or time.perf_counter() - began > told.seconds:
            continue
        figures["parts"][part] = found = check(game, machine, told.steps, told.size)
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        print(f"{part}: {found['steps a second']} steps a second", flush=True)
    done = {part: list(failures(figures["parts"][part])) for part in wanted if part in figures["parts"]}
    for part, wrong in done.items():
        for words in wrong:
            print(f"FAILED {part}: {words}")
    left = len(wanted) - len(done)
    print(f"{len(done)} parts on {name}, in {path}" + f"; {left} are left: call again" * (left > 0))
    return 1 if any(done.values()) else 2 if left else 0


if __name__ == "__main__":
    sys.exit(main())
