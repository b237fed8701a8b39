"""The whole course on an accelerator that is not there: games, panels, scores, Labs, save and load.

Each test says the same as on the CPU, on a device like CUDA and on one like MPS. A tensor left on the CPU, a
generator of the wrong device, NumPy on a device tensor or a reseeded device turn it red: the last part plants
such faults and sees that. The pretended device carries every kind of game, so none is left to FakeTensorMode.
"""

import contextlib
import importlib
import pkgutil

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from accelerator import NAME, seeds, waits
from games import GAMES, KINDS, pictures, toy
from torch import nn

import gancourse
from gancourse import checkpoint, cyclegan, diagnose, features, lipschitz, losses, metrics, modern, plot, vae
from gancourse import machine as machines
from gancourse.diagnose import Watcher, record, report
from gancourse.doctor import Doctor
from gancourse.face_panels import FaceShares, NearestFaces
from gancourse.faces import sample
from gancourse.game import Feed, draws, gan, history, load, minibatches, normal, save, train
from gancourse.live import Lab, still_outputs
from gancourse.machine import pick
from gancourse.panels import Curves, Panel, own_noise
from gancourse.pictures import Histograms, Images, Map, PatchMap, Triples
from gancourse.points import Points
from gancourse.population import frechet_error, missed_modes, sample_moments
from gancourse.ratemap import RateMap, SweepLab, plot_rates
from gancourse.toy import laws, mlp, ring, ring_centres, toy_discriminator, toy_generator, train_toy

matplotlib.use("agg")
pytestmark = pytest.mark.usefixtures("one_thread")
CPU = pick("cpu", "float32", 1)
EACH = [name if name in KINDS else pytest.param(name, marks=pytest.mark.slow) for name in GAMES]


def played(name, machine, steps=2):
    "A game after some steps, its losses, and the batches."
    game, batches = GAMES[name](machine, 16)
    return game, history(train(game, batches, steps)), batches


def alike(a, b):
    "The same numbers, in whatever they are packed."
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(alike(a[k], b[k]) for k in a)
    if isinstance(a, (torch.Tensor, np.ndarray, float)):
        a, b = (torch.as_tensor(v).cpu().double() for v in (a, b))
        return torch.allclose(a, b, rtol=1e-3, atol=1e-5, equal_nan=True)
    return a == b


# The device itself


def expected_on_a_mac():
    there = NAME in machines.NO_FLOAT64
    return pytest.raises((TypeError, NotImplementedError)) if there else contextlib.nullcontext()


def test_the_device_obeys(machine):
    here, there = torch.ones(3), torch.ones(3, device=machine.device)
    g, own = torch.Generator(), torch.Generator(machine.device)
    for mixed in (lambda: here + there, lambda: torch.stack([here, there]), lambda: here[there.long()]):
        with pytest.raises(RuntimeError, match="on the same device"):
            mixed()
    for generator, device in ((g, machine.device), (own, "cpu")):
        with pytest.raises(RuntimeError, match="expected a generator of"):
            torch.randn(3, generator=generator, device=device)
    for to_numpy in (there.numpy, lambda: np.asarray(there), lambda: plt.plot(there)):
        with pytest.raises(TypeError, match="NumPy"):
            to_numpy()
    with pytest.raises(NotImplementedError, match="whole numbers"):
        there.long() @ there.long()
    for unknown_to_a_mac in (there.double, lambda: torch.linalg.svdvals(there[None])):
        with expected_on_a_mac():
            unknown_to_a_mac()
    assert (there * torch.tensor(2.0))[torch.tensor([0])].device.type == NAME  # a GPU takes these, too


def test_the_device_writes_down(machine):
    x = torch.ones(3, device=machine.device)
    for count, wait in enumerate(
        (x.sum().item, x.cpu, x.tolist, lambda: x[x > 0], lambda: bool(x[0] > 0)), 1
    ):
        wait()
        assert len(waits) == count
    before = torch.default_generator.get_state()
    nn.Dropout()(x)
    assert torch.equal(torch.default_generator.get_state(), before)
    torch.manual_seed(7)
    assert seeds == [7]
    seeds.clear()


def test_outside_there_is_no_such_device():
    assert not torch.accelerator.is_available() and pick(threads=1).device.type != NAME
    with pytest.raises(ValueError, match=f"device: '{NAME}' was asked for, but this machine"):
        pick(NAME)


# Games


@pytest.mark.parametrize("machine", ["like MPS"], indirect=True)
@pytest.mark.parametrize("name", EACH)
def test_a_game_plays_as_on_the_cpu_and_is_saved_for_it(name, machine, tmp_path):
    there, heard, _ = played(name, machine)
    _, expected, _ = played(name, CPU)
    assert alike(heard, expected)
    save(tmp_path / "game", there)
    again, _ = GAMES[name](CPU, 16)
    drawn_there = any(g.device.type == NAME for g in there.generators)
    with (
        pytest.warns(UserWarning, match="another kind of device") if drawn_there else contextlib.nullcontext()
    ):
        load(tmp_path / "game", again)
    assert again.step == there.step == 2
    assert all(alike(net.state_dict(), there.nets[k].state_dict()) for k, net in again.nets.items())


@pytest.mark.parametrize("machine", ["like CUDA"], indirect=True)
@pytest.mark.parametrize("name", ["toy, r1", "cyclegan", "vae", "sweep"])
def test_a_saved_game_goes_on_there_bit_for_bit(name, machine, tmp_path):
    game, batches = GAMES[name](machine, 16)
    feed = Feed(batches)
    history(train(game, feed, 2))
    save(tmp_path / "game", game, feed)
    expected = history(train(game, feed, 2))
    again, batches = GAMES[name](machine, 16)
    feed = Feed(batches)
    load(tmp_path / "game", again, feed)
    heard = history(train(again, feed, 2))
    assert all(torch.equal(heard[k], expected[k]) for k in expected)


def test_the_source_of_the_toy_lesson_plays(machine):
    def rows(place, device):
        g = torch.Generator().manual_seed(0)
        nets, data = (toy_discriminator(g), toy_generator(g)), ring(32, g)
        z = torch.Generator(device).manual_seed(1)
        return train_toy(*map(place, nets), place(data).split(8), 2, generator=z)

    assert alike(rows(machine.place, machine.device), rows(CPU.place, CPU.device))


def test_networks_come_alone(machine, tmp_path):
    game, _, _ = played("dcgan", machine)
    save(tmp_path / "game", game)
    G = GAMES["dcgan"](CPU, 16)[0].nets["G"]
    checkpoint.load_networks(tmp_path / "game", G=G)
    assert alike(G.state_dict(), game.nets["G"].state_dict())


def test_several_processes_play(machine):
    parallel = pytest.importorskip("gancourse.parallel", reason="an optional extra: gancourse[parallel]")
    accelerator = parallel.start(cpu=True)
    heard = []
    for device in (machine.device, CPU.device):
        accelerator.state.device = device
        heard.append(
            history(parallel.play(parallel.toy_game, parallel.toy_batches, 2, accelerator=accelerator))
        )
    assert alike(*heard)


# Panels and Labs


def of_points(machine):
    return Points(ring(40, torch.Generator().manual_seed(1)), (-3, 3, -3, 3), density=laws["ring"].density)


def seeded_by(seed):
    return torch.Generator().manual_seed(seed)


def of_patches(game):
    x = pictures(CPU, 2, 16, seed=3).to(next(game.nets["D"].parameters()).device)
    return {"real": (x, game.nets["D"](torch.cat([x, x], 1)))}


def fakes(game):
    return game.nets["G"](torch.ones(3, 16, device=next(game.nets["G"].parameters()).device))


def in_32(game):
    z = torch.ones(3, 16, device=next(game.nets["G"].parameters()).device)
    return nn.functional.interpolate(game.nets["G"](z), 32)


PANELS = {
    Points: ("toy, r1", of_points),
    Curves: ("toy, r1", lambda machine: Curves(truth=lambda x: {"spread": x.std()}, n=50)),
    Images: ("dcgan", lambda machine: Images(n=4)),
    Triples: (
        "pix2pix",
        lambda m: Triples((pictures(CPU, 2, 16), pictures(CPU, 2, 16)), lambda g, x: g.nets["G"](x)),
    ),
    Histograms: ("dcgan", lambda m: Histograms("logits", lambda g: {"fake": g.nets["D"](fakes(g))})),
    Map: ("dcgan", lambda machine: Map("first picture", lambda game: fakes(game)[0, 0])),
    PatchMap: ("pix2pix", lambda machine: PatchMap("patches", of_patches)),
    FaceShares: (
        "modern, growing",
        lambda machine: FaceShares(n=30, training=sample(50, seeded_by(4)).attributes),
    ),
    NearestFaces: (
        "modern, growing",
        lambda m: NearestFaces(sample(50, seeded_by(4), 32), n=3, source=in_32),
    ),
    Doctor: ("toy, r1", lambda machine: Doctor(Watcher(ring(60, seeded_by(2)), n=40, cells=5), 1)),
    RateMap: (
        "sweep",
        lambda machine: RateMap(
            laws["ring"], missed_modes(ring_centres(), 0.5, 50), log=False, limits=(0, 1)
        ),
    ),
}


def test_every_panel_is_asked():
    for module in pkgutil.iter_modules(gancourse.__path__):
        if module.name not in ("__main__", "parallel"):  # a command; an optional extra
            importlib.import_module(f"gancourse.{module.name}")
    kinds, waiting = set(), [Panel]
    while waiting:
        waiting += (new := waiting.pop().__subclasses__())
        kinds |= {k for k in new if k.__module__.startswith("gancourse") and not k.__name__.startswith("_")}
    assert kinds == PANELS.keys()


def seen(kind, machine):
    "What a panel says, sends and draws of a game after two steps."
    name, make = PANELS[kind]
    game, batches = GAMES[name](machine, 16)
    lab = Lab(lambda: game, batches, panels=[make(machine)])
    (panel,) = lab.panels
    for layer in panel.layers:
        panel.show(layer, True)
    lab.run(2)
    assert still_outputs(lab.screen)
    return panel.words(), panel.arrays(True), panel.spec()


@pytest.mark.parametrize("kind", PANELS)
def test_a_panel_shows_what_it_shows_on_the_cpu(kind, machine):
    words, arrays, spec = seen(kind, machine)
    said, sent, told = seen(kind, CPU)
    assert words == said and spec == told and arrays.keys() == sent.keys()
    assert all(np.allclose(arrays[k], sent[k], atol=1 if sent[k].dtype == np.uint8 else 1e-3) for k in sent)


@pytest.mark.parametrize("machine", ["like MPS"], indirect=True)
@pytest.mark.parametrize("name", KINDS)
def test_a_lab_plays_on_its_own_thread(name, machine, tmp_path):
    lab = Lab(lambda: GAMES[name](machine, 16)[0], GAMES[name](machine, 16)[1], panels=[Curves()])
    lab.listen()
    lab.do("step", 2)
    lab.ask(lambda game: None)
    lab.save(tmp_path / "game")
    lab.do("slow", True)
    for _ in range(20):
        lab.do("step")
    lab.do("slow", False)
    lab.do("undo")
    lab.load(tmp_path / "game")
    lab.play_to(3)
    assert lab.stop()
    assert not lab.session.error and lab.game.step == 3 and lab.words()


def test_a_member_of_a_sweep_is_opened(machine):
    batches = draws(laws["gaussian"].sample, 16, device=machine.device)
    lab = SweepLab(lambda: GAMES["sweep"](machine, 16)[0], batches)
    lab.run(2)
    member = lab.member(5)
    member.run(2)
    assert member.game.step == 4 and still_outputs(member.screen)


# Scores


def some(*shape, seed=0, spread=1.0):
    return spread * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


POINTS, OTHERS, LOGITS = some(40, 2), some(40, 2, seed=1) + 0.5, some(30, 10, seed=2)
GREY, COLOUR = some(12, 1, 28, 28).tanh(), some(6, 3, 32, 32, seed=3).tanh()
CONV = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(4 * 256, 1))
MODES = ring_centres()
NET = mlp(2, 8, 1, generator=torch.Generator().manual_seed(0))


def classifier(place):
    return place(features.digit_classifier())


def moments_of(place, x):
    return metrics.Moments(*(place(t) for t in metrics.moments(x)))


SCORES = {  # place -> numbers; `place` brings a tensor or a network to the device
    "moments": lambda place: metrics.moments(place(POINTS)),
    "frechet": lambda place: metrics.frechet(place(POINTS), place(OTHERS)),
    "frechet, truth on the CPU": lambda place: metrics.frechet(place(POINTS), metrics.moments(OTHERS)),
    "frechet_all": lambda place: metrics.frechet_all(
        sample_moments(place(torch.stack([POINTS, OTHERS]))), metrics.moments(OTHERS)
    ),
    "mode_coverage": lambda place: metrics.mode_coverage(place(POINTS), MODES, 1.0),
    "grid_js": lambda place: metrics.grid_js(
        place(POINTS), metrics.grid_law(laws["gaussian"].density, (-3, 3, -3, 3), 10)
    ),
    "fid": lambda place: metrics.fid(place(GREY), place(GREY.flip(0, 3)), classifier(place)),
    "fid, pictures on the CPU": lambda place: metrics.fid(GREY, GREY.flip(3), classifier(place)),
    "squared_mmd": lambda place: metrics.squared_mmd(place(POINTS), place(OTHERS)),
    "kid": lambda place: metrics.kid(place(GREY), place(GREY.flip(3)), classifier(place), 2, 6),
    "class_coverage": lambda place: metrics.class_coverage(place(LOGITS)),
    "nearest": lambda place: metrics.nearest(place(POINTS), place(OTHERS), 2),
    "psnr": lambda place: metrics.psnr(place(COLOUR), place(COLOUR.flip(3))),
    "ssim": lambda place: metrics.ssim(place(COLOUR), place(COLOUR.flip(3))),
    "gradient_energy": lambda place: metrics.gradient_energy(place(COLOUR)),
    "features_of": lambda place: features.features_of(GREY, classifier(place)),
    "jitter": lambda place: features.jitter(place(GREY), torch.Generator().manual_seed(0)),
    "roc_auc": lambda place: diagnose.roc_auc(place(POINTS[:, 0]), place(OTHERS[:, 0])),
    "nearest_neighbour_accuracy": lambda place: diagnose.nearest_neighbour_accuracy(
        place(POINTS), place(OTHERS)
    ),
    "kmeans": lambda place: diagnose.kmeans(place(POINTS), 4),
    "total_variation": lambda place: losses.total_variation(
        place(LOGITS[0].softmax(0)), place(LOGITS[1].softmax(0))
    ),
    "value": lambda place: losses.value(place(LOGITS[0]), place(LOGITS[1])),
    "optimal_discriminator": lambda place: losses.optimal_discriminator(
        place(LOGITS[0].softmax(0)), place(LOGITS[1].softmax(0))
    ),
    "kl_divergence": lambda place: losses.kl_divergence(
        place(LOGITS[0].softmax(0)), place(LOGITS[1].softmax(0))
    ),
    "js_divergence": lambda place: losses.js_divergence(
        place(LOGITS[0].softmax(0)), place(LOGITS[1].softmax(0))
    ),
    "input_gradient": lambda place: lipschitz.input_gradient(place(CONV), place(COLOUR)),
    "lipschitz_bound": lambda place: lipschitz.lipschitz_bound(place(CONV)),
    "power_iteration": lambda place: lipschitz.power_iteration(place(LOGITS), 5),
    "conv_operator_norm": lambda place: lipschitz.conv_operator_norm(place(CONV)[0].weight, 8, 2, 1, 20),
    "count_modes": lambda place: modern.count_modes(place(COLOUR), classifier(place)),
    "shrink": lambda place: modern.shrink(place(COLOUR), 0.5),
    "stack": lambda place: modern.stack(place(GREY), 4, torch.Generator().manual_seed(0)),
    "gaussian_kl": lambda place: vae.gaussian_kl(place(POINTS), place(OTHERS)),
    "log_likelihood": lambda place: vae.log_likelihood(place(COLOUR), place(COLOUR.flip(3)), 0.2),
    "return_error": lambda place: cyclegan.return_error(
        place(nn.Conv2d(3, 3, 1)).eval(), place(COLOUR), place(COLOUR)
    ),
}
NOT_SCORES = {
    "Moments",
    "Coverage",
    "GridLaw",
    "Kid",
    "ClassCoverage",
    "Psnr",
    "grid_law",
}  # kinds, and a table


def test_every_metric_is_asked():
    assert set(metrics.__all__) - NOT_SCORES <= SCORES.keys()


@pytest.mark.parametrize("name", SCORES)
def test_a_score_is_that_of_the_cpu(name, machine):
    with machines.seeded(0):
        there = SCORES[name](lambda x: x.to(machine.device) if torch.is_tensor(x) else machine.place(x))
    with machines.seeded(0):
        here = SCORES[name](CPU.place)
    assert alike(there, here)


DRAWN = {
    "plot_points": lambda to: plot.plot_points(to(POINTS), to(OTHERS)),
    "plot_surface": lambda to: plot.plot_surface(to(LOGITS[:5, :5].sigmoid().flatten()), (-1, 1, -1, 1)),
    "plot_curves": lambda to: plot.plot_curves(to(LOGITS[:, :3]), ["a", "b"]),
    "plot_losses": lambda to: plot.plot_losses({"D": to(LOGITS[:, 0])}),
    "plot_band": lambda to: plot.plot_band(to(torch.arange(10.0)), to(LOGITS)),
    "plot_gaussian": lambda to: plot.plot_gaussian(to(torch.zeros(2)), to(torch.eye(2))),
    "plot_field": lambda to: plot.plot_field(lambda x: to(x), (-1, 1, -1, 1)),
    "plot_images": lambda to: plot.plot_images(to(COLOUR)),
    "plot_histogram": lambda to: plot.plot_histogram(to(LOGITS.abs()[:1]), (0, 1), ["a"]),
    "plot_map": lambda to: plot.plot_map(to(LOGITS)),
    "plot_step": lambda to: plot.plot_step(*(to(POINTS[i]) for i in range(5))),
    "plot_rates": lambda to: plot_rates(to(LOGITS[:2, :2].abs()), [1e-3, 1e-2], [1e-3, 1e-2]),
}


def test_every_plot_is_drawn():
    assert {name for name in plot.__all__ if name.startswith("plot_")} <= DRAWN.keys()


@pytest.mark.parametrize("name", DRAWN)
def test_a_plot_takes_what_lies_on_the_device(name, machine):
    DRAWN[name](lambda x: x.to(machine.device)).figure.canvas.draw()
    plt.close("all")


# Diagnosis


def with_dropout(machine):
    g = torch.Generator().manual_seed(0)
    D = nn.Sequential(*mlp(2, 16, 16, 1, generator=g)[:-1], nn.Dropout(0.3), nn.Linear(16, 1))
    with machines.seeded(0):
        D[-1].reset_parameters()
    G = mlp(2, 16, 2, generator=g)
    return gan(machine.place(G), machine.place(D), z=normal(2, 0, machine.device))


def points(machine):
    return machine.place(ring(80, torch.Generator().manual_seed(2)))


def test_a_watched_game_plays_on_as_if_nobody_had_looked(machine):
    "Dropout draws from the device's own generator, which is put back."
    runs = []
    for watched in (True, False):
        state = torch.get_device_module(machine.device).get_rng_state()
        game, watcher = with_dropout(machine), Watcher(points(machine), ring(40, None), n=40, cells=5)
        steps = train(game, minibatches(points(machine), 16), 6)
        record(steps, watcher, 2) if watched else history(steps)
        torch.get_device_module(machine.device).set_rng_state(state)
        runs.append(game.nets["D"].state_dict())
    assert all(torch.equal(runs[0][k], runs[1][k]) for k in runs[0])


def test_a_diagnosis_is_that_of_the_cpu(machine):
    looks = []
    for here in (machine, CPU):
        game, batches = toy(here, 16, penalty=lipschitz.r1)
        held_out = ring(40, torch.Generator().manual_seed(3))
        seen = record(train(game, batches, 6), Watcher(points(here), held_out, n=40, cells=5), 2)
        assert report(seen)
        looks.append(seen.looks)
    assert alike(*looks)


@pytest.mark.parametrize("score", [frechet_error(metrics.moments(POINTS), 50), missed_modes(MODES, 0.5, 50)])
def test_a_population_is_judged(score, machine):
    assert alike(*(score(played("sweep", here)[0]) for here in (machine, CPU)))


# Planted faults: each turns a test above red


def plant_seeds(monkeypatch):
    @contextlib.contextmanager
    def reseeded(seed):
        torch.manual_seed(seed)
        yield

    monkeypatch.setattr("gancourse.dcgan.seeded", reseeded)


FAULTS = {
    "noise is left on the CPU": (
        lambda patch: patch.setattr(
            "gancourse.points.fixed_noise", lambda game, n, z=None, seed=0: own_noise(game, n)
        ),
        lambda machine: seen(Points, machine),
        "on the same device",
    ),
    "points go to NumPy from the device": (
        lambda patch: patch.setattr("gancourse.points._floats", lambda x: x.detach().float().numpy()),
        lambda machine: seen(Points, machine),
        "NumPy",
    ),
    "noise is drawn by a generator of the CPU": (
        lambda patch: patch.setattr("gancourse.game.Noise.__call__", drawn_by_the_cpu),
        lambda machine: played("dcgan", machine),
        "expected a generator of",
    ),
    "first weights reseed all devices": (
        plant_seeds,
        lambda machine: played("dcgan", machine) and not_reseeded(),
        "was reseeded",
    ),
    "the pool counts on the device": (
        lambda patch: patch.delattr("gancourse.cyclegan.ImagePool._apply"),
        lambda machine: not_waiting("cyclegan", machine),
        "waits",
    ),
    "float64 on a Mac": (
        lambda patch: patch.setattr("gancourse.metrics.in_float64", torch.Tensor.double),
        lambda machine: SCORES["moments"](machine.place),
        "no float64",
    ),
    "dropout on the device is not put back": (
        lambda patch: patch.setattr("gancourse.watch._unshuffled", lambda device: contextlib.nullcontext()),
        test_a_watched_game_plays_on_as_if_nobody_had_looked,
        None,
    ),
}


def drawn_by_the_cpu(noise, n):
    return noise.draw(n, noise.dim, generator=torch.Generator(), device=noise.generator.device)


def not_reseeded():
    found = list(seeds)
    seeds.clear()
    assert not found, "the device was reseeded"


def not_waiting(name, machine):
    game, batches = GAMES[name](machine, 16)
    waits.clear()
    next(train(game, batches, rollback=False))
    assert not waits, "waits"


@pytest.mark.parametrize("machine", ["like MPS"], indirect=True)
@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(name, machine, monkeypatch):
    plant, test, words = FAULTS[name]
    plant(monkeypatch)
    with pytest.raises((RuntimeError, TypeError, AssertionError), match=words):
        test(machine)
