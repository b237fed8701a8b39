"""What `import gancourse` costs beside `import torch`: interleaved runs in fresh interpreters, medians."""

import statistics
import subprocess
import sys
import time

RUNS = 7
CODE = {
    "nothing": "",
    "import gancourse": "import gancourse",
    "import torch": "import torch",
    "losses, game, toy, machine, metrics": "from gancourse import losses, game, toy, machine, metrics",
}


def seconds(code):
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def main():
    for code in CODE.values():
        seconds(code)  # warm: files cached, bytecode written
    runs = [{name: seconds(code) for name, code in CODE.items()} for _ in range(RUNS)]
    median = {name: statistics.median(run[name] for run in runs) for name in CODE}
    for name, value in median.items():
        print(f"{name:<36} {value:6.3f} s")
    extra = statistics.median(
        run["losses, game, toy, machine, metrics"] - run["import torch"] for run in runs
    )
    print(f"{'the five modules on top of torch':<36} {extra:+6.3f} s   (promised: at most 0.3 s)")


if __name__ == "__main__":
    main()
