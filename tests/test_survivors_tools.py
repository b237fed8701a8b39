"Slips that no notebook noticed when they were planted: consoles, settings, hardware, records, first sights."

import io
import json
import sys
import types
import warnings
from collections import namedtuple

import numpy as np
import pytest
import torch
from torch import nn

from gancourse import checks, console, doctor, expect, feed, frontend, lessons, machine, seesaw, watch
from gancourse.diagnose import Watcher
from gancourse.game import gan, normal
from gancourse.lipschitz import r1
from gancourse.recipe import Sliders, source
from gancourse.slow import SlowStep
from gancourse.toy import mlp


def toy(**options):
    return gan(mlp(2, 4, 2), mlp(2, 4, 1), z=normal(2), **options)


# console


def test_what_a_console_lacks_is_typed_or_named():
    ascii_only = io.TextIOWrapper(io.BytesIO(), "ascii")
    assert console.plain("½ λ Σ é 日 → σ", ascii_only) == "1/2 lambda sum e ? -> sigma"
    assert console.plain("½ λ", io.StringIO()) == "½ λ"  # which tells no encoding
    with pytest.raises(UnicodeDecodeError):  # of other errors it makes nothing
        b"\xff".decode("ascii", "gancourse.plain")


def test_streams_are_plain_only_within(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), "ascii", errors="strict")
    err = io.TextIOWrapper(io.BytesIO(), "ascii", errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with pytest.raises(ZeroDivisionError), console.plain_streams():
        print("λ", file=out)
        print("√", file=err)
        raise ZeroDivisionError
    assert (out.errors, err.errors) == ("strict", "backslashreplace")
    for stream, said in ((out, b"lambda"), (err, b"sqrt")):
        stream.flush()
        assert stream.buffer.getvalue().split() == [said]
    monkeypatch.setattr(sys, "stderr", io.StringIO())  # has no errors to set
    with console.plain_streams():
        print("ψ", file=out)
    out.flush()
    assert out.buffer.getvalue().split() == [b"lambda", b"psi"]


# expect


def test_what_has_a_dtype_but_no_shape_is_named_by_its_type():
    assert expect.came(torch.finfo(torch.float32)) == "finfo"


def test_a_network_without_weights_takes_any_floats():
    x = torch.ones(2, 3, dtype=torch.float64)
    assert expect.precision("x", x, nn.Flatten()) is x


def test_a_sigmoid_is_seen_through_changes_of_shape():
    x = torch.randn(8, 1, requires_grad=True)
    with pytest.warns(UserWarning, match="leave the sigmoid out"):
        expect.logits(None, x.sigmoid().reshape(-1)[None].squeeze())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expect.logits(None, (2 * x.sigmoid()).reshape(-1))


# recipe


def test_a_slider_may_stand_at_its_ends():
    game = toy(penalty=r1)
    game.rules = types.SimpleNamespace(weight=1.0, flag=True)
    recipe = Sliders(lambda: game, [torch.ones(4, 2)], {"weight": ("w", 1, 2)})
    assert recipe.light and recipe.change("weight", 2).values()["weight"] == 2
    assert recipe.change("weight", 1).values() == recipe.change("lr_D", 0).values() | {"lr_D": 2e-4}
    for wrong in (0.9, 2.1, True, "1", None, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="^weight: expected a number from 1 to 2, but got"):
            recipe.change("weight", wrong)
    with pytest.raises(ValueError, match="^lr_G: expected a number from 0 to inf, but got inf"):
        recipe.change("lr_G", float("inf"))
    for name, spec in (("weight", ("w", 2, 1)), ("weight", ("w", 1)), ("flag", ("f", 0, 2)), ("no", "f02")):
        with pytest.raises(ValueError, match="^sliders: expected"):
            Sliders(lambda: game, [], {name: spec})
    for ends in ((1.5, 2), (0, 0.5)):
        with pytest.raises(ValueError, match="'weight', which is 1.0, to lie from"):
            Sliders(lambda: game, [], {"weight": ("w", *ends)})


def test_a_slider_s_game_begins_anew_with_the_numbers_of_now():
    made = toy()
    made.rules = types.SimpleNamespace(weight=1.0)
    recipe = Sliders(lambda: made, [torch.ones(4, 2)], {"weight": ("w", 1, 2)})
    first = [p.detach().clone() for net in made.nets.values() for p in net.parameters()]
    assert not any(line.startswith("game.rules") for line in recipe.code().splitlines())
    now = recipe.change("weight", 1.5).change("lr_G", 0.25)
    for net in made.nets.values():
        for p in net.parameters():
            p.data.add_(1)
            p.grad = torch.ones_like(p)
    game = now.game()
    mine = [p for net in game.nets.values() for p in net.parameters()]
    assert game is made and all(map(torch.equal, mine, first)) and all(p.grad is None for p in mine)
    assert game.rules.weight == 1.5 and [p.lr for p in game.players] == [made.player("D").lr, 0.25]
    assert now.code().splitlines()[-2:] == ["game.rules.weight = 1.5", "game.player('G').lr = 0.25"]
    assert recipe.values()["weight"] == 1 and recipe.running == {"weight", "lr_D", "lr_G"}


def test_a_lambda_s_code_makes_the_game():
    made = [lambda: toy(lr_D=0.5), 0][0]
    assert source(made).splitlines()[1:] == ["game = toy(lr_D=0.5)"]
    assert source(toy).endswith("\n\n\ngame = toy()") and "def toy(**options):" in source(toy)
    assert source(print).endswith("\ngame = new_game()")


# machine


def test_half_precision_where_the_hardware_has_it(monkeypatch):
    for pays in (True, False):
        monkeypatch.setattr(machine, "bfloat16_pays", lambda device, pays=pays: pays)
        half = [machine.pick("cpu", p).amp is torch.bfloat16 for p in ("auto", "float32", "bfloat16")]
        assert half == [pays, False, True] and (machine.pick("cpu").amp is not None) is pays


def test_a_torch_that_cannot_tell_is_taken_at_no_word(monkeypatch):
    for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"):
        monkeypatch.delattr(torch.cpu, name, raising=False)
    assert machine.bfloat16_pays(torch.device("cpu")) is False
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True, raising=False)
    assert machine.bfloat16_pays(torch.device("cpu")) is True
    assert machine.bfloat16_pays(torch.device("meta")) is False


def test_the_first_act_only_warms_up():
    now, acts = [0.0], []

    def act():
        acts.append(10.0 if not acts else 0.25)
        now[0] += acts[-1]

    assert machine.thread_rates(act, 1, 1.0, lambda: now[0]) == {1: 4.0} and len(acts) == 5


# checks


def test_what_the_progress_file_may_hold(monkeypatch, tmp_path):
    sound = [
        {},
        {"quizzes": {"a after": {"right": 0, "of": 6}, "b after": {"right": 6, "of": 6}}},
        {"exercises": {"a": {"passed": None, "tries": 0}, "b": {"passed": "2026-01-01"}, "c": {}}},
    ]
    ill = [
        {"quizzes": {"a after": {"right": 7, "of": 6}}},
        {"quizzes": {"a after": {"right": -1, "of": 6}}},
        {"quizzes": {"a after": {"right": 1}}},
        {"exercises": {"a": {"passed": True}}},
        {"exercises": {"a": {"tries": "many"}}},
        {"exercises": []},
        [1],
    ]
    assert all(checks._sound(kept) is True for kept in sound)
    assert all(checks._sound(kept) is False for kept in ill)
    file = tmp_path / "progress.json"
    monkeypatch.setenv("GANCOURSE_PROGRESS", str(file))
    checks.note_quiz("01_minimax", "before", 0, 6)
    checks.note_quiz("01_minimax", "before", 4, 6)
    checks.note_quiz("01_minimax", "before", 3, 6)
    assert json.loads(file.read_text()) == {"quizzes": {"01_minimax before": {"right": 4, "of": 6}}}
    assert file.read_text().startswith('{\n "quizzes": {\n  "01')  # people read it too
    with pytest.raises(ValueError, match="^when: expected one of 'before', 'after', but got 'now'"):
        checks.note_quiz("01_minimax", "now", 1, 6)
    table = checks.progress()._repr_markdown_().splitlines()
    assert table[3].startswith("| 01_minimax | 4 of 6 | ○ ") and table[-1].startswith("0 of ")
    assert len(table) == 2 + len({e.lesson for e in checks.catalogue().values()}) + 2


def test_an_exercise_is_passed_on_the_day_of_its_first_success(monkeypatch, tmp_path):
    monkeypatch.setenv("GANCOURSE_PROGRESS", str(tmp_path / "progress.json"))
    (tmp_path / "progress.json").write_text('{"exercises": {"d_star": {"passed": "2026-01-01", "tries": 3}}}')

    def told(state, right):
        Verdict = namedtuple("Verdict", "state")
        return type("V", (Verdict,), {"__bool__": lambda self: right})(state)

    for name, state, right in (
        ("d_star", "wrong", False),
        ("d_star", "passed", True),
        ("vae_step", "wrong", False),
        ("vae_step", "not done yet", False),
    ):
        checks._note(name, told(state, right))
    assert checks.progress().kept["exercises"] == {
        "d_star": {"passed": "2026-01-01", "tries": 5},
        "vae_step": {"passed": None, "tries": 1},
    }
    checks._note("vae_step", told("passed", True))
    assert checks.progress().kept["exercises"]["vae_step"]["passed"] == str(checks.date.today())


def test_marks_are_given_within_the_time_of_the_exercise(monkeypatch):
    asked = []
    monkeypatch.setattr(checks, "judge", lambda oracle, *answers, **more: asked.append(more) or True)
    one = next(iter(checks.catalogue().values()))
    assert checks.marks(one.name, 1, seed=3) == one.points
    assert asked == [{"seconds": one.seconds, "seed": 3}]


# frontend


def test_only_an_interrupt_is_passed_on(monkeypatch):
    calls = []
    monkeypatch.setattr(frontend, "_interrupted", [lambda: calls.append(1)])
    for error, heard in ((None, 0), (ValueError(), 0), (KeyboardInterrupt(), 1)):
        frontend._after_cell(types.SimpleNamespace(error_in_exec=error))
        assert len(calls) == heard


def test_a_cell_without_a_name_is_known_by_its_text(monkeypatch):
    class Thing:
        open = True

    def shut(thing):
        thing.open = False

    monkeypatch.setattr(frontend, "_opened", {})
    monkeypatch.setattr(frontend, "_code_of_cell", lambda: "Lab()")
    things = [Thing() for _ in range(5)]
    for thing, cell in zip(
        things, [(None, "1"), (None, "1"), ("a", "2"), (None, "3"), ("a", "2")], strict=True
    ):
        monkeypatch.setattr(frontend, "running_cell", lambda cell=cell: cell)
        frontend.open_in_cell(thing, shut)
    assert [thing.open for thing in things] == [False, False, True, True, True]
    assert frontend.open_things() == [things[3], things[2], things[4]]
    assert list(frontend._opened) == ["Lab()", "a"]


# lessons


def test_where_a_lesson_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "_release", lambda: "9")
    text, other, mine = (json.dumps({"cells": [{"cell_type": "code", "source": [s]}]}) for s in "abc")
    new, old = lessons.written_in(text), lessons.written_in(other)
    place = lambda before: lessons._place(tmp_path, "x.ipynb", text, before)
    assert place({}) == ("x.ipynb", "new")
    assert place({"x.ipynb": new}) == ("x.ipynb", "new")  # thrown away: it comes again
    here = tmp_path / "x.ipynb"
    here.write_text(text)
    assert place({}) == place({"x.ipynb": old}) == ("x.ipynb", "")
    here.write_text(other)
    assert place({"x.ipynb": old}) == ("x.ipynb", "newer")
    here.write_text(mine)
    assert place({"x.ipynb": new}) == ("x.ipynb", "")  # edited, and nothing newer
    assert place({"x.ipynb": old}) == ("x-9.ipynb", "beside")
    assert place({"x.ipynb": old, "x-9.ipynb": new}) == ("x-9.ipynb", "")  # thrown away on purpose
    for name, after in (("x-9.ipynb", "x-9-2.ipynb"), ("x-9-2.ipynb", "x-9-3.ipynb")):
        (tmp_path / name).write_text(mine)
        assert place({"x.ipynb": old}) == (after, "beside")


def test_lessons_are_all_notebooks_but_the_hidden_ones(tmp_path, monkeypatch):
    assets = tmp_path / "course" / "assets"
    monkeypatch.setattr(lessons, "assets", lambda: assets)
    with pytest.raises(FileNotFoundError, match="lessons: expected the notebooks in"):
        lessons.notebooks_folder()
    for name in ("a.ipynb", "more/b.ipynb", ".ipynb_checkpoints/c.ipynb", "notes.txt"):
        path = tmp_path / "course" / "nbs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    done = lessons.write_lessons(tmp_path / "mine")
    assert done == [lessons.Written("a.ipynb", "new"), lessons.Written("more/b.ipynb", "new")]
    assert lessons.write_lessons(tmp_path / "mine") == []
    assert (tmp_path / "mine/more/b.ipynb").read_text() == "{}"


def test_the_record_stands_before_the_first_lesson(tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "notebooks_folder", lambda: tmp_path / "none")
    made = tmp_path / "made"
    assert lessons.write_lessons(made) == [] and (made / ".gancourse.json").read_text() == "{}"
    (made / ".gancourse.json").write_text('{"a": "b"}')
    assert lessons.write_lessons(made) == []
    assert (made / ".gancourse.json").read_text() == '{\n "a": "b"\n}'  # a line a lesson
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "mine.txt").touch()
    with pytest.raises(ValueError, match="folder: expected a new or empty one"):
        lessons.write_lessons(strange)


# feed


def test_arrays_of_any_order_are_taken():
    x = np.arange(6.0).reshape(2, 3)
    for array in (x, x[:, ::-1], np.asfortranarray(x), x.astype(">f8"), x.astype("f4")):
        came = feed.as_tensor(array)
        assert came.dtype == torch.float32 and came.tolist() == array.tolist() and came.is_contiguous()
    assert feed.as_tensor(np.array([True, False])).dtype == torch.bool and feed.as_tensor("x") == "x"
    for wrong in (np.array(["a"]), np.array([1j]), np.array([None])):
        with pytest.raises(TypeError, match="x: expected an array of numbers, but got one of"):
            feed.as_tensor(wrong)


def test_both_sides_of_unpaired_have_seeds_of_62_bits():
    x = torch.arange(9.0)[:, None]
    for seed in range(3):
        own = torch.randint(2**62, (2,), generator=torch.Generator().manual_seed(seed)).tolist()
        wanted = [next(iter(feed.minibatches(x, 4, s))) for s in own]
        assert all(map(torch.equal, next(iter(feed.unpaired(x, x, 4, seed))), wanted))


def test_a_state_of_a_generator_is_tried_before_it_is_taken():
    generator = torch.Generator().manual_seed(3)
    state = generator.get_state()
    assert feed.generator_state(torch.Generator(), state) == (state, "")
    with pytest.raises(ValueError, match="state: expected that of a generator, but torch refuses it"):
        feed.generator_state(generator, torch.zeros_like(state))
    other, said = feed.generator_state(generator, state[:16])
    assert "saved on another kind of device than cpu" in said and len(other) == len(state)


def test_a_feed_is_known_by_the_length_of_its_batches():
    class Unsized:
        def __iter__(self):
            return iter([torch.ones(1)])

    assert feed._label([1, 2]) == {"batches": "list", "length": 2}
    assert feed._label(Unsized()) == {"batches": "Unsized", "length": -1}
    assert feed._label(iter([1, 2]))["length"] == -1


# slow and watch


def test_a_loss_of_two_terms_is_told_as_a_sum():
    words = [m.words for m in SlowStep(toy(penalty=r1), torch.ones(4, 2)) if m.name == "move"]
    assert "(loss " in words[0] and ", penalty " in words[0] and "(" not in words[1].split(".", 2)[1]


def test_a_device_s_own_generator_is_put_back(monkeypatch):
    for kind in ("cuda", "mps"):
        calls = []
        module = types.SimpleNamespace(
            get_rng_state=lambda *where, calls=calls: calls.append(("get", *where)) or "state",
            set_rng_state=lambda *what, calls=calls: calls.append(("set", *what)),
        )
        monkeypatch.setattr(torch, "get_device_module", lambda device, module=module: module)
        device = types.SimpleNamespace(type=kind)
        before = torch.get_rng_state()
        with pytest.raises(ZeroDivisionError), watch._unshuffled(device):
            torch.rand(3)
            raise ZeroDivisionError
        where = [] if kind == "mps" else [device]
        assert calls == [("get", *where), ("set", "state", *where)]
        assert torch.equal(before, torch.get_rng_state())


# doctor


def test_a_diagnosis_is_drawn_as_shares():
    from matplotlib.figure import Figure

    panel = doctor.Doctor(Watcher(torch.randn(8, 2)), title="how is it")
    history = panel.watcher.history
    look = {"step": 5, "ranked": 0.5, "tellable": 0.75}
    history.looks += [look, look | {"step": 10, "covered": 1.0}, look | {"step": 15}]
    game = toy()
    game.step = 10
    panel.prepare(game)
    assert [look["step"] for look in history.looks] == [5, 10]  # what was seen at this very step stays
    assert str(panel.rows) == "[[5, 0.5, 0.75, nan], [10, 0.5, 0.75, 1.0]]"
    ax = Figure().subplots()
    panel.draw(ax)
    assert [line.get_label() for line in ax.lines] == list(doctor._DRAWN)
    assert [list(line.get_xdata()) for line in ax.lines] == [[5, 10]] * 3
    assert list(ax.lines[1].get_ydata()) == [0.75, 0.75] and ax.get_ylim() == (-0.03, 1.03)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("step", "share", "how is it")
    assert ax.title.get_fontsize() == 10 and ax.get_legend().get_texts()[0].get_fontsize() == 8
    game.step = 0
    panel.prepare(game)
    assert history.looks == [] == panel.rows


class Watching:
    "Looks and hears, and keeps the steps."

    def __init__(self):
        self.history, self.game, self.heard, self.said = types.SimpleNamespace(looks=[]), None, {}, []

    def hear(self, losses):
        self.said.append(losses)

    def look(self, game):
        self.history.looks.append({"step": game.step, "ranked": 0.5})


def test_a_diagnosis_looks_when_it_is_due():
    panel, game = doctor.Doctor(watcher := Watching(), every=50), types.SimpleNamespace(step=0)
    steps = lambda: [look["step"] for look in watcher.history.looks]
    panel.prepare(game)
    for game.step in (0, 10, 49, 50, 60, 120, 140, 169):
        panel.look(game, [(game.step, {"D": game.step}), (game.step, {"D": -1})])
    assert steps() == [row[0] for row in panel.rows] == [0, 50, 120]
    assert [losses["D"] for losses in watcher.said[:4]] == [0, -1, 10, -1] and len(watcher.said) == 16
    watcher.game, watcher.heard = game, {"D": [1]}
    game.step = 50
    panel.prepare(game)  # after Undo
    assert steps() == [row[0] for row in panel.rows] == [0, 50] and (watcher.game, watcher.heard) == (
        None,
        {},
    )
    game.step = 20
    panel.look(game, [])  # another game, that has not come so far
    assert steps() == [0, 50, 20]


# seesaw


def test_the_seesaw_s_widget_and_its_still(monkeypatch):
    shown, heard, opened = [], [], []
    monkeypatch.setattr(seesaw, "has_front_end", lambda: True)
    monkeypatch.setattr(seesaw, "display", lambda *what, **more: shown.append((what, more)))
    monkeypatch.setattr(seesaw, "answer_at_once", heard.append)
    monkeypatch.setattr(seesaw, "open_in_cell", lambda *what: opened.append(what))
    game = seesaw.Seesaw("mine")
    game._ipython_display_()
    game._ipython_display_()
    assert heard == [game.view] and len(opened) == 1 and game.view.title == "mine"
    assert [what[0] is game.view for what, _ in shown] == [True, False, False] * 2
    assert [more.get("raw", False) for _, more in shown] == [False, True, True] * 2
    assert {"title", "trace", "guesses"} <= game.view.traits(sync=True).keys()
    assert game.trace.tolist() == [[1, 0]] and game.guesses == (0, 0)
    opened[0][1](game)  # as when its cell runs again
    assert game.view.comm is None


def test_the_seesaw_s_still_shows_the_game(monkeypatch):
    figures = []
    monkeypatch.setattr(seesaw, "png", lambda fig: figures.append(fig) or "")
    seesaw.still_of_seesaw()
    left, right = figures[0].axes
    line, real, fake = ([list(map(float, xs)) for xs in x.get_data()] for x in left.lines)
    assert line == [[-3, 3], [1.5, -1.5]] and real == [[0], [0]] and fake == [[1], [-0.5]]
    moves, (point, *_) = right.lines[:26], right.lines[26:]
    colors = [line.get_color() for line in moves]
    assert colors == [seesaw.PLAYER["D"], seesaw.PLAYER["G"]] * 13
    assert [list(x) for x in point.get_data()] == [[0], [0]] and point.get_marker() == "o"
    assert len(right.lines) == 29
