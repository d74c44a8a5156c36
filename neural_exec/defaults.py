"""Torch as the network needs it, whatever the caller has set.

Dtypes are said wherever a tensor of the network is made. All else that torch holds for a process or a thread (inference
mode, autocast, transforms, function and dispatch modes and with them the default device, flushed denormals, threads,
the precision of products) is put aside where the network works, and put back after. Numpy's error state too.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

import numpy as np
import torch
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack
from torch.autograd.forward_ad import _set_fwd_grad_enabled
from torch.utils._python_dispatch import _disable_current_modes

__all__ = ["Lock", "eager", "no_modes", "own_defaults", "training_defaults"]

_DENORMAL = np.full(1, 5e-324)
_TRAINING = threading.RLock()


class Lock:
    """A reentrant lock. A copy, pickled or deep, is a new one, so that what holds it copies as if it held none."""

    def __init__(self):
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *e) -> None:
        self._lock.release()

    def __reduce__(self) -> tuple:
        return Lock, ()


@contextmanager
def own_defaults(grad: bool = False) -> Iterator[None]:
    """No setting of the caller's changes what is computed within, on the CPU. Also a decorator."""
    flushed = not (_DENORMAL + 0.0)[0]  # torch has no getter; a thread of one's own would inherit it
    try:
        if flushed:
            torch.set_flush_denormal(False)
        with (
            torch._C.DisableTorchFunction(),
            _disable_current_modes(),
            temporarily_clear_interpreter_stack(),
            torch.inference_mode(False),
            torch.set_grad_enabled(grad),
            _set_fwd_grad_enabled(False),
            torch.autocast("cpu", enabled=False),
            np.errstate(all="ignore"),
        ):
            yield
    finally:
        if flushed:
            torch.set_flush_denormal(True)


@contextmanager
def no_modes() -> Iterator[None]:
    """Without function modes, the default device among them: new tensors are where it is said, else on the CPU. Also a
    decorator."""
    with torch._C.DisableTorchFunction():
        yield


def eager(f: Callable) -> Callable:
    """Decorator: run as it is called, by `torch.compile` too, which breaks its graph here; without function modes."""
    f = no_modes()(f)

    @wraps(f)
    def call(*args, **options):
        if torch.compiler.is_compiling() or "torch._dynamo" in sys.modules:  # else it would be imported: seconds
            return torch.compiler.disable(f)(*args, **options)
        return f(*args, **options)

    return call


@contextmanager
def training_defaults() -> Iterator[None]:
    """The same for what is trained: with gradients, and to the same bits everywhere. Torch draws from a generator that
    is the training's own. On one thread sums come in one order (and small products are sooner done); as that is set for
    the whole process, trainings in several threads wait for each other."""
    with _TRAINING, own_defaults(grad=True), torch.random.fork_rng(devices=[]):
        threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
        anomaly, checked = torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()
        try:
            torch.set_num_threads(1)
            torch.set_float32_matmul_precision("highest")
            torch.autograd.set_detect_anomaly(False)
            yield
        finally:
            torch.set_num_threads(threads)
            torch.set_float32_matmul_precision(precision)
            torch.autograd.set_detect_anomaly(anomaly, checked)
