"""Train the digit classifier that the course ships: `python tools/digits.py`, about two minutes.

Writes assets/data/weights/digits.safetensors and its line in assets/data/manifest.json. One machine writes
the same bytes each time; another may round differently.
"""

import torch
from manifest import DATA, promise
from safetensors.torch import save

from gancourse.data import mnist
from gancourse.metrics import train_digits

NAME, EPOCHS, SEED = "weights/digits.safetensors", 40, 0
ORIGIN = (
    f"tools/digits.py: train_digits of toolbox/metrics on mnist/train-10000, {EPOCHS} epochs, seed {SEED}"
)


def main():
    torch.set_num_threads(1)
    net = train_digits(*mnist("train"), epochs=EPOCHS, seed=SEED)
    state = {name: t.contiguous() for name, t in net.state_dict().items()}
    (DATA / NAME).write_bytes(save(state, {"recipe": ORIGIN}))
    promise(DATA / NAME, "Digit classifier of gancourse, trained on the embedded MNIST", ORIGIN)
    images, labels = mnist("test")
    right = (net(images).argmax(1) == labels).float().mean().item()
    print(f"{NAME}: {(DATA / NAME).stat().st_size:,} bytes; reads {right:.2%} of the test digits")


if __name__ == "__main__":
    main()
