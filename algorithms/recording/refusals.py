"""What no proxy can do in a step: each of it says what to write instead."""

from __future__ import annotations

from typing import NoReturn, Protocol

__all__ = ["Fails", "Proxy", "refused", "text_of"]


class Fails(Protocol):
    """Whose run it is."""

    def fail(self, message: str) -> NoReturn: ...


def text_of(proxy: Proxy) -> str:
    """A row or number, much as the author wrote it."""
    return proxy._text()


def refused(remedy: str):
    """A method that says what to write instead; {} is the proxy."""

    def refuse(self, *_, **__):
        self._r.fail(remedy.format(text_of(self)))

    return refuse


class Proxy:
    """What neither a row nor a number can do in a step."""

    __slots__ = ()
    _r: Fails
    __array_ufunc__ = None  # so that numpy leaves operators to us

    __len__ = __getitem__ = __setitem__ = __delitem__ = __reversed__ = refused(
        "takes the length, or an element, of {}, which is one and no list; a row's neighbours are its relations"
    )
    __iter__ = __next__ = refused("loops over, or unpacks, {}, which is one and no list; loop over all rows of a kind")
    __contains__ = refused("asks what is in {}, which is one and no list; compare with `==`")
    __call__ = refused("calls {}, which is no function")
    __hash__ = refused("keeps {} in a set or as a key; a step has no memory but registers: give it to one")
    __float__ = __int__ = __index__ = __complex__ = __round__ = __trunc__ = __floor__ = __ceil__ = refused(
        "takes the plain value of {}, as float(), int(), round(), range() and math do; a step gives registers numbers "
        "made by + - * abs minimum maximum, and compares numbers"
    )
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __invert__ = __lshift__ = __rlshift__ = refused(
        "takes bits of {}; `and`, `or` and `not` join tests"
    )
    __rshift__ = __rrshift__ = __matmul__ = __rmatmul__ = __and__
    __enter__ = __exit__ = __await__ = refused("uses {} in `with` or `await`; a step is done at `yield` alone")

    def __format__(self, spec):
        if spec:
            self._r.fail(f"formats {text_of(self)} by {spec!r}; print it as it is, it may stand for many rows")
        return repr(self)

    def _text(self) -> str:
        """Much as the author wrote it."""
        return type(self).__name__
