"""Train the reader of faces that the course ships: `python tools/face_attributes.py [WORK]`.

Some minutes on one slow core. With a folder WORK it keeps its state there every 250 steps and goes on
from it when it is started again, to the bit. Writes assets/data/weights/face_attributes.safetensors and its
line in assets/data/manifest.json.
"""

import sys
import tempfile
import time
from pathlib import Path

import torch
from manifest import DATA, promise
from safetensors.torch import save

from gancourse.faces import ATTRIBUTES, sample
from gancourse.features import AttributeTraining, face_attributes, spoil

NAME, SEED = "weights/face_attributes.safetensors", 0
STAGES = (dict(steps=2500), dict(steps=2000, lr=1e-3, spoiled=0.5))  # each goes on from the one before
RECIPE = (
    "AttributeTraining of toolbox/features on 32 fresh faces a step, 2500 steps on spoiled ones "
    "and 2000 with every second one as it is"
)
ORIGIN = f"tools/face_attributes.py: {RECIPE}, seed {SEED}"


def trained(training, keep):
    "The network at the end of a stage, resumed where `keep` holds its state."
    done, steps, began, recent = 0, training.rate.total_steps, time.process_time(), []
    if keep.exists():
        state = torch.load(keep)
        training.load_state_dict(state)
        done = state["rate"]["last_epoch"]
    for step in range(done + 1, steps + 1):
        recent.append(training.step())
        if step % 250 == 0:
            losses = " ".join(f"{loss:.3f}" for loss in torch.stack(recent).mean(0).tolist())
            print(f"step {step:5} {time.process_time() - began:6.0f} s  {losses}", flush=True)
            recent = []
            torch.save(training.state_dict(), keep)
    return training.finish()


def main(work):
    torch.set_num_threads(1)
    print("cross-entropy of", *ATTRIBUTES)
    net = None
    for k, stage in enumerate(STAGES, 1):
        file = work / f"face_attributes_{k}.safetensors"
        if not file.exists():
            made = trained(AttributeTraining(seed=SEED, net=net, **stage), file.with_suffix(".pt"))
            state = {name: t.half().contiguous() for name, t in made.state_dict().items()}
            file.write_bytes(save(state, {"recipe": ORIGIN}))
        net = face_attributes(file)
    (DATA / NAME).write_bytes(file.read_bytes())
    promise(
        DATA / NAME, "Reader of faces of gancourse, trained on ToonHead by Johan Melin (CC BY 4.0)", ORIGIN
    )
    g = torch.Generator().manual_seed(1000)
    attributes, pictures = sample(10_000, g)
    for kind, x in (("clean", pictures), ("spoiled", spoil(pictures, g))):
        right = (net.read(x).attributes == attributes).double().mean(0).tolist()
        print(kind, *(f"{name} {share:.2%}" for name, share in zip(ATTRIBUTES, right, strict=True)))
    print(f"{NAME}: {(DATA / NAME).stat().st_size:,} bytes")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else folder))
