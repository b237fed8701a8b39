"A Lab in the field: a process that is stopped and goes on, a kernel that is gone, marked points."

import os
import signal
import time

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect
from test_playground import SHOW, save_notebook

GALLERY = """
from gancourse.live import Lab
from gancourse.playground import GALLERY
lab = Lab(GALLERY, steps=10**6)
lab
"""


def test_a_stopped_kernel_resumes(open_lab):
    "As when a laptop sleeps: afterwards the picture moves again soon."
    page = open_lab(SHOW)
    page.play(20)
    kernel = page.ask("__import__('os').getpid()")
    for _ in range(3):  # perhaps in the middle of a frame
        os.kill(kernel, signal.SIGSTOP)
        try:
            time.sleep(8)
        finally:
            os.kill(kernel, signal.SIGCONT)
        began, drawn = time.perf_counter(), page.lab.evaluate("e => e.gancourse.drawn")
        page.page.wait_for_function(
            "([e, n]) => e.gancourse.drawn >= n", arg=[page.lab.element_handle(), drawn + 10], timeout=30_000
        )
        assert time.perf_counter() - began < 15  # on a busy machine
        page.status("running")
        page.plays_on(10)
    page.pause()


def test_the_training_points_have_a_name(open_lab):
    page = open_lab(GALLERY)
    legend = page.find("legend").first
    expect(legend).not_to_contain_text("training points")
    page.find("gallery").locator(".gc-example", has_text="Sixteen points").click()
    expect(legend).to_contain_text("training points", timeout=20_000)
    before = page.pixels()
    page.find("layer-marked").uncheck()
    page.new_pixels(before)
    expect(legend).not_to_contain_text("training points")


def test_a_saved_lab_whose_kernel_is_gone(notebook, open_lab, server):
    "A notebook saved live and opened again by another kernel: the still picture, and what to do."
    nb = notebook(["", "", ""])
    page = open_lab(SHOW, nb=nb)
    page.press("step")
    page.at_step(1)
    save_notebook(page)
    for session in server.api("sessions"):
        if session["path"] in nb.page.url:
            server.api(f"sessions/{session['id']}", "DELETE")
    nb.page.reload()
    nb.page.wait_for_function(
        "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady", timeout=90_000
    )
    output = nb.output(1)
    expect(output).to_contain_text("Run this cell to play it live.", timeout=30_000)
    assert "object at 0x" not in output.inner_text()
    expect(output.locator("img")).to_be_visible()
    nb.python(page.TRUTH)  # the new kernel must know how to be asked
    nb.python("import threading")
