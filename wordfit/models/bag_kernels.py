"""The compiled loops of `bag`: cut ASCII lines into words by the tokenizer's rules, look the words up, add their rows.

The rules are those of `Rules.pattern` in `wordfit.data.tokenizer`, alternative by alternative; a line with any other
byte is left to the tokenizer itself. Lines end in a line feed, and `PADDING` bytes follow the last.
"""

# mypy: disable-error-code="no-untyped-def, call-arg, var-annotated"
# ruff: noqa: SIM109 - a comparison compiles better than a search
from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from wordfit.vectors.kernels.lines import find_word
from wordfit.vectors.kernels.native import trailing_zeros

LETTER, DIGIT, UNDERSCORE, BLANK, OTHER, FOREIGN = 1, 2, 4, 8, 16, 32
WORD, LETTER_OR_DIGIT = LETTER | DIGIT | UNDERSCORE, LETTER | DIGIT


def _kinds() -> np.ndarray:
    kinds = np.full(256, OTHER, np.uint8)
    kinds[128:] = FOREIGN
    kinds[list(b" \t\n\v\f\r")] = BLANK
    kinds[list(b"0123456789")] = DIGIT
    kinds[ord("_")] = UNDERSCORE
    for first, last in ("az", "AZ"):
        kinds[ord(first) : ord(last) + 1] = LETTER
    return kinds


KIND = _kinds()
QUOTE, DASH, DOT, TICK, AND, LESS, MORE = (ord(c) for c in "'-.`&<>")
COMMA, COLON, SLASH = (ord(c) for c in ",:/")
D, E, L, M, N, R, S, T, V = (ord(c) for c in "delmnrstv")


@intrinsic
def others32(typingctx, text, place):
    """A bit for each of the 32 bytes from a place: is it no letter, digit or underscore?"""
    wide = ir.VectorType(ir.IntType(8), 32)

    def all_of(value):
        return ir.Constant(wide, [ir.Constant(ir.IntType(8), value)] * 32)

    def generate(context, builder, signature, args):
        array = context.make_array(signature.args[0])(context, builder, args[0])
        address = builder.bitcast(builder.gep(array.data, [args[1]]), wide.as_pointer())
        found = builder.load(address, align=1)
        lowered = builder.or_(found, all_of(32))
        letter = builder.icmp_unsigned("<", builder.sub(lowered, all_of(97)), all_of(26))
        digit = builder.icmp_unsigned("<", builder.sub(found, all_of(48)), all_of(10))
        underscore = builder.icmp_unsigned("==", found, all_of(95))
        word = builder.or_(builder.or_(letter, digit), underscore)
        bits = builder.bitcast(builder.not_(word), ir.IntType(32))
        return builder.zext(bits, ir.IntType(64))

    return types.uint64(text, types.intp), generate


@njit(cache=True, nogil=True)
def clitic_end(text, place):
    """Where the clitic ends that begins here; `place` itself where none does."""
    end = place
    first, second = text[place + 1], text[place + 2]
    if text[place] == N:
        if first == QUOTE and second == T:
            end = place + 3
    elif text[place] == QUOTE:
        if first == S or first == D or first == M:
            end = place + 2
        elif (first == R or first == V) and second == E or first == L and second == L:
            end = place + 3
    return place if KIND[text[end]] & LETTER_OR_DIGIT else end


@njit(cache=True, nogil=True)
def letters_end(text, place, clitics):
    """Where the run of letters, digits and underscores ends that begins here; `n't` is not in it."""
    end = place
    others = others32(text, end)
    while others == 0:
        end += 32
        others = others32(text, end)
    end += trailing_zeros(others)
    if clitics and end > place and text[end] == QUOTE and text[end - 1] == N and clitic_end(text, end - 1) > end:
        end -= 1
    return end


@njit(cache=True, nogil=True)
def compound_end(text, place, clitics):
    """Where the word ends whose first letter stands here: runs of letters, joined as in `well-known` or `1,000.5`."""
    end = letters_end(text, place, clitics)
    while True:
        joint = text[end]
        if joint == DASH or joint == AND:
            joined = True
        elif joint == QUOTE:
            joined = not (clitics and clitic_end(text, end) > end)
        elif joint == DOT or joint == COMMA or joint == COLON or joint == SLASH:
            joined = KIND[text[end - 1]] == DIGIT and KIND[text[end + 1]] == DIGIT
        else:
            joined = False
        if not joined:
            return end
        further = letters_end(text, end + 1, clitics)
        if further == end + 1:
            return end
        end = further


@njit(cache=True, nogil=True)
def initials_end(text, place):
    """Where `u.s.` ends; `place` where the letter here begins no such thing."""
    end = place
    while KIND[text[end]] == LETTER and text[end + 1] == DOT:
        end += 2
    return end if end - place >= 4 else place


@njit(cache=True, nogil=True)
def bracket_end(text, place):
    """Where `-lrb-` ends, as the treebank writes brackets; `place` where there is none."""
    a, b, c = text[place + 1] | 32, text[place + 2] | 32, text[place + 3] | 32
    plain = KIND[text[place + 1]] == LETTER and KIND[text[place + 2]] == LETTER and KIND[text[place + 3]] == LETTER
    if plain and (a == L or a == R) and (b == R or b == S or b == ord("c")) and c == ord("b"):
        return place + 5 if text[place + 4] == DASH else place
    return place


@njit(cache=True, nogil=True)
def run_end(text, place):
    """Where the run of this very byte ends."""
    end = place + 1
    while text[end] == text[place]:
        end += 1
    return end


@njit(cache=True, nogil=True)
def mark_end(text, place, clitics):
    """Where the word ends that begins with a mark, as `'s`, `-lrb-`, `<unk>`, `...`, `--`, or one character."""
    mark = text[place]
    end = place
    if mark == QUOTE:
        if clitics:
            end = clitic_end(text, place)
        if end == place and text[place + 1] == QUOTE:
            end = place + 2
    elif mark == DASH:
        end = bracket_end(text, place)
        if end == place:
            end = run_end(text, place)
    elif mark == DOT:
        end = run_end(text, place)
    elif mark == TICK and text[place + 1] == TICK:
        end = place + 2
    elif mark == LESS:
        end = place + 1
        while KIND[text[end]] == LETTER:
            end += 1
        end = end + 1 if text[end] == MORE and end > place + 1 else place
    return max(end, place + 1)


@njit(cache=True, nogil=True)
def word_end(text, place, clitics):
    """Where the word ends that begins here."""
    if not KIND[text[place]] & WORD:
        return mark_end(text, place, clitics)
    end = place
    if clitics and text[place] == N and text[place + 1] == QUOTE:
        end = clitic_end(text, place)
    if end == place and text[place + 1] == DOT:
        end = initials_end(text, place)
    return end if end > place else compound_end(text, place, clitics)


@njit(cache=True, nogil=True)
def blank_end(text, place):
    """Where the ASCII characters end that are no white space."""
    while not KIND[text[place]] & (BLANK | FOREIGN):
        place += 1
    return place


@njit(cache=True, nogil=True)
def lower(text):
    """Lower the case of ASCII letters in place."""
    for i in range(len(text)):
        byte = text[i]
        text[i] = byte | np.uint8(32) if np.uint8(byte - 65) < 26 else byte


@njit(cache=True, nogil=True)
def add_words(text, ends, clitics, whitespace, limit, words, offsets, slots, table, sums, counts):
    """Add the rows (V, H) of the first `limit` words of each line up to its end; -1 words for a line not ASCII.

    `words`, `offsets` and `slots` are a `WordIndex`; row 1 stands for a word that is not in it.
    """
    width = table.shape[1]
    place = 0
    for i in range(len(ends)):
        count = 0
        while True:
            kind = KIND[text[place]]
            if kind == BLANK:
                if place >= ends[i]:
                    break
                place += 1
                continue
            if kind == FOREIGN:
                count = -1
                break
            end = blank_end(text, place) if whitespace else word_end(text, place, clitics)
            if count < limit:
                row = slots[find_word(text, place, end, words, offsets, slots)]
                row = 1 if row < 0 else row
                for h in range(width):
                    sums[i, h] += table[row, h]
                count += 1
            place = end
        counts[i] = count
        place = ends[i] + 1
