"""What somebody gets who installs without constraints.txt: the newest versions that settings.ini allows.

    python tools/newest.py                # in a fresh environment of the Python that runs this
    python tools/newest.py python3.13     # of another one

A copy of the checkout is installed with pip, far from the checkout, and used as a newcomer would: every
module is imported, the doctor looks, the lessons are written, and a DCGAN plays one step on real digits.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEAVE = shutil.ignore_patterns(
    ".*", "node_modules", "build", "dist", "*.egg-info", "__pycache__", "my_course", "figures"
)

IMPORTS = """
import importlib, pkgutil, platform
import gancourse
extra = ("gancourse.__main__", "gancourse.parallel")  # it asks for accelerate
names = [m.name for m in pkgutil.walk_packages(gancourse.__path__, "gancourse.") if m.name not in extra]
for name in names:
    importlib.import_module(name)
from importlib.metadata import version
chief = ("torch", "numpy", "torchmetrics", "matplotlib", "ipywidgets", "anywidget")
print(f"Python {platform.python_version()},", ", ".join(f"{name} {version(name)}" for name in chief))
print(len(names), "modules imported")
"""

STEP = """
import warnings
import torch
from gancourse.data import mnist
from gancourse.dcgan import dcgan
from gancourse.game import minibatches, train
images, _ = mnist("train")
game = dcgan(width=8)
before = [p.detach().clone() for p in game.nets["G"].parameters()]
(step,) = train(game, minibatches(images, 32), 1)
assert all(torch.isfinite(loss) for loss in step.losses.values()), step.losses
assert any(not torch.equal(p, b) for p, b in zip(game.nets["G"].parameters(), before)), "G has not moved"
print("one DCGAN step:", {name: round(loss.item(), 3) for name, loss in step.losses.items()})
"""


def run(*command, cwd, env):
    "Run it; what it says is shown. Ends the program if it fails. Returns the seconds that it took."
    began = time.perf_counter()
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env)
    if done.returncode:
        sys.exit(f"newest: {' '.join(map(str, command[:4]))} ... failed (exit code {done.returncode})")
    return time.perf_counter() - began


def main(python=sys.executable):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        tree, venv, elsewhere = (folder / name for name in ("tree", "venv", "elsewhere"))
        elsewhere.mkdir()
        shutil.copytree(ROOT, tree, ignore=LEAVE)
        env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PIP_CONSTRAINT")}
        env |= dict(GANCOURSE_PROGRESS="off", OMP_NUM_THREADS="1")
        run(python, "-m", "venv", venv, cwd=elsewhere, env=env)
        python = venv / ("Scripts" if os.name == "nt" else "bin") / "python"
        print(f"installed in {run(python, '-m', 'pip', 'install', '-q', tree, cwd=elsewhere, env=env):.0f} s")
        run(python, "-W", "error::DeprecationWarning:gancourse", "-c", IMPORTS, cwd=elsewhere, env=env)
        run(python, "-m", "gancourse", "doctor", cwd=elsewhere, env=env)
        run(python, "-m", "gancourse", "lessons", "lessons", cwd=elsewhere, env=env)
        run(python, "-c", STEP, cwd=elsewhere, env=env)


if __name__ == "__main__":
    main(*sys.argv[1:])
