"What several tests need."

import sys
from pathlib import Path

import pytest
import torch

from gancourse.machine import pick

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))
import accelerator

accelerator.register()


@pytest.fixture
def one_thread():
    "Sums in one order: with two threads they are rounded in another."
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(params=["like CUDA", "like MPS"])
def machine(request):
    "An accelerator that is not there; whoever reseeds it is found."
    if accelerator.SETUP is None:
        pytest.skip("this torch can't pretend a device")
    with accelerator.pretended(float64=request.param == "like CUDA") as device:
        yield pick(device, threads=1)
        assert not accelerator.seeds, f"the device was reseeded with {accelerator.seeds}"
