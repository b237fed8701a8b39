"""Play healthy games and games that are broken on purpose, write down their histories, and print how
`diagnose` reads them.

Writes assets/results/diagnose.json.

python tools/diagnose_runs.py          (some 15 minutes on one CPU core; OMP_NUM_THREADS=1 is fastest)
python tools/diagnose_runs.py --read   (only reads the stored histories again: seconds)
Runs that the file already holds are kept: delete it to play them all again.
"""

import json
import math
import sys
from collections import Counter
from pathlib import Path

import torch
from torch.nn.functional import avg_pool2d

from gancourse.data import mnist
from gancourse.dcgan import dcgan
from gancourse.diagnose import History, Watcher, diagnose, record
from gancourse.game import minibatches, train
from gancourse.lipschitz import r1
from gancourse.losses import hinge, minimax
from gancourse.playground import Playground

OUT = Path(__file__).resolve().parent.parent / "assets/results/diagnose.json"
SEEDS, DIGITS, LOOKS = range(8), 3000, 20
TAME = dict(penalty="r1", weight=0.03, lr_D=4e-3, lr_G=2e-3, momentum=0.0)
FAR = tuple(
    (4 + x, 4 + y) for x in (-1, 0, 1) for y in (-1, 0, 1)
)  # clouds that G's first points do not touch
LARGE = dict(points=16, batch=16, width_D=128, depth_D=3)

TOY = {  # kind -> settings of the playground
    "healthy": [
        dict(data="ring", loss="relativistic", **TAME),
        dict(data="two_moons", **TAME),
        dict(data="ring", loss="hinge", **TAME),
        dict(data="spiral", **TAME),
        dict(data="gaussian", depth_G=0, width_D=16, penalty="r1", weight=0.1, lr_D=5e-3, lr_G=2e-3),
    ],
    "D saturated": [
        dict(data="ring", k_D=8, lr_D=3e-3, lr_G=1e-5, width_D=128, depth_D=3),
        dict(data="drawn", drawing=FAR, k_D=4, lr_D=3e-3, lr_G=1e-5),
    ],
    "vanishing gradient": [
        dict(data="drawn", drawing=FAR, loss="minimax", k_D=4, lr_D=3e-3, lr_G=1e-5),
        dict(data="drawn", drawing=FAR, loss="minimax", k_D=8, lr_D=2e-3, lr_G=1e-5, width_D=128),
    ],
    "full collapse": [
        dict(data="ring", k_G=8, lr_G=4e-3, lr_D=1e-3),
        dict(data="two_moons", k_G=8, lr_G=4e-3, lr_D=1e-3),
    ],
    "partial collapse": [dict(data="ring", lr_G=2e-3, lr_D=2e-4), dict(data="ring", k_G=3)],
    "cycling": [
        dict(data="ring", loss="wasserstein"),
        dict(
            data="drawn",
            drawing=((1, 2), (2, 1)),
            depth_G=0,
            depth_D=0,
            loss="wasserstein",
            optimizer="sgd",
            momentum=0.0,
            lr_D=0.05,
            lr_G=0.05,
        ),
    ],
    "D too weak": [dict(data="ring", lr_D=1e-6), dict(data="gaussian", lr_D=1e-6)],
    "memorising": [dict(data="grid", **LARGE), dict(data="spiral", **LARGE)],
    "not finite": [dict(data="ring"), dict(data="spiral", loss="hinge")],
}

PICTURES = {  # kind -> options of `dcgan`, and of the run
    "healthy": [dict(), dict(loss=hinge), dict(penalty=lambda D, real, fake: 0.1 * r1(D, real, fake))],
    "D saturated": [dict(lr_D=5e-3, lr_G=1e-6), dict(loss=hinge, lr_D=5e-3, lr_G=1e-6)],
    "vanishing gradient": [
        dict(loss=minimax, lr_D=5e-3, lr_G=1e-5),
        dict(loss=minimax, lr_D=5e-3, lr_G=1e-4, every_G=4),
    ],
    "full collapse": [dict(every_D=20, lr_G=1e-2), dict(every_D=10, lr_G=3e-2)],
    "partial collapse": [dict(every_D=5, lr_G=5e-3), dict(every_D=4, lr_G=5e-3, loss=hinge)],
    "D too weak": [dict(lr_D=1e-6), dict(loss=hinge, lr_D=1e-6)],
    "memorising": [dict(points=16), dict(points=24)],
    "not finite": [dict(), dict(loss=hinge)],
}
STEPS = {
    ("toy", "memorising"): 3000,
    ("toy", "D saturated"): 1000,
    ("toy", "vanishing gradient"): 1000,
    ("pictures", "memorising"): 1000,
    ("pictures", "healthy"): 800,
}


def toy_run(settings, seed):
    "A game in the plane, its batches, and who watches it."
    recipe = Playground(seed=seed, **settings)
    game, batches = recipe.game(), recipe.batches()
    data = batches.data if recipe.points else recipe.law.sample(2000, torch.Generator().manual_seed(seed))
    return game, batches, Watcher(data, recipe.law.sample(2000, torch.Generator().manual_seed(seed + 1000)))


def digits():
    "Real digits of 16 x 16 pixels: one half to train, one half held out."
    x = avg_pool2d(mnist("train")[0], 2)
    return x[:DIGITS], x[DIGITS : 2 * DIGITS]


def picture_run(options, seed):
    "A small DCGAN, its batches, and who watches it."
    options, (seen, unseen) = dict(options), digits()
    points = options.pop("points", 0)
    if points:
        seen = seen[seed * points : (seed + 1) * points]
    game = dcgan(size=16, width=8, latent_dim=32, seed=seed, **options)
    return game, minibatches(seen, min(32, len(seen)), seed), Watcher(seen, unseen, n=256)


def spoilt(batches, step):
    "The same batches; in one step a number is infinite."
    for n, x in enumerate(batches):
        yield x.index_fill(0, torch.tensor([0]), math.inf) if n == step else x


def play(family, kind, settings, seed):
    "One run: its history."
    steps = STEPS.get((family, kind), {"toy": 2000, "pictures": 400}[family])
    game, batches, watcher = (toy_run if family == "toy" else picture_run)(settings, seed)
    if kind == "not finite":
        batches = spoilt(batches, steps // 2 + 7)
    return record(train(game, batches, steps), watcher, steps // LOOKS)


def plan():
    for seed in SEEDS:
        for family, table in (("toy", TOY), ("pictures", PICTURES)):
            for kind, variants in table.items():
                for variant, settings in enumerate(variants):
                    yield dict(family=family, kind=kind, variant=variant, seed=seed), settings


def read(rows):
    "Print the confusion matrix: deed and first finding. Thresholds come from the first half of the seeds."
    for family in ("toy", "pictures"):
        for half, seeds in (("first", SEEDS[:4]), ("second", SEEDS[4:])):
            counts = Counter(
                (row["kind"], first_finding(row))
                for row in rows
                if row["family"] == family and row["seed"] in seeds
            )
            right = sum(n for (was, got), n in counts.items() if was == got)
            print(f"\n{family}, {half} half of the seeds: {right} of {counts.total()} right")
            for was in TOY:
                print(f"  {was:20}", {got: n for (kind, got), n in counts.items() if kind == was})


def first_finding(row):
    return next((finding.name for finding in diagnose(History.of(row["looks"], row["broke"]))), "healthy")


if __name__ == "__main__":
    torch.set_num_threads(1)
    rows = json.loads(OUT.read_text(encoding="utf-8")) if OUT.is_file() else []
    OUT.parent.mkdir(exist_ok=True)
    for run, settings in plan() if "--read" not in sys.argv else ():
        if not any(run.items() <= row.items() for row in rows):
            history = play(run["family"], run["kind"], settings, run["seed"])
            rows.append(run | dict(broke=history.broke, looks=history.columns()))
            print(run, flush=True)
            OUT.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")
    read(rows)
