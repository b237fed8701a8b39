"""What people feed to GAN code: NumPy arrays, other precisions, NaN, too many dimensions, too small pictures.

Every public function that takes tensors, in the mathematics, the models and the game, is called with each of
these. It works, or it says in one sentence which argument it was, what was expected, and what came.
"""

import importlib
import inspect
import re
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from gancourse import expect
from gancourse.cyclegan import (
    ImagePool,
    InstanceNorm,
    ReflectionPad,
    Residual,
    ResnetGenerator,
    UnpairedBatch,
    cycle_consistent,
    cycle_loss,
    identity_loss,
    return_error,
)
from gancourse.dcgan import Discriminator, Generator
from gancourse.features import FaceAttributes, digit_classifier, features_of, jitter, spoil, train_digits
from gancourse.game import (
    Batch,
    average,
    gan,
    history,
    judge_together,
    normal,
    train,
    uniform,
    unpaired,
)
from gancourse.lipschitz import (
    ConvSN,
    conv_operator_norm,
    gradient_penalty,
    input_gradient,
    lipschitz_bound,
    power_iteration,
    r1,
    r2,
    spectral_norm,
)
from gancourse.losses import (
    family,
    hinge,
    js_divergence,
    kl_divergence,
    optimal_discriminator,
    relativistic,
    total_variation,
    value,
)
from gancourse.metrics import (
    class_coverage,
    fid,
    frechet,
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
from gancourse.modern import (
    GrowingDiscriminator,
    GrowingGenerator,
    MultiScaleDiscriminator,
    PlainDiscriminator,
    R1R2Penalty,
    count_modes,
    down,
    fade,
    shrink,
    stack,
    up,
)
from gancourse.pix2pix import Dropout, PairedBatch, PatchDiscriminator, ResizeConv, UNet, paired
from gancourse.population import Stack, StackedLinear, missed_modes, sample_moments, sweep
from gancourse.style import (
    Canvas,
    FeatureExtractor,
    aim,
    content_loss,
    distances,
    gram,
    noise,
    repaint,
    style_loss,
    stylize,
    total_variation_loss,
)
from gancourse.toy import (
    along,
    drawn,
    gaussian_density,
    mixture,
    mixture_density,
    mlp,
    train_toy,
    update_D,
    update_G,
)
from gancourse.vae import CodedBatch, Encoder, elbo, gaussian_kl, log_likelihood, reparameterised

MODULES = (
    "losses toy lipschitz dcgan pix2pix cyclegan vae style modern game metrics features population".split()
)


def some(*shape, seed=0):
    "Numbers in (-1, 1)."
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).tanh()


def law(*shape):
    return some(*shape).softmax(0)


LOGITS, POINTS, GREY, COLOUR = some(9, 1), some(9, 2), some(9, 1, 32, 32), some(9, 3, 32, 32)
D2, G2, DIGITS, FACES = mlp(2, 4, 1), mlp(2, 4, 2), digit_classifier(), FaceAttributes().eval()
PATCH = PatchDiscriminator(3, 2, 1, "none", 1)
BCE = nn.BCEWithLogitsLoss()


def eye():
    "A feature extractor, made once."
    if not EYES:
        EYES.append(FeatureExtractor())
    return EYES[0]


EYES = []


def looked(content=COLOUR[:1], style=COLOUR[1:2]):
    return aim(eye(), content, style, (0,), (-1,))


def stacked(n=3):
    return Stack([mlp(2, 4, 2) for _ in range(n)])


def played(game, *batches):
    history(train(game, list(batches), len(batches)))


def cycled(**options):
    nets = {way: ResnetGenerator(3, 3, 2, 1) for way in ("G_AB", "G_BA")}
    nets |= {name: PatchDiscriminator(3, 2, 1, "none", 1) for name in ("D_A", "D_B")}
    return cycle_consistent(
        nets | {name: ImagePool(3, (3, 32, 32)) for name in ("pool_A", "pool_B")}, **options
    )


# name: (what is called with tensors in order, those tensors)
CALLS = {
    "losses.total_variation": (total_variation, law(9), law(9)),
    "losses.value": (value, LOGITS, LOGITS),
    "losses.optimal_discriminator": (optimal_discriminator, law(9), law(9)),
    "losses.kl_divergence": (kl_divergence, law(9), law(9)),
    "losses.js_divergence": (js_divergence, law(9), law(9)),
    "losses.Adversarial.of_generator": (lambda x, y: relativistic.of_generator(D2, x, y), POINTS, POINTS),
    "toy.mixture": (lambda c: mixture(5, c, 0.1), POINTS),
    "toy.gaussian_density": (gaussian_density, POINTS),
    "toy.mixture_density": (lambda x, c: mixture_density(x, c, 0.1), POINTS, POINTS),
    "toy.along": (lambda path: along(path, 5), POINTS),
    "toy.drawn": (drawn, POINTS),
    "toy.update_D": (
        lambda x, z: update_D(x, z, D2, G2, BCE, torch.optim.SGD(D2.parameters(), 0)),
        POINTS,
        POINTS,
    ),
    "toy.update_G": (lambda z: update_G(z, D2, G2, BCE, torch.optim.SGD(G2.parameters(), 0)), POINTS),
    "toy.train_toy": (lambda x: train_toy(D2, G2, [x], 1, 1e-9, 1e-9), POINTS),
    "lipschitz.input_gradient": (lambda x: input_gradient(D2, x), POINTS),
    "lipschitz.power_iteration": (lambda W: power_iteration(W, 3), some(4, 3)),
    "lipschitz.conv_operator_norm": (lambda w: conv_operator_norm(w, 8, 1, 1, 3), some(2, 3, 3, 3)),
    "lipschitz.conv_operator_norm, circular": (lambda w: conv_operator_norm(w, 8), some(2, 3, 3, 3)),
    "lipschitz.r1": (lambda x: r1(D2, x), POINTS),
    "lipschitz.r2": (lambda x: r2(D2, None, x), POINTS),
    "lipschitz.gradient_penalty": (lambda *x: gradient_penalty(D2, *x), POINTS, POINTS, torch.rand(9)),
    "lipschitz.ConvSN.forward": (ConvSN(3, 2), COLOUR),
    "dcgan.Generator.forward": (Generator(3, 1, 8, 2), some(4, 3)),
    "dcgan.Discriminator.forward": (Discriminator(1, 32, 2), GREY),
    "pix2pix.Dropout.forward": (Dropout(), POINTS),
    "pix2pix.ResizeConv.forward": (ResizeConv(3, 2), COLOUR),
    "pix2pix.UNet.forward": (UNet(8, 2), COLOUR),
    "pix2pix.PatchDiscriminator.forward": (PATCH, COLOUR),
    "pix2pix.PairedBatch.__init__": (lambda x, y: PairedBatch((x, y), UNet(8, 2)).fake, COLOUR, COLOUR),
    "pix2pix.paired": (
        lambda x, y: played(paired(UNet(8, 2), PatchDiscriminator(6, 2, 1)), (x, y)),
        COLOUR,
        COLOUR,
    ),
    "cyclegan.cycle_loss": (cycle_loss, POINTS, POINTS),
    "cyclegan.identity_loss": (identity_loss, POINTS, POINTS),
    "cyclegan.ImagePool.forward": (ImagePool(5, (3, 32, 32)), COLOUR),
    "cyclegan.InstanceNorm.forward": (InstanceNorm(), COLOUR),
    "cyclegan.ReflectionPad.forward": (ReflectionPad(3), COLOUR),
    "cyclegan.Residual.forward": (Residual(3), COLOUR),
    "cyclegan.ResnetGenerator.forward": (ResnetGenerator(3, 3, 2, 1), COLOUR),
    "cyclegan.UnpairedBatch.translate": (lambda x: batch_of_two().translate("G_AB", x, COLOUR), COLOUR),
    "cyclegan.cycle_consistent": (lambda a, b: played(cycled(), (a, b)), COLOUR, COLOUR),
    "cyclegan.return_error": (lambda y, x: return_error(ResnetGenerator(3, 3, 2, 1), y, x), COLOUR, COLOUR),
    "vae.Encoder.forward": (Encoder(3, 1, 32, 2), GREY),
    "vae.gaussian_kl": (gaussian_kl, POINTS, POINTS),
    "vae.reparameterised": (reparameterised, POINTS, POINTS, POINTS),
    "vae.log_likelihood": (lambda x, y: log_likelihood(x, y, 0.3), GREY, GREY),
    "vae.elbo": (lambda x, e: elbo(Encoder(2, 1, 32, 2), Generator(2, 1, 32, 2), x, e, 0.3), GREY, POINTS),
    "vae.CodedBatch.__init__": (
        lambda x: CodedBatch(x, Encoder(2, 1, 32, 2), Generator(2, 1, 32, 2), normal(2)).fake,
        GREY,
    ),
    "style.FeatureExtractor.__init__": (lambda x: FeatureExtractor(eye().net, x, (-1,)), COLOUR),
    "style.FeatureExtractor.forward": (lambda x: eye()(x, (0,)), COLOUR),
    "style.content_loss": (content_loss, COLOUR, COLOUR),
    "style.gram": (gram, COLOUR),
    "style.style_loss": (style_loss, COLOUR, gram(COLOUR)),
    "style.total_variation_loss": (total_variation_loss, COLOUR),
    "style.aim": (looked, COLOUR[:1], COLOUR[:1]),
    "style.distances": (lambda x: distances(eye(), x, looked()), COLOUR[:1]),
    "style.Canvas.__init__": (Canvas, COLOUR),
    "style.repaint": (lambda x: played(repaint(x, eye()), looked(COLOUR[:1])), COLOUR[:1]),
    "style.noise": (noise, COLOUR),
    "style.stylize": (lambda x, y: stylize(x, y, 1, eye=eye()), COLOUR[:1], COLOUR[:1]),
    "modern.up": (up, COLOUR),
    "modern.down": (down, COLOUR),
    "modern.fade": (lambda x, y: fade(x, y, 0.5), COLOUR, COLOUR),
    "modern.GrowingGenerator.pyramid": (lambda z: GrowingGenerator(3, 1, 16, 2).pyramid(z, 1), some(4, 3)),
    "modern.GrowingGenerator.forward": (GrowingGenerator(3, 1, 16, 2), some(4, 3)),
    "modern.GrowingDiscriminator.forward": (GrowingDiscriminator(3, 32, 2), COLOUR),
    "modern.shrink": (lambda x: shrink(x, 0.5), COLOUR),
    "modern.MultiScaleDiscriminator.forward": (
        lambda *x: MultiScaleDiscriminator(3, 32, 2, 16)(x),
        some(9, 3, 16, 16),
        COLOUR,
    ),
    "modern.stack": (lambda x: stack(x, 4), GREY),
    "modern.count_modes": (lambda x: count_modes(x, DIGITS), COLOUR),
    "modern.PlainDiscriminator.forward": (PlainDiscriminator(3, 32, 2), COLOUR),
    "modern.R1R2Penalty.__call__": (lambda x, y: R1R2Penalty(0.1)(D2, x, y), POINTS, POINTS),
    "game.Batch.__init__": (lambda x: Batch(x, G2, normal(2)).fake, POINTS),
    "game.judge_together": (lambda x, y: judge_together(D2, x, y), POINTS, POINTS),
    "game.train": (lambda x: played(gan(mlp(2, 4, 2), mlp(2, 4, 1), penalty=r1), x), POINTS),
    "metrics.moments": (moments, POINTS),
    "metrics.frechet": (frechet, POINTS, POINTS),
    "metrics.frechet, of moments": (
        lambda m, c: frechet((m, c), moments(POINTS)),
        torch.zeros(2),
        torch.eye(2),
    ),
    "metrics.mode_coverage": (lambda x, c: mode_coverage(x, c, 0.1), POINTS, POINTS),
    "metrics.grid_js": (lambda x: grid_js(x, grid_law(gaussian_density, (-3, 3, -3, 3), 4)), POINTS),
    "metrics.fid": (lambda x, y: fid(x, y, DIGITS), GREY, GREY),
    "metrics.squared_mmd": (squared_mmd, POINTS, POINTS),
    "metrics.kid": (lambda x, y: kid(x, y, DIGITS, 2, 4), GREY, GREY),
    "metrics.class_coverage": (class_coverage, some(9, 10)),
    "metrics.nearest": (nearest, GREY, GREY),
    "metrics.psnr": (psnr, COLOUR, COLOUR),
    "metrics.ssim": (ssim, COLOUR, COLOUR),
    "metrics.gradient_energy": (gradient_energy, COLOUR),
    "features.DigitClassifier.features": (DIGITS.features, GREY),
    "features.DigitClassifier.forward": (DIGITS, GREY),
    "features.jitter": (jitter, GREY),
    "features.FaceAttributes.features": (FACES.features, COLOUR),
    "features.FaceAttributes.forward": (FACES, COLOUR),
    "features.FaceAttributes.read": (FACES.read, COLOUR),
    "features.spoil": (spoil, COLOUR),
    "features.train_digits": (lambda x: train_digits(x, torch.arange(9), 1, batch=3), GREY),
    "features.features_of": (lambda x: features_of(x, DIGITS), GREY),
    "features.ImagenetFeatures.maps": (lambda x: eye().net.maps(x, (0,)), COLOUR),
    "features.ImagenetFeatures.features": (lambda x: eye().net.features(x), COLOUR[:1]),
    "features.ImagenetFeatures.forward": (lambda x: eye().net(x), COLOUR[:1]),
    "population.StackedLinear.forward": (StackedLinear([nn.Linear(2, 3)] * 4), some(4, 9, 2)),
    "population.Stack.forward": (stacked(), some(3, 9, 2)),
    "population.sample_moments": (sample_moments, some(3, 9, 2)),
    "population.missed_modes": (lambda c: missed_modes(c, 0.1, 9)(sweep(0.1, 0.1)), POINTS),
    "population.sweep": (lambda x: played(sweep([0.1, 0.2], 0.1), x), POINTS),
}
CALLS |= {f"losses.{name}.d": (loss.d, LOGITS, LOGITS) for name, loss in family.items()}
CALLS |= {f"losses.{name}.g": (loss.g, LOGITS, LOGITS) for name, loss in family.items()}
ELSEWHERE = {  # takes no tensor to work on, or stands in the table under another name
    "cyclegan.UnpairedBatch.__init__",
    "game.Step.__init__",
    "population.StackedAdam.__init__",
    "toy.Law.__init__",
}


def batch_of_two():
    return UnpairedBatch((COLOUR, COLOUR), cycled().nets)


def takers():
    "module.name of each public function and method that takes a tensor."
    for module in MODULES:
        here = importlib.import_module(f"gancourse.{module}")
        for name in here.__all__:
            thing = getattr(here, name)
            if getattr(thing, "__module__", "") != here.__name__:
                continue
            methods = vars(thing).items() if inspect.isclass(thing) else ()
            for own, f in (
                [(name, thing)] if inspect.isfunction(thing) else [(f"{name}.{k}", f) for k, f in methods]
            ):
                public = not own.rpartition(".")[2].startswith("_") or own.endswith(("__init__", "__call__"))
                if public and inspect.isfunction(f):
                    kinds = [str(p.annotation) for p in inspect.signature(f).parameters.values()]
                    if any("Tensor" in kind and "dict" not in kind for kind in kinds):
                        yield f"{module}.{own}"


def test_the_table_is_whole():
    assert set(takers()) <= set(CALLS) | ELSEWHERE


def inference(x):
    with torch.inference_mode():
        return x.clone()


KINDS = {
    "array": lambda x: x.numpy(),
    "array64": lambda x: x.double().numpy(),
    "float64": torch.Tensor.double,
    "half": torch.Tensor.half,
    "bfloat16": torch.Tensor.bfloat16,
    "whole numbers": torch.Tensor.long,
    "NaN": lambda x: x * torch.nan,
    "a dimension more": lambda x: x[None],
    "a dimension less": lambda x: x[0],
    "nothing in it": lambda x: x[:0],
    "inference": inference,
    "list": torch.Tensor.tolist,
}
ONLY_THE_NETWORK_KNOWS = (
    "Adversarial update train_toy input_gradient r1 r2 gradient_penalty R1R2 judge".split()
)


def backward(out):
    "A gradient through whatever came out."
    found = [out] if isinstance(out, torch.Tensor) else out if isinstance(out, (tuple, list)) else []
    for x in found:
        if isinstance(x, torch.Tensor) and x.requires_grad:
            x.sum().backward(retain_graph=True)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CALLS)
def test_it_works_or_says_what_was_expected(name, kind):
    f, *tensors = CALLS[name]
    if kind.startswith("a dim") and any(part in name for part in ONLY_THE_NETWORK_KNOWS):
        pytest.skip("the shape goes into a network of the caller's")
    for i in range(len(tensors)):
        learning = kind == "inference" and not name.startswith(("toy.", "metrics."))
        others = [
            x.clone().requires_grad_(learning) for x in tensors
        ]  # then autograd would keep what was made
        given = [KINDS[kind](x) if i == k else others[k] for k, x in enumerate(tensors)]
        try:
            out = f(*given)
            backward(out)
        except (TypeError, ValueError, ArithmeticError) as e:
            assert re.match(r"[A-Za-z_]\w*(, \w+)*: |the loss of player", said := str(e)), said
            assert "array" not in kind or "torch.from_numpy" in said or "expected the shape" in said, said
            assert kind != "inference", said


@pytest.mark.parametrize("name", CALLS)
def test_what_is_right_works(name):
    f, *tensors = CALLS[name]
    backward(f(*tensors))


# What each fault was, with its right value.


def test_a_running_mean_keeps_what_is_no_mean():
    "u and v of length 1, the slope at most 1; counters and pools copied, moments averaged."

    class Pool(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("kept", torch.zeros(2))

        def forward(self, x):
            self.kept = 0.5 * self.kept + x.detach()[0]
            return x

    torch.manual_seed(0)
    layers = [
        spectral_norm(nn.Linear(2, 32)),
        nn.ReLU(),
        spectral_norm(nn.Linear(32, 32)),
        nn.BatchNorm1d(32),
    ]
    G = nn.Sequential(*layers, nn.ReLU(), spectral_norm(nn.Linear(32, 2)), Pool())
    game = gan(G, mlp(2, 32, 1), z=normal(2), lr_D=5e-2, lr_G=5e-2)
    mean = average(game, decay=0.99)
    assert not list(train(game, some(64, 2) + 1, 100)) == []
    for own, live in zip(mean.module, G, strict=True):
        if isinstance(own, nn.Linear):
            kept = own.parametrizations.weight[0]
            assert abs(kept._u.norm() - 1) < 1e-5 > abs(kept._v.norm() - 1)
            assert torch.linalg.matrix_norm(own.weight, 2) <= 1 + 1e-4
            weights = [layer.parametrizations.weight.original for layer in (own, live)]
            assert (weights[0] - weights[1]).abs().max() > 1e-3  # it lags behind
        if isinstance(own, nn.BatchNorm1d):
            assert own.num_batches_tracked == live.num_batches_tracked == 100
            assert not torch.equal(own.running_mean, live.running_mean)
    assert torch.equal(mean.module[-1].kept, G[-1].kept) and G[-1].kept.any()


@pytest.mark.parametrize("options", [{"penalty": gradient_penalty}, {"loss": relativistic}, {"penalty": r1}])
def test_unpaired_sets_of_unequal_length_play(options):
    "10 and 7 pictures, four at a time: the last batch of an epoch is smaller on one side."
    game = cycled(**options)
    a, b = some(10, 3, 32, 32), some(7, 3, 32, 32, seed=1)
    lengths = [(len(step.batch.a), len(step.batch.b)) for step in train(game, unpaired(a, b, 4), 6)]
    assert {(4, 4), (4, 3), (2, 4)} <= set(lengths) and game.finite()


def test_equal_sides_are_seen_whole():
    "Pairs are cut to the shorter side, and only there."
    seen = []
    game = cycled(
        loss=relativistic, penalty=lambda D, real, fake: seen.append((len(real), len(fake))) or r1(D, real)
    )
    played(game, (COLOUR[:4], COLOUR[4:7]), (COLOUR[:4], COLOUR[4:8]))
    assert seen == [(3, 3), (3, 3), (4, 4), (4, 4)]


def test_a_batch_of_arrays_is_taken_and_another_precision_named():
    "Data are taken, what goes into a network must be as precise as it is."
    game = gan(mlp(2, 4, 2), mlp(2, 4, 1))
    played(game, POINTS.numpy(), POINTS.double().numpy())  # data: float32, as torch would have them
    played(cycled(), (COLOUR.numpy(), COLOUR.double().numpy()))
    played(sweep(0.1, 0.1), POINTS.numpy())
    for wrong, said in (
        (POINTS.double(), "batch: expected float32, like the network's weights, but got float64: x.float()"),
        (POINTS.half(), "batch: expected float32, like the network's weights, but got float16: x.float()"),
        (
            POINTS.bfloat16(),
            "batch: expected float32, like the network's weights, but got bfloat16: x.float()",
        ),
    ):
        with pytest.raises(TypeError, match=re.escape(said)):
            played(game, wrong)
    with pytest.raises(
        TypeError, match=r"NumPy array, float64 of shape \(9, 1\): torch.from_numpy\(x\).float\(\)"
    ):
        hinge.d(LOGITS.double().numpy(), LOGITS)
    double = gan(mlp(2, 4, 2).double(), mlp(2, 4, 1).double(), z=normal(2))
    with pytest.raises(TypeError, match="z: expected float64, like the network's weights, but got float32"):
        played(double, POINTS.double())


def test_autocast_goes_between_the_halves():
    net = nn.Linear(2, 1)
    with torch.autocast("cpu", torch.bfloat16):
        assert expect.precision("x", POINTS.bfloat16(), net).dtype == torch.bfloat16
        with pytest.raises(TypeError, match="x: expected float32, .* but got float64"):
            expect.precision("x", POINTS.double(), net)
    with pytest.raises(TypeError, match=r"x: expected float64, .* but got float32: x.double\(\)"):
        expect.precision("x", POINTS, net.double())
    assert expect.precision("x", POINTS, print) is POINTS  # no weights, no wish


def test_what_was_made_under_inference_mode_can_be_learned_from():
    "both alike, a tensor and its minibatches."
    made = inference(POINTS)
    for penalty in (None, r1, gradient_penalty):
        played(gan(mlp(2, 4, 2), mlp(2, 4, 1), penalty=penalty), made, made)
    D = mlp(2, 4, 1)
    with torch.inference_mode():
        assert r1(D, POINTS) == r1(D, made) > 0  # a watcher may ask there too


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_training_where_nothing_can_be_learned_is_named(mode):
    game = gan(mlp(2, 4, 2), mlp(2, 4, 1))
    with (
        mode(),
        pytest.raises(ValueError, match="loss: expected a path to the parameters of player 'D', but torch"),
    ):
        played(game, POINTS)
    with torch.inference_mode():
        D = mlp(2, 4, 1)
    with pytest.raises(
        ValueError, match="opt: expected parameters that can learn .* made under torch.inference"
    ):
        gan(mlp(2, 4, 2), D)


@pytest.mark.parametrize("penalty", [r1, lambda D, x, y: r2(D, x, y), gradient_penalty, R1R2Penalty(0.1)])
def test_a_penalty_says_that_batch_norm_mixes(penalty):
    "once from each place; not in evaluation, and not where each example is judged alone."
    D = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    with pytest.warns(
        UserWarning, match="D: expected one that judges each example alone, but it has batch norm"
    ):
        played(gan(mlp(2, 4, 2), D, penalty=penalty), POINTS)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        played(gan(mlp(2, 4, 2), D, penalty=r1), POINTS, POINTS, POINTS)
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        penalty(D.eval(), POINTS, POINTS)
        penalty(mlp(2, 4, 1), POINTS, POINTS)


def test_nothing_is_divided_by_nothing():
    "a length, a spread, a total of 0."
    layer = nn.Linear(3, 2)
    nn.init.zeros_(layer.weight)
    with pytest.raises(
        ValueError, match="layer: expected a weight with a norm to divide by, but got nothing but"
    ):
        spectral_norm(layer)
    assert lipschitz_bound(layer) == 0 == power_iteration(torch.zeros(3, 2), 4)
    assert (
        conv_operator_norm(torch.zeros(2, 3, 3, 3), 8, 1, 1, 5)
        == 0
        == conv_operator_norm(torch.zeros(2, 3, 3, 3), 8)
    )
    assert content_loss(torch.zeros(1, 2, 3, 3), torch.zeros(1, 2, 3, 3)) == 0
    with pytest.raises(
        ValueError, match="on: expected pictures that differ, but block -1 sees no difference"
    ):
        FeatureExtractor(eye().net, torch.zeros(1, 3, 2, 2), (-1,))
    with pytest.raises(
        ValueError, match="data_iter: expected batches in each epoch, but got none in epoch 2"
    ):
        train_toy(mlp(2, 4, 1), mlp(2, 4, 2), iter([POINTS]), 2)


@pytest.mark.parametrize("wrong", [-1, 0, 2.5, True, "3", None])
@pytest.mark.parametrize(
    ("name", "f"),
    [
        ("batch", lambda n: fid(GREY, GREY, DIGITS, n)),
        ("batch", lambda n: kid(GREY, GREY, DIGITS, 2, 4, batch=n)),
        ("subsets", lambda n: kid(GREY, GREY, DIGITS, n, 4)),
        ("subset_size", lambda n: kid(GREY, GREY, DIGITS, 2, n)),
        ("batch", lambda n: features_of(GREY, DIGITS, n)),
        ("batch", lambda n: train_digits(GREY, torch.arange(9), batch=n)),
        ("epochs", lambda n: train_digits(GREY, torch.arange(9), n)),
        ("k", lambda n: nearest(GREY, GREY, n)),
        ("bins", lambda n: grid_law(gaussian_density, (-1, 1, -1, 1), n)),
        ("fine", lambda n: grid_law(gaussian_density, (-1, 1, -1, 1), 3, n)),
        ("n", lambda n: power_iteration(some(3, 2), n)),
        ("rounds", lambda n: spectral_norm(nn.Linear(2, 2), n)),
        ("rounds", lambda n: conv_operator_norm(some(2, 3, 3, 3), 8, 1, 1, n)),
        ("stride", lambda n: conv_operator_norm(some(2, 3, 3, 3), 8, n)),
        ("size", lambda n: conv_operator_norm(some(2, 3, 3, 3), n)),
        ("dim", normal),
        ("dim", uniform),
        ("n", lambda n: along(POINTS, n)),
        ("n", lambda n: missed_modes(POINTS, 0.1, n)),
        ("num_epochs", lambda n: train_toy(D2, G2, [POINTS], n)),
        ("every", lambda n: gan(G2, D2, every_D=n)),
        ("look_every", lambda n: train(gan(G2, D2), POINTS, 1, look_every=n)),
    ],
)
def test_a_count_is_refused_by_name(name, f, wrong):
    "Not by torch, somewhere deep."
    with pytest.raises(ValueError, match=f"^{name}: expected .*, but got {re.escape(repr(wrong))}"):
        f(wrong)


def test_counts_may_come_from_numpy():
    n = np.int64(3)
    assert (
        normal(2)(n).shape == (3, 2)
        and len(history(train(gan(mlp(2, 4, 2), mlp(2, 4, 1)), POINTS, n))["D"]) == 3
    )
    assert expect.number("x", np.float32(3)) == 3 and type(expect.whole("n", n)) is int


@pytest.mark.parametrize(
    ("net", "small", "side"),
    [
        (PatchDiscriminator(3, 2, 3), (1, 3, 16, 16), 24),
        (PatchDiscriminator(3, 2, 3), (4, 3, 8, 8), 24),
        (PatchDiscriminator(3, 2, 3, "batch", 3), (1, 3, 8, 8), 16),
        (PatchDiscriminator(3, 2, 3, "instance", 3), (4, 3, 8, 8), 16),
        (PatchDiscriminator(3, 2, 3, "spectral", 4), (4, 3, 8, 64), 24),
        (ResnetGenerator(3, 3, 2, 1), (4, 3, 4, 4), 8),
        (ReflectionPad(3), (1, 1, 3, 9), 4),
        (Residual(2), (1, 2, 1, 1), 2),
        (ConvSN(3, 2), (4, 3, 1, 1), 2),
        (ConvSN(3, 2, norm="instance"), (4, 3, 2, 2), 4),
        (down, (1, 1, 1, 2), 2),
    ],
)
def test_the_smallest_picture_is_named(net, small, side):
    "a kernel without room, a norm of one number; pictures of the side that is named come through."
    with pytest.raises(ValueError, match=f"x: expected sides of at least {side}, but got"):
        net(some(*small))
    net(some(*small[:2], side, side))


def test_a_small_picture_passes_where_there_is_enough_to_norm():
    judge = PatchDiscriminator(3, 2, 3, "batch", 3)
    assert judge(some(2, 3, 8, 8)).shape == (2, 1, 1, 1) == judge.eval()(some(2, 3, 8, 8)).shape
    assert judge(some(1, 3, 8, 8)).shape == (1, 1, 1, 1)  # nothing is measured in evaluation


def test_a_state_brings_its_learning_rate_and_one_line_changes_it():
    "Whoever loads a state, and wants another rate, sets it afterwards."
    quick, slow = (gan(mlp(2, 4, 2), mlp(2, 4, 1), lr_G=lr) for lr in (1e-3, 1e-4))
    slow.load_state_dict(quick.snapshot())
    assert slow.player("G").lr == 1e-3
    slow.player("G").lr = 1e-4
    assert slow.player("G").opt.param_groups[0]["lr"] == 1e-4
    assert ".lr = 1e-4" in inspect.getdoc(type(slow).load_state_dict)
