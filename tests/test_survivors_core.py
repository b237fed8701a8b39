"""Slips that no notebook noticed when they were planted: in losses, constants, games and their models."""

import math
import types
import warnings

import pytest
import torch
from torch import nn

from gancourse import pix2pix as pix2pix_module
from gancourse.cyclegan import (
    ImagePool,
    InstanceNorm,
    Residual,
    ResnetGenerator,
    UnpairedBatch,
    cycle_consistent,
    cyclegan,
    return_error,
)
from gancourse.dcgan import Discriminator, Generator, dcgan, doublings_to
from gancourse.game import NotFinite, average, gan, move, normal, train, uniform, unpaired
from gancourse.lipschitz import (
    ConvSN,
    conv_operator_norm,
    gradient_penalty,
    input_gradient,
    lipschitz_bound,
    r1,
    r2,
    spectral_norm,
)
from gancourse.losses import (
    family,
    js_divergence,
    kl_divergence,
    least_squares,
    optimal_discriminator,
    relativistic,
    total_variation,
    value,
)
from gancourse.machine import pick, seeded
from gancourse.modern import Rung, stacked
from gancourse.pix2pix import Dropout, PatchDiscriminator, ResizeConv, UNet, paired, pix2pix, receptive_field
from gancourse.toy import mlp


def some(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).tanh()


def toy(**options):
    return gan(mlp(2, 4, 2), mlp(2, 4, 1), z=normal(2), **options)


@pytest.mark.parametrize("every", [1, 2, 3, 5])
def test_a_player_moves_in_every_nth_step(every):
    "With 3 of D's moves to one of G's, G moves in steps 3, 6, 9, and the story says so."
    game, told, moved = toy(every_G=every), [], []
    for step in train(game, some(8, 2), 10):
        moved += [step.n] if "G" in step.losses else []
        if any(scene.name == "pull" for scene in game.scenes(step.batch)):
            told.append(step.n + 1)  # of the step that comes
    assert moved == list(range(every, 11, every))
    assert told == [n for n in range(2, 12) if n % every == 0]


def test_reported_losses_hold_no_graph():
    "Who keeps them for a curve would keep every graph."
    game = toy(penalty=r1)
    batch = game.deal(some(8, 2))
    reported = move(game.player("D"), batch) | move(game.player("G"), batch)
    assert set(reported) == {"D", "D.loss", "D.penalty", "G"}
    assert not any(loss.requires_grad or loss.grad_fn for loss in reported.values())


def test_noise_is_drawn_from_seed_0_unless_another_is_said():
    for source, draw in ((normal, torch.randn), (uniform, lambda *a, **k: torch.rand(*a, **k) * 2 - 1)):
        for options in ({}, {"seed": 0}, {"seed": 3}):
            generator = torch.Generator().manual_seed(options.get("seed", 0))
            assert torch.equal(source(3, **options)(4), draw(4, 3, generator=generator))


def test_a_spoilt_game_goes_back_to_the_last_look():
    game, played = toy(), []
    with pytest.raises(NotFinite, match="at its last good state, step 4"):
        for step in train(game, some(8, 2), look_every=2):
            played.append(step.n)
            if step.n == 5:
                with torch.no_grad():
                    game.player("G").parameters[0].fill_(torch.nan)
    assert played == [1, 2, 3, 4, 5] and game.step == 4 and game.finite()


def test_the_mean_of_a_normalised_network_is_normalised():
    "And it is in evaluation mode, also after it has followed."
    G = nn.Sequential(spectral_norm(nn.Linear(2, 8)), nn.Linear(8, 2))
    game = gan(G, mlp(2, 4, 1), z=normal(2), lr_G=0.1)
    mean = average(game, decay=0.5)
    for _ in train(game, some(8, 2), 30):
        assert not any(m.training for m in mean.modules())
    assert torch.linalg.matrix_norm(mean.module[0].weight, 2).item() == pytest.approx(1, abs=0.02)


def order(batches, steps=6):
    "In which order the rows come, side by side."
    play = iter(batches)
    passes = [next(play) for _ in range(steps)]
    return [torch.cat([pair[side] for pair in passes]).flatten().tolist() for side in (0, 1)]


def test_both_sides_of_unpaired_are_shuffled_from_the_seed():
    x = torch.arange(12.0)[:, None]
    a, b = order(unpaired(x, x, 4))
    assert a != b and sorted(a[:12]) == sorted(b[:12]) == x.flatten().tolist()
    assert a[:12] != a[12:]  # each epoch anew
    assert order(unpaired(x, x, 4)) == [a, b] == order(unpaired(x, x, 4, seed=0))
    others = order(unpaired(x, x, 4, seed=1))
    assert others[0] != a and others[1] != b


def test_rates_and_momenta_reach_the_optimizers():
    game = toy(lr_D=0.3, lr_G=0.4, betas=(0.1, 0.2))
    for name, lr in (("D", 0.3), ("G", 0.4)):
        (group,) = game.player(name).opt.param_groups
        assert (group["lr"], group["betas"]) == (lr, (0.1, 0.2)) and game.player(name).lr == lr
    own = torch.optim.SGD(mlp(2, 4, 1).parameters(), 0.1)
    with pytest.raises(ValueError, match="opt: expected parameters of its nets"):
        toy(opt_D=own)


@pytest.mark.parametrize("distance", [total_variation, kl_divergence, js_divergence])
@pytest.mark.parametrize("name", "pq")
def test_both_laws_must_sum_to_one(distance, name):
    p = torch.tensor([0.2, 0.8])
    wrong = {"p": p, "q": p} | {name: p / 2}
    with pytest.raises(
        ValueError, match=f"^{name}: expected probabilities that sum to 1, but got the sum 0.5"
    ):
        distance(**wrong)


@pytest.mark.parametrize("f", [total_variation, kl_divergence, js_divergence, optimal_discriminator])
def test_nothing_is_broadcast_between_two_distributions(f):
    with pytest.raises(ValueError, match=r"^q: expected the shape of p, \(2,\), but got \(1,\)"):
        f(torch.tensor([0.5, 0.5]), torch.tensor([1.0]))


def test_the_best_discriminator_is_the_real_share():
    p, q = torch.tensor([0.0, 0.2, 0.3, 0.5, 0.0]), torch.tensor([0.5, 0.2, 0.1, 0.0, 0.0])
    assert optimal_discriminator(p, q).tolist() == pytest.approx([0, 0.5, 0.75, 1, 0.5])


def test_divergences_by_hand():
    p, q = torch.tensor([0.5, 0.5, 0.0]), torch.tensor([0.25, 0.0, 0.75])
    assert total_variation(p, q).item() == pytest.approx(0.75)
    assert kl_divergence(q, (p + q) / 2).item() == pytest.approx(0.25 * math.log(2 / 3) + 0.75 * math.log(2))
    js = 0.5 * math.log(4 / 3) + 0.5 * math.log(2) + 0.25 * math.log(2 / 3) + 0.75 * math.log(2)
    assert js_divergence(p, q).item() == pytest.approx(js / 2)
    assert kl_divergence(q, p).item() == math.inf


def test_losses_by_hand():
    real, fake = torch.tensor([2.0, -0.5]), torch.tensor([0.25, -3.0])

    def mean(f, *columns):
        return sum(f(*(x.item() for x in row)) for row in zip(*columns, strict=True)) / 2

    def log_D(x):
        return -math.log1p(math.exp(-x))

    V = mean(log_D, real) + mean(lambda x: log_D(-x), fake)
    by_hand = {
        "minimax": (-V, mean(lambda x: log_D(-x), fake)),
        "non_saturating": (-V, -mean(log_D, fake)),
        "hinge": (
            mean(lambda x: max(0, 1 - x), real) + mean(lambda x: max(0, 1 + x), fake),
            -mean(float, fake),
        ),
        "least_squares": (
            mean(lambda x: (x - 1) ** 2, real) + mean(lambda x: x**2, fake),
            mean(lambda x: (x - 1) ** 2, fake),
        ),
        "wasserstein": (mean(float, fake) - mean(float, real), -mean(float, fake)),
        "relativistic": (
            -mean(lambda r, f: log_D(r - f), real, fake),
            -mean(lambda r, f: log_D(f - r), real, fake),
        ),
    }
    assert value(real, fake).item() == pytest.approx(V) and list(by_hand) == list(family)
    for name, loss in family.items():
        assert (loss.d(real, fake).item(), loss.g(real, fake).item()) == pytest.approx(by_hand[name])


def test_a_loss_is_shown_by_its_name_if_it_has_one():
    assert [repr(loss) for loss in family.values()] == list(family)
    own = family["hinge"]._replace(paired=True)
    assert repr(own).startswith("Adversarial(d=<function") and repr(own).endswith(", paired=True)")


@pytest.mark.parametrize("name", family)
def test_every_loss_looks_at_its_logits(name):
    d, g, paired = family[name]
    for f, real, wrong, error in (
        (d, some(4), some(4, 1), r"fake_logits: .* real_logits, \(4,\), up to the batch, but got \(4, 1\)"),
        (d, some(0), some(4), "real_logits: expected at least one logit"),
        (g, some(4) if paired else None, some(0), "fake_logits: "),
        *([(g, some(4), some(4, 1), r"real_logits, \(4,\), up to the batch, but")] if paired else []),
    ):
        with pytest.raises(ValueError, match=error):
            f(real, wrong)
    for f in (d, g):
        with pytest.raises(TypeError, match="fake_logits: expected a floating-point tensor"):
            f(some(4), torch.ones(4, dtype=torch.int64))


def test_least_squares_takes_numbers_between_0_and_1_without_a_word():
    "There logits near 1 and 0 are right: they prove no sigmoid. The other losses warn."
    within = torch.linspace(0.05, 0.95, 9)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert least_squares.g(None, within) == (within - 1).square().mean()
        assert least_squares.d(within, within) > 0
    for name in ("minimax", "non_saturating", "hinge", "wasserstein"):
        with pytest.warns(UserWarning, match="look like probabilities"):
            family[name].g(None, within)


def test_only_relativistic_is_paired():
    assert [name for name, loss in family.items() if loss.paired] == ["relativistic"]
    for f in relativistic[:2]:
        with pytest.raises(ValueError, match="fake_logits: a paired loss expected as many"):
            f(some(4), some(3))
    with pytest.raises(TypeError, match="^real_logits: a paired loss needs D's logits on real data"):
        relativistic.g(None, some(4))
    asked = []
    relativistic.of_generator(lambda x: asked.append(x) or x.sum(1), some(4, 2), some(4, 2, seed=1))
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("layer", "constant"),
    [
        (nn.ReLU(), 1),
        (nn.LeakyReLU(0.2), 1),
        (nn.LeakyReLU(-3.0), 3),
        (nn.Tanh(), 1),
        (nn.Sigmoid(), 1 / 4),
        (nn.Softplus(), 1),
        (nn.Identity(), 1),
        (nn.Flatten(), 1),
        (nn.Unflatten(1, (10, 100)), 1),
    ],
    ids=lambda x: str(x).partition("(")[0],
)
def test_the_constant_of_an_activation_is_its_steepest_slope(layer, constant):
    x = torch.linspace(-30, 30, 1000)[None].requires_grad_()
    (slope,) = torch.autograd.grad(layer(x).sum(), x)
    assert lipschitz_bound(layer) == constant == pytest.approx(slope.abs().max().item(), rel=1e-3)


def test_the_slope_of_a_leaf_is_asked_without_a_trace():
    x = some(4, 2)
    input_gradient(mlp(2, 4, 1), x)
    assert not x.requires_grad and x.grad is None
    with pytest.warns(UserWarning, match="it has batch norm") as caught:
        input_gradient(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), x)
    assert caught[0].filename == __file__  # it points to whoever asked


def test_what_has_no_slope_and_what_warns_without_need():
    for wrong in (torch.tensor(1.0), torch.ones(0, 2)):
        with pytest.raises(ValueError, match="x: expected at least one example"):
            input_gradient(lambda x: x, wrong)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        input_gradient(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).eval(), some(4, 2))
        input_gradient(mlp(2, 4, 1), some(4, 2))


def test_penalties_by_hand():
    w = torch.tensor([3.0, 4.0])
    assert r1(lambda x: x @ w, some(3, 2)).item() == r2(lambda x: x @ w, None, some(3, 2)).item() == 12.5
    assert gradient_penalty(lambda x: x @ w, some(3, 2), some(3, 2)).item() == pytest.approx(16)
    bowl = lambda x: x.square().flatten(1).sum(1) / 2  # its slope at x is x
    for shape in ((2, 1), (2, 1, 1, 1)):
        real, fake = torch.ones(shape), torch.zeros(shape)
        assert gradient_penalty(bowl, real, fake).item() == pytest.approx((0.75**2 + 0.25**2) / 2)
        at = torch.tensor([0.0, 1.0])
        assert gradient_penalty(bowl, real, fake, at).item() == pytest.approx(0.5)
        for wrong, said in (
            (at[:1], r"one weight a pair, \(2,\)"),
            (at + 0.1, "0.1 to 1.1"),
            (at - 1, "-1 to 0"),
        ):
            with pytest.raises(ValueError, match=f"^at: expected .*{said}"):
                gradient_penalty(bowl, real, fake, wrong)
        with pytest.raises(ValueError, match="fake: expected the shape of real"):
            gradient_penalty(bowl, real, fake[:1])


def test_the_constant_of_batch_norm_is_that_of_its_steepest_channel():
    plain, scaled = nn.BatchNorm2d(2, eps=0, affine=False).eval(), nn.BatchNorm2d(2, eps=0).eval()
    for layer in (plain, scaled):
        layer.running_var.copy_(torch.tensor([0.25, 4.0]))
    with torch.no_grad():
        scaled.weight.copy_(torch.tensor([1.0, -6.0]))
    assert lipschitz_bound(plain) == 2 and lipschitz_bound(scaled) == 3
    assert lipschitz_bound(nn.Sequential(plain, nn.Sequential(scaled))) == 6
    for wrong in (nn.BatchNorm2d(2), nn.BatchNorm2d(2, track_running_stats=False).eval()):
        with pytest.raises(ValueError, match="net: expected batch norm in evaluation mode"):
            lipschitz_bound(wrong)
    with pytest.raises(TypeError, match="net: expected a chain of layers .* but got GELU"):
        lipschitz_bound(nn.GELU())


def test_spectral_norm_begins_alike_and_needs_a_matrix():
    made = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        layer, before = nn.Linear(5, 7), torch.get_rng_state()
        nn.init.eye_(layer.weight)
        layer = spectral_norm(layer)
        assert torch.equal(before, torch.get_rng_state())
        made.append(layer.parametrizations.weight[0]._u)
    assert torch.equal(*made)
    for wrong in (nn.ReLU(), nn.BatchNorm1d(3), layer):
        with pytest.raises(TypeError, match="layer: expected one with a weight matrix"):
            spectral_norm(wrong)
    with torch.no_grad():
        zeros = nn.Linear(2, 2)
        zeros.weight.zero_()
    with pytest.raises(ValueError, match="layer: expected a weight with a norm to divide by"):
        spectral_norm(zeros)


def test_the_norm_of_a_convolution_and_what_it_is_not_asked_of():
    weight = torch.zeros(1, 1, 3, 3)
    weight[0, 0, 1, 1] = -2
    assert conv_operator_norm(weight, 3).item() == pytest.approx(2)
    assert conv_operator_norm(weight, 4, stride=2, padding=1).item() == pytest.approx(2)
    for name, args in (
        ("weight", (weight[0], 3)),
        ("weight", (weight / 0, 3)),
        ("size", (weight, 2)),
        ("stride", (weight, 3, 0)),
        ("stride", (weight, 4, 2)),
        ("padding", (weight, 4, 2, -1)),
        ("rounds", (weight, 4, 2, 1, 0)),
    ):
        with pytest.raises(ValueError, match=f"^{name}: expected"):
            conv_operator_norm(*args)


@pytest.mark.parametrize(
    "settings, kinds",
    [
        ({}, "ParametrizedConv2d LeakyReLU"),
        (dict(norm="batch", slope=0), "ParametrizedConv2d BatchNorm2d ReLU"),
        (dict(norm="instance", slope=None), "ParametrizedConv2d InstanceNorm2d"),
        (dict(up=True), "ParametrizedConvTranspose2d LeakyReLU"),
    ],
)
def test_the_layers_of_a_normalised_convolution(settings, kinds):
    net = ConvSN(2, 3, **settings)
    assert [type(layer).__name__ for layer in net] == kinds.split()
    assert (net[0].bias is None) is ("norm" in settings)
    assert net(some(2, 2, 8, 8)).shape == ((2, 3, 16, 16) if "up" in settings else (2, 3, 4, 4))


def test_sizes_that_doubling_reaches():
    reached = {8: (4, 1), 10: (5, 1), 12: (6, 1), 14: (7, 1), 16: (4, 2), 28: (7, 2), 32: (4, 3), 96: (6, 4)}
    assert {size: doublings_to(size) for size in reached} == reached
    for size in (0, 1, 4, 7, 9, 11, 18, 22, 36):
        with pytest.raises(ValueError, match="size: expected 4, 5, 6 or 7 times a power of two"):
            doublings_to(size)


def weights(net, kind):
    return torch.cat([m.weight.flatten() for m in net.modules() if isinstance(m, kind)])


@pytest.mark.parametrize(
    "kind, settings",
    [
        (Generator, dict(width=32)),
        (Discriminator, dict(width=32)),
        (UNet, dict(size=16, width=16)),
        (PatchDiscriminator, dict(width=16)),
        (ResnetGenerator, dict(width=16, blocks=1)),
    ],
)
def test_weights_begin_as_in_the_papers(kind, settings):
    "N(0, 0.02), and the scale of batch norm N(1, 0.02)."
    with seeded(0):
        net = kind(**settings)
    w = weights(net, (nn.Conv2d, nn.ConvTranspose2d))
    assert w.mean().abs() < 1e-3 and w.std().item() == pytest.approx(0.02, rel=0.05)
    if any(isinstance(m, nn.BatchNorm2d) for m in net.modules()):
        scale = weights(net, nn.BatchNorm2d)
        assert scale.mean().item() == pytest.approx(1, abs=0.01) and 0.012 < scale.std() < 0.028
    assert not any(m.bias is not None and m.bias.any() for m in net.modules() if isinstance(m, nn.Conv2d))


def test_the_networks_of_dcgan_as_the_paper_has_them():
    "No bias before a norm or at an end, and channels that double."
    G, D = Generator(), Discriminator()
    convs = [m for net in (G, D) for m in net.modules() if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d))]
    assert [m.out_channels for m in convs] == [256, 128, 64, 1, 64, 128, 256, 1]
    assert G.latent_dim == convs[0].in_channels == 100 and all(m.bias is None for m in convs)


def test_games_that_nobody_has_set():
    "What the tables of their arguments promise."
    machine = pick("cpu", "float32")
    made = [f(machine=machine) for f in (dcgan, pix2pix, cyclegan)]
    rates = [[(p.name, p.lr, p.opt.param_groups[0]["betas"]) for p in game.players] for game in made]
    assert rates == [[(name, lr, (0.5, 0.999)) for name in "DG"] for lr in (2e-3, 1e-3, 5e-4)]
    means = [[mean.decay for name, mean in game.nets.items() if name[:3] == "EMA"] for game in made]
    assert means == [[0.999], [0.995], [0.999, 0.999]]
    G, D = made[0].nets["G"], made[0].nets["D"]
    assert G.latent_dim == made[0].z.dim == 64 and G.net[0].out_channels == 128 and D.shape == (1, 32, 32)
    U, P = made[1].nets["G"], made[1].nets["D"]
    assert (U.size, U.in_channels, P.in_channels, P.net[0].out_channels) == (16, 3, 6, 32)
    assert (made[1].rules.l1, made[1].rules.weight) == (20, 1)
    R, P, pool = (made[2].nets[name] for name in ("G_AB", "D_A", "pool_A"))
    assert R.residual and R.net[1].out_channels == 16 and sum(isinstance(m, Residual) for m in R.net) == 4
    assert P.net[0].out_channels == 32 and pool.images.shape == (50, 3, 64, 64)
    assert (made[2].rules.cycle, made[2].rules.identity) == (10, 0)


def test_a_game_is_made_where_its_machine_is(monkeypatch):
    "Asked without one, for the machine that is picked; the noise is drawn there too."
    asked, machine = [], pick("cpu", "float32")
    small = {
        dcgan: dict(latent_dim=2, size=8, width=2),
        pix2pix: dict(size=8, width=2),
        cyclegan: dict(size=8, width=2, blocks=0, patch=dict(width=2, layers=1)),
    }
    for f, settings in small.items():
        module = f.__wrapped__.__globals__
        monkeypatch.setitem(module, "pick", lambda name=f.__name__: asked.append(name) or machine)
        if f is dcgan:
            monkeypatch.setitem(module, "normal", lambda *a: asked.append(a) or normal(*a))
        f(**settings)
        f(**settings, machine=machine)
    noise = (2, 0, machine.device)
    assert asked == ["dcgan", noise, noise, "pix2pix", "cyclegan"]


def games(decay):
    "Each model with that decay, one batch, and the networks beside their means."
    machine = pick("cpu", "float32")
    grey, colour = some(4, 1, 16, 16), some(4, 3, 16, 16)
    yield dcgan(4, 1, 16, 2, decay=decay, machine=machine), grey, {"G": "EMA"}
    yield pix2pix(16, 2, decay=decay, machine=machine), [(colour, colour)], {"G": "EMA"}
    small = dict(size=16, width=2, blocks=1, patch=dict(width=2, layers=1), machine=machine)
    means = {"G_AB": "EMA_AB", "G_BA": "EMA_BA"}
    yield cyclegan(decay=decay, **small), [(colour, colour)], means
    yield stacked(Rung(family["hinge"]), 2, decay=decay, machine=machine), some(4, 3, 32, 32), {"G": "EMA"}


@pytest.mark.parametrize("model", range(4), ids=["dcgan", "pix2pix", "cyclegan", "stacked"])
def test_the_decay_is_that_of_the_running_mean(model):
    "0: the mean is the network; .5: half of it, after the second step."
    for decay, share in ((0.0, 1.0), (0.5, 0.9)):  # it begins at n / (n + 9): 1/10 after one step
        game, batches, means = list(games(decay))[model]
        before = {}
        for step in train(game, batches, 2):
            if step.n == 1:
                before = {k: [p.detach().clone() for p in game.nets[k].parameters()] for k in means}
        for name, mean in means.items():
            for p, now, then in zip(
                game.nets[mean].module.parameters(), game.nets[name].parameters(), before[name], strict=True
            ):
                torch.testing.assert_close(p, share * now.detach() + (1 - share) * then)


def test_a_translator_must_give_pictures_of_the_other_domain():
    nets = {"G_AB": ResnetGenerator(3, 1, 2, 1), "G_BA": ResnetGenerator(3, 3, 2, 1)}
    a = some(2, 3, 16, 16)
    batch = UnpairedBatch((a, a), nets)
    with pytest.raises(
        ValueError, match=r"batch: expected G_AB to give pictures like \(3, 16, 16\), but got \(1, 16"
    ):
        batch.fake_b  # noqa: B018
    assert batch.fake_a.shape == a.shape
    for parts, name in (((a[0], a), "a"), ((a, a[0]), "b")):
        with pytest.raises(ValueError, match=rf"{name}: expected \(n, c, h, w\), but got \(3, 16, 16\)"):
            UnpairedBatch(parts, nets)


def test_the_pool_trades_as_by_hand():
    "Filled in order; then a coin, and the old picture that is shown leaves its own place to the new."
    pool = ImagePool(3, (1, 1, 1), torch.Generator().manual_seed(5))
    dice, kept, traded = torch.Generator().manual_seed(5), [], 0
    for batch in torch.arange(1.0, 41).split(2):
        expected = []
        for one in batch.tolist():
            if len(kept) < 3:
                kept.append(one)
            elif torch.rand((), generator=dice) >= 0.5:
                k = int(torch.randint(3, (), generator=dice))
                one, kept[k], traded = kept[k], one, traded + 1
            expected.append(one)
        assert pool(batch.reshape(-1, 1, 1, 1)).flatten().tolist() == expected
        assert pool.images.flatten().tolist()[: len(kept)] == kept and pool.filled == len(kept)
    assert 10 < traded < 30


def test_the_pool_leaves_what_comes_alone():
    pool, fakes = ImagePool(2, (1, 1, 1)), torch.arange(1.0, 9).reshape(-1, 1, 1, 1).requires_grad_()
    shown = pool(fakes * 1)
    assert not shown.requires_grad and not pool.images.requires_grad
    before = (again := fakes.detach() + 9).clone()
    assert not torch.equal(pool(again), before) and torch.equal(again, before)


def test_every_term_of_a_cycle_game_has_its_weight():
    a, b = some(2, 3, 16, 16), some(2, 3, 16, 16, seed=1)
    small = dict(size=16, width=2, blocks=1, residual=False, patch=dict(width=2, layers=1))
    game = cyclegan(cycle=3.0, identity=0.25, machine=pick("cpu", "float32"), **small)
    batch, (G_AB, G_BA) = game.deal((a, b)), (game.nets["G_AB"], game.nets["G_BA"])
    off = {
        "cycle_A": 3 * (G_BA(G_AB(a)) - a).abs().mean(),
        "cycle_B": 3 * (G_AB(G_BA(b)) - b).abs().mean(),
        "identity_A": 0.25 * (G_BA(a) - a).abs().mean(),
        "identity_B": 0.25 * (G_AB(b) - b).abs().mean(),
    }
    terms = game.player("G").loss(batch)
    assert {k: terms[k].item() for k in off} == pytest.approx({k: v.item() for k, v in off.items()})
    game.rules.cycle = game.rules.identity = 0.0
    terms = game.player("G").loss(batch)
    assert [terms[k].item() for k in off] == [0, 0, 0, 0] and terms["AB"] > 0 < terms["BA"]


def test_what_a_cycle_game_is_made_of():
    small = dict(size=8, width=2, blocks=0, patch=dict(width=2, layers=1))
    nets = cyclegan(machine=pick("cpu", "float32"), **small).nets
    six = {k: net for k, net in nets.items() if k[:3] != "EMA"}
    for wrong, said in (
        (
            {k: net for k, net in six.items() if k != "pool_B"},
            "G_AB, G_BA, D_A, D_B, pool_A, pool_B, but got",
        ),
        (six | {"more": nn.ReLU()}, "but got .*more"),
        (six | {"G_BA": six["G_AB"]}, "without a common parameter, but G_BA and G_AB share one"),
    ):
        with pytest.raises(ValueError, match=f"^nets: expected .*{said}"):
            cycle_consistent(wrong)
    with pytest.raises(ValueError, match="blocks: expected a whole number >= 0"):
        ResnetGenerator(blocks=-1)
    with pytest.raises(ValueError, match="residual: expected as many channels out as in, but got 3 and 1"):
        ResnetGenerator(1, 3, 2, 0, residual=True)
    for size in ((1, 1), (1, 2)):
        x = some(2, 3, *size)
        if size == (1, 1):
            with pytest.raises(ValueError, match="x: expected more than one pixel to norm"):
                InstanceNorm()(x)
        else:
            torch.testing.assert_close(InstanceNorm()(x).sum(3), torch.zeros(2, 3, 1))


def test_the_way_back_is_asked_in_its_own_precision():
    x = some(1, 3, 8, 8)
    back = nn.Conv2d(3, 3, 1)
    with pytest.raises(TypeError, match="^y: expected float32, like the network's weights, but got float64"):
        return_error(back, x.double(), x)
    still = return_error(nn.Identity(), x + 0.5, x, (0.0, 1.0))
    assert still[0].item() == pytest.approx(0.5) and still[1] > 0.7
    assert torch.equal(still, return_error(nn.Identity(), x + 0.5, x, (0.0, 1.0)))


def test_dropout_keeps_the_mean_and_what_is_dropped_is_drawn():
    x, layer = torch.ones(200, 200), Dropout(0.25)
    layer.generator = torch.Generator().manual_seed(0)
    state = layer.generator.get_state()
    kept = layer(x)
    assert kept.mean().item() == pytest.approx(1, abs=0.01)
    assert (kept == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    layer.generator.set_state(state)
    assert torch.equal(layer(x), kept)
    assert torch.equal(layer.eval()(x), x) and torch.equal(Dropout(0.0)(x), x)
    assert kept.unique().tolist() == pytest.approx([0, 1 / 0.75])
    for wrong in (-0.1, 1, 1.5):
        with pytest.raises(ValueError, match=r"dropout: expected a probability in \[0,1\)"):
            Dropout(wrong)


def test_a_resize_convolution_is_what_its_name_says():
    layer, x = ResizeConv(2, 3), some(1, 2, 5, 4)
    twice = nn.functional.interpolate(x, scale_factor=2)
    kernel = layer.weight.transpose(0, 1)  # a transposed convolution has it the other way round
    torch.testing.assert_close(layer(x), nn.functional.conv2d(twice, kernel, layer.bias, padding=1))
    assert layer.bias.shape == (3,) and ResizeConv(2, 3, bias=False).bias is None


def pairs_game(**options):
    machine = pick("cpu", "float32")
    return pix2pix(8, 2, machine=machine, patch=dict(width=2, layers=1, norm="none"), **options)


def test_pairs_are_of_one_size():
    x, game = some(2, 3, 8, 8), pairs_game()
    assert game.deal((x, x)).x is x
    for y in (x[:1], some(2, 3, 8, 16), some(2, 3, 16, 8)):
        with pytest.raises(
            ValueError, match=r"batch: expected pictures x \(n, c, h, w\) and y \(n, c', h, w\)"
        ):
            game.deal((x, y))


def test_rules_of_pairs_can_be_set_to_what_makes_sense():
    rules = paired(nn.Conv2d(3, 3, 1), nn.Conv2d(6, 1, 1)).rules
    assert (rules.loss, rules.penalty, rules.l1, rules.weight) == (family["hinge"], None, 100, 1)
    for name, wrong, error in (("l1", -1, ValueError), ("weight", "1", ValueError), ("loss", 3, TypeError)):
        with pytest.raises(error, match=f"^{name}: expected"):
            setattr(rules, name, wrong)
    rules.l1, rules.penalty = 5, r1
    assert (rules.l1, rules.penalty) == (5, r1)
    G = nn.Conv2d(3, 3, 1)
    alone = paired(G, None, weight=0.0, lr_G=0.5, betas=(0.1, 0.2))
    assert [(p.name, p.lr, p.opt.param_groups[0]["betas"]) for p in alone.players] == [("G", 0.5, (0.1, 0.2))]
    assert list(alone.nets) == ["G"]
    alone.rules.weight = 1.0
    with pytest.raises(ValueError, match="weight: expected 0, because this game was made without a D"):
        alone.player("G").loss(alone.deal((some(1, 3, 8, 8), some(1, 3, 8, 8))))


def test_d_s_loss_on_pairs_leaves_g_alone():
    seen, x = [], some(2, 3, 8, 8)
    game = pairs_game(penalty=lambda D, real, fake: seen.append((real, fake)) or D(fake).mean() * 0 + 2)
    batch = game.deal((x, -x))
    terms = game.player("D").loss(batch)
    (real, fake), D = seen[0], game.nets["D"]
    assert torch.equal(real, torch.cat([x, -x], 1)) and not fake.requires_grad
    assert torch.equal(fake, torch.cat([x, batch.fake.detach()], 1))
    assert list(terms) == ["loss", "penalty"] and terms["penalty"] == 2
    assert terms["loss"].item() == pytest.approx(family["hinge"].d(D(real), D(fake)).item(), rel=1e-4)
    game.rules.penalty = None
    assert game.player("D").loss(batch).item() == pytest.approx(terms["loss"].item(), rel=1e-4)


def test_how_far_a_chain_of_windows_sees():
    chain = nn.Sequential(nn.Conv2d(3, 1, 4, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(1, 1, 3, dilation=2))
    assert receptive_field(chain) == 4 + 1 * 2 + 2 * 2 * 4 and receptive_field(nn.ReLU()) == 1
    with pytest.raises(ValueError, match="net: expected square windows"):
        receptive_field(nn.Conv2d(3, 1, (3, 5)))
    for wrong in (nn.Linear(2, 2), nn.Upsample(8), ResizeConv(2, 2), nn.AdaptiveAvgPool2d(1)):
        with pytest.raises(ValueError, match="net: expected a chain .* that never grows"):
            receptive_field(nn.Sequential(wrong))


def test_noise_is_laid_over_every_pixel():
    x, z = some(2, 3, 4, 5), some(2, 6)
    got = pix2pix_module._with_noise(x, z, types.SimpleNamespace(noise=6, codes=None))
    assert torch.equal(got[:, :3], x) and torch.equal(got[:, 3:], z[:, :, None, None] * torch.ones(4, 5))


def test_a_u_net_s_blocks_drop_where_they_are_widest():
    "The innermost has nothing to drop yet: it is its neighbours, of 8 widths, that do."
    net = UNet(64, 1, dropout=0.5)
    assert [any(isinstance(m, Dropout) for m in block) for block in net.up] == [
        False,
        True,
        False,
        False,
        False,
        False,
    ]
    for wrong in (4, 12, 8.0):
        with pytest.raises(ValueError, match="size: expected a power of two >= 8"):
            UNet(wrong, 1)
    with pytest.raises(ValueError, match="grow: expected one of 'transposed', 'resize'"):
        UNet(8, 1, grow="more")


def test_a_residual_is_added():
    x = some(2, 4, 16, 16)
    block = Residual(4)
    torch.testing.assert_close(block(x), x + block.f(x))
    assert block.f(x).abs().max() > 0.1
    G = ResnetGenerator(4, 4, 2, 1, residual=True)
    assert torch.equal(G(x), x)  # it begins at nothing
    nn.init.normal_(G.net[-1].weight, 0, 0.1, generator=torch.Generator().manual_seed(0))
    change = G.net(x)
    torch.testing.assert_close(G(x), (x + change).clamp(-1, 1))
    assert change.abs().max() > 0.05
