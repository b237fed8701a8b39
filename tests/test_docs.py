"""`help` says of every public name what to pass and what comes back; the examples there are run."""

import doctest
import importlib
import inspect
from pathlib import Path

import pytest
from fastcore.docscrape import NumpyDocString

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(f"gancourse.{path.stem}" for path in (ROOT / "gancourse").glob("[!_]*.py"))
DOORS = {  # by which most users enter: their docstrings say what they raise, and hold an example
    "losses": ["Adversarial", "value"],
    "game": ["gan", "train", "average"],
    "checkpoint": ["save", "load"],
    "dcgan": ["dcgan"],
    "pix2pix": ["pix2pix"],
    "cyclegan": ["cyclegan"],
    "vae": ["vae"],
    "style": ["stylize"],
    "population": ["sweep"],
    "diagnose": ["diagnose"],
    "metrics": ["fid", "kid", "psnr"],
    "faces": ["sample"],
    "face_scores": ["score_faces"],
    "data": ["mnist", "folder", "pairs"],
    "live": ["Lab"],
}


def public(module):
    "The functions and classes that a module defines and exports."
    things = {name: vars(module).get(name) for name in module.__all__}
    return {
        name: thing
        for name, thing in things.items()
        if (inspect.isclass(thing) or inspect.isfunction(thing)) and thing.__module__ == module.__name__
    }


def methods(cls):
    "The methods that a class explains, by name. What a network's `forward` takes, its class says."
    names = [name for name in vars(cls) if not name.startswith("_") and name != "forward"]
    found = {name: inspect.unwrap(getattr(cls, name)) for name in names if callable(getattr(cls, name))}
    return {name: thing for name, thing in found.items() if inspect.isroutine(thing) and thing.__doc__}


def sections(thing):
    "What a docstring says of each parameter, and of what comes back."
    docs = NumpyDocString(inspect.getdoc(thing) or "")
    said = {name.lstrip("*"): " ".join(each.desc) for name, each in docs["Parameters"].items()}
    return said, docs["Returns"] and " ".join(docs["Returns"].desc)


def takes(thing):
    "The names of a function's parameters, or a class's, if the course wrote its constructor."
    ours = not inspect.isclass(thing) or issubclass(thing, tuple)
    ours = ours or getattr(thing.__init__, "__module__", "") in MODULES
    return [name for name in inspect.signature(thing).parameters if name != "self"] if ours else []


def unexplained(thing):
    "The parameters, and 'return', of which a docstring says nothing."
    origins = thing.__mro__ if inspect.isclass(thing) else [thing]
    said = {name for origin in origins for name, text in sections(origin)[0].items() if text}
    yield from (name for name in takes(thing) if name not in said)
    if inspect.isfunction(thing):
        back = thing.__annotations__.get("return")
        if back not in (None, "None") and not sections(thing)[1]:
            yield "return"


def silent(module):
    "Everything in a module that is not explained, as 'function(parameter)'."
    for name, thing in public(module).items():
        yield from (f"{name}({each})" for each in unexplained(thing))
        for method, function in methods(thing).items() if inspect.isclass(thing) else ():
            yield from (f"{name}.{method}({each})" for each in unexplained(function) if each != "return")


@pytest.mark.parametrize("name", MODULES)
def test_every_parameter_is_explained(name):
    assert not list(silent(importlib.import_module(name)))


def run_examples(thing, globs):
    "How many examples its docstring holds, and what went wrong."
    told = []
    tests = doctest.DocTestFinder(recurse=False).find(thing, thing.__name__, globs=globs)
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_ONLY_FIRST_FAILURE)
    for each in tests:
        runner.run(each, out=told.append)
    return runner.tries, "".join(told)


@pytest.mark.parametrize(("module", "name"), [(module, name) for module in DOORS for name in DOORS[module]])
def test_an_example_at_each_door(module, name):
    "As a stranger would type it: it imports what it uses."
    thing = getattr(importlib.import_module(f"gancourse.{module}"), name)
    tries, told = run_examples(thing, globs={})
    assert 2 <= tries <= 12 and not told, told
    assert "\nRaises\n------\n" in inspect.getdoc(thing) or name == "diagnose"  # which reads any history


def test_wrong_examples_are_found():
    def double(x):
        """Twice x.

        >>> 2 * 2
        5
        """

    def undocumented(x):
        "Nothing is said of x."

    tries, told = run_examples(double, {})
    assert tries == 1 and "Expected:\n    5\nGot:\n    4" in told
    assert list(unexplained(undocumented)) == ["x"]
