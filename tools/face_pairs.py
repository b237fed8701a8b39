"""Play lessons 05 and 06 on faces, where every answer can be read: sketches that get colours, beards that
come and go, hair that is dyed. Write assets/results/faces_pix2pix.json, faces_L1.png and faces_cyclegan.json,
the networks that the course ships, and their lines in the manifest. What is there already is not played
again; a game that was stopped goes on from its last save, to the bit.

python tools/face_pairs.py [--work FOLDER] [sketch] [L1] [beard] [hair] [several]

Without a word: all. CPU minutes on one slow core: see `seconds` in the results. The saves lie in FOLDER,
by default .face_pairs beside this checkout's tools.
"""

import argparse
import itertools
import json
import time
from functools import cached_property
from pathlib import Path

import torch
import torch.nn.functional as F
from manifest import promise
from PIL import Image
from pix2pix_runs import jolt
from safetensors.torch import save_file
from torch import nn

from gancourse.checkpoint import load_networks
from gancourse.cyclegan import cyclegan
from gancourse.face_scores import shares
from gancourse.faces import ATTRIBUTES, COLOURS, change, draw, pictures, rows, sketch, sketched
from gancourse.features import face_attributes
from gancourse.game import Feed, draws, load, save, train, unpaired
from gancourse.machine import pick, seeded
from gancourse.metrics import psnr
from gancourse.pix2pix import PairedBatch, UNet, pix2pix

ROOT = Path(__file__).resolve().parent.parent
RESULTS, MODELS = ROOT / "assets/results", ROOT / "assets/data/models"
MADE_FROM = "trained on ToonHead by Johan Melin (CC BY 4.0)"
SHAPES = [name for name in ATTRIBUTES if name not in COLOURS]  # what a sketch tells

SKETCH = dict(size=32, width=16, l1=100.0, weight=0.3, lr=1e-3, decay=0.997, unet=dict(noise=8))
SKETCH |= dict(patch=dict(layers=4, norm="batch"))
KL, CODED = 0.05, 6  # weight of the code's price; pairs of a batch whose colours G is told
PAIRED = {  # name -> steps, whether the pairs are moved, what is added to SKETCH
    "judged": (3000, True, {}),
    "sketch": (1500, True, dict(weight=0.0)),  # goes on from the networks of "judged", without D
    "L1": (300, False, dict(weight=0.0)),
}
CHANGES = {  # name -> steps, seeds, what all faces of A have, what all of B have instead
    "beard": (950, (0, 1, 2), dict(beard="none"), dict(beard="full")),
    "hair": (950, (0,), dict(hair_colour="black"), dict(hair_colour="blond")),
    "several": (
        950,
        (0,),
        dict(hair="undercut", beard="full", mouth="sad", clothes="shirt"),
        dict(hair="bun", beard="none", mouth="laugh", clothes="dress"),
    ),
}
RESNET = dict(width=16, blocks=4, residual=True, grow="resize")
UNPAIRED = RESNET | dict(cycle=2.0, lr=5e-4, decay=0.99)  # with the paper's 10 nothing changes for long
BATCH, BATCH_UNPAIRED = 8, 8
SETS, TESTS = 2000, 500  # faces of A and of B; faces that neither has


def rate(done, of):
    "1 for the first half of a game, then down to 0 in a straight line."
    return min(1.0, 2 * (1 - done / of))


def play(path, game, feed, steps, lr, every=100):
    "On to the last step, saved every so often: the seconds of computing, of all sittings."
    spent = load(path, game, feed)["spent"] if path.exists() else 0.0
    while game.step < steps:
        began, told = time.process_time(), {}
        for step in train(game, feed, min(every, steps - game.step)):
            for name, loss in step.losses.items():
                told[name] = told.get(name, 0) + loss / every
            for player in game.players:
                player.lr = lr * rate(step.n, steps)
        spent += time.process_time() - began
        save(path, game, feed, spent=spent)
        print(
            path.stem,
            game.step,
            f"{spent:.0f} s",
            {k: round(v.item(), 3) for k, v in told.items()},
            flush=True,
        )
    return spent


def answers(net, x, *more):
    "What a network makes of pictures, a few at a time, float32 on the CPU."
    parts = zip(*(part.split(50) for part in (x, *more)), strict=True)
    with torch.no_grad():
        return torch.cat([net(*(machine.place(p) for p in part)).float().cpu() for part in parts])


def right(read, wanted, names):
    "The share of faces on which each attribute is read as it should be."
    at = list(ATTRIBUTES)
    return {name: round((read == wanted)[:, at.index(name)].double().mean().item(), 4) for name in names}


# Sketch -> face: one sketch, many colours.


def pairs(n, generator):
    "Fresh pairs, every second one turned, zoomed, shifted and perhaps mirrored."
    x, y = sketched(n, generator)
    moved = jolt(x[::2], y[::2], generator)
    return tuple(torch.cat(part) for part in zip(moved, (x[1::2], y[1::2]), strict=True))


class Coder(nn.Module):
    "Faces (n, 3, 64, 64) -> mean and log variance of the numbers that tell their colours, (n, noise) each."

    def __init__(self, noise, width=16):
        super().__init__()
        wide, layers = [3, width, 2 * width, 4 * width], []
        for a, b in itertools.pairwise(wide):
            layers += [nn.Conv2d(a, b, 4, 2, 1), nn.LeakyReLU(0.2)]
        self.net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(wide[-1] * 8 * 8, 2 * noise))

    def forward(self, y):
        return self.net(y).chunk(2, 1)


class CodedBatch(PairedBatch):
    "Answers to the first sketches know the code of their colours, the rest draw one. arXiv:1711.11586."

    def __init__(self, batch, G, E, generator, autocast, known):
        super().__init__(batch, G, autocast)
        self.E, self.generator, self.known = E, generator, known

    @cached_property
    def code(self):
        return [part.float() for part in self.E(self.y[: self.known])]

    @cached_property
    def fake(self):
        noise = torch.randn(len(self.x), self.G.noise, generator=self.generator, device=self.x.device)
        with torch.enable_grad(), self._autocast():
            mean, spread = self.code[0], (self.code[1] / 2).exp()
            z = torch.cat([mean + spread * noise[: len(mean)], noise[len(mean) :]])
            return self.G(self.x, z).float()


def coded(game):
    "The game with a coder: L1 asks for one answer now, and D also judges colours drawn by chance."
    G, D, rules, dice = game.nets["G"], game.nets.get("D"), game.rules, game.generators[0]
    with seeded(0):
        E = game.nets["E"] = machine.place(Coder(G.noise))

    def loss(batch):
        mean, log_var = batch.code
        pixels = F.l1_loss(batch.fake[: len(mean)], batch.y[: len(mean)])
        code = (mean**2 + log_var.exp() - log_var - 1).sum(1).mean() / 2
        told = {"L1": rules.l1 * pixels, "KL": KL * code}
        if not rules.weight:
            return told
        judged = rules.loss.g(None, D(torch.cat([batch.x, batch.fake], 1)))
        return {"adversarial": rules.weight * judged} | told

    player = game.player("G")
    player.nets.append(E)
    player.opt.add_param_group({"params": list(E.parameters())})
    known = CODED if D else BATCH  # all, where nobody would judge colours of chance
    player.loss, game.deal = loss, lambda data: CodedBatch(data, G, E, dice, machine.autocast, known)
    return game


@torch.no_grad()
def with_codes(net, E, codes=512):
    "The same network, whose noise chooses among the codes of so many real faces; and its settings."
    settings = dict(size=SKETCH["size"], width=SKETCH["width"], dropout=0.0, grow="resize", codes=codes)
    settings |= SKETCH["unet"]
    told = machine.place(UNet(**settings)).eval().requires_grad_(False)
    faces = pictures(codes, torch.Generator().manual_seed(11))
    own = torch.cat([E(machine.place(part))[0] for part in faces.split(64)])
    told.load_state_dict(net.state_dict() | {"codes": own})
    return told, settings


def colour_scores(net, n=1000, few=50, times=10):
    "Held-out sketches: shapes read right, colours as often as they should come, colourings that differ."
    g = torch.Generator().manual_seed(2026)
    wanted, z = rows(n, g), torch.randn(times, n, net.noise, generator=g)
    x, truth = sketch(wanted), draw(wanted)
    made = answers(net, x, z[0])
    read, real = reader.read(made).attributes, reader.read(truth).attributes
    again = [answers(net, x[:few], part[:few]) for part in z]
    recoloured = [change(wanted[:few], **dict(zip(COLOURS, rows(few, g)[:, -3:].T, strict=True))) for _ in z]
    found, floors = shares(read), shares(real)
    colours = {
        name: dict(
            shares=[round(v, 3) for v in found[name].shares.tolist()],
            distance=round(found[name].distance, 3),
            real=round(floors[name].distance, 3),
            floor=round(found[name].floor, 3),
        )
        for name in COLOURS
    }
    return dict(
        shapes=right(read, wanted, SHAPES),
        shapes_real=right(real, wanted, SHAPES),
        colours=colours,
        psnr=round(psnr(made, truth).pooled, 2),
        spread=round(spread(again), 4),
        spread_real=round(spread([draw(part) for part in recoloured]), 4),
        colourings=round(different([reader.read(part).attributes for part in again]), 2),
        colourings_real=round(different(recoloured), 2),
    )


def spread(answers):
    "Mean absolute difference between two answers to the same question."
    return (
        torch.stack([(a - b).abs().mean() for a, b in zip(answers, answers[1:], strict=False)]).mean().item()
    )


def different(attributes):
    "How many of the answers to one question differ in a colour, on average."
    colours = torch.stack(attributes, 1)[..., -len(COLOURS) :]
    return sum(len(own.unique(dim=0)) for own in colours) / len(colours)


def paired(name):
    "A game on sketches and faces, its scores, and for the one that is shipped its network."
    steps, moved, options = PAIRED[name]
    key = dict(steps=steps, batch=BATCH, moved=moved, recipe=SKETCH | options)
    results = results_of("faces_pix2pix")
    if {k: results.get(name, {}).get(k) for k in key} == key:
        return
    game = pix2pix(seed=0, machine=machine, **SKETCH | options)
    game = game if name == "L1" else coded(game)
    if name == "sketch":
        first = dict(G=game.nets["G"], E=game.nets["E"], EMA=game.nets["EMA"].module)
        load_networks(WORK / "judged.game", **first)
    feed = Feed(draws(pairs if moved else sketched, BATCH, device=machine.device))
    seconds = play(WORK / f"{name}.game", game, feed, steps, SKETCH["lr"])
    net = game.nets["EMA"].module.eval()
    if name == "sketch":
        net, unet = with_codes(net, game.nets["E"])
    results[name] = key | dict(seconds=round(seconds)) | colour_scores(net)
    keep("faces_pix2pix", results, name)
    if name == "L1":
        strip(net)
    if name == "sketch":
        ship("sketch to face", "", {"": net}, results[name] | dict(unet=unet))


def strip(net, n=6, seed=253):
    "What a network makes of the first sketches of the face pad, side by side: lesson 05 shows them."
    x = sketch(rows(n, torch.Generator().manual_seed(seed)))
    made = answers(net, x, torch.zeros(n, net.noise)).clamp(-1, 1)
    pixels = ((made + 1) * 127.5).round().byte().permute(2, 0, 3, 1).flatten(1, 2)  # (64, 64 n, 3)
    Image.fromarray(pixels.numpy()).save(RESULTS / "faces_L1.png", optimize=True)


# A <-> B without pairs.


def domains(a, b):
    "Faces of A, faces of B that are none of these with the other attributes, and faces that are in neither."
    g = torch.Generator().manual_seed(7)
    all_b = change(rows(2 * SETS + TESTS, g), **b).unique(dim=0)
    all_b = all_b[torch.randperm(len(all_b), generator=g)]
    tests, for_a, for_b = all_b[:TESTS], all_b[TESTS::2], all_b[TESTS + 1 :: 2]
    return draw(change(for_a, **a)), draw(for_b), tests


def change_scores(net, here, asked):
    "One way: nearness to the hidden truth, what was asked for, and what was to stay."
    wanted = change(here, **asked)
    x, truth, rest = draw(here), draw(wanted), [name for name in ATTRIBUTES if name not in asked]
    made = answers(net, x).clamp(-1, 1)
    read, real = reader.read(made).attributes, reader.read(truth).attributes
    return dict(
        psnr_unchanged=round(psnr(x, truth).pooled, 2),
        psnr=round(psnr(made, truth).pooled, 2),
        asked=right(read, wanted, asked),
        kept=right(read, wanted, rest),
        kept_real=right(real, wanted, rest),
    )


def unpaired_game(name, seed):
    "A game between two sets of faces, and its scores both ways."
    steps, _, a, b = CHANGES[name]
    key = dict(seed=seed, steps=steps, batch=BATCH_UNPAIRED, recipe=UNPAIRED)
    results = results_of("faces_cyclegan")
    own = results.setdefault(name, dict(a=a, b=b, runs=[]))
    if any({k: run.get(k) for k in key} == key for run in own["runs"]):
        return
    x, y, tests = domains(a, b)
    game = cyclegan(seed=seed, machine=machine, **UNPAIRED)
    feed = Feed(unpaired(machine.place(x), machine.place(y), BATCH_UNPAIRED, seed))
    seconds = play(WORK / f"{name}_{seed}.game", game, feed, steps, UNPAIRED["lr"])
    AB, BA = (game.nets[f"EMA_{way}"].module.eval() for way in ("AB", "BA"))
    both = dict(AB=change_scores(AB, change(tests, **a), b), BA=change_scores(BA, tests, a))
    own["runs"].append(key | dict(seconds=round(seconds)) | both)
    keep("faces_cyclegan", results, name, seed)
    if name == "beard" and seed == 0:
        ship("no beard to full beard", "cyclegan/", {"AB.": AB, "BA.": BA}, own["runs"][-1])


# Files.


def ship(task, folder, nets, recipe):
    "Networks in float16, the recipe in the file, a line in the manifest."
    path = MODELS / folder / f"{task.replace(' ', '_')}.safetensors"
    state = {f"{head}{k}": v.cpu() for head, net in nets.items() for k, v in net.state_dict().items()}
    state = {k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in state.items()}
    save_file(state, path, {"recipe": json.dumps(recipe | dict(task=task, made_by="tools/face_pairs.py"))})
    kind = "ResNet generators" if folder else "U-Net"
    promise(
        path,
        f"{kind} of gancourse, {MADE_FROM}",
        f"tools/face_pairs.py: {task}, {recipe['steps']} steps, seed 0; trained on fresh faces",
    )


def results_of(name):
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"machine": str(machine)}


def keep(name, results, *what):
    (RESULTS / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(*what, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("games", nargs="*", default=[*PAIRED, *CHANGES])
    parser.add_argument("--work", type=Path, default=ROOT / ".face_pairs")
    chosen = parser.parse_args()
    WORK, machine, reader = chosen.work, pick(), face_attributes()
    WORK.mkdir(exist_ok=True)
    for name in chosen.games:
        if name in PAIRED:
            paired(name)
        else:
            for seed in CHANGES[name][1]:
                unpaired_game(name, seed)
