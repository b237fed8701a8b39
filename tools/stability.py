"""Play lesson 04's recipe and its rivals, its table of losses and penalties, the recipe with one thing
changed, and two games judged by G itself in place of its running mean.

python tools/stability.py [file]   (some 80 minutes on one CPU core; OMP_NUM_THREADS=1 is fastest)
Writes assets/results/stability.json, or the file that is named, run by run: stop it when you like.
Runs that it already holds are kept: delete it to play them all again.
"""

import itertools
import json
import sys
from pathlib import Path

import torch

from gancourse.game import NotFinite, average, draws, gan, normal, train
from gancourse.lipschitz import gradient_penalty, input_gradient, r1, r2, spectral_norm
from gancourse.losses import family
from gancourse.metrics import frechet, mode_coverage
from gancourse.toy import laws, mlp

RESULTS = Path(__file__).resolve().parent.parent / "assets/results/stability.json"
LOSSES = "non_saturating", "hinge", "least_squares", "wasserstein", "relativistic"
PENALTIES = {
    "none": None,
    "r1": lambda D, real, fake: 0.03 * r1(D, real, fake),
    "gradient_penalty": gradient_penalty,
    "spectral_norm": None,  # D itself is another
    "r1 + r2": lambda D, real, fake: 0.03 * (r1(D, real, fake) + r2(D, real, fake)),
}
WAYS = "none", "r1", "gradient_penalty", "spectral_norm"  # the table's
RECIPE = "relativistic", "r1 + r2"
RIVALS = ("hinge", "spectral_norm"), ("wasserstein", "gradient_penalty"), ("non_saturating", "none")
CHANGES = {  # what is changed in the recipe, on the grid
    "LeakyReLU, slope 0.2": dict(slope=0.2),
    "learning rate 0.001 for both": dict(lr_G=1e-3, lr_D=1e-3),
    "betas (0.5, 0.999)": dict(betas=(0.5, 0.999)),
    "non-saturating loss": dict(loss="non_saturating"),
    "R1 without R2": dict(penalty="r1"),
    "spectral norm for R1 + R2": dict(penalty="spectral_norm"),
    "nothing that holds D back": dict(penalty="none"),
}
SEEDS, TABLE_STEPS, RECIPE_SEEDS, RECIPE_STEPS = 5, 2000, 20, {"ring": 3000, "grid": 4000}


def stable_game(loss, penalty, seed, slope=0.0, lr_G=2e-3, lr_D=4e-3, betas=(0.0, 0.9)):
    "Two networks of 3 x 64 ReLUs, Adam, and the running mean of G."
    g = torch.Generator().manual_seed(seed)
    G, D = mlp(2, 64, 64, 64, 2, generator=g, slope=slope), mlp(2, 64, 64, 64, 1, generator=g, slope=slope)
    if penalty == "spectral_norm":
        for layer in D[::2]:
            spectral_norm(layer)
    game = gan(
        G, D, family[loss], z=normal(2, seed), penalty=PENALTIES[penalty], lr_D=lr_D, lr_G=lr_G, betas=betas
    )
    average(game, decay=0.99)
    return game


def slope_at(D, points):
    "D's mean slope, without a trace in D."
    D.eval()
    slope = input_gradient(D, points).norm(dim=1).mean().item()
    D.train()
    return slope


def scores(game, law, real, judged):
    "What the running mean of G, or G itself, reaches, and how steep D is on real points."
    with torch.no_grad():
        fake = game.nets[judged](torch.randn(5000, 2, generator=torch.Generator().manual_seed(99)))
    seen = mode_coverage(fake, law.modes, 3 * law.std)
    return dict(
        covered=seen.covered,
        good=round(seen.good, 3),
        frechet=round(frechet(real, fake), 4),
        slope=round(slope_at(game.nets["D"], real[:1000]), 3),
    )


def play(law, loss, penalty, seed, steps, every, judged="EMA", points=0, **options):
    "One run: its scores every so many steps, and points to look at. A game that ends in NaN says so."
    law, game, looks, broken = laws[law], stable_game(loss, penalty, seed, **options), [], False
    real = law.sample(5000, torch.Generator().manual_seed(98))
    try:
        for step in train(game, draws(law.sample, 128, seed), steps):
            if step.n % every == 0:
                looks.append(scores(game, law, real, judged))
    except NotFinite:
        broken = True
    seen = {k: [look[k] for look in looks] for k in ("covered", "good", "frechet", "slope")}
    if points:
        z = torch.randn(points, 2, generator=torch.Generator().manual_seed(55))
        with torch.no_grad():
            seen["drawn"] = [[round(v, 2) for v in point] for point in game.nets[judged](z).tolist()]
    return dict(broken=broken, **seen)


def run(part, law, loss, penalty, seed, steps, every, **more):
    return dict(part=part, law=law, loss=loss, penalty=penalty, seed=seed, steps=steps, every=every, **more)


def plan():
    "The runs, the dearest questions first, and what is special about the game of each."
    steps = RECIPE_STEPS["grid"]
    yield run("shown", "grid", *RECIPE, 0, steps, steps, points=400), {}
    for (loss, penalty), seed in itertools.product(RIVALS, range(SEEDS)):
        yield run("rival", "grid", loss, penalty, seed, steps, 100, points=0 if seed else 400), {}
    for seed, law in itertools.product(range(SEEDS), RECIPE_STEPS):
        yield run("itself", law, "wasserstein", "none", seed, TABLE_STEPS, 200, judged="G"), {}
    for seed, law, loss, penalty in itertools.product(range(SEEDS), RECIPE_STEPS, LOSSES, WAYS):
        yield run("table", law, loss, penalty, seed, TABLE_STEPS, 200), {}
    for seed, (change, options) in itertools.product(range(SEEDS), CHANGES.items()):
        loss, penalty = (options.get(k, v) for k, v in zip(("loss", "penalty"), RECIPE, strict=True))
        special = {k: v for k, v in options.items() if k not in ("loss", "penalty")}
        yield run("changed", "grid", loss, penalty, seed, steps, 100, change=change), special
    for seed in range(RECIPE_SEEDS):
        for law in RECIPE_STEPS:
            yield run("recipe", law, *RECIPE, seed, RECIPE_STEPS[law], 100), {}
        for loss, penalty in RIVALS:
            yield run("rival", "grid", loss, penalty, seed, steps, 100, points=0 if seed else 400), {}


if __name__ == "__main__":
    torch.set_num_threads(1)
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    rows = json.loads(out.read_text(encoding="utf-8")) if out.is_file() else []
    for one, options in plan():
        if not any(one.items() <= row.items() for row in rows):
            played = play(**{k: v for k, v in one.items() if k not in ("part", "change")}, **options)
            rows.append(one | played)
            print({k: v[-1] if isinstance(v, list) else v for k, v in rows[-1].items()}, flush=True)
            out.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")
