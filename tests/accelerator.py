"""An accelerator that is not there: tensors on "pretend" compute on the CPU, and obey a GPU's rules.

torch lets Python register a device. A tensor on this one holds a CPU tensor. Operations are done there, but

- two devices in one operation are refused, as are a generator of the other device, NumPy, products of whole
  numbers (CUDA has none) and, where it is asked for, float64 and eigenvalues (Apple's GPUs have none);
- each wait for the device (a number read, a copy to the CPU, a size that depends on values) is written down;
- whoever reseeds the device is written down too: `torch.manual_seed` reaches every accelerator.

Outside of `pretended()` there is no such device, and nothing of torch has changed.
"""

import functools
import weakref
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.utils import backend_registration
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from gancourse import machine as machines

NAME = "pretend"
SETUP = getattr(backend_registration, "_setup_privateuseone_for_python_backend", None)  # torch 2.13 has it
aten = torch.ops.aten
COPIES = {aten.copy_.default, aten._foreach_copy_.default}  # between devices, as everywhere
INDEXED = {aten.index.Tensor, aten.index_put_.default}
WAITS = {  # the CPU must wait: for a number, or for a size that depends on values
    aten._local_scalar_dense.default,
    aten.equal.default,
    aten.nonzero.default,
    aten.masked_select.default,
    aten._unique2.default,
    aten.unique_dim.default,
    aten.unique_consecutive.default,
    aten.repeat_interleave.Tensor,
    aten.bincount.default,
}
PYTHON = torch._C.DispatchKeySet(torch._C.DispatchKey.Python)
PYTHON = PYTHON | torch._C.DispatchKeySet(torch._C.DispatchKey.PythonTLSSnapshot)
DECOMPOSED = {aten._linalg_eigh.default, aten._linalg_svd.default}
PRODUCTS = {getattr(aten, name).default for name in "mm mv bmm addmm addmv baddbmm dot".split()}
waits = []  # the operations for which the CPU has waited
seeds = []  # with which the device was reseeded
_there = [False]  # inside `pretended()`
_generators = weakref.WeakValueDictionary()  # the device's, by the address that torch hands on


class Module:
    "What torch asks of a device, as of torch.cuda."

    def is_initialized(self):
        return True

    def is_available(self):
        return _there[0]

    def device_count(self):
        return 1

    def current_device(self):
        return 0

    def synchronize(self, device=None):
        waits.append("synchronize")

    def _is_in_bad_fork(self):
        return False

    def manual_seed_all(self, seed):
        seeds.append(seed)

    def get_rng_state(self, device=None):
        return _own.get_state()

    def set_rng_state(self, state, device=None):
        _own.set_state(state)

    def get_amp_supported_dtype(self):
        return [torch.bfloat16]


class OnDevice(Tensor):
    "A tensor on the device; `inner` is where its numbers are."

    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inner):
        if inner.dtype == torch.float64 and NAME in machines.NO_FLOAT64:
            raise TypeError(f"{NAME} has no float64")
        layout = dict(strides=inner.stride(), storage_offset=inner.storage_offset(), dtype=inner.dtype)
        self = Tensor._make_wrapper_subclass(cls, inner.shape, **layout, device=torch.device(NAME, 0))
        self.inner = inner
        return self

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return on_device(func, args, kwargs or {})

    def numpy(self, *, force=False):
        if force:
            return self.detach().cpu().numpy()
        raise TypeError(f"can't convert a tensor on {NAME}:0 to NumPy: use Tensor.cpu() first")

    def tolist(self):
        return self.detach().cpu().tolist()

    def __format__(self, how):
        return self.item().__format__(how) if self.ndim == 0 else repr(self)

    def __repr__(self):
        return f"{self.cpu()} on {NAME}:0"


def on_device(func, args, kwargs):
    "Do `func` on the CPU, as far as a GPU would have done it."
    leaves = tree_leaves((args, kwargs))
    given = [x for x in leaves if isinstance(x, Tensor)]
    refuse_mixed(func, args, given)
    refuse_generators(func, leaves, here=True)
    if func in PRODUCTS and not any(x.is_floating_point() for x in given):
        raise NotImplementedError(f"{func.name()}: no products of whole numbers, as on CUDA")
    if func in DECOMPOSED and NAME in machines.NO_FLOAT64:
        raise NotImplementedError(f"{func.name()} is not implemented, as on MPS")
    to = kwargs.get("device")
    leaves_it = to is not None and torch.device(to).type != NAME
    if to is not None and not leaves_it:
        kwargs = kwargs | {"device": "cpu"}
    if waits_for(func, args, kwargs, leaves_it):
        waits.append(func.name())
    inner = tree_map(lambda x: x.inner if isinstance(x, OnDevice) else x, (args, kwargs))
    out = drawn_apart(func, *inner)
    known = {id(x.inner): x for x in given if isinstance(x, OnDevice)} | {id(x): x for x in given}
    for x in given:
        if isinstance(x, OnDevice) and (x.inner.shape, x.inner.stride()) != (x.shape, x.stride()):
            reshape(x)

    def back(x):
        if not isinstance(x, Tensor):
            return x
        return known[id(x)] if id(x) in known else x if leaves_it else OnDevice(x)

    return tree_map(back, out)


def reshape(x):
    "Tell torch of a shape that was changed in place, as by squeeze_."
    with torch._C._ExcludeDispatchKeyGuard(PYTHON), torch._C._AutoDispatchBelowAutograd():
        aten.as_strided_.default(x, x.inner.shape, x.inner.stride(), x.inner.storage_offset())


def refuse_mixed(func, args, given):
    "As a GPU does: two devices in one operation, but for copies, single numbers and places in a tensor."
    indexed = func in INDEXED and isinstance(args[0], OnDevice)
    allowed = [x for x in args[1] if x is not None and x.is_cpu] if indexed else []
    strangers = [x for x in given if not isinstance(x, OnDevice) and all(x is not a for a in allowed)]
    numbers = torch.Tag.pointwise in func.tags or func in (aten.index_put_.default, aten.fill_.Tensor)
    if func in COPIES or all(x.is_cpu and x.ndim == 0 and numbers for x in strangers):
        return
    raise RuntimeError(
        f"{func.name()}: expected all tensors to be on the same device, but found {NAME}:0 and "
        f"{strangers[0].device}, shape {tuple(strangers[0].shape)}"
    )


def refuse_generators(func, leaves, here):
    for x in leaves:
        if isinstance(x, torch._C.Generator) and (x._cdata in _generators) != here:
            ours, theirs = (NAME, "cpu") if here else ("cpu", NAME)
            raise RuntimeError(f"{func.name()}: expected a generator of {ours}, but got one of {theirs}")


def waits_for(func, args, kwargs, leaves_it):
    if func in WAITS:
        return True
    if func in INDEXED:  # a mask: how many are they?
        return any(isinstance(x, OnDevice) and x.dtype in (torch.bool, torch.uint8) for x in args[1])
    if func is aten.copy_.default:
        return not isinstance(args[0], OnDevice) and args[0].is_cpu
    return leaves_it and torch.device(kwargs["device"]).type == "cpu" and func is aten._to_copy.default


_own = torch.Generator().manual_seed(0)  # the device's own, from which dropout draws


def drawn_apart(func, args, kwargs):
    "Whoever draws on the device leaves the CPU's generator alone."
    if torch.Tag.nondeterministic_seeded not in func.tags:
        return func(*args, **kwargs)
    before = torch.default_generator.get_state()
    torch.default_generator.set_state(_own.get_state())
    try:
        return func(*args, **kwargs)
    finally:
        _own.set_state(torch.default_generator.get_state())
        torch.default_generator.set_state(before)


class _Kind(type(torch.Generator)):
    def __instancecheck__(cls, x):
        return isinstance(x, torch._C.Generator)


class Generator(torch._C.Generator, metaclass=_Kind):
    "torch.Generator, also for the device. Its state there has another length, as on a GPU."

    def __new__(cls, device="cpu"):
        device = torch.device(device)
        self = super().__new__(cls, device="cpu" if device.type == NAME else device)
        self.on = torch.device(NAME, 0) if device.type == NAME else None
        if self.on:
            _generators[self._cdata] = self
        return self

    def __init__(self, device="cpu"):
        pass

    @property
    def device(self):
        return self.on or super().device

    def get_state(self):
        state = super().get_state()
        return torch.cat([state, state.new_zeros(8)]) if self.on else state

    def set_state(self, state):
        length = len(self.get_state())
        if len(state) != length:
            raise RuntimeError(f"RNG state is wrong size: expected {length}, but got {len(state)}")
        return super().set_state(state[:-8] if self.on else state)


class Watch(TorchDispatchMode):
    "On the CPU nothing is drawn from a generator of the device."

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if torch.Tag.nondeterministic_seeded in func.tags and not any(
            isinstance(x, OnDevice) for x in tree_leaves((args, kwargs))
        ):
            refuse_generators(func, tree_leaves((args, kwargs)), here=is_ours(kwargs.get("device")))
        return func(*args, **kwargs)


def is_ours(device):
    return device is not None and torch.device(device).type == NAME


HALVED = "linear matmul mm bmm addmm conv1d conv2d conv_transpose2d".split()  # by autocast, as on CUDA
IN_FULL = "mse_loss l1_loss softplus pow.Tensor_Scalar softmax.int binary_cross_entropy_with_logits".split()


MADE = "empty.memory_format empty_strided eye eye.m linspace arange arange.start arange.start_step randperm"


def made(op):
    return lambda *args, **kwargs: on_device(op, args, kwargs)


def upload(x, to, non_blocking=False):
    "What torch.tensor(..., device=...) ends in."
    to.inner.copy_(x.inner if isinstance(x, OnDevice) else x)
    return to


def operator(name):
    packet, _, overload = name.partition(".")
    return getattr(getattr(aten, packet), overload or "default")


def autocast(name, precision):
    def cast(x):
        fits = isinstance(x, Tensor) and x.dtype in (torch.float32, torch.bfloat16)
        return x.to(precision or torch.get_autocast_dtype(NAME)) if fits else x

    def kernel(*args, **kwargs):
        with torch._C._ExcludeDispatchKeyGuard(keys):
            return operator(name)(*tree_map(cast, args), **tree_map(cast, kwargs))

    keys = torch._C.DispatchKeySet(torch._C.DispatchKey.AutocastPrivateUse1)
    return kernel


@functools.cache
def register():
    "Once a process, before its first backward: autograd makes a thread for each device then."
    if SETUP is None:
        return None

    class Hook(torch._C._acc.PrivateUse1Hooks):
        def is_available(self):
            return _there[0]

        def has_primary_context(self, device):
            return True

        def is_built(self):
            return True

    SETUP(NAME, Module(), Hook())
    library, others = torch.library.Library("aten", "IMPL"), torch.library.Library("_", "IMPL")
    for name in MADE.split():
        library.impl(name, made(operator(name)), "PrivateUse1")
    library.impl("_copy_from", upload, "PrivateUse1")
    others.fallback(torch.library.fallthrough_kernel, "AutocastPrivateUse1")
    for names, precision in ((HALVED, None), (IN_FULL, torch.float32)):
        for name in names:
            library.impl(name, autocast(name, precision), "AutocastPrivateUse1")
    return library, others  # they live as long as somebody has them


@contextmanager
def pretended(float64=True):
    "A context in which the device is there, with nothing written down yet. Without float64: as on a Mac."
    waits.clear()
    seeds.clear()
    plain, torch.Generator, _there[0] = torch.Generator, Generator, True
    machines.NO_FLOAT64 |= set() if float64 else {NAME}
    try:
        with Watch():
            yield torch.device(NAME)
    finally:
        torch.Generator, _there[0] = plain, False
        machines.NO_FLOAT64 -= {NAME}
