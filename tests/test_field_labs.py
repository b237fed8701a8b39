"Labs, pads and pictures under inputs from the field: any message, and a machine that stops or is crowded."

import gc
import json
import math
import queue
import random
import sys
import threading
import time
import types
import warnings
import weakref
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from gancourse import frontend, live, plot
from gancourse.diagnose import Watcher
from gancourse.doctor import Doctor
from gancourse.game import draws, gan, history, normal, train
from gancourse.live import Camera, Lab, PanelGroup, View, still_outputs
from gancourse.pad import Desk, Pad, PadWidget, packed
from gancourse.panels import Curves, Panel
from gancourse.playground import GALLERY, Playground
from gancourse.points import Points
from gancourse.recipe import Example
from gancourse.session import Cores, Observer, Session, Worker, advance, intact
from gancourse.toy import mlp, ring

SMALL = dict(width_G=8, depth_G=1, width_D=8, depth_D=1, batch=8)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
    plt.close("all")


def toy(seed=0):
    g = torch.Generator().manual_seed(seed)
    return gan(mlp(2, 8, 2, generator=g), mlp(2, 8, 1, generator=g), z=normal(2, seed=seed))


def labs_threads():
    return [t for t in threading.enumerate() if t.name in ("gancourse-lab", "gancourse-pad")]


def until(condition, seconds=20):
    end = time.time() + seconds
    while not condition():
        assert time.time() < end, "waited too long"
        time.sleep(0.01)


@pytest.fixture
def worker():
    "worker(session): it listens; at the end it is stopped, and its thread is gone."
    opened = []

    def listening(session, **more):
        opened.append(Worker(session, **more))
        opened[-1].listen()
        return opened[-1]

    yield listening
    assert all(w.stop() for w in opened)


def watched(lab):
    "A Lab with a view that reaches no page, and a thread."
    lab.screen.view, sent = View(), []
    lab.view.send = lambda header, buffers=None: sent.append(header)
    lab.listen()
    return sent


# ---------------------------------------------------------------- pictures of nothing


def test_a_game_of_no_steps_is_drawn():
    nothing = history(train(toy(), draws(ring, 8), 0))
    assert plot.plot_losses(nothing).get_ylabel() == "loss"
    empty = {"D": torch.empty(0), "G": torch.empty(0)}
    ax = plot.plot_losses(empty, {"ln 2": math.log(2)})
    assert [line.get_xydata().size for line in ax.lines[:2]] == [0, 0]
    one = plot.plot_losses({"D": torch.ones(3), "G": torch.empty(0)})
    assert one.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert not plot.plot_band(torch.empty(0), torch.empty(3, 0)).lines


@pytest.mark.parametrize(
    "draw, words",
    [
        (lambda: plot.plot_surface(torch.empty(0), (0, 1, 0, 1)), "probability: expected n"),
        (lambda: plot.plot_band(torch.arange(3.0), torch.empty(0, 3)), "runs: expected"),
        (lambda: plot.plot_histogram(torch.empty(2, 0), (0, 1), ["a", "b"]), "shares: expected"),
        (lambda: plot.plot_gaussian(torch.zeros(3), torch.eye(2)), "mean: expected"),
        (lambda: plot.plot_gaussian(torch.zeros(2), torch.eye(3)), "cov: expected"),
    ],
)
def test_a_picture_of_nothing_is_refused_by_name(draw, words):
    with pytest.raises(ValueError, match=words):
        draw()


def test_arrays_of_numpy_are_drawn():
    x = np.random.default_rng(0).normal(size=(9, 2))
    points = plot.plot_points(x, x + 1)
    assert points.collections[0].get_offsets().tolist() == x.tolist()
    assert plot.plot_surface(np.full(9, 0.5), (0, 1, 0, 1)).images
    assert plot.plot_curves(np.ones((4, 2)), ["D"]).lines[0].get_ydata().tolist() == [1] * 4
    assert plot.plot_losses({"D": np.ones(4)}).lines[0].get_ydata().tolist() == [1] * 4
    assert plot.plot_band(np.arange(2), np.ones((3, 2))).lines[0].get_ydata().tolist() == [1, 1]
    assert plot.plot_gaussian(np.zeros(2), np.eye(2)).lines
    assert plot.plot_histogram(np.full((1, 4), 0.25), (0, 1), ["real"]).patches
    assert plot.plot_map(np.eye(3)).images
    assert plot.plot_field(lambda at: at.numpy(), (0, 1, 0, 1), 3).collections


@pytest.mark.parametrize("rows", [[], [[1, math.nan]], [[1, 0.0], [2, -1.0]], [[1, 0.5]]])
def test_curves_on_a_logarithmic_axis_draw_without_a_warning(rows):
    panel = Curves("distance", measure=lambda game: {"d": 1.0}, log=True)
    panel.prepare(toy())
    panel.add(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fig, (ax,) = plot.row_of_axes(1)
        panel.draw(ax)
        plot.png(fig)
    assert ax.get_yscale() == ("log" if rows == [[1, 0.5]] else "linear")


def test_a_doctor_can_be_drawn_after_undo():
    "Its looks before the present stay, as do their points."
    watcher = Watcher(ring(64, torch.Generator().manual_seed(0)), n=32, cells=4)
    lab = Lab(toy, draws(ring, 8), 100, [Doctor(watcher, every=5)])
    for command in (("step", 12), ("step", 3), ("undo",)):
        lab.do(*command)
        while lab.session.left > 0:
            advance(lab.session)
        lab.screen.show() if lab.view else lab.screen.group.look(lab.game)
    fig, (ax,) = plot.row_of_axes(1)
    lab.panels[0].draw(ax)
    assert lab.game.step == 12 and ax.lines[0].get_xdata().tolist() == [
        look["step"] for look in watcher.history.looks
    ]
    assert len(ax.lines[0].get_xdata()) > 0
    lab.panels[0].rows = []
    lab.panels[0].draw(plot.row_of_axes(1)[1][0])


# ---------------------------------------------------------------- is anybody there?


def cell_of(metadata, execution="1", code="lab"):
    parent = {"metadata": metadata, "header": {"msg_id": execution}, "content": {"code": code}}
    return lambda: SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda: parent))


@pytest.fixture
def cell(monkeypatch):
    "cell(metadata, ...): as if such a cell were running; nobody has set GANCOURSE_LIVE."
    monkeypatch.delenv("GANCOURSE_LIVE", raising=False)
    monkeypatch.setattr(frontend, "_opened", {})

    def running(*what, **more):
        monkeypatch.setattr(frontend, "get_ipython", cell_of(*what, **more))

    return running


def test_who_says_that_somebody_is_there(cell, monkeypatch):
    for metadata, there in (({"cellId": "a"}, True), ({"colab": {"cell_id": "b"}}, True), ({}, False)):
        cell(metadata)
        assert frontend.has_front_end() is there and frontend.is_unsure() is not there
    cell({"colab": None})
    assert not frontend.has_front_end()
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    assert frontend.has_front_end()  # Colab has a page, whatever it says of its cell
    monkeypatch.setattr(frontend, "get_ipython", lambda: None)
    monkeypatch.delitem(sys.modules, "google.colab")
    assert not frontend.has_front_end() and not frontend.is_unsure()  # a script: it has asked for the steps


def test_cells_without_a_name_are_told_apart_by_their_text(cell):
    closed = []
    things = [SimpleNamespaceThing() for _ in range(3)]
    cell({}, "1", "first")
    frontend.open_in_cell(things[0], closed.append)
    cell({}, "2", "second")
    frontend.open_in_cell(things[1], closed.append)
    assert closed == []  # another cell
    cell({}, "3", "first")
    frontend.open_in_cell(things[2], closed.append)
    assert closed == [things[0]]


class SimpleNamespaceThing:
    pass


def test_a_cell_of_which_nobody_knows_plays_for_a_bounded_time(cell, monkeypatch, capsys):
    cell({})
    monkeypatch.setattr(live, "_PATIENCE", 0.3)
    shown = []
    monkeypatch.setattr(live, "display", lambda data, **more: shown.append(data))
    lab = Lab(toy, draws(ring, 8), 10**7)
    began = time.perf_counter()
    lab._ipython_display_()
    assert time.perf_counter() - began < 10 and 0 < lab.game.step < 10**7
    said = capsys.readouterr().out
    assert (
        f"has played {lab.game.step:,} of 10,000,000 steps in 0 seconds" in said
        and "GANCOURSE_LIVE=1" in said
    )
    assert shown[0]["text/plain"].startswith(f"After {lab.game.step} steps.") and "image/png" in shown[0]
    assert lab.panels[0].rows[-1][0] == lab.game.step  # the picture shows the last step
    monkeypatch.setenv("GANCOURSE_LIVE", "0")  # executed on purpose: to the end, without a word
    lab = Lab(toy, draws(ring, 8), 3000)
    lab._ipython_display_()
    assert lab.game.step == 3000 and not capsys.readouterr().out


# ---------------------------------------------------------------- what a page may send


def test_a_rhythm_is_never_longer_than_a_minute(worker):
    session = Session(toy, draws(ring, 8), steps=10**9)
    w = worker(session)
    for order in (("speed", 1e-10), ("start",)):
        w.do(*order)
    until(lambda: session.game.step > 0)
    assert session.speed == pytest.approx(1 / 60)
    for order in (("speed", 0), ("slow", True), ("beat", 1e10), ("start",)):
        w.do(*order)
    until(lambda: session.moment is not None)
    assert session.beat == 60 and w.alive and w.ask(lambda game: game.step) >= 1
    session.beat, session.speed = 1e300, 1e-300  # set by hand
    w.do("start")
    assert w.ask(lambda game: 1) == 1 and w.alive
    assert Lab(toy, draws(ring, 8), speed=1e-10).session.speed == 1e-10  # and a Lab made so plays as well
    with pytest.raises(ValueError, match="speed: expected a finite number >= 0"):
        Lab(toy, draws(ring, 8), speed=-1)


@pytest.mark.parametrize(
    "order, words",
    [
        (("pause", 3), "why: expected a text, but got 3"),
        (("step", 2.5), "n: expected a whole number"),
        (("step", True), "n: expected a whole number"),
        (("step", 0), "n: expected a whole number >= 1"),
        (("speed", math.nan), "steps_per_second: expected a finite number"),
        (("speed", 10**400), "steps_per_second: expected a finite number"),
        (("beat", "1"), "seconds: expected a finite number"),
        (("lr", "D", 10**400), "value: expected a finite number"),
        (("lr", "D"), "lr: expected player, value, but got 1 arguments"),
        (("lr", ["D"], 1.0), "player: expected a text"),
        (("slow", 1), "on: expected True or False, but got 1"),
        (("start", 1, 2), "start: expected no arguments, but got 2 arguments"),
        (("change", ["loss"], "hinge"), "name: expected a text"),
        (("change", "drawing", [[0, 0]] * 10**6), "drawing: expected at most 1000 points"),
        (("change", "drawing", [[1e308, 0]]), "drawing: expected at most 1000 points"),
        (("change", "drawing", [[math.nan, 0]]), "drawing: expected"),
        (("change", "drawing", 5), "drawing: expected"),
        (("change", "drawing", None), "drawing: expected"),
        (("change", "drawing", [5]), "drawing: expected"),
        (("change", "drawing", "points"), "drawing: expected"),
        (("change", "data", {"a": 1}), "data: expected one of"),
        (("change", "k_D", True), "k_D: expected one of"),
        (("change", "weight", True), "weight: expected a finite number"),
        (("change", "lr_D", math.inf), "lr_D: expected a finite number"),
    ],
)
def test_what_a_command_does_not_take_is_refused_in_words_and_nothing_changes(order, words):
    session = Session(Playground(**SMALL))
    orders = Worker(session)
    orders.do("step", 2)
    while session.left > 0:
        advance(session)
    session.status = "running"
    session.left = 50
    before = everything(session)
    orders.do(*order)
    assert session.notice.startswith(words), session.notice
    assert len(session.notice) < 600 and everything(session) == before


def everything(session):
    "All that a refusal must not change, as something to be compared."
    state = [t.tolist() for net in session.game.nets.values() for t in net.state_dict().values()]
    place = json.dumps(session.feed.state_dict(), default=str)
    rest = session.status, session.left, session.speed, session.slow, session.beat, len(session.past.kept)
    return (
        state,
        place,
        session.recipe and session.recipe.values(),
        session.rates,
        list(session.journal),
        rest,
    )


class Broken(Playground):
    "A recipe of which a piece fails."

    def batches(self):
        if self.data == "spiral":
            raise OSError("the disk is gone")
        return super().batches()

    def game(self):
        if self.seed == 3:
            raise SystemExit("over")
        return super().game()


@pytest.mark.parametrize(
    "order", [("change", "data", "spiral"), ("change", "seed", 3), ("reset",), ("choose", 1)]
)
@pytest.mark.parametrize("status", ["running", "paused"])
def test_a_recipe_that_fails_changes_nothing(order, status):
    lab = Lab([Example("a", Broken(**SMALL), "", ""), Example("b", Broken(seed=3, **SMALL), "", "")])
    lab.run(3)
    lab.session.status, lab.session.left = status, 7 if status == "running" else 0
    if order == ("reset",):
        lab.session.recipe.__class__ = type("Gone", (Broken,), {"game": lambda self: 1 / 0})
    before, chosen = everything(lab.session), lab.screen.chosen
    lab.do(*order)
    assert everything(lab.session) == before and lab.screen.chosen == chosen
    assert lab.session.notice in ("the disk is gone", "over", "division by zero")


def test_intact_gives_back_what_was_there():
    session = Session(toy, draws(ring, 8))
    before = everything(session)
    with pytest.raises(KeyError), intact(session) as here:
        session.past.keep(here)
        next(session.play)
        session.game.player("D").lr = 1.0
        raise KeyError
    assert everything(session) == before and here.game is session.game


def test_one_player_whose_move_fails_changes_nothing_but_the_status():
    game = toy()
    session = Session(lambda: game, draws(ring, 8))
    before = everything(session)
    for loss in (lambda batch: batch.no_such_thing, lambda batch: sys.exit(), lambda batch: 1 / 0):
        game.player("G").loss = loss
        Worker(session).do("only", "G")
        assert session.status == "error" and session.error and everything(session)[:2] == before[:2]


def test_reset_works_in_the_middle_of_a_step_that_is_broken():
    session = Session(toy, draws(ring, 8))
    begun = everything(session)[0]
    orders = Worker(session)
    orders.do("slow", True)
    orders.do("step", 4)
    while session.left > 0:
        advance(session)
    session.game.player("G").loss = lambda batch: batch.no_such_thing
    for order in (("reset",), ("slow", False)):
        orders.do(*order)
        assert session.story is None and everything(session)[0] == begun
    assert not session.slow


# ---------------------------------------------------------------- nothing ends the thread


class Failing(Observer):
    "Fails wherever it is asked to."

    def __init__(self):
        self.fails, self.heard = set(), []

    def _hear(self, what):
        self.heard.append(what)
        if what in self.fails:
            raise SystemExit("by the observer") if what == "rest" else RuntimeError("by the observer")

    def on_step(self, step):
        self._hear("step")

    def on_command(self, name, arguments):
        self._hear("command")

    def on_error(self):
        self._hear("error")

    def on_rest(self):
        self._hear("rest")


@pytest.mark.parametrize("what", ["step", "command", "error", "rest"])
def test_an_observer_that_fails_does_not_end_the_thread(worker, what):
    observer = Failing()
    w = worker(Session(toy, draws(ring, 8), observer=observer))
    observer.fails = {what, "error"}
    if what == "error":
        w.session.game.player("D").loss = lambda batch: 1 / 0
    w.do("step")
    until(lambda: what in observer.heard)
    observer.fails = set()
    w.ask(lambda game: setattr(game, "players", toy().players) if what == "error" else None)
    assert w.alive
    step = w.ask(lambda game: game.step)
    if what != "error":
        w.do("step")
        until(lambda: w.session.game.step == step + 1)


class Mute(Exception):
    def __str__(self):
        raise SystemExit


@pytest.mark.parametrize(
    "error", [SystemExit("over"), Mute(), ValueError("\ud800"), KeyboardInterrupt(), MemoryError()]
)
def test_a_loss_that_ends_everything_ends_only_the_run(worker, error):
    def loss(batch):
        raise error

    w = worker(Session(toy, draws(ring, 8)))
    told = w.session.game.player("G").loss
    w.ask(lambda game: setattr(game.player("G"), "loss", loss))
    w.do("start")
    until(lambda: w.session.status == "error")
    assert w.session.error.startswith(type(error).__name__) and w.alive
    w.ask(lambda game: setattr(game.player("G"), "loss", told))
    w.do("step")
    until(lambda: w.session.game.step == 1)
    with pytest.raises(SystemExit):
        w.ask(lambda game: sys.exit())
    assert w.alive


def test_what_is_said_can_be_sent(worker):
    lab = Lab(toy, draws(ring, 8))
    watched(lab)
    for order in (("pause", "half of \ud800 a character"), ("unpack", "\udfff.safetensors", b"x" * 40)):
        lab.do(*order)
        lab.ask(lambda game: None)
        lab.view.notice.encode()  # UTF-8, as on its way to the page
    assert lab.alive and "half of ? a character" != lab.view.notice and lab.stop()


SEED, SOME = (
    20240711,
    (
        *(None, True, False, 0, 1, -1, 2, 3.5, -0.0, 1e-300, 1e308, 10**400, -(10**400)),
        *(
            math.nan,
            math.inf,
            -math.inf,
            "",
            "D",
            "G",
            "loss",
            "hinge",
            "data",
            "drawn",
            "drawing",
            "seed",
            "\ud800",
        ),
        *(
            "speed",
            "x" * 10_000,
            [],
            [[]],
            {},
            {"a": [1]},
            [[0, 0]],
            [[1, 2], [3]],
            [1e308],
            [["a", "b"]],
            [[math.nan, 1]],
        ),
        *(b"", b"bytes", "real", "arrows", "probe"),
    ),
)


def messages(n, names, seed):
    "Messages as no page of ours would send them, and some that it would."
    rng, million = random.Random(seed), [[0.0, 0.0]] * 10**6
    for k in range(n):
        name = (
            rng.choice(names)
            if rng.random() < 0.9
            else rng.choice(["", "ask", "__class__", "ack", 7, None, ["step"], {}])
        )
        arguments = [rng.choice(SOME) for _ in range(rng.choice([0, 0, 1, 1, 2, 2, 3, 9]))]
        if k % 500 == 7:
            name, arguments = "change", ["drawing", million]
        message = {"cmd": name, "args": arguments}
        if rng.random() < 0.05:
            message = rng.choice(
                [None, [], "step", 5, {}, {"cmd": name}, {"cmd": name, "args": 5}, {"args": [1]}]
            )
        if name == "ack":
            message = {"cmd": "ack", "seq": rng.choice(SOME)}
        yield message, [memoryview(b"\x08\0\0\0\0\0\0\0{}  ")] * rng.choice([0, 0, 0, 1, 2])


@pytest.mark.parametrize("n, make", [(3000, "session"), (250, "gallery")])
def test_no_message_ends_the_thread(n, make):
    if make == "session":
        examples = [
            Example("a", Playground(**SMALL), "", ""),
            Example("b", Playground(seed=1, **SMALL), "", ""),
        ]
        lab = Lab(examples, panels=[Curves()])
    else:
        lab = Lab(GALLERY)
    watched(lab)
    names = sorted(lab.commands)
    for message, buffers in messages(n, names, SEED):
        live._clicked(lab, message, buffers)
    for order in (("slow", False), ("speed", 0), ("pause",)):
        live._clicked(lab, {"cmd": order[0], "args": list(order[1:])})
    assert lab.ask(lambda game: game.step) >= 0 and lab.alive
    live._clicked(lab, {"cmd": "reset", "args": []})
    live._clicked(lab, {"cmd": "step", "args": [3]})
    until(lambda: lab.session.game.step == 3)
    lab.ask(lambda game: None)
    assert lab.session.status == "paused" and lab.view.status == "paused" and lab.alive
    assert lab.stop()


def test_a_pad_hears_anything_and_goes_on():
    class Deaf(PadWidget):
        def __init__(self, pad):
            self.sent = queue.SimpleQueue()
            super().__init__(pad)

        def send(self, message, buffers=()):
            json.dumps(message)
            self.sent.put(message)

    pad = Pad(lambda x: x, size=8)
    pad.view = Deaf(pad)
    page = packed(torch.zeros(1, 3, 8, 8))
    for message, buffers in messages(800, ["hello", "draw", "load", "ping"], SEED):
        pad.view.hear(message, buffers)
    pad.answer = lambda x: sys.exit()
    pad.view.hear({"cmd": "draw", "who": 1, "seq": -1}, [page])
    until(lambda: pad.error)
    assert pad.error == "The answer went wrong. SystemExit: " and pad.view.desk.thread.is_alive()
    pad.answer = lambda x: -x
    pad.view.hear({"cmd": "draw", "who": 1, "seq": -2}, [page])
    until(lambda: not pad.error and pad.answer_now is not None)
    assert pad.stop()


# ---------------------------------------------------------------- forgotten, stopped, crowded


def test_a_forgotten_lab_takes_its_thread_along():
    before = len(labs_threads())
    labs = [Lab(toy, draws(ring, 8), 10**9) for _ in range(10)]
    for k, lab in enumerate(labs):
        watched(lab) if k % 2 else lab.listen()
        if k < 4:
            lab.do("start")
    assert len(labs_threads()) == before + 10
    gone = [weakref.ref(lab) for lab in labs]
    lab = None
    labs.clear()
    gc.collect()
    until(lambda: len(labs_threads()) == before)
    assert not any(ref() for ref in gone)


def test_a_lab_on_a_page_is_not_forgotten(cell, monkeypatch):
    cell({"cellId": "a"})
    monkeypatch.setattr(live, "on_interrupt", lambda call: None)
    monkeypatch.setattr(live, "display", lambda *a, **k: SimpleNamespace(update=lambda *a, **k: None))
    lab = Lab(toy, draws(ring, 8))
    lab._ipython_display_()
    there, view = weakref.ref(lab), lab.view
    del lab
    gc.collect()
    assert there() is not None and there().alive
    frontend.close_all()  # its cell runs again
    del view
    gc.collect()
    until(lambda: there() is None or not there().alive)


def test_a_forgotten_desk_takes_its_thread_along_and_no_order_ends_it():
    before, done = len(labs_threads()), queue.SimpleQueue()

    def work(order):
        done.put(order)
        sys.exit() if order == 1 else None

    desk = Desk(work)
    for k in (1, 2):
        desk.put(k)
        assert done.get(timeout=10) == k
    del desk
    gc.collect()
    until(lambda: len(labs_threads()) == before)


def test_a_process_that_was_stopped_resumes_at_once():
    now = [0.0]
    camera = Camera(clock=lambda: now[0])

    def shot(cost):
        began, now[0] = now[0], now[0] + cost
        camera.shot(began)

    for _ in range(20):
        now[0] = max(now[0], camera.next_at)
        shot(0.01)
        camera.ack(camera.seq)
    shot(600.0)  # the laptop slept in the middle of a frame
    assert camera.next_at - now[0] < 0.5 and camera.unseen() < 60
    now[0] += 600.0  # and between two frames
    shot(0.01)
    camera.ack(camera.seq)
    assert camera.next_at - now[0] < 0.5 and camera.unseen() == 0
    for _ in range(30):  # what is really dear is soon known as such
        now[0] = max(now[0], camera.next_at)
        shot(2.0)
        camera.ack(camera.seq)
    assert camera.next_at - now[0] > 3


def test_a_page_that_answers_again_gets_its_frames_again():
    now = [0.0]
    camera = Camera(clock=lambda: now[0])
    for _ in range(200):
        now[0] = max(now[0], camera.next_at)
        camera.shot(now[0])
    assert camera.next_at - now[0] == 5
    camera.ack(camera.seq)
    assert camera.next_at - now[0] < 0.1 and camera.unseen() == 0


def test_one_slow_look_is_no_dear_panel(monkeypatch):
    now, seconds = [0.0], [0.001]

    class Patient(Panel):
        patient = True

        def look(self, game, rows):
            now[0] += seconds[0]

    monkeypatch.setattr(live, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    group, panel = PanelGroup(), Patient()
    group.panels = [panel]
    for took, wait in ((0.001, 0.25), (0.001, 0.25), (600.0, 0.25), (0.001, 0.25), (1.0, 0.25), (1.0, 100)):
        seconds[0] = took
        group.look(None)
        assert group.next_look[panel] - now[0] == pytest.approx(wait)


def test_several_threads_on_crowded_cores_become_one_with_a_word():
    now, busy, said = [0.0], [0.0], []

    class Hearing(Observer):
        def on_notice(self):
            said.append(session.notice)

    def playing(many, one, share):
        "A session whose steps take so long on two threads and on one."

        def loss(batch):
            seconds = one if torch.get_num_threads() == 1 else many
            now[0] += seconds
            busy[0] += share * seconds
            return told(batch)

        game = toy()
        told, game.player("G").loss = game.player("G").loss, loss
        return Session(lambda: game, draws(ring, 8), observer=Hearing())

    for many, one, share, threads in ((0.3, 0.03, 0.4, 1), (0.3, 0.03, 0.99, 2), (0.3, 0.25, 0.4, 2)):
        session, cores = playing(many, one, share), Cores(2, lambda: now[0], lambda: busy[0])
        torch.set_num_threads(2)
        seen = []
        for _ in range(40):
            seen.append(torch.get_num_threads())
            cores.play(session)
        assert cores.threads == torch.get_num_threads() == threads and session.game.step == 40
        assert (
            seen.count(1) == {1: 40 - seen.index(1) if 1 in seen else 0, 2: 4 if share < 0.8 else 0}[threads]
        )
    assert said == [
        "Other work is on the cores: a step took 300 ms on 2 threads and 30 ms on one. One thread is taken."
    ]
    with pytest.raises(ValueError, match="threads: expected a whole number >= 1"):
        Lab(toy, draws(ring, 8), threads=0)


def test_one_thread_measures_nothing():
    def never():
        raise AssertionError

    session = Session(toy, draws(ring, 8))
    Cores(1, never, never).play(session)
    assert session.game.step == 1


# ---------------------------------------------------------------- what is left in a notebook


def test_a_saved_view_says_what_to_do_with_a_look_of_its_own():
    for widget, words in (
        (View(), "Run this cell to play again."),
        (PadWidget(Pad(lambda x: x, 8)), "Run this cell to draw here."),
    ):
        data, _ = widget._repr_mimebundle_()
        assert data["text/plain"] == words and words in data["text/html"]
        assert "object at 0x" not in json.dumps(data)
    assert 'style="border-left' in View()._repr_mimebundle_()[0]["text/html"]


def saved_live(state):
    "A notebook as JupyterLab saves it while a Lab is live: view and stills; perhaps the widget's state."
    import nbformat

    v4 = nbformat.v4
    lab = Lab(toy, draws(ring, 8))
    data, _ = View()._repr_mimebundle_()
    outputs = [v4.new_output("display_data", data)]
    outputs += [v4.new_output("display_data", as_json(d), metadata=m) for d, m in still_outputs(lab.screen)]
    nb = v4.new_notebook(cells=[v4.new_code_cell("lab", outputs=outputs)])
    model = data["application/vnd.jupyter.widget-view+json"]["model_id"]
    kept = {
        model: {
            "model_module": "anywidget",
            "model_module_version": "0.9",
            "model_name": "AnyModel",
            "state": {},
        }
    }
    if state:
        kind = "application/vnd.jupyter.widget-state+json"
        nb.metadata["widgets"] = {kind: {"version_major": 2, "version_minor": 0, "state": kept}}
    return nb


def as_json(data):
    import base64

    return {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v for k, v in data.items()}


@pytest.mark.parametrize("state", [False, True])
def test_nbconvert_of_a_notebook_saved_live(state):
    nbconvert = pytest.importorskip("nbconvert")
    html, _ = nbconvert.HTMLExporter().from_notebook_node(saved_live(state))
    assert "object at 0x" not in html and "View(" not in html
    assert html.count("Run this cell to play again.") == (0 if state else 1)  # a widget's place, or its words
    assert 'src="data:image/png;base64,' in html and "After 0 steps. Losses: none yet." in html
    text, _ = nbconvert.MarkdownExporter().from_notebook_node(saved_live(state))
    assert "object at 0x" not in text and "After 0 steps." in text


# ---------------------------------------------------------------- the playground


def test_the_sixteen_points_are_marked():
    few = next(e.recipe for e in GALLERY if e.title == "Sixteen points")
    lab = Lab(few)
    panel = lab.panels[0]
    assert panel.layers["marked"] and panel.spec()["layer_labels"]["marked"] == "training points"
    seen = {tuple(x) for batch, _ in zip(few.batches(), range(4), strict=False) for x in batch.tolist()}
    assert {tuple(x) for x in panel.arrays(True)["marked"].tolist()} == seen and len(seen) == 16
    fig, (ax,) = plot.row_of_axes(1)
    panel.draw(ax)
    rings = ax.collections[-1]
    assert len(rings.get_offsets()) == 16 and not len(rings.get_facecolors())
    assert "marked" not in Lab(Playground(points=1024, **SMALL)).panels[0].layers
    assert "marked" not in Points(ring(9), (-3, 3, -3, 3)).layers


def test_an_example_begins_with_its_own_layers():
    lab = Lab(GALLERY)
    lab.do("layer", 0, "best", True)
    lab.do("layer", 0, "surface", False)
    for number in (0, 1, 1):
        lab.do("choose", number)
        on = {name for name, shown in lab.panels[0].layers.items() if shown}
        assert on == {"real", "fake", "surface", *GALLERY[number].layers}
        lab.do("layer", 0, "surface", False)
    for bad in (-1, len(GALLERY), 10**400):
        lab.do("choose", bad)
        assert lab.session.notice.startswith("number: expected a whole number from 0 to 8")


def test_a_claim_says_what_somebody_has_moved():
    "As the lessons ask it: `assert claim, lab.touched()`."
    from gancourse.pix2pix import pix2pix

    def pictures(seed):
        return torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(seed)) * 2 - 1

    batches = draws(lambda n, generator: (pictures(0)[:n], pictures(1)[:n]), 2)
    offered = {"l1": ("λ, weight of L1", 0, 200)}
    lab = Lab(lambda: pix2pix(16, width=4), batches, 2, [Curves()], sliders=offered)
    lab.play_to(2)
    assert lab.touched() == ""
    begun = lab.game.rules.l1
    lab.do("change", "l1", 2.0)
    assert lab.touched().startswith(
        f"You have changed the game (λ, weight of L1 is 2, not {begun:g}). The claim is"
    )
    lab.do("change", "l1", begun)  # moved back, but the game has felt it
    lab.run(1)
    assert lab.touched().startswith(
        f"You have changed the game (l1 = {begun} from step 3 on; it has played 3 steps, not 2)"
    )
    lab.do("reset")
    assert lab.touched() == ""
    plain = Lab(toy, draws(ring, 8), 5)
    plain.do("lr", "D", 0.5)
    assert plain.touched() == ""  # before anything was played it is the game that it is
    plain.run(1)
    plain.do("lr", "D", 0.25)
    assert "lr_D = 0.25 from step 2 on" in plain.touched()
