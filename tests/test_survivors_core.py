"""Slips that no notebook noticed when they were planted: in losses, constants, games and their models."""

import warnings

import pytest
import torch
from torch import nn

from gancourse.cyclegan import ImagePool, Residual, ResnetGenerator, UnpairedBatch, cyclegan
from gancourse.dcgan import dcgan
from gancourse.game import gan, move, normal, train, unpaired
from gancourse.lipschitz import lipschitz_bound, r1
from gancourse.losses import (
    family,
    js_divergence,
    kl_divergence,
    least_squares,
    relativistic,
    total_variation,
)
from gancourse.machine import pick
from gancourse.modern import Rung, stacked
from gancourse.pix2pix import pix2pix
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
