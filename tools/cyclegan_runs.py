"""Play lesson 06's games for three seeds, and train the translators that the course ships; write
assets/results/cyclegan.json, assets/data/models/cyclegan/*.safetensors and their lines in the manifest.
What is there already is not played again; a long run that was stopped goes on from its last save.

python tools/cyclegan_runs.py [seeds] [shipped] [trace] (half an hour, twenty and four minutes on one CPU;
without a word: the first two). `trace` plays seed 2 of the mosaics again and draws what it makes of clear
pictures, assets/results/cyclegan_trace.png.
"""

import itertools
import json
import math
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from manifest import promise
from PIL import Image
from safetensors.torch import save_file

from gancourse.cyclegan import cyclegan, return_error
from gancourse.data import disjoint_halves, emoji, emoji_names, mosaic, to_bytes
from gancourse.game import Feed, load, save, train, unpaired
from gancourse.lipschitz import r1
from gancourse.machine import pick
from gancourse.metrics import features_of, frechet, imagenet_features, moments, psnr, ssim
from gancourse.pix2pix import shipped as paired_network

ASSETS = Path(__file__).resolve().parent.parent / "assets"
RESULTS, MODELS, WORK = (
    ASSETS / "results/cyclegan.json",
    ASSETS / "data/models",
    Path(__file__).resolve().parent.parent / ".cyclegan_runs",
)
TASKS = {"mosaic 4": (lambda x: mosaic(x, 4), "3d"), "flat to 3d": (None, "flat")}
RECIPE = dict(width=16, blocks=4, residual=True, grow="resize", lr=5e-4, identity=0.0, r1=0.0, decay=0.99)
ARMS = {  # name -> what is added to RECIPE
    "flat to 3d": {
        "ours": dict(cycle=3.0),
        "with identity": dict(cycle=3.0, identity=1.5),
        "as in the paper": dict(residual=False, grow="transposed", lr=2e-4, cycle=10.0),
    },
    "mosaic 4": {"ours": dict(cycle=10.0, r1=0.002), "cycle 3": dict(cycle=3.0, r1=0.002)},
}
BATCH, STEPS, SEEDS = 4, 550, (0, 1, 2)
LONG = {  # one is shipped; the other shows what D does without R1 and with the same pictures over and over
    "flat to 3d": dict(
        steps=4_800, upto=4_800, move=True, recipe=RECIPE | dict(cycle=3.0, r1=0.002, decay=0.999)
    ),
    "flat to 3d, untamed": dict(
        steps=6_400, upto=5_200, move=False, recipe=RECIPE | dict(cycle=3.0, decay=0.999)
    ),
}


def domains(task):
    "Training sets of A and B that share no thing, and the test pictures of both with their partners."
    change, kind = TASKS[task]
    i, j = disjoint_halves(1014, seed=0)
    make = change or (lambda x: x)
    return make(emoji(kind)[i]), emoji("3d")[j], make(emoji(kind, "test")), emoji("3d", "test")


@torch.no_grad()
def beside(task, test_a):
    "What needs no game of ours: the block means enlarged, or the paired network of lesson 05."
    if task == "mosaic 4":
        return {
            "bicubic": F.interpolate(F.avg_pool2d(test_a, 4), scale_factor=4, mode="bicubic").clamp(-1, 1)
        }
    return {"paired": torch.cat([paired_network(task)[0](part) for part in test_a.split(29)])}


class Judge:
    "Scores of translated test pictures; FID to all real 3d pictures of training."

    def __init__(self):
        self.net = imagenet_features()
        self.known = moments(features_of(emoji("3d"), self.net))

    def __call__(self, made, truth):
        p = psnr(made, truth)
        finite = lambda v: round(v, 3) if math.isfinite(v) else None  # JSON knows no infinity
        return dict(
            psnr=finite(p.pooled),
            psnr_mean=finite(p.mean),
            ssim=round(ssim(made, truth), 4),
            fid=round(frechet(self.known, features_of(made, self.net)), 1),
        )


@torch.no_grad()
def translated(G, x, machine):
    "What G makes of x, float32 on the CPU."
    with machine.autocast():
        return torch.cat([G(machine.place(part)).float().cpu().clamp(-1, 1) for part in x.split(29)])


def report(game, test_a, test_b, judge, machine):
    "The running means on the test pictures: scores there, the way back, and how it stands noise."
    AB, BA = game.nets["EMA_AB"], game.nets["EMA_BA"]
    fake_b, fake_a = translated(AB, test_a, machine), translated(BA, test_b, machine)
    errors = return_error(lambda y: translated(BA, y, machine), fake_b, test_a)
    there = return_error(lambda y: translated(AB, y, machine), fake_a, test_b)
    return judge(fake_b, test_b) | dict(
        cycle_a=[round(v, 4) for v in errors.tolist()], cycle_b=[round(v, 4) for v in there.tolist()]
    )


def rate(done, of, flat=0.5):
    "1 for the first half of the game, then down to 0 in a straight line, as the paper does it."
    return 1.0 if done < flat * of else max(0.0, (of - done) / ((1 - flat) * of))


def moved(x, generator):
    "Each picture mirrored or not, and shifted by up to 6 pixels, white outside."
    x = torch.where(torch.rand(len(x), 1, 1, 1, generator=generator) < 0.5, x, x.flip(3))
    across, down = torch.randint(0, 13, (2, len(x)), generator=generator).tolist()
    x = F.pad(x, (6,) * 4, value=1.0)
    return torch.stack([y[:, d : d + 64, c : c + 64] for y, c, d in zip(x, across, down, strict=True)])


class Moved:
    "Endless batches of two sets without partners, no picture twice the same; passes know where they stand."

    resumable = True

    def __init__(self, a, b, n, machine, seed=0):
        self.source, self.machine, self.seed = unpaired(a, b, n, seed), machine, seed

    def __iter__(self):
        return Moving(iter(self.source), self.machine, torch.Generator().manual_seed(self.seed))


class Moving:
    def __init__(self, batches, machine, generator):
        self.batches, self.machine, self.generator = batches, machine, generator

    def __iter__(self):
        return self

    def __next__(self):
        return tuple(self.machine.place(moved(x, self.generator)) for x in next(self.batches))

    def state_dict(self):
        return {"batches": self.batches.state_dict(), "generator": self.generator.get_state()}

    def load_state_dict(self, state):
        self.batches.load_state_dict(state["batches"])
        self.generator.set_state(state["generator"])


def table(options, seed, machine, a, b, move=False):
    "A game and its batches."
    settings, weight = {k: v for k, v in options.items() if k != "r1"}, options["r1"]
    penalty = (lambda D, real, fake: weight * r1(D, real, fake)) if weight else None
    batches = (
        Moved(a, b, BATCH, machine, seed)
        if move
        else unpaired(machine.place(a), machine.place(b), BATCH, seed)
    )
    return cyclegan(seed=seed, machine=machine, penalty=penalty, **settings), Feed(batches)


def play(game, feed, steps, lr, upto=None):
    "On to step `upto`."
    for step in train(game, feed, (upto or steps) - game.step):
        for player in game.players:
            player.lr = lr * rate(step.n, steps)


def seeds(machine, judge, results):
    "Each task and arm, seed after seed, and what stands beside them."
    for task, arms in ARMS.items():
        a, b, test_a, test_b = domains(task)
        rows = results.setdefault(task, {"input": judge(test_a, test_b), "real": judge(test_b, test_b)})
        rows |= {name: judge(x, test_b) for name, x in beside(task, test_a).items() if name not in rows}
        for arm, seed in itertools.product(arms, SEEDS):
            options = RECIPE | arms[arm]
            key = dict(seed=seed, steps=STEPS, recipe=options)
            if any({k: row[k] for k in key} == key for row in rows.setdefault(arm, [])):
                continue
            (game, feed), began = table(options, seed, machine, a, b), time.process_time()
            play(game, feed, STEPS, options["lr"])
            rows[arm].append(
                key
                | dict(machine=str(machine), seconds=round(time.process_time() - began, 1))
                | report(game, test_a, test_b, judge, machine)
            )
            keep(results, task, arm, rows[arm][-1])


def shipped(machine, judge, results):
    "The long games. The one that is shipped goes into a file, both logs into the results."
    (MODELS / "cyclegan").mkdir(parents=True, exist_ok=True)
    WORK.mkdir(exist_ok=True)
    for name, plan in LONG.items():
        task, own = name.split(",")[0], name in TASKS
        file = MODELS / "cyclegan" / f"{task.replace(' ', '_')}.safetensors"
        if results.get("long", {}).get(name, {}).get("steps") == plan["steps"] and (file.exists() or not own):
            continue
        game, told = long_game(name, task, machine, judge, **plan)
        if own:
            ship(file, task, game, told)
        results.setdefault("long", {})[name] = told
        keep(results, name, told["log"][-1])


def long_game(name, task, machine, judge, steps, upto, move, recipe, every=400):
    "A game with a log: every so many steps its scores. It is saved, and goes on where it was stopped."
    a, b, test_a, test_b = domains(task)
    (game, feed), path, log, spent = (
        table(recipe, 0, machine, a, b, move),
        WORK / f"{name.replace(' ', '_')}.game",
        [],
        0.0,
    )
    if path.exists():
        log, spent = (load(path, game, feed)[k] for k in ("log", "spent"))
    while game.step < upto:
        began = time.process_time()
        play(game, feed, steps, recipe["lr"], game.step + every)
        spent += time.process_time() - began
        log.append(dict(step=game.step, seconds=round(spent)) | report(game, test_a, test_b, judge, machine))
        save(path, game, feed, log=log, spent=spent)
        print(name, log[-1], flush=True)
    return game, dict(
        steps=steps,
        upto=upto,
        moved=move,
        recipe=recipe,
        batch=BATCH,
        seed=0,
        seconds=round(spent),
        judged=judged(game, b, test_a, test_b, machine),
        log=log,
    )


@torch.no_grad()
def judged(game, b, test_a, test_b, machine):
    "What D_B says on average of real pictures that it was shown, of real ones it never saw, and of fakes."
    sets = dict(seen=b[:145], unseen=test_b, fake=translated(game.nets["G_AB"], test_a, machine))
    return {
        name: round(game.nets["D_B"](machine.place(x)).float().mean().item(), 3) for name, x in sets.items()
    }


def ship(path, task, game, told):
    "Both running means in float16, the recipe in the file, a line in the manifest."
    means = {way: game.nets[f"EMA_{way}"].module.state_dict() for way in ("AB", "BA")}
    state = {f"{way}.{k}": v.cpu().contiguous().half() for way, net in means.items() for k, v in net.items()}
    recipe = (
        {k: v for k, v in told.items() if k != "log"}
        | told["log"][-1]
        | dict(task=task, made_by="tools/cyclegan_runs.py")
    )
    save_file(state, path, {"recipe": json.dumps(recipe)})
    promise(
        path,
        "ResNet generators of gancourse, trained on Fluent Emoji © Microsoft Corporation (MIT)",
        f"tools/cyclegan_runs.py: {task}, {told['steps']} steps of cyclegan(), seed 0; "
        "trained on the embedded emoji, unpaired",
    )


@torch.no_grad()
def draw_trace(game, machine):
    "A sheet of 5 rows: clear, mosaic made of it, 10 times what makes it no true one, back, back after noise."
    names = ("tomato", "whale2", "gun", "spider", "control_knobs", "womans_hat", "grin", "couch_and_lamp")
    x = emoji("3d", "test")[[emoji_names("test").index(name) for name in names]]
    way = {k: lambda y, k=k: translated(game.nets[f"EMA_{k}"], y, machine) for k in ("AB", "BA")}
    tiles = way["BA"](x)
    z = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    trace = (10 * (tiles - mosaic(tiles, 4))).clamp(-1, 1)
    rows = x, tiles, trace, way["AB"](tiles), way["AB"](tiles + 0.05 * z)
    pixels = torch.cat([torch.cat([*F.pad(row, (2,) * 4, value=1.0)], 2) for row in rows], 1)
    sheet = Image.fromarray(to_bytes(pixels[None])[0].permute(1, 2, 0).numpy())
    sheet.quantize(256).save(RESULTS.with_name("cyclegan_trace.png"), optimize=True)


def trace(machine, judge, results):
    "Seed 2 of the mosaics once more, and its sheet."
    a, b, *_ = domains("mosaic 4")
    game, feed = table(RECIPE | ARMS["mosaic 4"]["ours"], 2, machine, a, b)
    play(game, feed, STEPS, RECIPE["lr"])
    draw_trace(game, machine)


def keep(results, *what):
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(*what, flush=True)


if __name__ == "__main__":
    machine, judge, wanted = pick(), Judge(), sys.argv[1:] or ["seeds", "shipped"]
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results["machine"] = str(machine)
    for part in (seeds, shipped, trace):
        if part.__name__ in wanted:
            part(machine, judge, results)
