"The check of a card: it runs on the CPU and on a pretended device, goes on, and fails in words."

import json

import gpu_check
import pytest

SMALL = ["--steps", "3", "--size", "16", "--games", "toy, r1", "sweep"]


def run(capsys, *more):
    code = gpu_check.main([*SMALL, *map(str, more)])
    return code, capsys.readouterr().out


def test_it_runs_on_the_cpu_and_goes_on(tmp_path, capsys):
    assert run(capsys, "--device", "cpu", "--out", tmp_path, "--seconds", 0)[0] == 2
    code, said = run(capsys, "--device", "cpu", "--out", tmp_path)
    assert code == 0 and "4 parts on cpu" in said and said.count("steps a second") == 4
    figures = json.loads((tmp_path / "gpu_cpu.json").read_text())
    assert figures["card"] == "cpu" and figures["parts"]["sweep, float32"]["off the CPU"] == 0
    del figures["parts"]["toy, r1, bfloat16"]
    (tmp_path / "gpu_cpu.json").write_text(json.dumps(figures))
    code, said = run(capsys, "--device", "cpu", "--out", tmp_path)
    assert code == 0 and said.count("steps a second") == 1


@pytest.mark.parametrize("machine", ["like MPS"], indirect=True)
def test_it_runs_on_a_device(machine, tmp_path, capsys):
    assert run(capsys, "--device", machine.device, "--out", tmp_path)[0] == 0


WRONG = {
    "1.5% off those of the CPU": {"off the CPU": 0.015},
    "makes the CPU wait": {"waits": True},
    "not finite": {"finite": False},
    "another game on a CPU": {"loads on a CPU": False},
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_wrong_is_said(words, tmp_path, capsys, monkeypatch):
    found = {"steps a second": 1.0, "waits": None, "finite": True, "loads on a CPU": True} | WRONG[words]
    monkeypatch.setattr(gpu_check, "check", lambda *_: found)
    code, said = run(capsys, "--device", "cpu", "--out", tmp_path)
    assert code == 1 and said.count("FAILED") == 4 and words in said
