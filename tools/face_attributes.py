"""Train the reader of faces that the course ships: `python tools/face_attributes.py [WORK]`.

Some minutes on one slow core. With a folder WORK it keeps its state there every 250 steps and goes on
from it when it is started again, to the bit. Writes assets/data/weights/face_attributes.safetensors and its
line in assets/data/manifest.json.
"""

import sys
import time
from pathlib import Path

import torch
from manifest import DATA, promise
from safetensors.torch import save

from gancourse.faces import ATTRIBUTES, sample
from gancourse.features import AttributeTraining, face_attributes, spoil

NAME, STEPS, SEED = "weights/face_attributes.safetensors", 2500, 0
RECIPE = f"AttributeTraining of toolbox/features, {STEPS} steps of 32 fresh faces, seed {SEED}"
ORIGIN = f"tools/face_attributes.py: {RECIPE}"


def trained(keep):
    "The training at its end, resumed where `keep` holds its state."
    training, done, began = AttributeTraining(STEPS, SEED), 0, time.time()
    if keep and keep.exists():
        state = torch.load(keep)
        training.load_state_dict(state)
        done = state["rate"]["last_epoch"]
    recent = []
    for step in range(done + 1, STEPS + 1):
        recent.append(training.step())
        if step % 250 == 0:
            losses = " ".join(f"{loss:.3f}" for loss in torch.stack(recent).mean(0).tolist())
            print(f"step {step:5} {time.time() - began:6.0f} s  {losses}", flush=True)
            recent = []
            if keep:
                torch.save(training.state_dict(), keep)
    return training


def main(work=None):
    torch.set_num_threads(1)
    print("cross-entropy of", *ATTRIBUTES)
    net = trained(Path(work) / "face_attributes.pt" if work else None).finish()
    state = {name: t.half().contiguous() for name, t in net.state_dict().items()}
    (DATA / NAME).write_bytes(save(state, {"recipe": ORIGIN}))
    promise(
        DATA / NAME, "Reader of faces of gancourse, trained on ToonHead by Johan Melin (CC BY 4.0)", ORIGIN
    )
    net, g = face_attributes(), torch.Generator().manual_seed(1000)
    attributes, pictures = sample(10_000, g)
    for kind, x in (("clean", pictures), ("spoiled", spoil(pictures, g))):
        right = (net.read(x).attributes == attributes).double().mean(0).tolist()
        print(kind, *(f"{name} {share:.2%}" for name, share in zip(ATTRIBUTES, right, strict=True)))
    print(f"{NAME}: {(DATA / NAME).stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
