"""Has the mathematics moved? Train each kind of game here and at another commit, and compare every bit.

`python tools/same_numbers.py [--against COMMIT]` plays 50 steps of each and prints a fingerprint of all
parameters and buffers, in this checkout and in that commit (checked out beside it for the while); it fails
where two differ. It uses only what both know: `gan`, `dcgan`, `pix2pix`, `cyclegan`, `vae`, `sweep`, `train`.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = 50


def games():
    "(name, game, batches) of each kind of game."
    import torch

    from gancourse.cyclegan import cyclegan
    from gancourse.dcgan import Generator, dcgan
    from gancourse.game import draws, gan, minibatches, normal, unpaired
    from gancourse.lipschitz import r1
    from gancourse.losses import hinge, relativistic
    from gancourse.pix2pix import pix2pix
    from gancourse.population import sweep
    from gancourse.toy import mlp, ring
    from gancourse.vae import Encoder, vae

    def pictures(n, channels, size, seed):
        g = torch.Generator().manual_seed(seed)
        return torch.nn.functional.interpolate(torch.rand(n, channels, 4, 4, generator=g), size) * 2 - 1

    def toy(loss, **options):
        g = torch.Generator().manual_seed(0)
        return gan(mlp(2, 32, 32, 2, generator=g), mlp(2, 32, 32, 1, generator=g), loss, normal(2), **options)

    grey, colour, other = pictures(64, 1, 32, 1), pictures(32, 3, 32, 2), pictures(24, 3, 32, 3)
    yield "toy", toy(hinge, penalty=r1, lr_D=1e-3, lr_G=1e-3), draws(ring, 64)
    yield "toy, paired loss", toy(relativistic, fresh=True), draws(ring, 64)
    yield "dcgan", dcgan(16, 1, 32, 8), minibatches(grey, 16)
    yield "pix2pix", pix2pix(32, 8), minibatches((colour, colour.flip(3)), 4)
    yield "cyclegan", cyclegan(32, 4, 1), unpaired(colour, other, 2)
    torch.manual_seed(0)
    yield "vae", vae(Encoder(8, 1, 32, 8), Generator(8, 1, 32, 8)), minibatches(grey, 16)
    yield "sweep", sweep([1e-3, 1e-2], [1e-3, 1e-2], seeds=(0, 1)), draws(ring, 32)


def fingerprints():
    "Play all games; one line each."
    import torch

    from gancourse.game import train

    torch.set_num_threads(1)
    for name, game, batches in games():
        for _ in train(game, batches, STEPS):
            pass
        digest = hashlib.sha256()
        for net in sorted(game.nets):
            for key, x in game.nets[net].state_dict().items():
                digest.update(f"{net}.{key}".encode() + x.detach().contiguous().numpy().tobytes())
        print(f"{name}: {digest.hexdigest()[:32]}", flush=True)


def at(folder):
    "The lines of the checkout in `folder`, played by this very script."
    command = [sys.executable, __file__, "--play"]
    env = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        command, env=env, cwd=folder, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def compare(commit):
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder) / "there"
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "-q", "--detach", there, commit], check=True)
        try:
            theirs, ours = at(there), at(ROOT)
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", there], check=True)
    for one, two in zip(theirs, ours, strict=True):
        print(
            f"{'same     ' if one == two else 'DIFFERENT'} {two}{'' if one == two else f', but there {one}'}"
        )
    return theirs == ours


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", default="HEAD", help="the commit to compare with")
    parser.add_argument("--play", action="store_true", help="only print this checkout's fingerprints")
    chosen = parser.parse_args()
    if chosen.play:
        fingerprints()
    else:
        sys.exit(0 if compare(chosen.against) else 1)
