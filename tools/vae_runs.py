"""Play lesson 07's VAE for three seeds, with two weights of the KL, and lesson 03's DCGAN for one, whose
sharpness and pictures are wanted (its other scores stand in dcgan_seeds.json): the same decoder, as many
pictures; write assets/results/vae.json. What is there already stays.

python tools/vae_runs.py [seeds]   (some eight minutes on one CPU core)
python tools/vae_runs.py plane     the VAE of two codes, whose plane the lesson opens with (some 40 seconds)
"""

import base64
import io
import json
import math
import sys
import time
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import save_file

from gancourse.data import mnist
from gancourse.dcgan import Generator, dcgan
from gancourse.game import minibatches, train
from gancourse.machine import pick
from gancourse.metrics import class_coverage, digit_classifier, fid, gradient_energy, to_bytes
from gancourse.vae import Encoder, gaussian_kl, vae

ASSETS = Path(__file__).resolve().parent.parent / "assets"
RESULTS, PLANE = ASSETS / "results/vae.json", ASSETS / "results/digit_plane.safetensors"
STEPS, BATCH, CODES, WIDTH = 1500, 64, 64, 32  # of both kinds
ARMS = {"VAE, beta 12": dict(beta=12.0), "GAN": None, "VAE, beta 1": dict(beta=1.0)}  # options of vae
ROWS = 5  # of the picture that is kept of the first seed, eight digits each


def new_vae(seed, machine, **options):
    torch.manual_seed(seed)
    return vae(
        Encoder(CODES, width=WIDTH), Generator(CODES, width=WIDTH), seed=seed, machine=machine, **options
    )


@torch.no_grad()
def decoded(G, z, machine):
    return torch.cat([G(machine.place(part)) for part in z.split(500)]).float().cpu()


def of_pictures(x, images, net):
    "Scores that need pictures only."
    seen = class_coverage(net(x))
    return dict(
        fid=round(fid(images, x, net), 3),
        shares=[round(share, 4) for share in seen.shares.tolist()],
        sure=round(seen.confidence, 3),
        sharpness=round(gradient_energy(x), 4),
    )


@torch.no_grad()
def of_codes(game, x, images, net, machine):
    """Scores of a VAE on test digits: what comes back; the bound in nats a picture, at its training's sigma
    and at the best, which is chosen on these very digits (the lesson shows the first)."""
    E, G = game.nets["E"].eval(), game.nets["G"].eval()
    mean, log_variance = (
        torch.cat(part).float().cpu()
        for part in zip(*(E(machine.place(p)) for p in x.split(500)), strict=True)
    )
    back = decoded(G, mean, machine)
    eps = torch.randn(mean.shape, generator=torch.Generator().manual_seed(5))
    squared = (decoded(G, mean + (log_variance / 2).exp() * eps, machine) - x).square().mean().item()
    pixels, kl = x[0].numel(), gaussian_kl(mean, log_variance).mean().item()
    each = torch.stack([gaussian_kl(mean[:, [i]], log_variance[:, [i]]).mean() for i in range(mean.shape[1])])
    sigmas = {"bound": game.rules.sigma, "best_bound": squared**0.5}
    bounds = {
        k: round(-pixels / 2 * (squared / s**2 + math.log(2 * math.pi * s**2)) - kl, 1)
        for k, s in sigmas.items()
    }
    return dict(
        back_fid=round(fid(images, back, net), 3),
        back_sharpness=round(gradient_energy(back), 4),
        rmse=round(squared**0.5, 4),
        error=round((back - x).square().mean().item(), 5),
        kl=round(kl, 2),
        active=int((each > 0.05).sum()),
        **bounds,
    )


def sheet(x):
    "Pictures in rows of eight as a PNG, base64."
    rows = (
        to_bytes(x)[: 8 * ROWS, 0]
        .reshape(ROWS, 8, *x.shape[2:])
        .permute(0, 2, 1, 3)
        .reshape(ROWS * x.shape[2], -1)
    )
    out = io.BytesIO()
    Image.fromarray(rows.numpy()).quantize(32).save(out, "png", optimize=True)
    return base64.b64encode(out.getvalue()).decode()


def play(options, seed, machine, data):
    "One run and its scores, on 2,000 random codes and on the test digits."
    images, x, net = data
    game = (
        dcgan(CODES, width=WIDTH, seed=seed, machine=machine)
        if options is None
        else new_vae(seed, machine, **options)
    )
    began = time.process_time()
    for _ in train(game, minibatches(machine.place(images), BATCH, seed), STEPS):
        pass
    row = dict(seed=seed, steps=STEPS, seconds=round(time.process_time() - began, 1))
    z = torch.randn(2000, CODES, generator=torch.Generator().manual_seed(99))
    made = decoded(game.nets["EMA" if options is None else "G"].eval(), z, machine)
    row |= of_pictures(made, images, net) | (
        {} if options is None else of_codes(game, x, images, net, machine)
    )
    return row | ({"sheet": sheet(made)} if seed == 0 else {})


def plane(images, x, machine):
    "Train the VAE of two codes; keep its decoder, and where the test digits x lie."
    recipe = dict(width=16, beta=30.0, lr=5e-3, seed=0, steps=700, batch=BATCH)
    torch.manual_seed(recipe["seed"])
    E, G = (net(2, width=recipe["width"]) for net in (Encoder, Generator))
    game = vae(E, G, beta=recipe["beta"], lr=recipe["lr"], seed=recipe["seed"], machine=machine)
    for _ in train(game, minibatches(machine.place(images), BATCH), recipe["steps"]):
        pass
    with torch.no_grad():
        places = E.eval()(machine.place(x))[0]
    state = {**G.state_dict(), "places": places}
    state = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    save_file({k: v.cpu().contiguous() for k, v in state.items()}, PLANE, {"recipe": json.dumps(recipe)})


if __name__ == "__main__" and sys.argv[1:] == ["plane"]:
    plane(mnist("train")[0], mnist("test")[0], pick("cpu", "float32"))
elif __name__ == "__main__":
    machine, seeds = pick(), int(sys.argv[1]) if sys.argv[1:] else 3
    data = mnist("train")[0], mnist("test")[0], digit_classifier()
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results |= dict(machine=str(machine), real=of_pictures(data[1], data[0], data[2]))
    for seed in range(seeds):
        for arm, options in ARMS.items():
            done = results.setdefault(arm, [])
            if (options is None and seed) or any(
                (row["seed"], row["steps"]) == (seed, STEPS) for row in done
            ):
                continue
            done.append(play(options, seed, machine, data))
            RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
            print(arm, {k: v for k, v in done[-1].items() if k != "sheet"}, flush=True)
