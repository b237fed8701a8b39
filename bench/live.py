"""Lab on against Lab off: the same toy game in the same kernel, watched in a real browser and not watched,
turn about.

Prints turns per second of both, their ratio (wanted: at least 0.95), frames drawn per second (at least
15), and the time from a click on Pause to the browser showing that it paused (median under 100 ms).
`--minutes 10` plays the playground for so long and prints the memory of kernel and page minute by minute
instead. Needs Chromium; without it the bench says so and measures nothing.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "browser"))
import test_lab

import conftest as browser_tests

MEASURE = """
import json
import time
from gancourse.session import Session, Worker

off = Worker(Session(new_game, draws(gaussian, 8), steps=10**9))
off.listen()

def steps_per_second(worker, seconds=2.5):
    worker.do("start")
    time.sleep(0.4)
    began, first = time.perf_counter(), worker.session.game.step
    time.sleep(seconds)
    rate = (worker.session.game.step - first) / (time.perf_counter() - began)
    worker.do("pause")
    time.sleep(0.4)
    return rate

rows = []
for k in range(10):  # the order changes, so that whoever comes second has no advantage
    first, second = (off, lab) if k % 2 else (lab, off)
    pair = {worker: steps_per_second(worker) for worker in (first, second)}
    rows.append((pair[off], pair[lab]))
off.stop()
print(json.dumps(rows))
"""


class Folder:
    "What pytest's tmp_path_factory gives, outside pytest."

    def mktemp(self, name):
        return Path(tempfile.mkdtemp(prefix=name))


def pause_latency(page):
    "Seconds from a click on Pause until the page shows it, measured in the page."
    page.press("play")
    page.status("running")
    time.sleep(1)
    return page.lab.evaluate("""e => new Promise(done => { const t = performance.now();
        new MutationObserver((_, o) => { if (e.dataset.status === 'paused') {
            o.disconnect(); done((performance.now() - t) / 1000); } })
            .observe(e, { attributes: true });
        e.querySelector('.gc-play').click(); })""")


def measure(open_lab):
    page = open_lab(test_lab.SHOW, test_lab.MAKE)
    page.press("step")
    page.at_step(1)
    page.nb.put(2, MEASURE)
    drawn = "e => e.gancourse.drawn"
    before = page.lab.evaluate(drawn)
    rows = json.loads(page.nb.run(2, seconds=120))
    frames = (page.lab.evaluate(drawn) - before) / (2.9 * len(rows))
    pauses = [pause_latency(page) for _ in range(7)]
    off, on = (statistics.median(column) for column in zip(*rows, strict=True))
    ratio = statistics.median(b / a for a, b in rows)
    print(
        f"live: Lab off {off:.0f} steps/s, Lab on {on:.0f} steps/s, ratio {ratio:.3f} (at least 0.95); "
        f"{frames:.0f} frames/s drawn (at least 15); "
        f"click to pause {statistics.median(pauses) * 1000:.0f} ms (under 100)"
    )


def remember(open_lab, minutes):
    page = open_lab(
        "from gancourse.live import Lab\nfrom gancourse.playground import Playground\n"
        "lab = Lab(Playground(), steps=10**9)\nlab"
    )
    memory = page.page.context.new_cdp_session(page.page)
    page.press("play")
    page.status("running")
    for minute in range(minutes + 1):
        rss = page.nb.python(
            "print(next(line for line in open('/proc/self/status') if line.startswith('VmRSS')).split()[1])"
        )
        memory.send("HeapProfiler.collectGarbage")
        heap = memory.send("Runtime.getHeapUsage")["usedSize"]
        step = page.lab.get_attribute("data-step")
        print(
            f"live: minute {minute}: step {step}, kernel {int(rss) / 1024:.0f} MB, page {heap / 1e6:.1f} MB",
            flush=True,
        )
        if minute < minutes:
            time.sleep(60)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=0, help="watch the memory for so long instead")
    minutes = parser.parse_args().minutes
    if browser_tests.CHROMIUM is None:
        return print("live: no Chromium here, nothing measured (tools/chromium.sh installs Debian's)")
    from playwright.sync_api import sync_playwright

    server = browser_tests.server.__wrapped__(Folder())
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser_tests.CHROMIUM, args=browser_tests.QUIET
        )
        notebook = browser_tests.Notebook(next(server), chromium, ["", "", ""], "bench.ipynb")

        def open_lab(*cells):
            return browser_tests.LabPage(notebook, *cells)

        remember(open_lab, minutes) if minutes else measure(open_lab)
        chromium.close()
        next(server, None)


if __name__ == "__main__":
    main()
