"""The doctor as a learner meets it: a command in another folder, with whole data and with damaged data."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def course(tmp_path):
    "A copy of the package and of its assets, far from the checkout."
    shutil.copytree(
        ROOT / "gancourse", tmp_path / "lib/gancourse", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "assets", tmp_path / "lib/gancourse/assets")
    return tmp_path


def gancourse(course, *command):
    env = {**os.environ, "PYTHONPATH": str(course / "lib")}
    return subprocess.run(
        [sys.executable, "-m", "gancourse", *command], cwd=course, env=env, capture_output=True, text=True
    )


def test_a_whole_course_is_ready(course):
    done = gancourse(course, "doctor")
    assert done.returncode == 0 and "Ready. `gancourse lessons my_course` writes" in done.stdout, (
        done.stdout + done.stderr
    )
    assert " MB, unchanged" in done.stdout and "minutes on 2 CPU cores" in done.stdout


def test_missing_and_damaged_files_are_named(course):
    data = course / "lib/gancourse/assets/data"
    (data / "photos/rocket.jpg").unlink()
    weights = next((data / "weights").iterdir())
    weights.write_bytes(b"<html>404 not found</html>")
    done = gancourse(course, "doctor")
    assert done.returncode == 1
    verdicts = {
        line.split()[1]: line.split()[0] for line in done.stdout.splitlines() if len(line.split()) > 1
    }
    assert verdicts["photos/rocket.jpg"] == "missing" and verdicts[f"weights/{weights.name}"] == "damaged"
    assert f"Not ready. First mend photos/rocket.jpg, weights/{weights.name}" in done.stdout
    assert "git checkout -- assets" in done.stdout


def test_without_assets(course):
    shutil.rmtree(course / "lib/gancourse/assets")
    done = gancourse(course, "doctor")
    assert done.returncode == 1 and "assets" in done.stdout and "Not ready" in done.stdout


def test_without_torch(course):
    (course / "lib/torch.py").write_text("raise ImportError('libtorch.so: cannot open shared object file')")
    done = gancourse(course, "doctor")
    assert done.returncode == 1 and "libtorch.so" in done.stdout and "Traceback" not in done.stderr


def test_an_unknown_command_says_what_there_is(course):
    done = gancourse(course, "surgeon")
    assert done.returncode == 2 and "doctor" in done.stderr and "Traceback" not in done.stderr
