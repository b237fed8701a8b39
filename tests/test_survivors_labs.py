"Mutants of the diagnosis and its panel that nothing else has killed: thresholds to the bit, what is heard."

import math

import pytest
import torch
from torch import nn

from gancourse import diagnose as d
from gancourse.diagnose import History, Watcher, diagnose, nearest_neighbour_accuracy, roc_auc
from gancourse.doctor import Doctor
from gancourse.game import average, draws, gan, normal, train
from gancourse.live import Lab
from gancourse.toy import mlp, ring

UP, DOWN = (lambda v: math.nextafter(v, math.inf)), (lambda v: math.nextafter(v, -math.inf))


def look(**more):
    "A healthy look, but for what is said."
    healthy = dict(ranked=0.75, tellable=0.6, covered=1.0, spread=1.0, x=0.0, y=0.0, moved=0.1, push=1.0)
    return healthy | dict(lr_D=1e-3, lr_G=1e-3) | more


def found(n=8, **more):
    return [finding.name for finding in diagnose(History([look(**more) for _ in range(n)]))]


@pytest.mark.parametrize(
    "name, sick, at",
    [
        ("D saturated", dict(ranked=UP(d.WON)), dict(ranked=d.WON)),
        ("vanishing gradient", dict(ranked=1.0, push=DOWN(d.PUSH)), dict(ranked=1.0, push=d.PUSH)),
        ("D too weak", dict(ranked=DOWN(d.LOST)), dict(ranked=d.LOST)),
        ("full collapse", dict(covered=DOWN(d.FEW)), dict(covered=d.FEW)),
        ("partial collapse", dict(covered=DOWN(d.MANY)), dict(covered=d.MANY)),
        ("memorising", dict(copied=UP(d.COPIED)), dict(copied=d.COPIED)),
        ("memorising", dict(remembered=UP(d.REMEMBERED)), dict(remembered=d.REMEMBERED)),
        ("memorising", dict(copied=1.0, tellable=DOWN(d.TELLING)), dict(copied=1.0, tellable=d.TELLING)),
        ("memorising", dict(copied=1.0, covered=d.FEW), dict(copied=1.0, covered=DOWN(d.FEW))),
    ],
)
def test_a_threshold_belongs_to_the_healthy_side(name, sick, at):
    assert name in found(**sick) and name not in found(**at)


def test_no_push_is_said_only_where_d_has_won_and_the_push_was_measured():
    assert found(ranked=1.0, push=math.inf) == ["D saturated"]
    assert found(push=0.0) == []


@pytest.mark.parametrize("sick, named", [(2, False), (3, True), (5, True)])
def test_a_share_of_three_in_five_is_enough(sick, named):
    "Of ten looks the later five count."
    looks = [look() for _ in range(10 - sick)] + [look(ranked=0.0) for _ in range(sick)]
    assert [finding.name for finding in diagnose(History(looks))] == ["D too weak"] * named


@pytest.mark.parametrize("late, said", [(d.LEAST - 1, False), (d.LEAST, True)])
def test_four_late_looks_are_the_fewest(late, said):
    assert bool(found(2 * late, ranked=0.0)) is said


def orbit(radius, spread):
    "Two rounds of the middle of the fakes, in the later half."
    t = torch.arange(16) / 16 * 4 * math.pi
    return [look(x=radius * a.cos().item(), y=radius * a.sin().item(), spread=spread) for a in t]


def test_a_cloud_that_swings_must_be_a_cloud_and_swing_widely():
    names = lambda looks: [finding.name for finding in diagnose(History(looks + looks))]
    assert names(orbit(1.01 * d.SWING, 1.0)) == ["cycling"] and names(orbit(0.99 * d.SWING, 1.0)) == []
    assert names(orbit(1.0, UP(d.BODY))) == ["cycling"] and names(orbit(1.0, d.BODY)) == []
    once = [look(x=x) for x in (-2.0, -1.0, 1.0, 2.0) for _ in range(2)]  # one crossing: on its way
    assert names([look()] * 8 + once)[:1] != ["cycling"]


def test_a_swing_may_pause_on_its_mean():
    "One that stands exactly there is on neither side: it crosses with the next, if that is on the other."
    swing = lambda *xs: d._swing([{"x": x, "y": 0.0, "spread": 1.0} for x in xs])
    assert swing(-1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 1.0, 0.0) == pytest.approx(math.sqrt(0.5))
    assert swing(-1.0, 0.0, 0.0, 1.0, -1.0, 1.0) == pytest.approx(math.sqrt(2 / 3))
    assert swing(-1.0, -1.0, 1.0, 1.0) == 0
    assert swing(1.0, 0.0, 1.0, 0.0, -2.0, 0.0, 0.0) == 0 == swing(3.0, 3.0, 3.0)  # one crossing, and none


def test_a_swing_of_the_threshold_itself_is_none():
    assert not d._swings({"swing": d.SWING}) and d._swings({"swing": UP(d.SWING)})


def test_what_broke_comes_first_with_the_rates_that_were_seen():
    (finding,) = diagnose(History([look(ranked=0.0, lr_D=0.02)], broke="the loss of D is nan"))
    assert (
        finding[:3] == ("not finite", 1.0, "The loss of D is nan.") and "(D 0.02, G 0.001)" in finding.advice
    )


def test_columns_hold_four_digits_and_none_where_nothing_was_measured():
    history = History([{"a": 1.23456, "b": math.inf}, {"a": math.nan, "c": 0}])
    assert history.columns() == {"a": [1.235, None], "b": [None, None], "c": [None, 0]}
    again = History.of(history.columns())
    assert again.columns() == history.columns() and math.isnan(again.looks[1]["a"])


def test_pairs_and_neighbours_by_hand():
    assert roc_auc(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.0, 3.0])) == (0.5 + 1 + 1 + 1) / 6
    real, fake = torch.tensor([[0.0], [1.0], [5.0]]), torch.tensor([[5.5], [9.0], [10.0]])
    assert nearest_neighbour_accuracy(real, fake) == pytest.approx(4 / 6)  # 5 and 5.5 are side by side
    with pytest.raises(ValueError, match="fake: expected as many as real"):
        nearest_neighbour_accuracy(real, fake[:2])
    assert d._copied(torch.tensor([[0.0], [3.0]]), torch.tensor([[1.0]]), torch.tensor([[-1.0]])) == 0.75


def test_cells_that_are_reached_and_examples_of_none():
    real, own = torch.tensor([[0.0], [0.0], [1.0], [9.0]]), torch.tensor([0, 0, 1, -1])
    survey = d._Survey(real, lambda x: x, lambda x: own, 20)
    assert survey.due.tolist() == [0.5, 0.25]
    assert survey.covered(torch.tensor([0] * 14 + [1, -1])) == 1  # 1 in 16 is a quarter of its due
    assert survey.covered(torch.tensor([0] * 15 + [1, -1])) == survey.covered(torch.tensor([0, 5])) == 0.5


def test_where_the_fakes_are_is_told_in_widths_of_the_data():
    real = torch.tensor([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    survey = d._Survey(real, lambda x: x, lambda x: torch.tensor([0, 1, 1, -1])[: len(x)], 4)
    assert survey.due.tolist() == [0.25, 0.5]  # who belongs to no group is counted in all
    place, width = survey.place(2 * real + torch.tensor([1.0, 2.0])), math.sqrt(5)
    assert place["spread"] == pytest.approx(2)
    assert [abs(place["x"]), abs(place["y"])] == pytest.approx([1 / width, 2 / width])


@pytest.mark.parametrize("wrong", [torch.ones(1, 2), torch.tensor([[1.0, 2.0], [3.0, math.nan]])])
def test_too_few_examples_or_none_that_are_finite(wrong):
    for name, sets in (("data", (wrong,)), ("held_out", (torch.ones(2, 2), wrong))):
        with pytest.raises(ValueError, match=f"^{name}: expected at least two examples, all of them finite"):
            Watcher(*sets)
    with pytest.raises(ValueError, match=r"held_out: expected examples \(n, 2\), but got \(2, 3\)"):
        Watcher(torch.ones(2, 2), torch.ones(2, 3))


def test_a_look_leaves_no_trace():
    D = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.LeakyReLU(), nn.Linear(8, 1))
    game, real = gan(mlp(2, 8, 2), D, z=normal(2, seed=0)), ring(64, torch.Generator().manual_seed(0))
    average(game)
    next(train(game, draws(ring, 8), 1))
    watcher, before = Watcher(real, real[:32] + 0.01), game.snapshot()
    for _ in range(2):
        watcher.look(game)
    same = [torch.equal(a, b) for k in before["nets"] for a, b in zip(*(
        state["nets"][k].values() for state in (before, game.state_dict())), strict=True)]  # fmt: skip
    assert all(same) and torch.equal(before["generators"][0], game.generators[0].get_state())
    assert (watcher.n, watcher.cells, D.training) == (512, 20, True)
    assert not watcher.of(real.clone().requires_grad_()).requires_grad
    first, second = watcher.history.looks
    assert second == first | {"moved": 0.0} and "moved" not in first


def toy():
    g = torch.Generator().manual_seed(0)
    return gan(mlp(2, 8, 2, generator=g), mlp(2, 8, 1, generator=g), z=normal(2, seed=0))


def test_a_live_panel_hears_every_loss():
    "Each look of a Doctor holds the mean of the losses since the look before, as a recorded history does."
    real = ring(64, torch.Generator().manual_seed(0))
    lab = Lab(toy, draws(ring, 8), 20, [Doctor(Watcher(real, n=32, cells=4), every=10)])
    lab.run()
    looks = lab.panels[0].watcher.history.looks
    losses = [step.losses for step in train(toy(), draws(ring, 8), 20)]
    assert [one["step"] for one in looks] == [0, 10, 20] and "loss_D" not in looks[0]
    for k, one in enumerate(looks[1:]):
        for name in "DG":
            mean = torch.stack([loss[name] for loss in losses[10 * k : 10 * (k + 1)]]).mean().item()
            assert one[f"loss_{name}"] == pytest.approx(mean, rel=1e-6)


def test_two_looks_at_the_same_step_are_one():
    panel = Doctor(Watcher(ring(64, torch.Generator().manual_seed(0)), n=32, cells=4), every=5)
    game = toy()
    panel.prepare(game)
    for step, looks in ((0, 1), (0, 1), (4, 1), (5, 2), (9, 2), (10, 3)):
        game.step = step
        panel.look(game, [])
        assert len(panel.watcher.history.looks) == len(panel.rows) == looks
