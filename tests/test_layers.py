"""Imports only go down the floors, each module imports alone, nobody pays for what they do not use."""

import ast
import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {  # from the ground up: a module imports what stands before it, and nothing else of the package
    "ground": "expect console machine",
    "mathematics": "losses toy faces lipschitz",
    "data and scores": "data features metrics face_scores",
    "the game": "feed checkpoint game",
    "models": "dcgan pix2pix vae style cyclegan modern face_gan parallel",
    "looking": "watch plot panels points pictures face_panels",
    "running": "slow recipe session",
    "the browser": "frontend live",
    "labs": "diagnose doctor population ratemap playground pad seesaw walk",
    "exercises": "hints oracles checks quiz lessons assignment",  # oracles: one module a lesson
    "command line": "cli",
}
PLACE = {name: place for place, name in enumerate(" ".join(FLOORS.values()).split())}
MAY_IMPORT = {  # heavy packages, and who may import them
    "matplotlib": "plot",
    "ipywidgets": "frontend live doctor ratemap pad quiz walk",
    "anywidget": "frontend live pad quiz seesaw",
    "IPython": "frontend live doctor ratemap pad quiz seesaw walk",
    "accelerate": "parallel",  # an optional extra
    "onnx": "",
    "pytest": "",
}
ONLY_IN = {package: set(names.split()) for package, names in MAY_IMPORT.items()}
REQUIREMENT = {
    "PIL": "pillow",
    "IPython": "ipywidgets",
    "traitlets": "ipywidgets",
}  # of another name, or brought by another
PACKAGE = ROOT / "gancourse"
MODULES = sorted(
    ".".join(p.relative_to(PACKAGE).with_suffix("").parts)
    for p in PACKAGE.rglob("*.py")
    if not p.stem.startswith("_")
)


def place_of(name):
    "A module of a subpackage stands where the subpackage stands."
    return PLACE[name.partition(".")[0]]


def source_of(name):
    return (PACKAGE / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")


def imports(source):
    "Every dotted name that a module imports, also inside its functions; siblings as `gancourse.name`."
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, ["gancourse" if node.level else "", node.module]))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def violations(name, source):
    "What is wrong with the imports of the module `name`, in words."
    own = name.partition(".")[0]
    if own not in PLACE:
        yield f"{name}: stands on no floor; give it a place in FLOORS (tests/test_layers.py)"
        return
    for dotted in imports(source):
        top, *rest = dotted.split(".")
        if rest and rest[-1] == "*":
            yield f"{name}: imports * from {dotted[:-2]}"
        elif top == "gancourse" and (not rest or rest[0] not in PLACE):
            yield f"{name}: imports {dotted}, which stands on no floor"
        elif top == "gancourse" and PLACE[rest[0]] >= PLACE[own]:
            yield f"{name}: imports {rest[0]}, which does not stand below it"
        elif name not in ONLY_IN.get(top, {name}):
            yield f"{name}: imports {top}, which only {MAY_IMPORT[top] or 'tests and notebooks'} may"


def reached_by(name):
    "The module and all that it imports, directly or not."
    seen, waiting = set(), [name]
    while waiting:
        if (one := waiting.pop()) not in seen and one in MODULES:
            seen.add(one)
            waiting += {dotted.split(".")[1] for dotted in imports(source_of(one)) if "gancourse." in dotted}
    return seen


@pytest.mark.parametrize("name", MODULES)
def test_imports_only_go_down(name):
    assert not list(violations(name, source_of(name)))


@pytest.mark.parametrize(
    "name, source, complaint",
    [
        ("losses", "from .game import train", "does not stand below it"),
        ("losses", "from .toy import ring", "does not stand below it"),  # sideways
        ("toy", "def f():\n    import gancourse.plot", "does not stand below it"),
        ("dcgan", "from . import pix2pix", "does not stand below it"),
        ("checks", "from .quiz import ask", "does not stand below it"),
        ("oracles.minimax", "from ..checks import check", "does not stand below it"),
        ("oracles.vae", "from .minimax import d_star", "stands on no floor"),  # an oracle of another lesson
        ("game", "import gancourse", "stands on no floor"),
        ("game", "from gancourse import nowhere", "stands on no floor"),
        ("live", "from .plot import *", r"imports \*"),
        ("game", "from torch.nn import *", r"imports \*"),
        ("metrics", "import matplotlib.pyplot as plt", "only plot may"),
        ("plot", "from IPython.display import display", "only frontend live .* quiz seesaw .*may"),
        ("metrics", "import pytest", "only tests and notebooks may"),
        ("newcomer", "import torch", "stands on no floor"),
    ],
)
def test_violations_are_found(name, source, complaint):
    found = list(violations(name, source))
    assert len(found) == 1 and re.search(complaint, found[0]), found


@pytest.mark.parametrize(
    "name, source",
    [
        ("game", "from .losses import Adversarial"),
        ("dcgan", "from .lipschitz import spectral_norm"),
        ("pix2pix", "from .game import Player\nfrom .lipschitz import r1"),
        ("cyclegan", "from gancourse.pix2pix import PatchDiscriminator"),
        ("live", "from . import plot\nimport ipywidgets, anywidget\nfrom IPython import get_ipython"),
        ("plot", "import matplotlib.pyplot as plt"),
    ],
)
def test_allowed_imports_are_allowed(name, source):
    assert not list(violations(name, source))


@pytest.mark.parametrize("name", MODULES)
def test_every_package_is_a_requirement(name):
    ini = configparser.ConfigParser(delimiters=["="])
    ini.read(ROOT / "settings.ini", encoding="utf-8")
    extra = " " + ini["DEFAULT"]["parallel_requirements"] if name == "parallel" else ""
    required = {re.match(r"[\w-]+", need)[0] for need in (ini["DEFAULT"]["requirements"] + extra).split()}
    used = {dotted.split(".")[0] for dotted in imports(source_of(name))}
    others = {REQUIREMENT.get(top, top) for top in used - set(sys.stdlib_module_names) - {"gancourse"}}
    assert others <= required, f"add {others - required} to the requirements in settings.ini"


def loaded_by(code):
    "The heavy packages that a fresh interpreter has loaded after `code`."
    watched = {"torch", *ONLY_IN}
    code += f"\nimport sys; print(*sorted({watched!r} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


@pytest.mark.parametrize("name", MODULES)
def test_each_module_imports_alone_and_light(name):
    heavy = loaded_by(f"import gancourse.{name}") - {"torch"}
    allowed = {package for package, names in ONLY_IN.items() if names & reached_by(name)}
    if allowed & {"ipywidgets", "anywidget"}:
        allowed |= {"IPython"}  # which they bring
    assert heavy <= allowed, f"importing gancourse.{name} loads {heavy - allowed}"


def test_every_place_is_taken():
    assert PLACE.keys() == {name.partition(".")[0] for name in MODULES}


def test_the_package_itself_costs_nothing():
    assert loaded_by("import gancourse") == set()
    assert loaded_by("import gancourse; gancourse.losses.hinge; assert 'plot' in dir(gancourse)") == {"torch"}
