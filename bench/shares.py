"""Where the time of a step goes: `python bench/shares.py [toy] [cyclegan] [cyclegan-bfloat16] [dcgan]`.

torch's own profiler over some steps on one thread; the time of its operations by kind, and what is left
between them: Python, autograd's bookkeeping, the allocator. It explains the ratios of the benchmarks.
"""

import sys
import time
from itertools import islice

import torch
from torch.profiler import ProfilerActivity, profile

from gancourse.cyclegan import cyclegan
from gancourse.data import emoji, mnist
from gancourse.dcgan import dcgan
from gancourse.game import gan, minibatches, normal, train, unpaired
from gancourse.machine import pick
from gancourse.toy import gaussian, toy_discriminator, toy_generator

KINDS = {  # the first that fits; the names are those of torch's operations
    "convolutions": ("conv", "mkldnn"),
    "matrix products": ("addmm", "aten::mm", "matmul", "linear"),
    "norms": ("norm",),
    "optimizer": ("adam", "optimizer", "_foreach"),
    "padding": ("pad",),
    "copies and layouts": (
        "copy",
        "clone",
        "contiguous",
        "aten::to",
        "cat",
        "split",
        "empty",
        "zeros",
        "fill",
    ),
}


def toy():
    generator = torch.Generator().manual_seed(0)
    G, D = toy_generator(generator), toy_discriminator(generator)
    game = gan(G, D, z=normal(2), lr_D=0.05, lr_G=0.005, joint=True)
    return train(game, minibatches(gaussian(1000, torch.Generator().manual_seed(0)), 8)), 300


def pictures_of_digits(precision="float32"):
    machine = pick("cpu", precision, 1)
    return train(dcgan(machine=machine), minibatches(machine.place(mnist("test")[0]), 128)), 5


def translators(precision="float32"):
    machine = pick("cpu", precision, 1)
    a, b = (machine.place(emoji(style)[:64]) for style in ("flat", "3d"))
    return train(cyclegan(machine=machine), unpaired(a, b, 4)), 5


GAMES = {
    "toy": toy,
    "dcgan": pictures_of_digits,
    "cyclegan": translators,
    "cyclegan-bfloat16": lambda: translators("bfloat16"),
}


def kind_of(name):
    return next(
        (k for k, parts in KINDS.items() if any(p in name.lower() for p in parts)), "other operations"
    )


def shares(play, steps):
    "{kind of operation: its share of the wall time}, and the milliseconds of a step, profiled and not."
    for _ in islice(play, 3):
        pass
    began = time.perf_counter()
    for _ in islice(play, steps):
        pass
    plain = (time.perf_counter() - began) / steps
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        began = time.perf_counter()
        for _ in islice(play, steps):
            pass
        wall = time.perf_counter() - began
    spent = {}
    for event in seen.key_averages():
        kind = kind_of(event.key)
        spent[kind] = spent.get(kind, 0) + event.self_cpu_time_total / 1e6 / wall
    spent["between the operations"] = 1 - sum(spent.values())
    return spent, 1e3 * plain, 1e3 * wall / steps


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or GAMES:
        spent, plain, profiled = shares(*GAMES[name]())
        print(f"{name}: {plain:.2f} ms a step ({profiled:.2f} ms under the profiler)")
        for kind, share in sorted(spent.items(), key=lambda pair: -pair[1]):
            print(f"  {share:5.1%}  {kind}")
