"""Asking the processor for memory ahead: what lies far apart is on its way while something else is computed.

One instruction of LLVM that Numba does not name: https://llvm.org/docs/LangRef.html#llvm-prefetch-intrinsic.
It changes no result.
"""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, overload
from numpy.typing import NDArray

LINE = 64  # bytes that come at once
BYTE, INT = ir.IntType(8).as_pointer(), ir.IntType(32)
READ, KEEP, DATA = (ir.Constant(INT, value) for value in (0, 3, 1))


def fetch(array: NDArray[Any], place: int) -> None:
    """Have the line of memory come that holds one value of an array of one axis; the place must be in it.

    Outside of compiled code it does nothing.
    """


def _code(typing: Any, array: Any, place: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        start = context.make_array(signature.args[0])(context, builder, values[0]).data
        line = builder.bitcast(builder.gep(start, [values[1]]), BYTE)
        kind = ir.FunctionType(ir.VoidType(), [BYTE, INT, INT, INT])
        call = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")  # type: ignore[no-untyped-call]
        builder.call(call, [line, READ, KEEP, DATA])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


_prefetch = cast(Any, intrinsic(_code))


@overload(fetch, strict=False)  # the types of its arguments are told here only
def _compiled(array: Any, place: Any) -> Callable[[Any, Any], Any]:
    return lambda array, place: _prefetch(array, place)
