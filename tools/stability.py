"""Play lesson 04's table of losses and penalties, its recipe for twenty seeds, and the recipe with one thing
changed.

Writes assets/results/stability.json.

python tools/stability.py   (some 30 minutes on one CPU core; OMP_NUM_THREADS=1 is fastest)
Runs that the file already holds are kept: delete it to play them all again.
"""

import json
from pathlib import Path

import torch

from gancourse.game import NotFinite, average, draws, gan, normal, train
from gancourse.lipschitz import gradient_penalty, input_gradient, r1, r2, spectral_norm
from gancourse.losses import family
from gancourse.metrics import frechet, mode_coverage
from gancourse.toy import laws, mlp

OUT = Path(__file__).resolve().parent.parent / "assets/results/stability.json"
LOSSES = "non_saturating", "hinge", "least_squares", "wasserstein", "relativistic"
PENALTIES = {
    "none": None,
    "r1": lambda D, real, fake: 0.03 * r1(D, real, fake),
    "gradient_penalty": gradient_penalty,
    "spectral_norm": None,  # D itself is another
    "r1 + r2": lambda D, real, fake: 0.03 * (r1(D, real, fake) + r2(D, real, fake)),
}
RECIPE = "relativistic", "r1 + r2"
CHANGES = {  # what is changed in the recipe, on the grid
    "LeakyReLU, slope 0.2": dict(slope=0.2),
    "learning rate 0.001 for both": dict(lr_G=1e-3, lr_D=1e-3),
    "betas (0.5, 0.999)": dict(betas=(0.5, 0.999)),
    "non-saturating loss": dict(loss="non_saturating"),
    "R1 without R2": dict(penalty="r1"),
}
SEEDS, TABLE_STEPS, RECIPE_SEEDS, RECIPE_STEPS = 3, 2000, 20, {"ring": 3000, "grid": 4000}


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


def scores(game, law, real):
    "What the running mean of G reaches, and how steep D is on real points."
    with torch.no_grad():
        fake = game.nets["EMA"](torch.randn(5000, 2, generator=torch.Generator().manual_seed(99)))
    seen = mode_coverage(fake, law.modes, 3 * law.std)
    return dict(
        covered=seen.covered,
        good=round(seen.good, 3),
        frechet=round(frechet(real, fake), 4),
        slope=round(slope_at(game.nets["D"], real[:1000]), 3),
    )


def play(law, loss, penalty, seed, steps, every, **options):
    "One run: its scores every so many steps. A game that ends in NaN keeps its last scores, and says so."
    law, game, looks, broken = laws[law], stable_game(loss, penalty, seed, **options), [], False
    real = law.sample(5000, torch.Generator().manual_seed(98))
    try:
        for step in train(game, draws(law.sample, 128, seed), steps):
            if step.n % every == 0:
                looks.append(scores(game, law, real))
    except NotFinite:
        broken = True
    return dict(
        broken=broken, **{k: [look[k] for look in looks] for k in ("covered", "good", "frechet", "slope")}
    )


def plan():
    "The runs in order, and what is special about the game of each."
    for seed in range(RECIPE_SEEDS):
        for law, steps in RECIPE_STEPS.items():
            yield (
                dict(
                    part="recipe",
                    law=law,
                    loss=RECIPE[0],
                    penalty=RECIPE[1],
                    seed=seed,
                    steps=steps,
                    every=100,
                ),
                {},
            )
    for seed in range(SEEDS):
        for change, options in CHANGES.items():
            run = dict(
                part="changed",
                change=change,
                law="grid",
                loss=RECIPE[0],
                penalty=RECIPE[1],
                seed=seed,
                steps=RECIPE_STEPS["grid"],
                every=100,
            )
            yield (
                {k: options.get(k, v) for k, v in run.items()},
                {k: v for k, v in options.items() if k not in run},
            )
    for seed in range(SEEDS):
        for law in ("ring", "grid"):
            for loss in LOSSES:
                for penalty in list(PENALTIES)[:4]:
                    yield (
                        dict(
                            part="table",
                            law=law,
                            loss=loss,
                            penalty=penalty,
                            seed=seed,
                            steps=TABLE_STEPS,
                            every=200,
                        ),
                        {},
                    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    rows = json.loads(OUT.read_text(encoding="utf-8")) if OUT.is_file() else []
    OUT.parent.mkdir(exist_ok=True)
    for run, options in plan():
        if not any(run.items() <= row.items() for row in rows):
            rows.append(
                run | play(**{k: v for k, v in run.items() if k not in ("part", "change")}, **options)
            )
            print({k: v[-1:] if isinstance(v, list) else v for k, v in rows[-1].items()}, flush=True)
            OUT.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")
