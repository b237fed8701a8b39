"""Train the digit classifier that the course ships: `python tools/digits.py`, about two minutes.

Writes assets/data/weights/digits.safetensors and its line in assets/data/manifest.json. One machine writes the same bytes each time;
another may round differently.
"""
import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import save

from gancourse.data import mnist
from gancourse.metrics import train_digits

DATA = Path(__file__).resolve().parent.parent / "assets/data"
NAME, EPOCHS, SEED = "weights/digits.safetensors", 40, 0


def line(content):
    "What the manifest says of a file with this content."
    return {
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "Apache-2.0",
        "attribution": "Digit classifier of gancourse, trained on the embedded MNIST",
        "origin": f"tools/digits.py: train_digits of toolbox/metrics on mnist/train-10000, {EPOCHS} epochs, seed {SEED}",
    }


def main():
    torch.set_num_threads(1)
    net = train_digits(*mnist("train"), epochs=EPOCHS, seed=SEED)
    state = {name: t.contiguous() for name, t in net.state_dict().items()}
    (DATA / NAME).write_bytes(save(state, {"recipe": line(b"")["origin"]}))
    manifest = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))
    manifest[NAME] = line((DATA / NAME).read_bytes())
    (DATA / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    images, labels = mnist("test")
    right = (net(images).argmax(1) == labels).float().mean().item()
    print(f"{NAME}: {manifest[NAME]['bytes']:,} bytes; reads {right:.2%} of the test digits")


if __name__ == "__main__":
    main()
