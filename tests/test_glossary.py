"The glossary: filled columns in their languages, no term twice, links to sections that speak of the term."

import json
import re
from pathlib import Path

import pytest

NBS = Path(__file__).resolve().parent.parent / "nbs"
MUST = """generative adversarial network, generator, discriminator, logit, minimax game, zero-sum game,
equilibrium, saturating loss, non-saturating loss, two-sample test, Kullback-Leibler divergence,
Jensen-Shannon divergence, Wasserstein distance, Fréchet distance, mode, mode collapse,
vanishing gradient, covariance, learning rate, epoch, momentum, to detach, exponential moving average,
convolution, stride, transposed convolution, pooling, batch norm, instance norm, LeakyReLU,
receptive field, checkerboard, hinge loss, margin, Lipschitz constant, spectral norm,
spectral normalisation, power iteration, singular value, gradient penalty, weight clipping,
conditional GAN, image-to-image translation, paired data, unpaired data, domain, U-Net, PatchGAN, patch,
mosaic, L1 loss, cycle consistency, identity loss, image pool, autoencoder, variational autoencoder,
prior, posterior, evidence lower bound, reparameterisation, posterior collapse, style transfer,
content loss, style loss, Gram matrix, total variation loss, progressive growing, multi-scale gradients,
diffusion model, overfitting, shard, half precision, latent code, latent space, projection discriminator,
auxiliary classifier, truncation trick, style mixing, demodulation, GAN inversion,
differentiable augmentation, adaptive discriminator augmentation, flow matching, score,
classifier-free guidance, distillation,
f-divergence, convex conjugate, maximum mean discrepancy, Wasserstein-1, sample complexity"""
SLIPS = """差別的 実数 発電機 描画 療法 隠れサイズ GaN 怠惰
あらたま plausibly スタイル転送 成果負荷 ロジスティクス D(z) px2pix 参数""".split()


def markdown(notebook):
    cells = json.loads((NBS / notebook).read_text(encoding="utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]


def tables(head):
    "The rows of all tables with this first column, each as its columns; the header is left out."
    found = []
    for cell in markdown("glossary.ipynb"):
        lines = [line for line in cell.splitlines() if line.startswith("|")]
        if lines and lines[0].startswith(f"| {head} |"):
            found += [[column.strip() for column in line.strip().strip("|").split("|")] for line in lines[2:]]
    return found


def sections(notebook):
    "{anchor of a heading: its text, down to the next heading of the same or a higher level}"
    open_sections, found = [], {}
    for cell in markdown(notebook):
        for line in cell.splitlines():
            if heading := re.match(r"(#+) +(.+?) *$", line):
                open_sections = [(level, a) for level, a in open_sections if level < len(heading[1])]
                open_sections.append((len(heading[1]), heading[2].replace(" ", "-")))
                found[open_sections[-1][1]] = ""
            for _, anchor in open_sections:
                found[anchor] += line + "\n"
    return found


def bare(term):
    "A term without what stands in brackets: 'generator (G)' is 'generator'."
    return re.sub(r" \(.*?\)", "", term)


def stems(term):
    "Beginnings of the words of a term: one of them must occur where the link leads."
    words = re.findall(r"[\w-]{4,}|[A-Z]\w+", term)
    return [word[: max(4, len(word) - 3)].lower() for word in words]


TERMS, WRONG = tables("English"), tables("text")
SECTION = re.compile(r"\]\(([^#)]+\.ipynb)#(.+)\)$")
PAPER = re.compile(r"\[[^]]+, (?:19|20)\d\d\]\(https://arxiv\.org/abs/\d{4}\.\d{4,5}\)$")


def test_each_row_has_filled_columns():
    assert len(TERMS) >= 200 and len(WRONG) >= 40
    assert not [row for row in TERMS if len(row) != 5 or not all(row)]
    assert not [row for row in WRONG if len(row) != 4 or not all(row)]


def test_no_term_twice_and_none_missing():
    terms = [bare(row[0]).lower() for row in TERMS]
    assert len(terms) == len(set(terms)), {t for t in terms if terms.count(t) > 1}
    names = {name.strip() for term in terms for name in term.split(",")}
    assert not [must for must in " ".join(MUST.split()).split(", ") if must.lower() not in names]


def test_the_languages_stand_in_their_columns():
    "Each in the characters of its country, as an old code table knows them."
    kana, han = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\u4e00-\u9fff]")
    latin = re.compile(r"[\w .\-()]+", re.ASCII)  # names such as U-Net are written alike in all of them
    for english, japanese, simplified, traditional, _ in TERMS:
        assert not kana.search(english + simplified + traditional) and not han.search(english), english
        assert latin.fullmatch(japanese) or kana.search(japanese) or han.search(japanese), english
        for chinese in (simplified, traditional):
            assert latin.fullmatch(chinese) or han.search(chinese), english
        "".join(han.findall(japanese)).encode("shift_jis")
        "".join(han.findall(simplified)).encode("gb2312")
        "".join(han.findall(traditional)).encode("big5")


def test_the_known_slips_of_the_texts_are_listed():
    said = {
        text: " ".join(row[1] for row in WRONG if row[0] == text) for text in ("S0", "S1", "S2", "S3", "S4")
    }
    assert {row[0] for row in WRONG} == set(said)
    assert not [slip for slip in SLIPS if slip not in " ".join(said.values())]
    assert not [row for row in WRONG if row[1] == row[2]]


def test_each_row_ends_with_a_section_or_a_paper():
    section, paper = (sum(bool(link.search(row[4])) for row in TERMS) for link in (SECTION, PAPER))
    assert section + paper == len(TERMS) and section >= 150


@pytest.mark.parametrize("notebook", sorted({m[1] for row in TERMS if (m := SECTION.search(row[4]))}))
def test_links_lead_to_sections_that_speak_of_the_term(notebook):
    known, astray = sections(notebook), []
    for term, *_, meaning in TERMS:
        link = SECTION.search(meaning)
        if link is None or link[1] != notebook:
            continue
        anchor = link[2]
        if anchor not in known:
            astray.append(f"{term}: no heading {anchor}")
        elif not any(stem in known[anchor].lower() for stem in stems(term)):
            astray.append(f"{term}: {anchor} does not speak of it")
    assert not astray, "\n".join(astray)
