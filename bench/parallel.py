"""Scaling out: one process and two, on the same CPU, the same game, side by side in one run.

Speed, in digits a second: the DCGAN of lesson 03 in float32, joint batches of 128, one thread a process.
Two processes are launched. They take turns: now the first one plays the whole batch alone, with the
toolbox's `train`, while the second one waits; now both play their halves and exchange gradients and the
sums of batch norm. So a busy machine slows both ways. More than 1 can be had only with two cores.
"""

import os
import statistics
import subprocess
import sys
import time
from itertools import islice

import torch

from gancourse.data import mnist
from gancourse.dcgan import dcgan
from gancourse.game import Feed, minibatches, train
from gancourse.machine import pick
from gancourse.parallel import Shards, broadcast_state, join, joint_backward, start

PROCESSES, BATCH = 2, 128


def launch():
    "This script again, as several processes."
    command = [
        "--multi_gpu",
        "--num_machines",
        "1",
        "--mixed_precision",
        "no",
        "--dynamo_backend",
        "no",
        "--main_process_port",
        "0",
        "--num_processes",
        str(PROCESSES),
        __file__,
    ]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "GANCOURSE_LAUNCHED": "1"}
    return subprocess.run([sys.executable, "-m", "accelerate.commands.launch", *command], env=env).returncode


def ways(accelerator):
    "The game of one process, and this process's part of the joint one."
    machine, digits = pick("cpu", "float32", 1), mnist("test")[0][:1024]
    batches = lambda: minibatches(machine.place(digits), BATCH)
    part, shards = join(dcgan(machine=machine), accelerator), Shards(batches(), accelerator)
    broadcast_state(part, shards, accelerator)
    return {
        "one": train(dcgan(machine=machine), Feed(batches())),
        "two": train(part, shards, backward=joint_backward(accelerator)),
    }


def seconds(play, steps, accelerator, everybody):
    "How long so many steps take; who does not play waits."
    accelerator.wait_for_everyone()
    began = time.perf_counter()
    if everybody or accelerator.is_main_process:
        for _ in islice(play, steps):
            pass
    accelerator.wait_for_everyone()
    return time.perf_counter() - began


def compare(rounds=7, steps=2):
    "Digits a second of both ways, round by round, and milliseconds of one mean of G's gradient."
    torch.set_num_threads(1)
    accelerator = start(cpu=True)
    plays, rows = ways(accelerator), []
    for name, play in plays.items():
        seconds(play, 1, accelerator, name == "two")
    for _ in range(rounds):
        rows.append(
            {
                name: BATCH * steps / seconds(play, steps, accelerator, name == "two")
                for name, play in plays.items()
            }
        )
        accelerator.wait_for_everyone()
        began = time.perf_counter()
        accelerator.reduce(torch.zeros(295_872), "mean")
        rows[-1]["ms"] = 1e3 * (time.perf_counter() - began)
    middle = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    ratio = statistics.median(row["two"] / row["one"] for row in rows)
    accelerator.print(
        f"DCGAN, joint batch {BATCH}: one process {middle['one']:,.0f} digits/s, "
        f"{PROCESSES} processes {middle['two']:,.0f} digits/s, ratio {ratio:.2f} (wanted: above 1.3 on "
        f"{PROCESSES} idle cores; here are {os.cpu_count()}); one mean of G's gradient {middle['ms']:.1f} ms"
    )
    accelerator.end_training()


if __name__ == "__main__":
    if "GANCOURSE_LAUNCHED" not in os.environ:
        sys.exit(launch())
    compare()
