"""Style transfer: the plain recipe and the course's, on the same network and the same pictures, side by side
in one run.

Speed, in steps a second, for one picture of 192 pixels a side (or of another --size). The plain recipe:
float32, torch's default memory format, all eleven blocks, Gram matrices by einsum, and `backward()`
through everything, into the network's weights too ("plain"), or with these frozen ("frozen"). The aims are
computed once in all of them. The course's is `repaint`: nothing behind the last block that is asked for,
gradients of the picture only, channels_last; in float32, which it picks by itself, and in bfloat16. The
ways take turns, so that a busy machine slows all of them. And all must paint the same picture: the run
says by how much two of them differ.
"""

import argparse
import statistics
import time
from itertools import islice

import torch

from gancourse.game import train
from gancourse.machine import pick
from gancourse.metrics import imagenet_features
from gancourse.style import CONTENT, STYLE, Canvas, FeatureExtractor, aim, photos, repaint, stained_glass


def course(content, style, precision):
    "The course's recipe; yields the picture after each step."
    eye, machine = FeatureExtractor(), pick("cpu", precision)
    game = repaint(content, eye, machine=machine)
    for _ in train(game, [aim(eye, content, style)]):
        yield game.nets["picture"]()


def plain(content, style, frozen):
    "The textbook's loop; yields the picture after each step."
    eye, canvas = (
        FeatureExtractor(
            imagenet_features().to(memory_format=torch.contiguous_format).requires_grad_(not frozen)
        ),
        Canvas(content),
    )
    opt, goal = torch.optim.Adam(canvas.parameters(), 0.05), aim(eye, content, style)

    def share(x, target):
        return (x - target).square().sum() / target.square().sum()

    while True:
        x = canvas()
        seen = eye(x, range(-1, 11))
        grams = {k: torch.einsum("nchw,ndhw->ncd", seen[k], seen[k]) / seen[k][0, 0].numel() for k in STYLE}
        across, down = x.diff(dim=3).abs(), x.diff(dim=2).abs()
        loss = sum(share(seen[k], goal.content[k]) for k in CONTENT) + 20 * sum(
            share(grams[k], goal.style[k]) for k in STYLE
        ) / len(STYLE)
        loss = loss + 3 * (across.sum() + down.sum()) / (across.numel() + down.numel())
        opt.zero_grad()
        loss.backward()
        opt.step()
        canvas.clip()
        yield canvas()


def seconds(play, steps):
    "How long so many steps take."
    began = time.perf_counter()
    for _ in islice(play, steps):
        pass
    return time.perf_counter() - began


def speed(size, rounds=9, steps=3):
    "Steps a second of each way, round by round; and how far apart two pictures are after the first step."
    content, style = photos(size)["chelsea"], stained_glass(size)
    ways = {"plain": plain(content, style, False), "frozen": plain(content, style, True)}
    ways |= {name: course(content, style, name) for name in ("float32", "bfloat16")}
    first = {name: next(play).detach().clone() for name, play in ways.items()}
    rows = [{name: steps / seconds(play, steps) for name, play in ways.items()} for _ in range(rounds)]
    return rows, (first["plain"] - first["float32"]).abs().mean().item()


if __name__ == "__main__":
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument("--size", type=int, default=192, help="pixels along a side")
    size, middle = ask.parse_args().size, statistics.median
    rows, apart = speed(size)
    for way, name, wanted in (
        ("plain", "float32", 1.2),
        ("frozen", "float32", 1.1),
        ("plain", "bfloat16", None),
    ):
        print(
            f"style, {size} x {size}: {way} recipe {middle(row[way] for row in rows):.1f} steps/s, "
            f"course's in {name} {middle(row[name] for row in rows):.1f} steps/s, "
            f"ratio {middle(row[name] / row[way] for row in rows):.2f} "
            f"({f'wanted: above {wanted}' if wanted else 'for information'})"
        )
    print(f"style: after one step the pictures of both differ by {apart:.1e} on average (wanted: below 1e-3)")
