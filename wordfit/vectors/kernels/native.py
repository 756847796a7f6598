"""What the kernels say to the processor in one instruction: unaligned loads, byte masks, wide products.

Byte strings are contiguous uint8 arrays; a load reads up to 64 bytes from its place, so they carry `index.PADDING`.
"""

# mypy: ignore-errors
from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_BYTE, _WORD = ir.IntType(8), ir.IntType(64)


def _address(context, builder, signature, args):
    array = context.make_array(signature.args[0])(context, builder, args[0])
    return builder.gep(array.data, [args[1]])


@intrinsic
def byte_at(typingctx, text, place):
    """The byte at a place, as uint64, without a check of bounds."""

    def generate(context, builder, signature, args):
        return builder.zext(builder.load(_address(context, builder, signature, args)), _WORD)

    return types.uint64(text, types.intp), generate


@intrinsic
def load8(typingctx, text, place):
    """Eight bytes from a place as one uint64, the first byte lowest."""

    def generate(context, builder, signature, args):
        address = builder.bitcast(_address(context, builder, signature, args), _WORD.as_pointer())
        return builder.load(address, align=1)

    return types.uint64(text, types.intp), generate


@intrinsic
def load4(typingctx, text, place):
    """Four bytes from a place as one uint32, the first byte lowest."""

    def generate(context, builder, signature, args):
        address = builder.bitcast(_address(context, builder, signature, args), ir.IntType(32).as_pointer())
        return builder.load(address, align=1)

    return types.uint32(text, types.intp), generate


def _found64(context, builder, signature, args, *sought):
    """A bit for each of the 64 bytes from a place: is it one of those sought?"""
    vector = ir.VectorType(_BYTE, 64)
    address = builder.bitcast(_address(context, builder, signature, args), vector.as_pointer())
    block, found = builder.load(address, align=1), None
    for byte in sought:
        equal = builder.icmp_unsigned("==", block, ir.Constant(vector, [ir.Constant(_BYTE, byte)] * 64))
        found = equal if found is None else builder.or_(found, equal)
    return builder.bitcast(found, _WORD)


@intrinsic
def newlines64(typingctx, text, place):
    """A bit for each of the 64 bytes from a place: is it a line end?"""

    def generate(context, builder, signature, args):
        return _found64(context, builder, signature, args, 10)

    return types.uint64(text, types.intp), generate


@intrinsic
def blanks64(typingctx, text, place):
    """A bit for each of the 64 bytes from a place: is it a space, a tab or a line end?"""

    def generate(context, builder, signature, args):
        return _found64(context, builder, signature, args, 32, 9, 10)

    return types.uint64(text, types.intp), generate


@intrinsic
def trailing_zeros(typingctx, value):
    """How many zero bits lie below the lowest one; 64 for zero."""

    def generate(context, builder, signature, args):
        return builder.cttz(args[0], cgutils.false_bit)

    return types.intp(types.uint64), generate


@intrinsic
def leading_zeros(typingctx, value):
    """How many zero bits lie above the highest one; 64 for zero."""

    def generate(context, builder, signature, args):
        return builder.ctlz(args[0], cgutils.false_bit)

    return types.intp(types.uint64), generate


@intrinsic
def high_product(typingctx, left, right):
    """The upper 64 bits of a 128-bit product."""

    def generate(context, builder, signature, args):
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), _WORD)

    return types.uint64(types.uint64, types.uint64), generate


@intrinsic
def double_of_bits(typingctx, bits):
    """The float64 that these 64 bits are."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.uint64), generate
