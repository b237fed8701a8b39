"Packaging: every fact comes from settings.ini; assets/ and the notebooks travel in the wheel."

from configparser import ConfigParser
from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree

from setuptools import setup
from setuptools.command.build_py import build_py

here = Path(__file__).parent
config = ConfigParser(delimiters=["="])
config.read(here / "settings.ini", encoding="utf-8")
ini = config["DEFAULT"]


class BuildWithAssets(build_py):
    "Copy assets/ and nbs/ beside the modules of a wheel (an editable install reads the checkout)."

    def run(self):
        super().run()
        if not self.editable_mode:
            for source in (here / "assets", here / "nbs"):
                target = Path(self.build_lib) / ini["lib_name"] / source.name
                rmtree(target, ignore_errors=True)  # build/ may hold files of an older build
                copytree(source, target, ignore=ignore_patterns("figures", ".*"))


setup(
    name=ini["lib_name"],
    version=ini["version"],
    description=ini["description"],
    long_description=(here / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    keywords=ini["keywords"].split(),
    author=ini["author"],
    license=ini["license"],
    classifiers=[
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
    python_requires=">=" + ini["min_python"],
    packages=[ini["lib_name"], ini["lib_name"] + ".oracles"],
    install_requires=ini["requirements"].split(),
    extras_require={kind: ini[f"{kind}_requirements"].split() for kind in ("lab", "parallel", "dev")},
    entry_points={"console_scripts": [ini["console_scripts"]]},
    cmdclass={"build_py": BuildWithAssets},
    zip_safe=False,
)
