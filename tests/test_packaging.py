"""Wheel and sdist: complete, described by settings.ini, and at work far from the checkout."""

import configparser
import email
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
CONFIG = configparser.ConfigParser(delimiters=["="])
CONFIG.read(ROOT / "settings.ini", encoding="utf-8")
INI = CONFIG["DEFAULT"]
SOURCE = [
    "settings.ini",
    "setup.py",
    "pyproject.toml",
    "MANIFEST.in",
    "constraints.txt",
    "LICENSE",
    "README.md",
    "gancourse",
    "assets",
    "nbs",
    "tests",
    "tools",
]


def test_pyproject_repeats_nothing_wrong():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (
        set(project) == {"name", "dynamic"} and project["name"] == INI["lib_name"]
    )  # the rest comes from setup.py


def test_every_requirement_is_pinned_in_a_version_that_will_do():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.lower().split("==") for line in lines if line and not line.startswith("#"))
    for kind in ("requirements", "lab_requirements", "parallel_requirements", "dev_requirements"):
        for need in map(Requirement, INI[kind].split()):
            assert pins.get(need.name) in need.specifier, need


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    "An sdist from a copy of the tree, and a wheel from that sdist."
    tree = tmp_path_factory.mktemp("tree")
    for name in SOURCE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tree / name)
    out = tmp_path_factory.mktemp("dist")
    run = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, tree],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return sdist, wheel


@pytest.mark.slow
def test_sdist_holds_the_source(built):
    with tarfile.open(built[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"settings.ini", "LICENSE", "nbs/01_minimax.ipynb", "assets/data/manifest.json"} <= names
    assert not [name for name in names if ".ipynb_checkpoints" in name or "__pycache__" in name]


@pytest.mark.slow
def test_wheel_holds_modules_and_assets(built):
    with zipfile.ZipFile(built[1]) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name and not name.endswith("/")}
    modules = {
        f"gancourse/{p.relative_to(ROOT / 'gancourse').as_posix()}"
        for p in (ROOT / "gancourse").rglob("*.py")
    }
    assets = {
        f"gancourse/{p.relative_to(ROOT).as_posix()}"
        for folder in ("data", "live", "quizzes", "results")
        for p in (ROOT / "assets" / folder).rglob("*")
        if p.is_file()
    }
    assets |= {f"gancourse/assets/{name}.json" for name in ("course", "exercises")}
    notebooks = {f"gancourse/{p.relative_to(ROOT).as_posix()}" for p in (ROOT / "nbs").rglob("*.ipynb")}
    assert names == modules | assets | {name for name in notebooks if ".ipynb_checkpoints" not in name}


@pytest.mark.slow
def test_metadata_comes_from_settings(built):
    with zipfile.ZipFile(built[1]) as archive:
        folder = f"gancourse-{INI['version']}.dist-info"
        facts = email.message_from_string(archive.read(f"{folder}/METADATA").decode())
        scripts = archive.read(f"{folder}/entry_points.txt").decode()
        assert any(name.startswith(folder) and name.endswith("LICENSE") for name in archive.namelist())
    assert [facts[key] for key in ("Name", "Version", "Summary")] == [
        INI[key] for key in ("lib_name", "version", "description")
    ]
    assert INI["license"] in (facts["License-Expression"], facts["License"])
    assert facts["Requires-Python"] == ">=" + INI["min_python"]
    needs = [Requirement(need) for need in facts.get_all("Requires-Dist")]
    plain = {str(need) for need in needs if not need.marker}
    assert plain == {str(Requirement(need)) for need in INI["requirements"].split()}
    assert set(facts.get_all("Provides-Extra")) == {"lab", "parallel", "dev"}
    assert INI["console_scripts"].replace("=", " = ") in scripts
    assert "gancourse" in facts.get_payload()  # the README


@pytest.mark.slow
def test_installed_wheel_works_elsewhere(built, tmp_path):
    lib, elsewhere = tmp_path / "lib", tmp_path / "elsewhere"
    elsewhere.mkdir()
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", lib, built[1]], check=True
    )
    env = {**os.environ, "PYTHONPATH": str(lib)}

    def run(*command):
        done = subprocess.run(list(map(str, command)), cwd=elsewhere, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = (
        "import gancourse; from gancourse.machine import assets; "
        "print(gancourse.__file__, assets(), gancourse.__version__)"
    )
    file, assets, version = run(sys.executable, "-c", where).split()
    assert Path(file).is_relative_to(lib) and Path(assets).is_relative_to(lib) and version == INI["version"]
    for doctor in (
        (sys.executable, "-m", "gancourse", "doctor"),
        (sys.executable, lib / "bin/gancourse", "doctor"),
    ):
        said = run(*doctor)
        assert "Ready" in said and " MB, unchanged" in said and "missing" not in said
    assert "jupyter lab my_course/00_start.ipynb" in run(
        sys.executable, lib / "bin/gancourse", "lessons", "my_course"
    )
    written = {p.relative_to(elsewhere / "my_course") for p in (elsewhere / "my_course").rglob("*.ipynb")}
    assert written == {p.relative_to(ROOT / "nbs") for p in (ROOT / "nbs").rglob("*.ipynb")}
    run(
        sys.executable, "-m", "gancourse", "assignment", "class", "--lessons", "01"
    )  # the solutions are there too
