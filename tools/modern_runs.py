"""Play lesson 09's recipes for some seeds, and train the generator of stacked digits that the course ships;
write assets/results/modern.json, assets/data/models/modern/stacked_digits.safetensors and its line in the
manifest. What is there already stays, and a long run that was stopped goes on from its last save
(build/modern/). A game belongs to its number of steps: step size and brakes follow it.

python tools/modern_runs.py [plane] [stacked] [shipped] [STEPS] (without a word: all three; STEPS is that
of shipped)
"""

import json
import math
import sys
import time
from pathlib import Path

import torch
from manifest import promise
from safetensors.torch import save_file

from gancourse.data import mnist
from gancourse.game import Feed, draws, gan, load, normal, save, train
from gancourse.lipschitz import spectral_norm
from gancourse.machine import pick
from gancourse.metrics import digit_classifier, mode_coverage
from gancourse.modern import R1R2Penalty, count_modes, ladder, pictures_of, stack, stacked, stacked_generator
from gancourse.toy import grid, grid_centres, mlp, ring, ring_centres

ROOT = Path(__file__).resolve().parent.parent
RESULTS, SAVES = ROOT / "assets/results/modern.json", ROOT / "build/modern"
MODEL = ROOT / "assets/data/models/modern/stacked_digits.safetensors"
LAWS = {
    "ring": (ring, ring_centres(), 0.3),
    "grid": (grid, grid_centres(), 0.15),
}  # three standard deviations are near enough
PLANE, STACKED, SEEDS = 1500, 400, 3  # steps, steps, seeds
COUNTED = 26_000
LONG = dict(width=24, decay=0.999, seed=0)  # of the shipped generator
RATE, GAMMA = (1e-3, 1e-4), (0.03, 0.004)  # of the shipped generator, at its first and its last step


def plane_game(rung, seed):
    "The recipe on two-dimensional points."
    generator = torch.Generator().manual_seed(seed)
    G, D = mlp(2, 64, 64, 2, generator=generator), mlp(2, 64, 64, 1, generator=generator)
    if rung.norm == "spectral":
        D = torch.nn.Sequential(*(spectral_norm(m) if hasattr(m, "weight") else m for m in D))
    penalty = R1R2Penalty(0.1, rung.penalty == "R1 + R2") if rung.penalty else None
    return gan(G, D, rung.loss, normal(2, seed), penalty, lr_D=1e-3, lr_G=1e-3, betas=(0.5, 0.99))


def plane(machine, results):
    "Ring and grid, for each recipe."
    for law, (sample, centres, radius) in LAWS.items():
        rows = results.setdefault(law, {"steps": PLANE, "radius": radius, "modes": len(centres)})
        for name, rung in ladder.items():
            if rung.norm == "batch":
                continue
            done = rows.setdefault(name, [])
            for seed in range(len(done), SEEDS):
                game = plane_game(rung, seed)
                for _ in train(game, draws(sample, 256, seed), PLANE):
                    pass
                with torch.no_grad():
                    seen = mode_coverage(game.nets["G"](normal(2, 99)(5000)), centres, radius)
                done.append(dict(seed=seed, captured=seen.covered, good=round(seen.good, 3)))
                keep(results, law, name, done[-1])


def scores(G, net, machine, n=COUNTED):
    seen = count_modes(pictures_of(G, n, machine=machine), net)
    return dict(captured=seen.captured, kl=round(seen.kl, 4), confidence=round(seen.confidence, 4), counted=n)


def digits_of(images, seed):
    return draws(lambda n, generator=None: stack(images, n, generator), 64, seed)


def stacks(machine, results):
    "Stacked digits, for each recipe; G's running mean, and for one of them G itself beside it."
    (images, _), net, rows = mnist("train"), digit_classifier(), results.setdefault("stacked", {})
    if "real" not in rows:
        seen = count_modes(stack(images, COUNTED, torch.Generator().manual_seed(1)), net)
        rows["real"] = dict(
            captured=seen.captured,
            kl=round(seen.kl, 4),
            confidence=round(seen.confidence, 4),
            counted=COUNTED,
        )
    for seed in range(SEEDS):
        for name, rung in ladder.items():
            done = rows.setdefault(name, [])
            if any(row["seed"] == seed for row in done):
                continue
            game, began = stacked(rung, seed=seed, machine=machine), time.process_time()
            for _ in train(game, digits_of(images, seed), STACKED):
                pass
            row = dict(seed=seed, steps=STACKED, seconds=round(time.process_time() - began, 1))
            done.append(
                row | scores(game.nets["EMA"], net, machine) | {"G": scores(game.nets["G"], net, machine)}
            )
            keep(results, "stacked", name, done[-1])


def shipped(machine, steps):
    "One long game. Step size and brakes fall on the way."
    (images, _), net = mnist("train"), digit_classifier()
    if MODEL.exists() and stacked_generator(MODEL)[1]["steps"] >= steps:
        return listed()
    game, feed = (
        stacked(ladder["relativistic + R1 + R2"], machine=machine, **LONG),
        Feed(digits_of(images, 0)),
    )
    at, log, spent = SAVES / f"stacked_{steps}.safetensors", [], 0.0
    at.parent.mkdir(parents=True, exist_ok=True)
    if at.exists():
        log, spent = (load(at, game, feed)[k] for k in ("log", "spent"))
    began = time.process_time()
    while game.step < steps:
        *_, step = train(game, feed, min(100, steps - game.step))
        set_pace(game, game.step / steps)
        if game.step % 500 == 0 or game.step == steps:
            seen = scores(game.nets["EMA"], net, machine, 5000)
            log.append([game.step, seen["captured"], seen["kl"]])
            spent, began = spent + time.process_time() - began, time.process_time()
            save(at, game, feed, log=log, spent=spent)
            print(
                game.step,
                f"{spent:.0f} s",
                {k: round(v.item(), 3) for k, v in step.losses.items()},
                seen,
                flush=True,
            )
    ship(game, net, machine, log, spent)


def set_pace(game, share):
    "Half a cosine from the first to the last, for the logarithms of step size and gamma."
    rate, game.rules.penalty.gamma = (
        math.exp(math.log(b) + (math.log(a) - math.log(b)) * (1 + math.cos(math.pi * share)) / 2)
        for a, b in (RATE, GAMMA)
    )
    for player in game.players:
        player.lr = rate


def ship(game, net, machine, log, spent):
    "The running mean as float16, its recipe, and its line in the manifest."
    state = {
        k: v.contiguous().half() if v.is_floating_point() else v
        for k, v in game.nets["EMA"].module.state_dict().items()
    }
    G = game.nets["EMA"].module
    G.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    recipe = dict(
        task="stacked digits",
        recipe="relativistic + R1 + R2",
        batch=64,
        rate=RATE,
        gamma=GAMMA,
        made_by="tools/modern_runs.py",
        steps=game.step,
        seconds=round(spent),
        **LONG,
        **scores(G, net, machine),
        log=log,
    )
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    save_file(state, MODEL, {"recipe": json.dumps(recipe)})
    listed()
    print("shipped", {k: v for k, v in recipe.items() if k != "log"}, flush=True)


def listed():
    "The file's line in the manifest."
    steps = stacked_generator(MODEL)[1]["steps"]
    promise(
        MODEL,
        "Generator of gancourse, trained on the embedded MNIST",
        f"tools/modern_runs.py: {steps} steps on stacked digits, seed 0; trained on the embedded MNIST",
    )


def keep(results, *what):
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(*what, flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    machine, wanted = (
        pick(threads=1),
        [w for w in sys.argv[1:] if not w.isdigit()] or ["plane", "stacked", "shipped"],
    )
    steps = next((int(w) for w in sys.argv[1:] if w.isdigit()), 12_000)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results["machine"] = str(machine)
    if "plane" in wanted:
        plane(machine, results)
    if "stacked" in wanted:
        stacks(machine, results)
    if "shipped" in wanted:
        shipped(machine, steps)
