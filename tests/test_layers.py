"""Imports only point up the list of layers, each module imports alone, and nobody pays for what they do not
use.
"""

import ast
import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = {
    -1: "expect machine feed checkpoint",
    0: "losses lipschitz toy",
    0.3: "data metrics",  # may import machine, which knows where the embedded files are
    0.5: "game",  # may import losses
    1: "dcgan pix2pix vae style",
    2: "cyclegan modern",
    3: "plot",
    3.3: "panels",
    3.6: "session",
    3.9: "frontend",
    4: "live diagnose",
    4.5: "playground population pad",  # may import live
    4.8: "hints",
    4.9: "oracles",  # one module a lesson
    5: "checks parallel",
    5.2: "quiz assignment",  # may import checks
    6: "cli",
}
LAYER = {name: layer for layer, names in LAYERS.items() for name in names.split()}
ONLY_IN = {  # heavy packages, and the modules that may import them
    "matplotlib": {"plot"},
    "ipywidgets": {"live", "diagnose", "population", "pad", "quiz"},
    "anywidget": {"live", "diagnose", "population", "pad", "quiz"},
    "IPython": {"frontend", "live", "diagnose", "population", "pad", "quiz"},
    "accelerate": {"parallel"},  # an optional extra
    "pytest": set(),
}
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


def layer_of(name):
    "A module of a subpackage stands where the subpackage stands."
    return LAYER[name.partition(".")[0]]


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
    if name.partition(".")[0] not in LAYER:
        yield f"{name}: stands in no layer; give it a place in LAYERS (tests/test_layers.py)"
        return
    for dotted in imports(source):
        top, *rest = dotted.split(".")
        if rest and rest[-1] == "*":
            yield f"{name}: imports * from {dotted[:-2]}"
        elif top == "gancourse" and (not rest or rest[0] not in LAYER):
            yield f"{name}: imports {dotted}, which is no module of a layer"
        elif top == "gancourse" and LAYER[rest[0]] >= layer_of(name):
            yield f"{name} (layer {layer_of(name)}) imports {rest[0]} (layer {LAYER[rest[0]]}): arrows only point up"
        elif name not in ONLY_IN.get(top, {name}):
            yield f"{name}: imports {top}, which only {', '.join(sorted(ONLY_IN[top])) or 'tests and notebooks'} may"


@pytest.mark.parametrize("name", MODULES)
def test_imports_only_point_up(name):
    assert not list(violations(name, source_of(name)))


@pytest.mark.parametrize(
    "name, source, complaint",
    [
        ("losses", "from .game import train", "arrows only point up"),
        ("losses", "from .toy import ring", "arrows only point up"),  # sideways
        ("toy", "def f():\n    import gancourse.plot", "arrows only point up"),
        ("dcgan", "from . import pix2pix", "arrows only point up"),
        ("checks", "from .quiz import ask", "arrows only point up"),
        ("oracles.minimax", "from ..checks import check", "arrows only point up"),
        ("oracles.vae", "from .minimax import d_star", "no module of a layer"),  # an oracle of another lesson
        ("game", "import gancourse", "no module of a layer"),
        ("game", "from gancourse import nowhere", "no module of a layer"),
        ("live", "from .plot import *", r"imports \*"),
        ("game", "from torch.nn import *", r"imports \*"),
        ("metrics", "import matplotlib.pyplot as plt", "only plot may"),
        (
            "plot",
            "from IPython.display import display",
            "only diagnose, frontend, live, pad, population, quiz may",
        ),
        ("metrics", "import pytest", "only tests and notebooks may"),
        ("newcomer", "import torch", "stands in no layer"),
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
def test_allowed_arrows_are_allowed(name, source):
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
    layer = layer_of(name)
    allowed = (
        set(ONLY_IN) - {"accelerate", "pytest"}
        if 3.9 <= layer < 5 or name == "quiz"
        else {"matplotlib"}
        if 3 <= layer < 3.9
        else set()
    )
    if name == "parallel":
        allowed = {"accelerate"}
    assert heavy <= allowed, f"importing gancourse.{name} loads {heavy - allowed}"


def test_the_package_itself_costs_nothing():
    assert loaded_by("import gancourse") == set()
    assert loaded_by("import gancourse; gancourse.losses.hinge; assert 'plot' in dir(gancourse)") == {"torch"}
