"""Export the notebooks to gancourse/ and carry the docments into the docstrings: `python tools/export.py`.

In a notebook a comment beside a parameter, a field or a return says what it is. In the exported module the
docstring says so, in numpydoc's form, where `help` shows it, and the comment is gone: once is enough.
Raises and Examples are written by hand below the summary; they come behind Parameters and Returns.
"""

import ast
import io
import itertools
import os
import re
import subprocess
import sys
import textwrap
import tokenize
from pathlib import Path

from fastcore.xtras import working_directory
from nbdev.doclinks import nbdev_export

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 110  # of a line, its indentation included
PRAGMA = re.compile(r"#\s*(noqa|type:|fmt:|pragma)")
BLANK = (tokenize.NL, tokenize.COMMENT)
BY_HAND = re.compile(r"^(Raises|Examples|Notes|See Also)\n-", re.MULTILINE)  # sections of a docstring

USUAL = {  # words that mean the same everywhere: what is said where nothing stands beside them
    "game": "what is played: players and networks",
    "session": "who plays the game",
    "lab": "who shows the game",
    "lr_D": "learning rate of D's Adam",
    "lr_G": "learning rate of G's Adam",
    "betas": "Adam's, of both players",
    "autocast": "() -> the context of all passes, such as machine.autocast",
    "ax": "where to draw; None: new axes",
    "-> Axes": "the axes that were drawn on",
}


class Source:
    "The text of a module: its tree, its tokens, its comments, and where they are."

    def __init__(self, text):
        self.text, self.tree, self.lines = text, ast.parse(text), text.splitlines(keepends=True)
        self.starts = [0, *itertools.accumulate(map(len, self.lines))]
        self.tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        comments = [t for t in self.tokens if t.type == tokenize.COMMENT and not PRAGMA.match(t.string)]
        self.comments = {t.start[0]: t for t in comments}
        self.classes = {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}

    def at(self, line, column):
        "A place as an offset into the text."
        return self.starts[line - 1] + column

    def span(self, node):
        "Where a node begins and ends. (The tree counts bytes, the tokens count characters.)"
        ends = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
        return [self.at(i, len(self.lines[i - 1].encode()[:column].decode())) for i, column in ends]

    def code(self, node):
        "A node as it was written, numbers and all; on one line."
        text = self.text[slice(*self.span(node))]
        return ast.unparse(node) if "\n" in text else text

    def docment(self, first, last):
        "The comments beside the lines from `first` to `last`, or else those on the lines above."
        beside = [self.comments[i] for i in range(first, last + 1) if i in self.comments]
        above = itertools.takewhile(self.is_comment, range(first - 1, 0, -1))
        return beside or [self.comments[i] for i in above][::-1]

    def is_comment(self, line):
        return line in self.comments and self.lines[line - 1].lstrip().startswith("#")

    def signature(self, function):
        "The tokens from `def` to the colon that ends the signature, each with the brackets open behind it."
        depth, found = 0, []
        for t in self.tokens:
            if t.start >= (function.lineno, function.col_offset):
                depth += (t.string in ("(", "[", "{")) - (t.string in (")", "]", "}"))
                found.append((t, depth))
                if t.string == ":" and depth == 0:
                    return found


# What the docments say: rows of (name, annotation, default, comments)


def arguments(source, function, skip):
    "The parameters of a function. A method skips its `self`."
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    defaults = [None] * (len(positional) - len(a.defaults)) + a.defaults
    rows = [(x.arg, x, default) for x, default in zip(positional, defaults, strict=True)][skip:]
    rows += [("*" + a.vararg.arg, a.vararg, None)] if a.vararg else []
    rows += [(x.arg, x, default) for x, default in zip(a.kwonlyargs, a.kw_defaults, strict=True)]
    rows += [("**" + a.kwarg.arg, a.kwarg, None)] if a.kwarg else []
    last = source.signature(function)[-1][0].start[0]  # what stands on this line is said of the return
    for name, x, default in rows:
        end = (default or x).end_lineno
        yield name, x.annotation, default, source.docment(x.lineno, end) if end < last else []


def returned(source, function):
    "What a function returns: one row, or none."
    if function.returns is None or ast.unparse(function.returns) == "None":
        return []
    last = source.signature(function)[-1][0].start[0]
    return [("", function.returns, None, [source.comments[last]] if last in source.comments else [])]


def constructor(node):
    return next((x for x in node.body if isinstance(x, ast.FunctionDef) and x.name == "__init__"), None)


def parameters(source, node):
    "The parameters of a class: those of its `__init__` or its fields, its own or inherited in this module."
    if init := constructor(node):
        return [*arguments(source, init, skip=1)]
    parents = [source.classes[name] for name in map(ast.unparse, node.bases) if name in source.classes]
    rows = {row[0]: row for parent in parents for row in parameters(source, parent)}
    marks = " ".join(map(ast.unparse, [*node.decorator_list, *node.bases]))
    if re.search(r"\b(dataclass|NamedTuple)\b", marks):
        for x in node.body:
            if isinstance(x, ast.AnnAssign) and not re.search(r"\bClassVar\b|\binit=False", ast.unparse(x)):
                rows[x.target.id] = (
                    x.target.id,
                    x.annotation,
                    x.value,
                    source.docment(x.lineno, x.end_lineno),
                )
    return [*rows.values()]


# Where it goes


def words(name, annotation, comments):
    "What is said of a row."
    if comments or not (name or annotation):
        return " ".join(t.string.lstrip("#").strip() for t in comments)
    return USUAL.get(name or f"-> {ast.unparse(annotation)}".strip("'"), "")


def entry(source, name, annotation, default, comments):
    "One row in numpydoc's form."
    quoted = isinstance(annotation, ast.Constant) and isinstance(annotation.value, str)
    says = [annotation.value if quoted else ast.unparse(annotation)] if annotation else []
    if default is not None:
        code = source.code(default)
        says.append("optional" if code.startswith(("field(", "lambda")) else f"default {code}")
    yield " : ".join(filter(None, [name, ", ".join(says)]))
    if text := words(name, annotation, comments):
        yield f"    {text}"


def fit(text, width, hang=""):
    "Each line of a text in as many as it takes."
    whole = dict(break_long_words=False, break_on_hyphens=False, subsequent_indent=hang)
    return "\n".join(textwrap.fill(line, width, **whole) for line in text.splitlines())


def literal(text, indent=0):
    raw = "r" if "\\" in text else ""
    return textwrap.indent(f'{raw}"""{text}"""', " " * indent).lstrip()


def section(source, title, rows, width):
    "Rows under their title; each with a hanging indent where it is too long for a line."
    lines = [line for row in rows for line in entry(source, *row)]
    wrapped = [fit(line, width, hang=" " * (4 if line.startswith(" ") else 8)) for line in lines]
    return "\n".join([title, "-" * len(title), *wrapped])


def docstring(source, node, rows, back):
    "A docstring as a literal: the summary, what the docments say, and what was written by hand below."
    text, indent = ast.get_docstring(node), node.body[0].col_offset
    start = found.start() if (found := BY_HAND.search(text)) else len(text)
    generated = [("Parameters", rows), ("Returns", back)]
    middle = [section(source, title, each, WIDTH - indent) for title, each in generated if each]
    head, tail = fit(text[:start].rstrip(), WIDTH - indent - 4), text[start:].rstrip()
    return literal("\n\n".join(part for part in [head, *middle, tail] if part) + "\n", indent)


def trailing_comma(source, function):
    "The comma that keeps one parameter a line: nothing stands beside them any more."
    code = [(t, depth) for t, depth in source.signature(function) if t.type not in BLANK]
    for (comma, _), (t, depth) in itertools.pairwise(code):
        if comma.string == "," and t.string == ")" and depth == 0:
            yield source.at(*comma.start), source.at(*comma.end), ""


def edits(source, node, skip=0):
    "What changes in a public definition and its public methods: (start, end, new text)."
    if isinstance(node, ast.ClassDef):
        rows, back, function = parameters(source, node), [], constructor(node)
        for x in node.body:
            if isinstance(x, ast.FunctionDef) and (not x.name.startswith("_") or x.name == "__call__"):
                yield from edits(source, x, skip="staticmethod" not in map(ast.unparse, x.decorator_list))
    else:
        rows, back, function = [*arguments(source, node, skip)], returned(source, node), node
    if any(words(name, kind, found) for name, kind, _, found in [*rows, *back]) and ast.get_docstring(node):
        comments = [t for *_, found in [*rows, *back] for t in found]
        own = [t for t in comments if node.lineno <= t.start[0] <= node.end_lineno]
        yield *source.span(node.body[0]), docstring(source, node, rows, back)
        yield from ((source.at(*t.start), source.at(*t.end), "") for t in own)
        if function and own:
            yield from trailing_comma(source, function)


def carry(text):
    "The text of a module with its docments in its docstrings."
    source = Source(text)
    title = fit(ast.get_docstring(source.tree), WIDTH - 7)
    changes = [(*source.span(source.tree.body[0]), literal(title))]
    for node in source.tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            patched = any(ast.unparse(x).startswith("patch") for x in node.decorator_list)
            changes += edits(source, node, skip=patched)
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def export():
    "Write every module anew, and drop those that no notebook exports any more."
    os.environ.pop("IN_TEST", None)  # nbdev would do nothing
    cells = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "nbs").rglob("*.ipynb"))
    names = set(re.findall(r'"#\| *default_exp ([\w.]+)', cells))
    paths = [ROOT / "gancourse" / f"{name.replace('.', '/')}.py" for name in sorted(names)]
    for path in set((ROOT / "gancourse").rglob("[!_]*.py")) - set(paths):
        path.unlink()
    with working_directory(ROOT):
        nbdev_export()
    for path in paths:
        path.write_text(carry(path.read_text(encoding="utf-8")), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--quiet", "--no-cache", *paths], cwd=ROOT, check=True
    )


if __name__ == "__main__":
    export()
