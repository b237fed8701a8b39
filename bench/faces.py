"""How fast fresh faces come: pictures a second on one core, for each size; wanted: 2,000 at 64 pixels.

Where there is a GPU, also there. Attributes are drawn, gathered and composited on the device.
"""

import statistics
import time

import torch

from gancourse.faces import SIZES, pictures, sketched


def speed(sample, batch, device, rounds=7):
    "Pictures a second, the median over some rounds; on a CPU in seconds of its own, whoever else is at work."
    cuda = device == "cuda"
    clock = time.perf_counter if cuda else time.process_time
    generator = torch.Generator(device).manual_seed(0)
    sample(batch, generator)  # the first one puts the layers together
    rates = []
    for _ in range(rounds):
        began, n = clock(), 0
        while clock() < began + 0.3:
            sample(batch, generator)
            n += batch
            if cuda:
                torch.cuda.synchronize()
        rates.append(n / (clock() - began))
    return statistics.median(rates)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        batch = 64 if device == "cpu" else 1024
        for size in SIZES:
            faces = speed(lambda n, g, size=size: pictures(n, g, size), batch, device)
            pairs = speed(lambda n, g, size=size: sketched(n, g, size), batch, device)
            print(f"{device} {size:3}: {faces:9,.0f} faces a second, {pairs:9,.0f} pairs of sketch and face")
