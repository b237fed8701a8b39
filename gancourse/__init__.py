"Generative adversarial networks, derived in notebooks, proved and played live. Modules load when first used."

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pkgutil import iter_modules

try:
    __version__ = version("gancourse")
except PackageNotFoundError:  # run from a folder that was never installed
    __version__ = "unknown"


def __getattr__(name):
    if not name.startswith("_"):
        try:
            return import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as e:
            if e.name != f"{__name__}.{name}":
                raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    modules = {module.name for module in iter_modules(__path__) if not module.name.startswith("_")}
    return sorted(modules | set(globals()))
