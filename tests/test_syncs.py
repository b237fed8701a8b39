"""No step of any game waits for the device; a look at the losses waits once. Counted on a pretended one.

On an accelerator the CPU runs ahead and hands over work. Whoever asks for a number (`.item()`, `float(...)`,
a branch on a comparison, a mask as an index, `.cpu()`) makes it wait until all of that is done.
"""

import itertools

import pytest
from accelerator import waits
from games import GAMES, KINDS, toy

from gancourse.game import train
from gancourse.machine import pick

pytestmark = pytest.mark.parametrize("machine", ["like CUDA"], indirect=True)
EACH = [name if name in KINDS else pytest.param(name, marks=pytest.mark.slow) for name in GAMES]


@pytest.mark.parametrize("precision", ["float32", pytest.param("bfloat16", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", EACH)
def test_a_step_does_not_wait(name, precision, machine):
    game, batches = GAMES[name](pick(machine.device, precision), 16)
    play = train(game, batches, rollback=False)  # for ever: so no look ends it
    waits.clear()
    for step in itertools.islice(play, 3):
        assert waits == [] and all(not loss.is_cpu for loss in step.losses.values())


@pytest.mark.parametrize("name", ["toy, r1", "dcgan", "cyclegan", "vae", "sweep"])
def test_a_look_waits_once(name, machine):
    game, batches = GAMES[name](machine, 16)
    play, seen = train(game, batches, look_every=2), []
    for _ in range(4):
        waits.clear()
        next(play)
        seen.append(len(waits))
    assert seen == [0, 1, 0, 1]


READERS = {
    "a number": lambda x: x.sum().item(),
    "a branch": lambda x: bool(x.sum() > 0),
    "an index": lambda x: x[int(x.sum() > 0)],
    "a mask": lambda x: x[x > 0],
    "a list": lambda x: x.tolist(),
    "a copy": lambda x: x.cpu(),
    "text": lambda x: f"{x.mean():.2f}",
}


@pytest.mark.parametrize("name", READERS)
def test_whoever_reads_is_found(name, machine):
    game, batches = toy(machine, 16)
    player, told = game.player("D"), game.player("D").loss
    player.loss = lambda batch: (READERS[name](batch.real), told(batch))[1]
    waits.clear()
    next(train(game, batches))
    assert len(waits) == 1
