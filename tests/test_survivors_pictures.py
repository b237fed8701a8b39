"Slips that no notebook noticed when they were planted: what plots and panels show, number by number."

import math
import types

import ipywidgets
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from torch import nn

from gancourse import panels, pictures, plot, points, population, ratemap
from gancourse.feed import Feed, minibatches
from gancourse.game import gan, normal
from gancourse.toy import laws, mlp


def axes():
    return Figure().subplots()


def toy(**options):
    return gan(mlp(2, 4, 2), mlp(2, 4, 1), z=normal(2), **options)


# panels


def test_neighbours_are_averaged_and_the_odd_one_stays():
    rows = [[1, 2.0, math.nan], [3, 4.0, math.nan], [5, math.nan, 1.0], [7, 8.0, 3.0], [9, 10.0, 5.0]]
    assert panels.thin(rows, 5) is rows
    assert str(panels.thin(rows, 4)) == "[[2.0, 3.0, nan], [6.0, 8.0, 2.0], [9, 10.0, 5.0]]"
    assert str(panels.thin(rows, 2)) == "[[4.0, 5.5, 2.0], [9, 10.0, 5.0]]"
    assert panels.thin(rows, 1) == [[6.5, 7.75, 3.5]]


def test_a_layer_that_is_not_there_and_noise_that_cannot_be_copied():
    panel = points.Points(torch.ones(3, 2), (0, 1, 0, 1))
    panel.show("grid", 1)
    assert panel.layers["grid"] is True and panel.layers["real"] is True
    with pytest.raises(ValueError, match="name: expected a layer of this panel, one of .*'real'.* 'nothing'"):
        panel.show("nothing", True)
    own = gan(mlp(2, 4, 2), mlp(2, 4, 1), z=lambda n: torch.zeros(n, 2))
    with pytest.raises(ValueError, match="z: expected fixed noise for this panel"):
        panels.own_noise(own, 3)
    game = toy()
    twin = torch.randn(3, 2, generator=torch.Generator().manual_seed(12345))
    assert torch.equal(panels.own_noise(game, 3), twin) and torch.equal(panels.fixed_noise(game, 3), twin)


def test_curves_of_three_sources():
    truth = lambda fake: {"mean": fake.mean()}
    flags = [
        (curves.patient, curves.share)
        for curves in (
            panels.Curves(),
            panels.Curves(truth=truth),
            panels.Curves(measure=dict),
            panels.Curves(measure=dict, share=0.2),
        )
    ]
    assert flags == [(False, 0.01), (True, 0.01), (False, 0.01), (True, 0.2)]
    game, curves = toy(), panels.Curves(labels=["D", "G.x"])
    curves.prepare(game)
    curves.look(
        game, [(1, {"D": torch.tensor(2.0, requires_grad=True)}), (2, {"D": 3, "G.x": torch.tensor(4)})]
    )
    assert str(curves.rows) == "[[1, 2.0, nan], [2, 3.0, 4.0]]"
    sent = curves.arrays(True)["rows"]
    assert sent.dtype == np.float32 and sent.shape == (2, 3) and sent[1].tolist() == [2, 3, 4]
    assert curves.words() == "Losses: D 3, G.x 4."
    ax = axes()
    curves.draw(ax)
    assert ax.get_title() == "losses" and ax.title.get_fontsize() == 10
    with pytest.raises(ValueError, match="measure: expected one source of numbers"):
        panels.Curves(truth=truth, measure=dict)
    for more in (dict(truth=truth, labels="D"), dict(labels="DGABCEF")):
        with pytest.raises(ValueError, match="labels: expected up to 6 names"):
            panels.Curves(**more)


# plot


def test_points_may_have_a_graph():
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    ax = plot.plot_points(x, 2 * x, (0, 3, 0, 5), axes())
    assert [c.get_offsets().tolist() for c in ax.collections] == [[[1, 2]], [[2, 4]]]
    assert not plot.as_images("x", torch.zeros(1, 1, 2, 2, requires_grad=True) + 2).requires_grad
    for wrong in (torch.ones(2), torch.ones(2, 3), "x"):
        with pytest.raises(ValueError, match=r"real: expected points \(n, 2\)"):
            plot.plot_points(wrong, ax=axes())


def test_a_band_spans_the_quartiles():
    runs = torch.tensor([[0.0, 10.0], [1.0, 20.0], [2.0, 30.0], [3.0, 40.0], [4.0, 50.0]])
    ax = plot.plot_band(torch.tensor([1, 2]), runs, "many", "#123456", axes())
    (line,), (band,) = ax.lines, ax.collections
    assert list(line.get_ydata()) == [2, 30] and line.get_color() == "#123456"
    assert tuple(band.get_facecolor()[0]) == pytest.approx(to_rgba("#123456", 0.2))
    corners = {tuple(v) for v in band.get_paths()[0].vertices.tolist()}
    assert {(1, 1), (1, 3), (2, 20), (2, 40)} <= corners
    assert not plot.plot_band([], torch.ones(3, 0), ax=axes()).lines
    for wrong in (runs[0], runs[:, :1], runs[:0]):
        with pytest.raises(ValueError, match=r"runs: expected \(seeds, 2\), but got"):
            plot.plot_band(torch.tensor([1, 2]), wrong, ax=axes())


def test_a_gaussian_s_ellipses_are_closed_and_at_one_and_two_deviations():
    ax = plot.plot_gaussian(torch.tensor([1.0, -1.0]), torch.diag(torch.tensor([9.0, 0.25])), ax=axes())
    for k, line in enumerate(ax.lines, 1):
        x, y = (torch.tensor(v) for v in line.get_data())
        assert (x[0] - x[-1]).abs() < 1e-6 and (y[0] - y[-1]).abs() < 1e-6
        torch.testing.assert_close(
            ((x - 1) / 3).square() + ((y + 1) / 0.5).square(), torch.full_like(x, k**2)
        )
    assert [line.get_linestyle() for line in ax.lines] == ["-", "--"]


def test_heads_stand_above_the_middle_of_their_columns():
    ax = plot.plot_images(torch.zeros(3, 1, 4, 6), 3, ["a", "b", "c"], axes())
    assert [text.xy for text in ax.texts] == [(2.5, -0.5), (9.5, -0.5), (16.5, -0.5)]


def test_histograms_by_label_with_room_above():
    shares = torch.tensor([[0.2, 0.8], [0.5, 0.5]])
    ax = plot.plot_histogram(shares, (0, 4), ["real", "other"], {"best": 3.0}, axes())
    outlines = [p for p in ax.patches if p.get_label() in ("real", "other")]
    assert [p.get_data().values.tolist() for p in outlines] == [pytest.approx(y) for y in shares.tolist()]
    assert [to_rgba(p.get_edgecolor()) for p in outlines] == [to_rgba(plot.REAL), to_rgba(plot.INK)]
    assert ax.get_xlim() == (0, 4) and ax.get_ylim() == pytest.approx((0, 1.0))
    assert ax.lines[0].get_xdata()[0] == 3 and ax.texts[0].get_text() == "best"
    assert plot.plot_histogram(torch.zeros(1, 3), (0, 1), ["real"], ax=axes()).get_ylim() == (0, 1.25)
    for wrong in (shares[0], shares[:1], shares[:, :0]):
        with pytest.raises(ValueError, match=r"shares: expected \(2, bins\), but got"):
            plot.plot_histogram(wrong, (0, 1), ["a", "b"], ax=axes())


def test_a_figure_says_what_has_a_name():
    figure = Figure()
    one, two = figure.subplots(1, 2)
    one.plot([0, 2], [1, 3], label="$\\psi$")
    one.set(xlim=(2, 0), xlabel="step", title="$x$ moves")
    two.imshow([[1]])
    assert (
        plot.describe(figure)
        == "A figure of 2 pictures. Plot 'x moves': step from 0 to 2; it shows psi. Picture."
    )


# pictures


def test_limits_go_outwards_at_once_and_inwards_slowly():
    near = lambda *a: pictures._toward(*a).tolist()
    assert near(None, 2, 4, 0.05) == pytest.approx([1.9, 4.1])
    assert near(None, 5, 5, 0.05) == pytest.approx([4.995, 5.005]) and near(None, 0, 0, 0.05) == [-0.5, 0.5]
    assert near(None, -8, -8, 0) == pytest.approx([-8.008, -7.992])
    assert near(np.array([0.0, 10]), 4, 5, 0) == pytest.approx([0.3 * 3.995, 10 - 0.3 * 4.995])
    assert near(np.array([0.0, 1]), -2, 3, 0) == pytest.approx([-2.005, 3.005], abs=0.003)


def test_a_histogram_panel_number_by_number():
    seen = {"a": torch.tensor([0.0, 1.0, math.nan, 3.0], requires_grad=True), "b": torch.tensor([3, 3])}
    panel = pictures.Histograms("how", lambda game: seen, (0, 4), 4, {"even": 2.0})
    panel.prepare(toy())
    assert panel.shares.tolist() == [pytest.approx([1 / 3, 1 / 3, 0, 1 / 3]), [0, 0, 0, 1]]
    assert panel.middles == [1, 3] and panel.limits.tolist() == [0, 4]
    assert panel.words() == "How, medians: a 1, b 3. The two histograms overlap by 33%."
    assert {k: v.dtype for k, v in panel.arrays(False).items()} == dict.fromkeys(
        ("shares", "limits", "middles"), np.float32
    )
    assert panel.arrays(False) == {} and len(panel.arrays(True)) == 3
    named = pictures.Histograms("which", lambda game: {"c": torch.tensor([0, 2, 2])}, names=["x", "y", "z"])
    named.prepare(toy())
    assert named.given == (-0.5, 2.5) and named.shares.tolist() == [pytest.approx([1 / 3, 0, 2 / 3])]
    assert "c most often z (67%), least often y (0%)" in named.words()
    with pytest.raises(ValueError, match="panel 'x': expected a tensor for 'c', but got list"):
        pictures.Histograms("x", lambda game: {"c": [1]}).prepare(toy())
    for wrong in ((1, 1), (2, 1)):
        with pytest.raises(ValueError, match="limits: expected .low, high. with low < high"):
            pictures.Histograms("x", lambda game: seen, wrong).prepare(toy())


def test_a_map_of_weights_that_learn():
    net = nn.Linear(2, 2)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[0.0, 4.0], [math.nan, 2.0]]))
    panel = pictures.Map("weights", lambda game: net.weight)
    panel.prepare(toy())
    assert not panel.values.requires_grad and panel.known == (2, 2)
    assert panel.limits.tolist() == pytest.approx([-0.004, 4.004])
    assert panel.words() == (
        "Weights: 2 x 2 numbers, 1 of them not finite; from 0 to 4, mean 2. The largest is at x 1, y 0."
    )


def test_patches_tint_a_grey_picture():
    x, said = torch.zeros(1, 1, 64, 64), torch.tensor([[[[4.0, -1.0], [0.0, math.nan]]]])
    tinted = pictures._tinted(x, said[:, 0], 2.0)
    assert tinted.shape == (1, 3, 128, 128)
    blue, orange = (
        torch.tensor([int(c[i : i + 2], 16) for i in (1, 3, 5)]) / 127.5 - 1 for c in (plot.REAL, plot.FAKE)
    )
    torch.testing.assert_close(tinted[0, :, 0, 0], 0.65 * blue)  # no more than that, however sure
    torch.testing.assert_close(tinted[0, :, 0, 127], 0.65 / 2 * orange)
    assert not tinted[0, :, 127].any()
    for logits in (said, said[:, 0]):
        assert torch.equal(pictures._judged_pictures("x", x, logits)[1].nan_to_num(), said[:, 0].nan_to_num())
    for wrong in (said.expand(1, 2, 2, 2), said.expand(2, 1, 2, 2), said[0, 0], said[:, :, :0], [1.0]):
        with pytest.raises(
            ValueError, match=r"x: expected a logit for each patch of 1 pictures, \(1, 1, rows"
        ):
            pictures._judged_pictures("x", x, wrong)
    assert pictures._size_98(torch.tensor([math.nan])) == 1 and pictures._size_98(-torch.ones(3)) == 1


def test_triples_keep_inputs_answers_and_truths():
    x, y = torch.zeros(2, 1, 4, 4), torch.ones(2, 3, 4, 4)
    panel = pictures.Triples((x, y), lambda game, x: x.expand(-1, 3, -1, -1), ("in", "out", "truth"))
    panel.prepare(toy())
    assert list(panel.sheets) == ["in", "out", "truth"] and torch.equal(panel.sheets["in"], x)
    assert "The out is off the truth by 0.50" in panel.words()
    ax = axes()
    panel.draw(ax)
    sheet = ax.images[0].get_array()
    assert sheet.shape == (9, 14, 4) and [sheet[0, i, :3].tolist() for i in (0, 5, 10)] == [[0.5] * 3] * 2 + [
        [1] * 3
    ]
    assert [t.get_text() for t in ax.texts] == ["in", "out", "truth"] and ax.title.get_fontsize() == 10


# points


def test_the_lattice_of_each_kind_of_noise():
    for z, ends, first in (
        (torch.tensor([[-1.0], [1.0]]), 1, 1 / 120),
        (torch.tensor([[-3.0], [0.5]]), 2, 0.00186),
        (torch.tensor([[0.5, 3.0]]), 2, None),
    ):
        corners, mass = points.lattice(z)
        assert corners.min() == -ends and corners.max() == ends
        assert len(mass) == (120 if z.shape[1] == 1 else 24 * 24)
        assert mass.sum().item() == pytest.approx(1 if ends == 1 else 0.9545 ** z.shape[1], abs=1e-3)
        assert first is None or mass[0].item() == pytest.approx(first, rel=0.06)


def test_a_kernel_density_is_the_mean_of_gaussians():
    x, blur, limits = torch.tensor([[0.5, 1.0], [1.5, 3.0]]), 0.7, (0.0, 2.0, -1.0, 5.0)
    got = points.kernel_density(x, limits, 3, blur)
    away = (plot.raster(limits, 3)[:, None] - x).square().sum(2)
    torch.testing.assert_close(got, (-away / (2 * blur**2)).exp().mean(1) / (2 * math.pi * blur**2))
    p = torch.linspace(0, 1, 9)
    floor = 1 / (2 * math.pi * blur**2 * 2)
    best = points.best_judgement(p, x, limits, 3, blur)
    torch.testing.assert_close(best, (p + floor) / (p + got + 2 * floor))


def test_which_layers_a_game_can_fill():
    panel = points.Points(
        torch.ones(3, 2), (0, 1, 0, 1), marked=torch.ones(1, 2), density=lambda at, blur: at[:, 0]
    )
    on = dict(
        real=True, fake=True, marked=True, surface=True, grid=False, arrows=False, best=False, probe=False
    )
    assert panel.layers == on
    assert points.Points(torch.ones(3, 2), (0, 1, 0, 1)).layers == {
        k: v for k, v in on.items() if k not in ("marked", "best")
    }
    game, z = toy(), torch.ones(4, 2)
    assert points._offered(on | {"grid": True}, game, z) == on | {"grid": True}
    assert "grid" not in points._offered(on, game, torch.ones(4, 3))
    game.rules = None
    assert "arrows" not in points._offered(on, game, z) and "grid" in points._offered(on, game, z)
    assert panel.best.place[2] == 1 / 32 and points._Best(None, (0, 2, 1, 9), 4, None).place[2] == 2
    assert points._Best(None, (1, 9, 4, 6), 4, None).place[2] == 2  # of the longer side
    assert points._Best(None, (0, 2, 1, 9), 4, 0.5).place[2] == 0.5


def test_the_best_d_is_renewed_when_it_is_due(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(points.time, "perf_counter", lambda: now[0])
    calls, took = [], [0.0]

    def said(*a):
        calls.append(len(a[1]))
        now[0] += took[0]
        return torch.zeros(1024)

    monkeypatch.setattr(points, "best_judgement", said)
    panel = points.Points(torch.ones(3, 2), (0, 1, 0, 1), n=5, density=lambda at, blur: at[:, 0])
    game = toy()
    panel.prepare(game)
    panel.show("best", True)
    for took[0], wait in (
        (0.01, 0.2),
        (0.1, 0.25),
    ):  # twenty times as long as it took, a quarter of a second at most
        before = len(calls)
        panel.look(game, [])
        assert len(calls) == before + 1 and panel.best.due == pytest.approx(now[0] + wait)
        panel.look(game, [])
        now[0] += wait - 0.001
        panel.look(game, [])
        assert len(calls) == before + 1
        now[0] += 0.002
    assert (
        calls == [2048, 2048]
        and list(panel.best.arrays(False)) == ["best"]
        and panel.best.arrays(False) == {}
    )


def test_arrows_for_the_first_120_and_arrays_for_what_is_on():
    game, real = toy(), torch.ones(7, 2)
    panel = points.Points(real, (0, 1, 0, 1), n=150)
    panel.prepare(game)
    panel.look(game, [])
    assert set(panel.arrays(True)) == {"fake", "surface", "real"} and set(panel.arrays(False)) == {
        "fake",
        "surface",
    }
    for name in ("arrows", "grid"):
        panel.show(name, True)
    panel.show("fake", False)
    panel.look(game, [])
    sent = panel.arrays(False)
    assert {k: v.shape for k, v in sent.items()} == {
        "fake": (150, 2), "surface": (1024,), "grid": (625, 2), "pull": (120, 2), "mass": (576,)
    }  # fmt: skip
    panel.show("arrows", False)
    panel.look(game, [])
    assert "fake" not in panel.arrays(True)
    assert points._floats(game.player("G").parameters[0]).dtype == np.float32
    batch = types.SimpleNamespace(real=real, fake=None)
    moment = types.SimpleNamespace(batch=batch, name="deal", was=None)
    assert points._noticed(game, moment) == {"m_real": real}


def test_the_image_of_a_line_and_of_a_plane(monkeypatch):
    for dim, lines, meshes in ((1, 1, 0), (2, 50, 1)):
        z = torch.randn(20, dim)
        corners, mass = points.lattice(z)
        ax = axes()
        points._draw_grid(corners if dim == 2 else corners.expand(-1, 2), mass, (-2, 2, -2, 2), ax)
        assert (len(ax.lines), len(ax.collections)) == (lines, meshes)


# ratemap


def test_rates_are_drawn_upwards_with_the_best_in_a_ring():
    errors = torch.tensor([[10.0, 1.0, math.nan], [math.inf, 0.1, 100.0]], requires_grad=True)
    ax = ratemap.plot_rates(errors, [1e-4, 1e-3, 1e-2], [1e-3, 1e-2], ax=axes())
    lost, best = ax.collections
    assert sorted(map(tuple, lost.get_offsets().tolist())) == [(0, 0), (2, 1)]
    assert best.get_offsets().tolist() == [[1, 0]] and list(best.get_sizes()) == [60]
    assert ax.images[0].get_array().filled(9).tolist() == pytest.approx(np.array([[9, -1, 2], [1, 0, 9]]))
    bar = ax.images[0].colorbar
    assert [t.get_text() for t in bar.ax.get_yticklabels()] == ["0.1", "1", "10", "100"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0.0001", "0.001", "0.01"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["0.001", "0.01"]
    two = ratemap.plot_rates(torch.tensor([[1.0, 10.0]]), [1e-4, 1e-3], [1e-3], ax=axes())
    assert [t.get_text() for t in two.images[0].colorbar.ax.get_yticklabels()] == ["1", "10"]
    assert len(ratemap.plot_rates(errors * math.nan, [1, 2, 3], [1, 2], (1, 2), ax=axes()).collections) == 1


def test_how_many_have_diverged():
    for lost, said in ((0, "None has"), (1, "One pair has"), (2, "2 pairs have")):
        errors = torch.tensor([[4.0, 2.0], [3.0, 8.0]])
        errors.view(-1)[:lost] = math.inf
        panel = types.SimpleNamespace(
            errors=errors, seeds=3, what="Error", lr_D=[1e-4, 1e-3], lr_G=[0.1, 0.2]
        )
        words = ratemap._said(panel)
        assert words.endswith(f"{said} diverged.") and "median of 3 seeds" in words
    assert "The best pair is lr_D 0.0001 and lr_G 0.2." in words


def test_a_rate_map_of_three_seeds(monkeypatch):
    law, asked = laws["gaussian"], []
    monkeypatch.setattr(ratemap, "draw_members", lambda game, n: asked.append(n) or torch.zeros(6, n, 2))
    scores = torch.tensor([4.0, 1.0, 100.0, math.nan, 6.0, 2.0], requires_grad=True)
    settings = [types.SimpleNamespace(lr_D=d, lr_G=1e-3) for d in (1e-4, 1e-3)] * 3
    game = types.SimpleNamespace(
        shape=(3, 1, 2), settings=settings, well=torch.tensor([1, 1, 0, 1, 1, 1]).bool()
    )
    panel = ratemap.RateMap(law, lambda game: scores, n=7)
    panel.prepare(game)
    panel.look(game, [])
    assert panel.errors.tolist() == [[6, 2]] and panel.lr_D == [1e-4, 1e-3] and panel.lr_G == [1e-3]
    assert panel.range == (10**-3, 10.0) and asked == [7] and len(panel.fake) == 2
    assert panel.arrays(False)["errors"].tolist() == [[6, 2]]  # the score had a graph
    scores = scores.detach() * 1e6
    panel.look(game, [])
    assert panel.range == (10**-3, 10.0)  # as at the first look
    sent = panel.arrays(False)
    assert (
        str(sent["low"].tolist()) == "[[4000000.0, 1000000.0]]"
        and str(sent["high"].tolist()) == "[[nan, nan]]"
    )
    assert set(panel.arrays(True)) == {"errors", "low", "high", "points", "real"}
    with pytest.raises(ValueError, match="limits: expected two numbers where colours are not logarithmic"):
        ratemap.RateMap(law, None, log=False)
    given = ratemap.RateMap(law, lambda game: scores, limits=(0.1, 5.0), log=False)
    given.prepare(game)
    given.look(game, [])
    assert given.range == (0.1, 5.0)


def test_where_the_batches_of_a_member_stand():
    feed = Feed([torch.ones(2, 2), torch.zeros(2, 2)])
    next(feed)
    assert ratemap.place_of(feed, 1) == (feed.batches, feed.state_dict()) and feed.position == 1
    abreast = Feed(population.abreast([minibatches(torch.ones(5, 2), 2, seed) for seed in (3, 4)]))
    batches, place = ratemap.place_of(abreast, 1)
    assert batches.seed == 4 and (place["rounds"], place["position"]) == (1, 0)  # nothing was taken
    for _ in range(2):
        next(abreast)
    place = ratemap.place_of(abreast, 0)[1]
    assert place["position"] == 2 and place["own"]["taken"] == 2


def test_a_sweep_s_lab_opens_its_members(monkeypatch):
    maps, opened, closed = [], [], []

    def begin(self, new_population, batches, steps, panels, title):
        maps.extend(panels)
        self.session, self.commands = types.SimpleNamespace(), {}

    monkeypatch.setattr(ratemap.Lab, "__init__", begin)
    monkeypatch.setattr(ratemap.SweepLab, "view", None, raising=False)
    score = lambda game: torch.zeros(1)
    lab = ratemap.SweepLab(None, [], score=score, n=5)
    ratemap.SweepLab(None, [])
    assert maps[0].score is score and maps[0].n == 5 and callable(maps[1].score)

    def member(m):
        hear = dict(open=lambda: opened.append(m), close=lambda: closed.append(m))
        return types.SimpleNamespace(view=ipywidgets.Label(), title="The member", **hear)

    monkeypatch.setattr(lab, "member", member)
    lab.open_member(2.0)
    assert lab.session.notice == "Opened below: the member." and not opened and not lab.below.children
    lab.view = True
    lab.open_member(3)
    assert opened == [3] and closed == [2] and lab.below.children == (lab.opened.view,)


def test_points_as_bytes():
    x = torch.tensor([[1.0, -2.0], [3.0, 2.0], [2.0, 0.0], [3.1, 0.0], [2.0, -2.1]])
    assert ratemap._as_bytes(x, (1, 3, -2, 2)).tolist() == [
        [0, 0],
        [254, 254],
        [127, 127],
        [255, 127],
        [127, 255],
    ]
