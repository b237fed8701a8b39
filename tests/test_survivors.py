"""Small faults that the notebooks may not notice, such as tools/mutants.py plants: tests of milliseconds."""

import copy
import itertools
import math
import warnings

import pytest
import torch
from torch import nn

from gancourse import expect
from gancourse.feed import Feed, draws, minibatches, unpaired
from gancourse.game import Game, Player, gan, normal, train
from gancourse.machine import pick
from gancourse.metrics import (
    Moments,
    class_coverage,
    fid,
    frechet,
    frechet_all,
    gradient_energy,
    grid_js,
    grid_law,
    kid,
    mode_coverage,
    moments,
    nearest,
    psnr,
    squared_mmd,
    ssim,
)
from gancourse.slow import SlowStep
from gancourse.toy import (
    along,
    drawn,
    gaussian,
    grid_centres,
    mlp,
    moon_centres,
    ring_centres,
    spiral_centres,
)
from gancourse.vae import Encoder, VaeRules, gaussian_kl, log_likelihood, reparameterised, vae
from gancourse.watch import as_played, beside, gradient_norms, pull, watching

MACHINE = pick("cpu", "float32", 1)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def toy(**options):
    g = seeded()
    return gan(mlp(2, 8, 2, generator=g), mlp(2, 8, 1, generator=g), z=normal(2, seed=0), **options)


# watch


def test_as_played_keeps_no_graph_and_puts_the_game_s_noise_back():
    game = toy()
    before = game.z.generator.get_state()
    with as_played(game):
        assert not torch.is_grad_enabled()
        game.z(3)
    assert torch.is_grad_enabled() and torch.equal(before, game.z.generator.get_state())


def test_as_played_puts_running_means_back():
    D = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    game, before = gan(mlp(2, 8, 2), D, z=normal(2, seed=0)), copy.deepcopy(D.state_dict())
    with as_played(game):
        D(torch.ones(5, 2))
        assert D[1].num_batches_tracked == 1 and not torch.equal(D[1].running_mean, before["1.running_mean"])
    assert all(torch.equal(x, before[k]) for k, x in D.state_dict().items())


def test_beside_looks_at_every_network():
    game = toy()
    with beside(game):
        assert not torch.is_grad_enabled() and not any(net.training for net in game.nets.values())
    assert all(net.training for net in game.nets.values())


def test_after_an_error_everything_is_back():
    game = toy()
    for look in (beside(game), as_played(game), watching(*game.nets.values())):
        before = game.z.generator.get_state()
        with pytest.raises(ZeroDivisionError), look:
            game.z(3)
            raise ZeroDivisionError
        assert all(net.training for net in game.nets.values())
        game.z.generator.set_state(before)


def test_the_norm_of_those_gradients_that_are_there():
    game = toy()
    first, *_ = game.player("G").parameters
    first.grad = torch.full_like(first, 2.0)
    assert gradient_norms(game)["G"] == pytest.approx(2 * math.sqrt(first.numel()))
    assert math.isnan(gradient_norms(game)["D"])


def test_pull_reads_pictures_that_have_a_graph():
    game, x = toy(), torch.ones(3, 2, requires_grad=True)
    torch.testing.assert_close(pull(game, x * 1, x * 1), pull(game, x.detach(), x.detach()))
    assert x.grad is None and not pull(game, x * 1, x * 1).requires_grad


# slow


def test_only_g_s_move_tells_where_the_fakes_were():
    game = toy()
    step = SlowStep(game, gaussian(4, seeded()))
    moments = list(step)
    assert [moment.was is None for moment in moments] == [True] * 5 + [False]
    assert torch.equal(moments[-1].was, moments[-1].batch.fake) and not moments[-1].was.requires_grad
    assert list(step) == [] and game.step == 1 and step.number == 6


def test_who_moves_in_every_third_step_waits_twice():
    game = toy(every_D=3)
    words = [
        [m.words for m in SlowStep(game, gaussian(4, seeded())) if m.player == "D"][-1] for _ in range(6)
    ]
    assert [text.startswith("D waits: it moves only once in 3 steps") for text in words] == [
        True,
        True,
        False,
    ] * 2


def test_a_batch_may_be_a_list():
    net = nn.Linear(1, 1)
    one = Player(
        "A", [net], lambda batch: net(batch[0]).square().mean(), torch.optim.SGD(net.parameters(), 0.1)
    )
    assert [m.was for m in SlowStep(Game([one], {"A": net}), [torch.ones(4, 1)])] == [None, None]


def test_losses_of_a_slow_step_are_those_of_a_fast_one():
    fast, slowed = toy(), toy()
    data = gaussian(4, seeded())
    losses = next(train(fast, [data], 1)).losses
    step = SlowStep(slowed, data)
    list(step)
    assert step.losses.keys() == losses.keys()
    assert all(torch.equal(step.losses[k], losses[k]) for k in losses)


# feed


def test_without_a_seed_it_is_0():
    x = torch.arange(7.0)[:, None]
    for one, same in [
        (draws(gaussian, 3), draws(gaussian, 3, seed=0)),
        (minibatches(x, 3), minibatches(x, 3, seed=0)),
    ]:
        assert torch.equal(next(iter(one)), next(iter(same)))
    pairs = [next(iter(unpaired(x, -x, 3, **more))) for more in ({}, {"seed": 0})]
    assert all(torch.equal(a, b) for a, b in zip(*pairs, strict=True))


def test_batches_of_one_and_of_all():
    x = torch.arange(3.0)[:, None]
    for n, sizes in ((1, [1, 1, 1]), (2, [2, 1, 2]), (3, [3, 3, 3])):
        source = minibatches((x, -x), n)
        got = list(itertools.islice(source, 3))
        assert [len(a) for a, _ in got] == sizes and all(torch.equal(a, -b) for a, b in got)
        assert source.per_epoch == math.ceil(3 / n)
    for n in (0, 4):
        with pytest.raises(ValueError, match="n: expected"):
            minibatches(x, n)
        with pytest.raises(ValueError, match="n: expected"):
            unpaired(x, torch.ones(9, 1), n)


def test_a_place_is_that_of_these_batches():
    x = torch.arange(5.0)[:, None]
    feed, other = Feed(minibatches(x, 2)), Feed(minibatches(x, 2, seed=9))
    for _ in range(2):
        next(feed)
    other.load_state_dict(feed.state_dict())
    assert torch.equal(next(feed), next(other)) and feed.position == other.position == 3
    drawn, again = Feed(draws(gaussian, 2)), Feed(draws(gaussian, 2, seed=5))
    next(drawn)
    again.load_state_dict(drawn.state_dict())
    assert torch.equal(next(drawn), next(again))
    for stranger in (minibatches(x[:4], 2), minibatches(x, 3), draws(gaussian, 2)):
        with pytest.raises(ValueError, match="state: expected"):
            feed.load_state_dict(Feed(stranger).state_dict())
    with pytest.raises(ValueError, match="can be gone through only once"):
        once = Feed(iter([x]))
        next(once)
        once.load_state_dict(once.state_dict())


def test_a_state_of_half_a_pair_is_refused():
    x = torch.arange(7.0)[:, None]
    feed = Feed(unpaired(x, -x, 3))
    state = feed.state_dict()
    state["own"] = {"sides": state["own"]["sides"][:1]}
    with pytest.raises(ValueError):
        feed.load_state_dict(state)


def test_tensors_without_rows_are_refused():
    with pytest.raises(ValueError, match="data: expected one tensor"):
        minibatches((torch.tensor(1.0), torch.tensor(2.0)), 1)


# vae


def little(**options):
    torch.manual_seed(0)
    E, G = Encoder(2, size=8, width=4), Decoder()
    return vae(E, G, **{"machine": MACHINE, **options})


class Decoder(nn.Module):
    latent_dim = 2

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 64)

    def forward(self, z):
        return self.layer(z).reshape(-1, 1, 8, 8).tanh()


def test_what_is_given_to_a_vae_arrives():
    game = little()
    assert game.rules == VaeRules(0.2, 1.0) and game.player("VAE").lr == 2e-3
    assert torch.equal(game.z(3), normal(2, seed=0)(3)) and game.generators == [game.z.generator]
    game = little(sigma=0.5, beta=3.0, lr=0.1, seed=4)
    assert game.rules == VaeRules(0.5, 3.0) and game.player("VAE").lr == 0.1
    assert torch.equal(game.z(3), normal(2, seed=4)(3))
    E, G = Encoder(2, size=8, width=4), Decoder()
    opt = torch.optim.SGD([*E.parameters(), *G.parameters()], 0.1)
    assert vae(E, G, opt=opt, machine=MACHINE).player("VAE").opt is opt


def test_the_words_of_a_vae_s_step_are_its_numbers():
    game, x = little(sigma=0.7, beta=3.0), torch.rand(5, 1, 8, 8, generator=seeded()) * 2 - 1
    mean, log_variance = (t.detach() for t in copy.deepcopy(game.nets["E"])(x))
    made = game.nets["G"](reparameterised(mean, log_variance, normal(2, seed=0)(5))).detach()
    before = (
        (copy.deepcopy(game.nets["G"]).eval()(copy.deepcopy(game.nets["E"]).eval()(x)[0]) - x).square().mean()
    )
    words = [moment.words for moment in SlowStep(game, x)]
    assert f"by {mean.std():.2f}, deviations of {log_variance.exp().sqrt().mean():.2f} on" in words[0]
    error, kl = -log_likelihood(x, made, 0.7).mean(), gaussian_kl(mean, log_variance).mean()
    assert f"pictures, {error:.1f}, and the KL of the laws from the prior, {kl:.1f} times 3." in words[3]
    assert f"(before: {before:.4f})" in words[4]


@pytest.mark.parametrize("wrong", [torch.ones(3), torch.ones(2, 2), torch.ones(3, 2, dtype=torch.int64)])
def test_codes_are_looked_at(wrong):
    right = torch.ones(3, 2)
    for call in (
        lambda: gaussian_kl(wrong, right),
        lambda: reparameterised(wrong, right, right),
        lambda: (
            reparameterised(right, right, wrong) if wrong.is_floating_point() else gaussian_kl(wrong, right)
        ),
        lambda: gaussian_kl(right, wrong) if wrong.is_floating_point() else gaussian_kl(wrong, right),
    ):
        with pytest.raises((ValueError, TypeError), match="mean|log_variance|eps"):
            call()


@pytest.mark.parametrize("size, halvings", [(8, 1), (10, 1), (12, 1), (14, 1), (16, 2), (28, 2), (32, 3)])
def test_an_encoder_halves_down_to_4_to_7(size, halvings):
    net = Encoder(3, 2, size, 4)
    assert sum(isinstance(layer, nn.LeakyReLU) for layer in net.net) == halvings
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in net.net) == halvings - 1
    assert [part.shape for part in net(torch.ones(2, 2, size, size))] == [(2, 3), (2, 3)]


@pytest.mark.parametrize("size", [3, 4, 7, 9, 18])
def test_other_sizes_are_refused(size):
    with pytest.raises(ValueError, match="size: expected 4, 5, 6 or 7 times a power of two"):
        Encoder(3, 1, size, 4)


# metrics


def test_moments_of_two_samples_by_hand():
    got = moments(torch.tensor([[1.0, 0.0], [3.0, 4.0]], requires_grad=True))
    assert got.mean.tolist() == [2, 2] and got.cov.tolist() == [[2, 4], [4, 8]]
    assert got.cov.dtype == torch.float64 and not got.cov.requires_grad
    assert moments(torch.tensor([[1.0], [3.0]])).cov.shape == (1, 1)


@pytest.mark.parametrize(
    "x",
    [torch.ones(1, 2), torch.ones(4), torch.ones(3, 2, dtype=torch.int64), torch.tensor([[1.0], [math.nan]])],
)
def test_moments_of_what_is_no_sample(x):
    with pytest.raises(ValueError, match="x: expected"):
        moments(x)


def gauss(mean, *deviations):
    return Moments(torch.tensor(mean), torch.diag(torch.tensor(deviations).square()))


def test_frechet_of_gaussians_with_one_pair_of_axes():
    "Squared distance of the means plus that of the deviations."
    p, q = gauss([1.0, 2.0], 1.0, 3.0), gauss([4.0, 6.0], 2.0, 0.5)
    assert frechet(p, q) == pytest.approx(9 + 16 + 1 + 6.25) == frechet(q, p)
    many = Moments(torch.stack([p.mean, q.mean, q.mean]), torch.stack([p.cov, q.cov, p.cov * math.inf]))
    assert frechet_all(many, p).tolist() == pytest.approx([0, frechet(p, q), math.inf], abs=1e-9)
    many.mean[0, 1] = math.nan
    assert frechet_all(many, p).tolist() == pytest.approx([math.inf, frechet(p, q), math.inf])
    with pytest.raises(ValueError, match="q: expected the dimension of p"):
        frechet(p, gauss([1.0], 1.0))
    for wrong in (Moments(p.mean[:1], p.cov), Moments(p.mean, p.cov * math.nan), Moments(p.mean / 0, p.cov)):
        with pytest.raises(ValueError, match="p: expected"):
            frechet(wrong, q)


def test_a_mode_is_covered_from_a_tenth_of_its_share_and_within_the_radius():
    centres = torch.tensor([[0.0, 0.0], [9.0, 0.0]])
    x = torch.zeros(40, 2)
    x[:2, 0] = torch.tensor([9.5, 8.5])  # two are due to be counted, at the rim of the second mode
    assert mode_coverage(x, centres, 0.5) == (2, 2, 1.0)
    assert mode_coverage(x[1:], centres, 0.5) == (1, 2, 1.0)  # one of 39
    assert mode_coverage(x, centres, 0.49) == (1, 2, 38 / 40)
    assert mode_coverage(x[:1], centres, 0.5).covered == 1  # at least one sample
    for wrong in (x[0], torch.zeros(4, 3)):
        with pytest.raises(ValueError, match="x: expected samples"):
            mode_coverage(wrong, centres, 0.5)
    with pytest.raises(ValueError, match="radius: expected a .*number > 0"):
        mode_coverage(x, centres, 0)


def slope(points):
    "A density on (0, 2) x (0, 4): x/2 times a quarter."
    inside = ((points > 0) & (points < torch.tensor([2.0, 4.0]))).all(1)
    return inside * points[:, 0] / 8


def test_a_grid_of_cells_that_are_no_squares():
    law = grid_law(slope, (0, 2, 0, 4), 2)
    assert law.p.tolist() == pytest.approx([1 / 8, 1 / 8, 3 / 8, 3 / 8, 0], abs=1e-6)  # x first, then outside
    law = grid_law(slope, (0, 1, 0, 4), 2, fine=2)
    assert law.p.tolist() == pytest.approx([1 / 32, 1 / 32, 3 / 32, 3 / 32, 3 / 4], abs=1e-6)
    for limits in ((1, 1, 0, 1), (0, 1, 1, 1), (1, 0, 0, 1), (0, 1, 1, 0)):
        with pytest.raises(ValueError, match="limits: expected"):
            grid_law(slope, limits)


def test_a_density_is_asked_at_the_midpoints_to_the_last_bit():
    asked = []
    grid_law(lambda points: asked.append(points) or slope(points), (-3, 3, 0.1, 4), 30)
    ticks = (torch.arange(120, dtype=torch.float64) + 0.5) / 120
    assert torch.equal(asked[0], torch.cartesian_prod(-3 + 6 * ticks, 0.1 + 3.9 * ticks).float())


def test_a_grid_has_cells_and_points_in_them():
    for name in ("bins", "fine"):
        for wrong in (0, 1.5):
            with pytest.raises(ValueError, match=f"^{name}: expected a whole number >= 1"):
                grid_law(slope, (0, 2, 0, 4), **{name: wrong})


def test_samples_fall_into_their_cells():
    law = grid_law(slope, (0, 2, 0, 4), 2)

    def js(*points):
        q = torch.tensor(points)
        m = (law.p + q) / 2
        return sum((a * (a / m).log()).nan_to_num().sum().item() for a in (law.p, q)) / 2

    x = torch.tensor([[0.0, 0.0], [0.5, 3.0], [1.0, 0.0], [1.5, 1.9]], requires_grad=True)
    assert grid_js(x, law) == pytest.approx(js(0.25, 0.25, 0.5, 0, 0))
    assert grid_js(torch.tensor([[2.0, 1.0], [1.5, 4.0], [-0.1, 1.0], [1.5, 3.9]]), law) == pytest.approx(
        js(0, 0, 0, 0.25, 0.75)
    )
    for wrong in (torch.ones(3), torch.ones(3, 3), torch.ones(0, 2)):
        with pytest.raises(ValueError, match="x: expected"):
            grid_js(wrong, law)


def test_squared_mmd_is_its_definition():
    x, y = torch.randn(2, 3, generator=seeded(1)), torch.randn(3, 3, generator=seeded(2))

    def k(a, b):
        return ((a @ b).double().item() / 3 + 1) ** 3

    xx = (k(x[0], x[1]) + k(x[1], x[0])) / 2
    yy = sum(k(y[i], y[j]) for i in range(3) for j in range(3) if i != j) / 6
    xy = sum(k(a, b) for a in x for b in y) / 6
    assert squared_mmd(x, y) == pytest.approx(xx + yy - 2 * xy, rel=1e-5)
    many = torch.randn(700, 3, generator=seeded(3))  # more than one piece
    assert squared_mmd(many, many + 1) == pytest.approx(squared_mmd(many.flip(0), many.flip(0) + 1))
    for wrong in (x[:1], x[0], torch.ones(4, 2)):
        with pytest.raises(ValueError, match="x, y: expected features"):
            squared_mmd(wrong, y)
        with pytest.raises(ValueError, match="x, y: expected features"):
            squared_mmd(y, wrong)


class Means(nn.Module):
    "Two features: the means of both halves."

    def features(self, images):
        return images.flatten(1).unflatten(1, (2, -1)).mean(2)


def test_the_smallest_sets_that_can_be_scored():
    x = torch.rand(3, 1, 4, 4, generator=seeded()) * 2 - 1
    y = -x.abs()
    assert kid(x, y, Means().eval(), subsets=2, subset_size=3).std < 1e-6  # all of them each time
    assert kid(x, y, Means().eval(), subsets=2, subset_size=2).std > 0
    assert fid(x[:2], x[:2], Means().eval()) < 1e-6 < fid(x, y, Means().eval())
    for size in (1, 4):
        with pytest.raises(ValueError, match="subset_size: expected"):
            kid(x, y, Means().eval(), subsets=2, subset_size=size)
    for name, sets in (("real", (x[:1], y)), ("fake", (x, y[:1]))):
        for score in (fid, kid):
            with pytest.raises(ValueError, match=f"^{name}: expected at least 2 images, but got 1"):
                score(*sets, Means().eval())


def test_scores_come_in_pieces_of_any_size():
    x = torch.rand(7, 1, 4, 4, generator=seeded()) * 2 - 1
    whole = fid(x, -x.abs(), Means().eval())
    assert (
        fid(x, -x.abs(), Means().eval(), batch=3)
        == pytest.approx(whole)
        == fid(x, -x.abs(), Means().eval(), batch=1)
    )


def test_classes_at_the_rim_of_a_share():
    sure = 20 * torch.eye(2)
    x = torch.cat([sure[:1].expand(19, 2), sure[1:]]).requires_grad_()  # 20 samples: a tenth of a share is 1
    got = class_coverage(x)
    assert got.covered == 2 and got.smallest == pytest.approx(0.05)
    assert got.shares.tolist() == pytest.approx([0.95, 0.05]) and not got.shares.requires_grad
    assert class_coverage(torch.cat([sure[:1].expand(20, 2), sure[1:]])).covered == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        class_coverage(torch.ones(4, 1))  # one class sums to 1 whatever it is
        class_coverage(torch.tensor([[2.0, -1.0]]))  # sums to 1, but is no probability
        class_coverage(torch.tensor([[0.5, 0.5], [0.5, 0.7]]))
    with pytest.warns(UserWarning, match="look like probabilities"):
        class_coverage(torch.tensor([[1.0, 0.0], [0.5, 0.5]]))
    wrongs = [torch.ones(3), torch.ones(0, 2), torch.ones(2, 2, dtype=torch.int64), [[1.0]]]
    for wrong in [*wrongs, torch.tensor([[1.0, math.nan]])]:
        with pytest.raises(ValueError, match="logits: expected f"):
            class_coverage(wrong)


def test_all_neighbours():
    data = torch.tensor([[0.0], [3.0], [7.0]], requires_grad=True)
    distances, indices = nearest(torch.tensor([[2.0], [6.0]], requires_grad=True), data, 3)
    assert distances.tolist() == [[1, 2, 5], [1, 3, 6]] and indices.tolist() == [[1, 0, 2], [2, 1, 0]]
    assert not distances.requires_grad
    for k in (0, 4):
        with pytest.raises(ValueError, match="k: expected a whole number from 1 to 3"):
            nearest(data, data, k)
    for wrong in (data[:0], data.long(), torch.ones(3), data * math.inf):
        with pytest.raises(ValueError, match="x, data: expected"):
            nearest(wrong, data)


def test_the_smallest_pictures_that_have_a_gradient():
    assert gradient_energy(torch.tensor([[[[0.0, 1.0], [0.5, -1.0]]]])) == pytest.approx(
        (1 + 2.25) / 2 + (0.25 + 4) / 2
    )
    for shape in ((1, 1, 1, 2), (1, 1, 2, 1)):
        with pytest.raises(ValueError, match="at least 2 x 2"):
            gradient_energy(torch.zeros(shape))


def test_psnr_of_a_set_and_of_its_pictures():
    x = torch.full((2, 1, 2, 2), -0.5)
    y = torch.stack([x[0] + 0.2, x[1] + 0.02])
    got = psnr(x, y)
    assert got.mean == pytest.approx((20 + 40) / 2, abs=1e-3)
    assert got.pooled == pytest.approx(-10 * math.log10((0.04 + 0.0004) / 2 / 4), abs=1e-3)


def test_pictures_beyond_their_range_are_named():
    x = torch.linspace(-1, 1, 144).reshape(1, 1, 12, 12)
    for score in (psnr, ssim):
        for name, sets in (("x", (2 * x, x)), ("y", (x, 2 * x))):
            with pytest.raises(ValueError, match=rf"^{name}: expected values in \[-1, 1\], but got -2 to 2"):
                score(*sets)


# expect


def test_the_ends_of_a_range_are_in_it():
    assert [expect.whole("n", value, 1, 3) for value in (1, 3)] == [1, 3]
    assert [expect.number("x", value, 1, 3) for value in (1, 3)] == [1, 3]
    for wrong in (0, 4, 1.5, True, "2", None):
        with pytest.raises(ValueError, match="n: expected a whole number from 1 to 3, but got"):
            expect.whole("n", wrong, 1, 3)
    for wrong in (0.9, 3.1, True, "2", math.nan, None):
        with pytest.raises(ValueError, match="x: expected a finite number >= 1 and <= 3, but got"):
            expect.number("x", wrong, 1, 3)
    for wrong in (0, -1, math.inf):
        with pytest.raises(ValueError, match="x: expected a finite number > 0, but got"):
            expect.number("x", wrong, above=True)
    assert expect.number("x", 0) == 0 and expect.whole("n", 10**9) == 10**9
    with pytest.raises(ValueError, match="n: expected a whole number >= 1, but got 0"):
        expect.whole("n", 0)


def test_shapes_by_letters_and_numbers():
    x = torch.ones(2, 3, 8, 4)
    assert expect.shape("x", x, ("n", 3, "h", "w"), 4) is x  # the first length is of no multiple
    for wanted, multiple in ((("n", 2, "h", "w"), 1), (("n", 3, "h", "w"), 8), (("n", 3, "h"), 1)):
        with pytest.raises(ValueError, match=r"x: expected \(n, .* but got \(2, 3, 8, 4\)"):
            expect.shape("x", x, wanted, multiple)
    for wrong in (x[:0], [1.0], None):
        with pytest.raises(ValueError, match="x: expected"):
            expect.shape("x", wrong, ("n", 3, "h", "w"))
    assert expect.images("x", x, (1, 3)) is x and expect.images("x", x) is x
    for wrong in (x[0], x.long(), x[:, :2], x[:0], None):
        with pytest.raises(ValueError, match=r"x: expected float images \(n, 1 or 3, h, w\)"):
            expect.images("x", wrong, (1, 3))


# toy


def test_where_the_modes_stand():
    ring, grid = ring_centres(4, 2.0), grid_centres(2, 3.0)
    torch.testing.assert_close(ring.norm(dim=1), torch.full((4,), 2.0))
    assert ring.mean(0).abs().max() < 1e-6 and {tuple(p) for p in grid.tolist()} == {
        (x, y) for x in (-1.5, 1.5) for y in (-1.5, 1.5)
    }
    moons = moon_centres(3)  # half circles of radius 1.5 around (-.75, -.375), and the same turned
    torch.testing.assert_close(moons[:3], torch.tensor([[0.75, -0.375], [-0.75, 1.125], [-2.25, -0.375]]))
    torch.testing.assert_close(moons[3:], -moons[:3])
    spiral = spiral_centres(50)
    assert spiral[-1].norm().item() == pytest.approx(2.5) and spiral[0].norm().item() == pytest.approx(
        2.5 / 9
    )
    steps = (spiral[1:] - spiral[:-1]).norm(dim=1)
    assert steps.min() > 0.9 * steps.max()


def test_points_along_a_path_are_evenly_spaced():
    path = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 3.0]])
    expected = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    torch.testing.assert_close(along(path, 5), expected)
    twice = torch.tensor([[0.0, 0.0], [0.0, 0.0], [2.0, 0.0]])  # a corner given twice
    torch.testing.assert_close(along(twice, 3), torch.tensor([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]))
    with pytest.raises(ValueError, match="path: expected"):
        along(path[:1], 3)


def test_what_can_be_drawn():
    points = torch.tensor([[1.0, 2.0]], requires_grad=True)
    law = drawn(points, 0.5)
    with torch.no_grad():
        points += 9  # the law has its own
    assert law.modes.tolist() == [[1, 2]] and not law.modes.requires_grad and law.std == 0.5
    assert law.density(torch.tensor([[1.0, 2.0]])).item() == pytest.approx(1 / (2 * math.pi * 0.25))
    for wrong in (torch.ones(2), torch.ones(0, 2), torch.ones(3, 3), torch.tensor([[1.0, math.inf]])):
        with pytest.raises(ValueError, match="centres: expected"):
            drawn(wrong)
    for std in (0, -1, math.inf, math.nan):
        with pytest.raises(ValueError, match="std: expected a finite number > 0"):
            drawn(points, std)
