"Slips that no notebook noticed when they were planted: commands, courses, sessions, playgrounds, Labs."

import argparse
import json
import threading
import types

import pytest
import torch

from gancourse import assignment, cli, live, machine, playground, session
from gancourse.game import gan, normal
from gancourse.playground import Playground
from gancourse.toy import mlp

# commands


def test_packages_by_their_verdicts(monkeypatch):
    needs = ["torch>=2", "numpy", 'jupyterlab; extra == "lab"', 'ruff; extra == "dev"']
    look = lambda need, wanted=False: cli.Checkup(
        need.name, "missing" if need.name == "numpy" else "ok", f"{need.name} {wanted}"
    )
    monkeypatch.setattr(cli, "requires", lambda name: needs)
    monkeypatch.setattr(cli, "version", lambda name: "1.2")
    monkeypatch.setattr(cli, "package", look)
    python, told, ill = cli.packages()
    assert python.name == "Python" and ill.name == "numpy"
    assert told.text == (
        "3 as the course asks, among them gancourse 1.2, torch torch False, jupyterlab jupyterlab True"
    )
    monkeypatch.setattr(cli, "requires", lambda name: None)
    assert cli.packages()[1].text == "1 as the course asks, among them gancourse 1.2"


def test_hardware_is_tried_on_the_cpu_alone(monkeypatch):
    tried = []
    monkeypatch.setattr(machine, "thread_rates", lambda work, threads, seconds: tried.append(threads) or {})
    monkeypatch.setattr(
        cli, "threads_found", lambda rates, cores: cli.Checkup("threads", "ok", f"tried, {cores}")
    )
    monkeypatch.setattr(cli.os, "sched_getaffinity", lambda pid: {0, 3, 5}, raising=False)
    here = machine.pick("cpu", "float32", 2)
    monkeypatch.setattr(machine, "pick", lambda: here)
    device, precision, threads = cli.hardware()
    assert threads.text == "tried, 3" and tried == [2] and precision.text.startswith("float32; ")
    there = types.SimpleNamespace(device=types.SimpleNamespace(type="cuda"), amp=True, threads=4)
    monkeypatch.setattr(machine, "pick", lambda: there)
    assert [f.text for f in cli.hardware()[1:]] == ["bfloat16, which pays here", "4 on 3 CPU cores"]
    monkeypatch.delattr(cli.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(cli.os, "cpu_count", lambda: None)
    assert cli.hardware()[2].text == "4 on 1 CPU cores" and tried == [2]


def test_the_work_that_is_timed_is_a_step_s():
    layers = []
    register = torch.nn.modules.module.register_module_forward_hook
    hook = register(lambda layer, x, y: layers.append((type(layer).__name__, tuple(y.shape))))
    try:
        cli._convolutions()()
    finally:
        hook.remove()
    assert layers[:2] == [("Conv2d", (64, 32, 16, 16)), ("Conv2d", (64, 64, 8, 8))]


def test_files_of_the_course(tmp_path, monkeypatch):
    verdicts = {"a": "ok", "b": "ok"}
    monkeypatch.setattr(cli, "data_file", lambda folder, name, facts: cli.Checkup(name, verdicts[name], ""))
    (tmp_path / "manifest.json").write_text(json.dumps({"a": {"bytes": 2e6}, "b": {"bytes": 5e5}}))
    assert [f.text for f in cli.embedded_data(tmp_path)] == ["2 files, 2.5 MB, unchanged"]
    verdicts["b"] = "damaged"
    assert [f.name for f in cli.embedded_data(tmp_path)] == ["b"]
    course = [("00_start", 300), ("01_minimax", 900), ("glossary", 60)]
    course = [dict(notebook=name, budget_seconds=seconds) for name, seconds in course]
    (tmp_path / "course.json").write_text(json.dumps(course))
    assert cli.lesson_times(tmp_path)[0].text == "2, each of at most 5 to 15 minutes on 2 CPU cores"


def test_a_checkup_stops_where_torch_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(cli, "packages", lambda: ["p"])
    torchless = cli.Checkup("device", "missing", "")
    monkeypatch.setattr(cli, "packages", lambda: [cli.Checkup("numpy", "missing", "")])
    monkeypatch.setattr(cli, "hardware", lambda: [torchless])
    assert [f.name for f in cli.checkups()] == ["numpy", "device"]
    monkeypatch.setattr(cli, "hardware", lambda: [torchless._replace(verdict="ok")])
    monkeypatch.setattr(machine, "assets", lambda: tmp_path)
    monkeypatch.setattr(cli, "embedded_data", lambda folder: [folder])
    monkeypatch.setattr(cli, "lesson_times", lambda folder: [folder])
    assert cli.checkups()[2:] == [tmp_path / "data", tmp_path]


def test_what_is_said_of_lessons_that_were_handed_out(monkeypatch, capsys):
    from gancourse import lessons

    done = [
        types.SimpleNamespace(what=what, name=f"{k}.ipynb") for k, what in enumerate(["new", "new", "beside"])
    ]
    monkeypatch.setattr(lessons, "write_lessons", lambda folder: done)
    assert cli.hand_lessons(argparse.Namespace(folder="mine")) == 0
    said = capsys.readouterr().out
    assert "The lessons are in mine: 2 new." in said and "beside yours:\n  2.ipynb\n" in said
    done[:] = []
    assert cli.hand_lessons(argparse.Namespace(folder="mine")) == 0
    assert (
        "The lessons are in mine: nothing new." in (said := capsys.readouterr().out) and "beside" not in said
    )

    def broken(folder):
        raise OSError("no room")

    monkeypatch.setattr(lessons, "write_lessons", broken)
    assert cli.hand_lessons(argparse.Namespace(folder="mine")) == 1
    assert "Not written. no room" in capsys.readouterr().err


def test_fetching_says_where_it_is_and_how_it_ended(monkeypatch, capsys, tmp_path):
    from gancourse import data

    file = tmp_path / "digits.gz"
    file.write_bytes(b"1234")
    monkeypatch.setattr(data, "fetch_mnist", lambda: [file])
    assert cli.fetch(argparse.Namespace(name="mnist")) == 0
    said = capsys.readouterr().out
    assert f"in {tmp_path}, whole" in said and "4 bytes" in said and said.rstrip().endswith(cli.USE.rstrip())

    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "fetch_mnist", interrupted)
    assert cli.fetch(argparse.Namespace(name="mnist")) == 1
    assert "Not fetched. Stopped." in capsys.readouterr().err


@pytest.mark.parametrize(
    "typed, name, given",
    [
        ("doctor", "doctor", {}),
        ("lessons mine", "hand_lessons", {"folder": "mine"}),
        ("fetch mnist", "fetch", {"name": "mnist"}),
        ("progress", "show_progress", {}),
        ("assignment mine", "hand_out", {"folder": "mine", "lessons": None, "seed": 0}),
        ("assignment mine --lessons 01 03 --seed 7", "hand_out", {"lessons": ["01", "03"], "seed": 7}),
    ],
)
def test_what_is_typed_is_done(monkeypatch, typed, name, given):
    asked = []
    monkeypatch.setattr(cli, name, lambda args: asked.append(vars(args)) or 7)
    assert cli.main(typed.split()) == 7 and given.items() <= asked[0].items()
    with pytest.raises(AttributeError, match="has no attribute 'surgeon'"):
        cli.surgeon  # noqa: B018


# courses for nbgrader


def test_lessons_are_chosen_by_number_or_name(monkeypatch):
    monkeypatch.setattr(assignment, "lessons", lambda: ["00_start", "01_minimax"])
    assert assignment._choose(None) == ["00_start", "01_minimax"]
    assert assignment._choose(["01", "01_minimax"]) == ["01_minimax"]
    for wrong in ("2", "minimax"):
        with pytest.raises(ValueError, match="^lessons: expected one of '00_start', '01_minimax', but got"):
            assignment._choose([wrong])


def test_solutions_are_cut_and_the_cell_stays_as_it_was():
    source = "a = 1\n### BEGIN SOLUTION\nb, c = 2, 3\nd = b\n### END SOLUTION\n"
    assert assignment.stub(source) == "a = 1\nb = ...\nc = ...\nd = ...\n"
    twice = "### BEGIN SOLUTION\nb = 2\n### END SOLUTION\nx = b\n### BEGIN SOLUTION\nc = 3\n### END SOLUTION"
    assert assignment.stub(twice) == "b = ...\nx = b\nc = ..."
    cell = {"cell_type": "code", "source": ["a"], "metadata": {"tags": ["x"]}, "outputs": [1]}
    new = assignment._with(cell, "b\nc")
    new["metadata"]["tags"].append("y")
    assert cell["metadata"] == {"tags": ["x"]} and cell["outputs"] == [1] and new["source"] == ["b\n", "c"]
    role = assignment._role({"cell_type": "markdown", "id": "x"}, 'check("a", b)')
    assert role["grade"] is False is role["solution"] and role["grade_id"] == "text-x"


def test_a_course_is_written_once_and_nothing_is_overwritten(monkeypatch, tmp_path):
    files = {"source/a/a.ipynb": "1", "solutions/a.ipynb": "2"}
    monkeypatch.setattr(assignment, "_course", lambda names, seed: files)
    monkeypatch.setattr(
        assignment, "catalogue", lambda: {k: types.SimpleNamespace(seconds=k, lesson="a") for k in (5, 40)}
    )
    folder = tmp_path / "new"
    assert assignment.assignment(folder) == [folder / "source/a/a.ipynb"]
    assert (folder / "solutions/a.ipynb").read_text() == "2"
    config = folder / "nbgrader_config.py"
    assert "c.Execute.timeout = 140 " in config.read_text()
    config.write_text("mine")
    files["source/b/b.ipynb"] = "3"
    assignment.assignment(folder)
    assert (folder / "source/b/b.ipynb").read_text() == "3" and config.read_text() == "mine"
    (folder / "source/a/a.ipynb").write_text("answered")
    with pytest.raises(ValueError, match="^folder: expected .*a.ipynb to be new or as it was written"):
        assignment.assignment(folder)
    (tmp_path / "full").mkdir()
    assignment.assignment(tmp_path / "full")  # empty: nothing is in the way
    (tmp_path / "other").mkdir()
    (tmp_path / "other/letter").touch()
    with pytest.raises(ValueError, match="^folder: expected a new or empty one"):
        assignment.assignment(tmp_path / "other")


# playgrounds


def test_a_drawing_is_points():
    assert playground._checked_drawing([(0.123, -100), (100, 1)]) == ((0.12, -100), (100, 1))
    for wrong in ([(100.1, 0)], [(0, float("nan"))], [(0,)], 3, [(0, 0)] * 1001, ["ab"]):
        with pytest.raises(ValueError, match="^drawing: expected at most 1000 points"):
            playground._checked_drawing(wrong)
    with pytest.raises(ValueError, match="^drawing: expected points .* for data = 'drawn', but got none"):
        Playground(data="drawn")
    assert Playground(drawing=[(0, 1)]).data != "drawn" and Playground(data="drawn", drawing=[(0, 1)]).drawing
    with pytest.raises(ValueError, match="^nothing: expected one of data, "):
        Playground().with_values({"nothing": 1})


def test_who_draws_wants_it_learned_and_who_changes_more_does_not():
    drawn = Playground().change("drawing", [(0, 1), (1, 0)])
    assert drawn.data == "drawn" and len(drawn.drawing) == 2
    assert drawn.change("lr_D", 0.5).data == "drawn" and Playground().change("drawing", []).data != "drawn"
    told = {control["name"]: control for control in Playground().controls()}
    assert (
        "lr_D" not in told and told["seed"]["options"] == list(range(10)) and told["seed"]["label"] == "seed"
    )


@pytest.mark.parametrize(
    "values, lines",
    [
        ({}, ["lr_D=0.001, lr_G=0.001"]),
        (dict(momentum=0.0), ["lr_D=0.001, lr_G=0.001", "betas=(0.0, 0.999)"]),
        (
            dict(optimizer="sgd", momentum=0.0, lr_G=0.5),
            ["opt_G=torch.optim.SGD(G.parameters(), lr=0.5, momentum=0.0)"],
        ),
    ],
)
def test_a_playground_s_code_tells_its_optimizer(values, lines):
    code = Playground(**values).code()
    assert all(line in code for line in lines) and ("betas" in code) == any("betas" in line for line in lines)
    assert ("opt_D" in code) == (values.get("optimizer") == "sgd") != ("lr_D=" in code)
    assert playground._equilibrium(playground.family["least_squares"], "least_squares")["D"] == 0.5


def test_a_playground_s_panels(monkeypatch):
    cells = playground._law("ring", ())[0]
    panels = Playground().panels()
    assert panels[3].n == panels[4].n == 2000 and panels[4].title == "modes covered"
    assert cells.modes is not None and "chet" in Playground(data="spiral").panels()[4].title


def test_the_gallery_s_settings_and_its_smile():
    assert playground.GALLERY[1].recipe.values()["lr_G"] == 2e-3
    circle, mouth = playground._SMILE[:32], playground._SMILE[34:]
    assert all(abs(x**2 + y**2 - 2.2**2) < 0.05 for x, y in circle)
    assert all(abs(x**2 + y**2 - 1.2**2) < 0.03 and y < 0 for x, y in mouth) and len(mouth) == 14


# sessions


def kept(n):
    return [types.SimpleNamespace(state={}, name=k) for k in range(n)]


def test_a_drag_is_one_change():
    past, copies = session.Past(), kept(9)
    taken = iter(copies)
    player = types.SimpleNamespace(snapshot=lambda: next(taken))
    names = lambda: [snapshot.name for snapshot in past.kept]
    past.keep_before_drag(player, "a", 100)
    past.keep_before_drag(player, "a", 100)
    assert names() == [0]
    past.keep_before_drag(player, "b", 100)
    assert names() == [0, 1]
    past.keep(copies[8])
    past.keep_before_drag(player, "b", 100)  # something else was kept meanwhile
    assert names() == [0, 1, 8, 2]
    past.keep_before_drag(player, "b", 0)  # a moment has passed
    assert names() == [0, 1, 8, 2, 3]
    past.kept.clear()
    past.keep_before_drag(player, "b", 100)  # all was taken back
    assert names() == [4]


@pytest.mark.parametrize("journal", [[[1, 2]], [["a", "b"]], [(1, "a")], [5], 5, [[1, "a", "b"]], "ab"])
def test_a_journal_is_steps_and_words(journal):
    assert session._told({"journal": [[1, "a"]], "recipe": {"b": 1}}, "here") == ({"b": 1}, [(1, "a")])
    for notes in ({"journal": journal}, {"recipe": [1]}, {"recipe": {1: 1}}):
        with pytest.raises(
            ValueError, match="^path: expected a file that a Lab has saved, but the notes in 'here'"
        ):
            session._told(notes, "here")


class Hearing(session.Observer):
    "Keeps what it is told."

    def __init__(self):
        self.told = []

    def remember(self):
        return "here"

    def recall(self, what):
        self.told.append(("recall", what))

    def on_step(self, step):
        self.told.append("step")

    def on_scene(self):
        self.told.append("scene")

    def on_stop(self):
        self.told.append("stop")


def new_session():
    g = torch.Generator().manual_seed(0)
    new_game = lambda: gan(mlp(2, 4, 2, generator=g), mlp(2, 4, 1, generator=g), z=normal(2))
    return session.Session(new_game, [torch.ones(4, 2)] * 9, 5, Hearing())


def test_an_observer_hears_of_steps_scenes_and_the_way_back():
    s = new_session()
    here = s.snapshot()
    session.advance(s)
    s.slow = True
    while s.game.step < 2:
        session.advance(s)
    first, *scenes, last = s.observer.told
    assert (first, last) == ("step", "step") and scenes and set(scenes) == {"scene"}
    s.go_back(here)
    assert s.observer.told[-1] == ("recall", "here") and s.game.step == 0


def test_a_run_pauses_when_nothing_is_left():
    s = new_session()
    s.status, s.left = "running", 2
    session._count(s, True)
    assert (s.status, s.left, s.notice) == ("running", 1, "")
    session._count(s, False)  # a scene is no step
    assert (s.status, s.left) == ("running", 1)
    s.unit = "scene"
    session._count(s, False)
    assert (s.status, s.left) == ("paused", 0) and s.notice.startswith("Paused: a run is 5 steps.")


def test_slow_motion_that_is_left_ends_the_step():
    s = new_session()
    commands = session.Changes(s)
    commands.slow(True)
    session.advance(s)
    assert s.story is not None and s.slow is True
    commands.slow(True)
    assert s.story is not None
    commands.slow(False)
    assert s.story is None and s.game.step == 1 and s.slow is False


def test_the_first_scene_s_undo_takes_its_press_back():
    s = new_session()
    session.advance(s)
    s.slow = True
    s.past.keep(s.snapshot())
    session.advance(s)
    session._undo_scene(s)
    assert not s.past.kept and s.notice == "Undone: back to the end of step 1."
    for _ in range(2):
        session.advance(s)
    s.past.keep(s.snapshot())
    session._undo_scene(s)
    assert len(s.past.kept) == 1 and s.notice == "Undone: back to scene 1 of step 2." and s.story.number == 1


def test_one_core_plays_without_a_clock():
    s, silent = new_session(), lambda: pytest.fail("nothing is measured")
    session.Cores(1, silent, silent).play(s)
    assert s.game.step == 1
    now = iter(range(100))
    session.Cores(2, lambda: next(now), lambda: 0.0).play(s)
    assert s.game.step == 2
    assert session.Worker(s).threads == 1


def test_a_worker_asked_from_its_own_thread_does_not_wait_for_itself():
    worker = session.Worker(new_session())
    assert worker.ask(lambda game: game.step) == 0 and worker.stop() is True
    worker.thread = threading.current_thread()
    assert worker.stop() is False and worker.inbox.empty()
    worker.thread = None
    worker.listen()
    assert worker.ask(lambda game: worker.stop()) is False  # it is the one that would have to end
    assert worker.stop() is True and worker.session.observer.told == ["stop"]
    assert worker.session.status == "stopped"


# Labs


def test_what_a_lab_plays():
    recipe, function = Playground(), lambda: None
    assert live._what_to_play(recipe, None, None, None) == ([], recipe, 20_000)
    assert live._what_to_play(function, None, None, None) == ([], function, 1000)
    assert live._what_to_play(function, None, 7, None)[2] == 7
    gallery = playground.GALLERY[:2]
    assert live._what_to_play(gallery, None, 7, None) == (gallery, gallery[0].recipe, 7)
    with pytest.raises(ValueError, match="^sliders: expected a function that makes a game, but Playground"):
        live._what_to_play(recipe, None, None, {"weight": ("w", 0, 1)})


def test_code_begins_with_what_was_changed():
    told = types.SimpleNamespace(recipe=types.SimpleNamespace(code=lambda: "code"), journal=[])
    assert live._code(told) == "code"
    told.journal = [(3, "lr_D = 1")]
    assert live._code(told).splitlines()[1:] == ["#   step 3: lr_D = 1", "code"]
    assert live._code(told).startswith("# This game was changed on its way.")


def test_running_labs_are_open_and_have_something_left(monkeypatch):
    labs = [object.__new__(live.Lab) for _ in range(3)]
    for lab, left in zip(labs, (0, 1, 2), strict=True):
        lab.screen, lab.session = types.SimpleNamespace(), types.SimpleNamespace(left=left)
    monkeypatch.setattr(live, "open_things", lambda: [*labs, "a pad"])
    assert live.running_labs() == labs[1:] and live.running_labs(labs[1].screen) == labs[2:]


class Looking:
    "A panel that counts its looks."

    def __init__(self, patient):
        self.patient, self.layers, self.looks, self.share = patient, {}, 0, 0.5

    def prepare(self, game):
        pass

    def look(self, game, rows):
        self.looks += 1


def test_patient_panels_wait_only_in_a_hurry():
    game = types.SimpleNamespace(step=0)
    group, panels = live.PanelGroup(), [Looking(False), Looking(True)]
    group.put(panels, game)
    looks = lambda: [panel.looks for panel in panels]
    assert looks() == [1, 1]
    group.look(game, hurry=True)  # the first look does not count
    assert looks() == [2, 2]
    group.next_look[panels[1]] = float("inf")
    group.look(game, hurry=True)
    assert looks() == [3, 2]
    group.look(game)
    assert looks() == [4, 3]
    group.cost[panels[1]] = 1e9
    group.look(game, wait=True)
    group.look(game, wait=True)
    assert looks() == [6, 3] and group.owed == [panels[1]]
    group.look_owed(game)
    assert looks() == [6, 4] and not group.owed


def test_curves_that_stay_forget_what_lies_ahead():
    group, game = live.PanelGroup(), types.SimpleNamespace(step=3)
    old, new, other = (Looking(False) for _ in range(3))
    old.labels, old.rows = ["D"], [[1, 0.5], [3, 0.25], [4, 0.1]]
    group.put([old], game)
    new.labels, new.rows, other.labels, other.rows = ["D"], [], ["G"], []
    group.put([new], game, keep=True)
    assert new.rows == [[1, 0.5], [3, 0.25]]
    group.put([other], game, keep=True)
    assert other.rows == []
