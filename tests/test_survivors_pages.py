"Slips that no notebook noticed when they were planted: populations, pads, quizzes, hints, readers, loads."

import types

import numpy as np
import pytest
import torch
from torch import nn

from gancourse import data, features, hints, pad, population, quiz, toy
from gancourse.game import train
from gancourse.losses import non_saturating

# population


def little(g):
    return toy.mlp(2, 4, 2, generator=g), toy.mlp(2, 4, 1, generator=g)


def test_members_are_apart():
    nets = [toy.mlp(2, 3, 1, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1)]
    stack = population.Stack(nets)
    members = [stack.member(m) for m in (0, 1)]
    for net, own in zip(nets, members, strict=True):
        assert all(map(torch.equal, net.parameters(), own.parameters()))
    with pytest.raises(ValueError, match="nets: expected networks of one shape"):
        population.Stack([toy.mlp(2, 3, 1), toy.mlp(2, 4, 1)])
    with pytest.raises(ValueError, match="nets: expected at least one network"):
        population.Stack([])
    assert population.Population([], {}).shape == (0, 0, 0)


def test_a_sweep_of_what_can_be_stacked():
    for wrong in (0, -1, [], float("nan"), [1e-3, 1e31]):
        for rates in (dict(lr_D=wrong, lr_G=1e-3), dict(lr_D=1e-3, lr_G=wrong)):
            with pytest.raises(ValueError, match="^lr_[DG]: expected learning rates > 0 and at most 1e30"):
                population.sweep(**rates, make=little)
    sums = non_saturating._replace(g=lambda real, fake: fake.sum())
    with pytest.raises(ValueError, match="loss: expected a mean over examples"):
        population.sweep(1e-3, 1e-3, make=little, loss=sums)
    with pytest.raises(ValueError, match="penalty: expected a mean over examples"):
        population.sweep(1e-3, 1e-3, make=little, penalty=lambda D, real, fake: D(fake).sum())


def test_d_s_loss_is_the_mean_over_members_and_its_penalty_is_added():
    "To the mean of their losses; and the fakes come without a graph."
    seen = []

    def penalty(D, real, fake):
        seen.append(fake.requires_grad)
        return D(fake).square().mean() + 3

    game = population.sweep([1e-3, 1e-2], 1e-3, seeds=(0, 1), make=little, penalty=penalty)
    batch = game.deal(torch.randn(5, 2, generator=torch.Generator().manual_seed(1)))
    seen.clear()
    got = game.player("D").loss(batch).item()
    D, real, fake = game.nets["D"], batch.real, batch.fake
    each = [
        non_saturating.d(D.member(m)(real[m]), D.member(m)(fake[m]))
        + D.member(m)(fake[m]).square().mean()
        + 3
        for m in range(4)
    ]
    assert got == pytest.approx(torch.stack(each).mean().item(), rel=1e-5) and seen == [False]


def test_a_state_of_stacked_adam_is_taken():
    games = [population.sweep([1e-3, 1e-2], 1e-3, make=little) for _ in range(2)]
    for _ in train(games[0], torch.ones(4, 2), 3):
        pass
    games[1].load_state_dict(games[0].snapshot())
    states = [game.player("D").opt.state_dict()["state"] for game in games]
    assert states[1][0]["step"] == 3
    assert torch.equal(states[0][0]["exp_avg"], states[1][0]["exp_avg"]) and states[0][0]["exp_avg"].any()


# pad


def test_a_pad_without_samples_is_an_empty_page():
    x, names = pad.checked_samples(None, None, 16)
    assert x.shape == (0, 3, 16, 16) and names == []
    assert pad.checked_samples(torch.zeros(2, 1, 8, 8), None, 8)[1] == ["sample 1", "sample 2"]
    page = pad.Pad(lambda x: x, size=8)
    assert page.drawing.eq(1).all() and page.stop() is True
    with pytest.raises(ValueError, match="answer: expected finite numbers in .* but 1 of 192 are NaN"):
        pad.checked_answer(torch.zeros(1, 3, 8, 8).index_fill(0, torch.tensor([]).long(), 0).put(
            torch.tensor(5), torch.tensor(float("nan"))))  # fmt: skip


def test_an_answer_is_asked_without_a_graph_and_may_change_what_it_gets():
    on = []
    samples = torch.full((2, 1, 8, 8), 0.5)

    def answer(x):
        on.append(torch.is_grad_enabled())
        return x.mul_(-1)

    page = pad.Pad(answer, size=8, samples=samples)
    assert torch.equal(page.respond(page.drawing), -page.drawing) and on == [False]
    figures = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pad, "png", lambda fig: figures.append(fig) or "")
        pad.still_outputs(page)
    sheet = figures[0].axes[0].images[0].get_array()
    assert sheet.shape == (17, 17, 4) and sheet[0, 0, :3].tolist() == [0.75] * 3
    assert sheet[9, 0, :3].tolist() == [0.25] * 3 and page.samples.eq(0.5).all()


@pytest.mark.parametrize(
    "mean, words", [(-0.31, "mostly dark"), (-0.3, "neither"), (0.3, "neither"), (0.31, "mostly b")]
)
def test_brightness_in_words(mean, words):
    assert pad.brightness(torch.full((1, 1, 1, 1), mean)).startswith(words)


def test_a_still_that_fails_is_told_where_no_pad_tells_it(monkeypatch):
    def broken(page):
        raise RuntimeError("no still")

    shown, page = [], pad.Pad(lambda x: x, size=8)
    monkeypatch.setattr(pad, "still_outputs", broken)
    monkeypatch.setattr(pad, "display", shown.append)
    monkeypatch.setattr(pad, "has_front_end", lambda: False)
    with pytest.raises(RuntimeError, match="no still"):
        page._ipython_display_()
    monkeypatch.setattr(pad, "has_front_end", lambda: True)
    page.view = view = types.SimpleNamespace()
    page._ipython_display_()
    assert shown == [view]


def test_a_pad_of_faces_names_what_it_begins_with():
    noise = []
    net = lambda x, z: noise.append(z) or x
    net.noise = 3
    page = pad.face_pad(net, n=3, seed=1)
    assert len(page.names) == len(page.samples) == 5 and page.names[1:3] == ["without hair", "a bare head"]
    assert (page.pen, page.tool, page.throws, page.title) == (2, "fine", "Other colours", "Draw a face")
    assert [*page.titles] == ["your sketch", "the face"] and "give the bare head eyes" in page.hint
    for chance in (4, 4, 5):
        pad._asked(page, page.samples[:1], chance)
    assert torch.equal(noise[-3], torch.randn(1, 3, generator=torch.Generator().manual_seed(4)))
    assert torch.equal(noise[-3], noise[-2]) and not torch.equal(noise[-2], noise[-1])
    with pytest.raises(ValueError, match="^n: expected a whole number >= 2, but got 1"):
        pad.face_pad(net, n=1)


def test_what_a_pad_hears(monkeypatch):
    orders, told = [], []

    class Desk:
        def __init__(self, work, threads):
            self.work, self.threads, self.put = work, threads, orders.append

        def close(self):
            return True

    monkeypatch.setattr(pad, "Desk", Desk)
    monkeypatch.setattr(pad, "answer_at_once", lambda view: told.append("at once"))
    monkeypatch.setattr(pad, "open_in_cell", lambda *_: None)
    page = pad.Pad(lambda x: x, size=8, threads=2)
    page.view = pad._opened(page)
    assert page.view.desk.threads == 2 and told == ["at once"]
    page.view.send = lambda message, buffers=(): told.append(message["kind"])
    for message, buffers in (
        ("draw", [b"x"]),
        ({"cmd": "draw"}, []),
        ({"cmd": "other"}, [b"x"]),
        ({"cmd": "load", "name": "a"}, []),
        ({"cmd": "draw", "who": 1, "seq": 2, "chance": 3}, [b"xy"]),
        ({"cmd": "hello"}, []),
    ):
        page.view.hear(message, buffers)
    assert orders == [(1, 2, 3, b"xy")] and told == ["at once", "begin"] and not page.begun
    page.view._answer((1, 2, None, bytes(192)))
    assert page.begun and page.error == "" and told[2:] == ["answer"]
    page.view._answer((1, 2, None, b"too few"))
    assert told[3:] == ["wrong"]
    page.view.hear({"cmd": "hello"}, [])
    assert told[4:] == ["page"]
    assert pad.caption(page).startswith("Above: your drawing (an empty page). Below: the answer.")


# quiz


@pytest.mark.parametrize(
    "latex, inside",
    [
        (r"a\ln b", '<mi>a</mi><mspace width="0.17em" /><mi>ln</mi><mspace width="0.17em" /><mi>b</mi>'),
        (r"\ln D", '<mi>ln</mi><mspace width="0.17em" /><mi>D</mi>'),
        (r"\log_2 x", '<msub><mi>log</mi><mn>2</mn></msub><mspace width="0.17em" /><mi>x</mi>'),
        ("(-1)", '<mo stretchy="false">(</mo><mo form="prefix">−</mo><mn>1</mn><mo stretchy="false">)</mo>'),
        (r"x+\infty", "<mi>x</mi><mo>+</mo><mi>∞</mi>"),
        (r"\mathrm{JS}", '<mrow><mi mathvariant="normal">JS</mi></mrow>'),
    ],
)
def test_signs_and_spaces_as_in_a_book(latex, inside):
    assert quiz.mathml(latex) == f'<math display="inline"><mrow>{inside}</mrow></math>'


def test_bars_and_signs_in_an_exponent_stand_close():
    assert quiz.mathml("|x|").count('lspace="0" rspace="0"') == 2
    assert quiz.mathml("x^{a+b}").count('lspace="0" rspace="0"') == 1
    assert "lspace" not in quiz.mathml("a+b") and "lspace" not in quiz.mathml(r"\frac{a+b}{c}")


def test_texts_for_the_browser():
    assert quiz.as_html("a < b `x<y`") == "a &lt; b <code>x&lt;y</code>"
    assert quiz.as_markdown("a_b `c_d` $x_1$") == "a\\_b `c_d` $x_1$"
    for wrong, lost in (("costs 3$", r"\$"), ("a ` b", "`")):
        with pytest.raises(ValueError, match=f"expected a partner for each {lost}"):
            quiz.pieces(wrong)
    with pytest.raises(ValueError, match="formula: expected as many { as }"):
        quiz.mathml("x^{2")
    assert quiz._place(["before", 2, "options", 0, "why"]) == "before, question 3, option 1, why"
    assert quiz._place(["items", 1]) == "item 2"
    error = types.SimpleNamespace(validator="pattern", validator_value="", instance="für")
    assert quiz._fault(error) == ("a text in one line, without blanks at its ends", '"für"')


def test_a_quiz_is_shown_scored_and_noted_once(monkeypatch):
    shown, heard, opened, noted, given = [], [], [], [], types.SimpleNamespace(given=[])
    given.observe = lambda *what: None
    for name, stand_in in dict(
        has_front_end=lambda: True,
        display=lambda what, **more: shown.append(what),
        open_in_cell=lambda *what: opened.append(what),
        answer_at_once=heard.append,
        QuizWidget=lambda **more: given,
        for_browser=lambda question: question,
        in_words=lambda quiz: "words",
        in_markdown=lambda quiz: "words",
    ).items():
        monkeypatch.setattr(quiz, name, stand_in)
    page = quiz.Quiz("07_vae", "after", [{}, {}, {}], lambda *best: noted.append(best))
    assert page.score == (0, 3)
    page._ipython_display_()
    page._ipython_display_()
    assert heard == [given] and len(opened) == 1 and shown[0] is shown[2] is given and len(shown) == 4
    given.given = [{"verdict": "right"}, None, {"verdict": "wrong"}, {"verdict": "right"}]
    page.note_best()
    page.note_best()
    assert page.score == (1, 3) and noted == [("07_vae", "after", 1, 3)]


def test_a_quiz_may_be_given_as_it_is(monkeypatch):
    checked = []
    monkeypatch.setattr(quiz, "checked", lambda data, name: checked.append(name) or data)
    data = {"lesson": "mine", "after": [{"kind": "single"}]}
    assert quiz.read_quiz(data) is data and checked == ["quiz"]
    assert quiz.quiz(data, "after").questions == data["after"]
    with pytest.raises(
        ValueError, match="^when: expected 'after', but got 'before'|^when: expected one of 'after'"
    ):
        quiz.quiz(data, "before")


@pytest.mark.parametrize("right, broken", [(0, True), (1, False), (2, False), (3, True)])
def test_some_options_are_right_and_some_wrong(right, broken):
    options = [{"text": str(k), "right": k < right} for k in range(3)]
    assert bool(list(quiz.broken_rules({"kind": "multiple", "options": options}))) is broken
    assert bool(list(quiz.broken_rules({"kind": "single", "options": options}))) is (right != 1)


# hints


def test_habits_that_belong_to_no_exercise():
    want = torch.tensor([1.0, -2.0, 3.0])

    def said(got, want=want, n=4):
        close = lambda a, b: hints.near(a, b)
        return [text for there, text in hints._habits(got, want, "it", n, close) if there]

    assert said(-want)[0] == "it has the wrong sign" and "wrong sign" not in str(said(-1.001 * want))
    assert "4 times too large" in said(4 * want)[0] and "4 times too small" in said(want / 4)[0]
    assert said(2.5 * want) == ["it is 2.5 times what it should be: a constant factor"]
    assert said(0 * want) == [] and hints._factor(0 * want, want) is None
    assert hints._factor(3 * want, want) == pytest.approx(3) and hints._factor(want + 1, want) is None
    for factor, there in ((2.0, True), (0.5, True), (3.0, False)):  # one number may be any multiple
        one = torch.tensor([1.5])
        assert bool(said(factor * one, one, None)) is there


def test_numbers_that_agree_and_that_do_not():
    hints.agree(9e-7, 0.0)
    for wrong in (1.5e-6, -1.0):
        with pytest.raises(hints.Hint):
            hints.agree(wrong, 0.0)
    with pytest.raises(hints.Hint, match="of tensors of different shapes"):
        hints.tensor_of([torch.ones(2), torch.ones(3)])
    assert hints.tensor_of([torch.ones(2), torch.zeros(2)]).tolist() == [[1, 1], [0, 0]]
    with pytest.raises(hints.Hint, match="should be made of numbers"):
        hints.tensor_of("abc")


def test_gradients_are_copies_without_a_graph():
    net = nn.Linear(2, 1)
    assert hints.gradients(net) is None
    net.weight.grad = net.weight * 0 + 1  # as of backward(create_graph=True)
    got = hints.gradients(net)
    assert got.tolist() == [1, 1, 0] and not got.requires_grad
    net.weight.grad = net.weight.grad.detach() * 9
    assert got.tolist() == [1, 1, 0]


def test_how_an_answer_can_end():
    states = [
        hints._ending(e, 3).state
        for e in (hints.Undone(), NotImplementedError(), hints.Hint("x"), KeyboardInterrupt(), ValueError())
    ]
    assert states == ["not done yet", "not done yet", "not yet", "stopped", "crashed"]


# features


def test_pictures_that_seem_to_lie_in_0_to_1(recwarn):
    features.check_pixels("x", torch.full((1, 1, 2, 2), 0.5))  # one tone proves nothing
    features.check_pixels("x", torch.linspace(-0.1, 1, 4).view(1, 1, 2, 2))
    assert not recwarn.list
    with pytest.warns(UserWarning, match=r"x: images in \[-1, 1\] expected, but these lie in \[0, 1\]"):
        features.check_pixels("x", torch.linspace(0, 1, 4).view(1, 1, 2, 2))
    for edge in (1.002, -1.002, float("nan")):
        with pytest.raises(ValueError, match=r"x: expected values in \[-1, 1\], but got"):
            features.check_pixels("x", torch.full((1, 1, 2, 2), edge))


@pytest.mark.parametrize("shape", [(3,), (2, 5), (3, 5, 1)])
def test_features_are_a_row_an_image(shape):
    class Net:
        def features(self, images):
            return torch.ones(shape)

    with pytest.raises(ValueError, match=r"net: expected features \(3, d\), but got"):
        features.features_of(torch.linspace(-1, 1, 12).view(3, 1, 2, 2), Net())
    with pytest.raises(TypeError, match="net: expected a network with .features"):
        features.check_extractor(object())


def test_networks_on_file_leave_torch_s_generator_alone():
    before = torch.get_rng_state()
    for load in (features.digit_classifier, features.imagenet_features, features.face_attributes):
        net = load()
        assert not net.training and not any(p.requires_grad for p in net.parameters())
    assert torch.equal(before, torch.get_rng_state())
    with pytest.raises(ValueError, match=r"images: expected squares \(n, 3, s, s\)"):
        net.features(torch.zeros(1, 3, 64, 32))
    with pytest.raises(ValueError, match=r"images: expected digits \(n, 1, 28, 28\) or \(n, 1, 32, 32\)"):
        features.digit_classifier().features(torch.zeros(1, 1, 30, 30))


def test_a_digit_on_28_pixels_is_one_on_32_with_a_rim():
    net, x = features.DigitClassifier(), torch.rand(1, 1, 28, 28)
    torch.testing.assert_close(net.features(x), net.features(nn.functional.pad(x, (2, 2, 2, 2), value=-1)))


def test_rates_fall_to_nothing_at_the_end(monkeypatch):
    planned = []

    class Rate:
        def __init__(self, opt, lr, total_steps):
            planned.append(total_steps)

        def step(self):
            planned.append("step")

    monkeypatch.setattr(torch.optim.lr_scheduler, "OneCycleLR", Rate)
    images = torch.rand(5, 1, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    features.train_digits(images, torch.arange(5), epochs=3, batch=2)
    assert planned == [9] + ["step"] * 9


# toy


def test_the_source_s_start_and_its_steps():
    net = toy.source_init(nn.Linear(100, 100), torch.Generator().manual_seed(0), 0.5)
    assert net.weight.std().item() == pytest.approx(0.5, rel=0.03) and net.weight.mean().abs() < 0.02
    assert toy.source_init(nn.Linear(100, 100)).weight.std().item() == pytest.approx(0.02, rel=0.05)
    D, G = nn.Linear(2, 1), nn.Linear(2, 2)
    loss = nn.BCEWithLogitsLoss(reduction="sum")
    X, Z = torch.ones(3, 2), torch.zeros(3, 2)
    for update, net, args in ((toy.update_D, D, (X, Z)), (toy.update_G, G, (Z,))):
        first = next(net.parameters())
        first.grad = torch.full_like(first, 1e6)  # of another step
        before = first.detach().clone()
        update(*args, D, G, loss, torch.optim.SGD(net.parameters(), 0.1))
        assert first.grad.abs().max() < 100
        torch.testing.assert_close(first.detach(), before - 0.1 * first.grad)


# data


def test_what_a_mirror_may_send(monkeypatch):
    now, kept = [0.0], []
    monkeypatch.setattr(data.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(data, "MOST_LOADED", 50)
    load = lambda: data._Loading(types.SimpleNamespace(write=kept.append), 2)
    load().write(b"x" * 50)  # the most there may be
    assert kept == [b"x" * 50]
    with pytest.raises(data._RefusedError, match="sent more than 50 bytes"):
        load().write(b"x" * 51)
    for took, enough in ((20, True), (20.1, False)):  # ten times the patience of a connection
        slow = load()
        now[0] += took
        if enough:
            slow.write(b"x")
        else:
            with pytest.raises(data._RefusedError, match="less than 1 kB a second"):
                slow.write(b"x")
    monkeypatch.setattr(data, "MOST_LOADED", 10**9)
    steady = load()
    now[0] += 30
    steady.write(bytes(30_000))


def test_what_an_archive_may_hold():
    entry = lambda name, size=1, mode=0: types.SimpleNamespace(
        filename=name, file_size=size, external_attr=mode << 16
    )
    good = [entry("a/x"), entry("b/y")]
    assert data._harmless(good, "a", 10) == good[:1]
    for entries, said in (
        (good, "it holds no folder c"),
        ([entry("c/x", (1 << 20) + 201)], "it would unpack to"),
        ([entry("c/../x")], "leads out of its folder"),
        ([entry("/c/x")], "leads out of its folder"),
        ([entry("c/x", mode=0o120777)], "is a link"),
    ):
        with pytest.raises(ValueError, match=said):
            data._harmless(entries, "c", 10)
    assert data._harmless([entry("c/x", (1 << 20) + 200)], "c", 10)


def test_a_file_is_no_folder_to_load_into(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="folder: expected a folder to load into"):
        data._place(tmp_path / "file")
    assert data._place(tmp_path / "new") == tmp_path / "new"


def test_bytes_of_pictures_that_have_a_graph():
    x = torch.tensor([-1.0, 0.0, 1.0, 2.0], requires_grad=True)
    assert data.to_bytes(x).tolist() == [0, 128, 255, 255]
    assert data.to_bytes(np.array([-2.0, 1.0])).tolist() == [0, 255]
