"""Read word vectors from text: in blocks, compiled, on several threads, without holding the text.

Blocks are of whole lines. Workers turn a block into rows, and of a plain file they read it too; the caller's thread
reads the next block of a pipe or a packed file, and joins the rows in order, so memory is the rows plus a few blocks.
A line that is not plain goes to `lines.read_line`.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

from wordfit.vectors.formats.blocks import Block, Blocks
from wordfit.vectors.formats.joining import Joiner, Piece
from wordfit.vectors.formats.layout import Layout
from wordfit.vectors.formats.lines import BLANKS, LineError, read_line
from wordfit.vectors.formats.reading import Options, Rows
from wordfit.vectors.formats.wanted import Wanted
from wordfit.vectors.index import WordIndex
from wordfit.vectors.kernels import lines as kernels
from wordfit.vectors.notes import Notes


def read_text(file: BinaryIO, name: str, rows: Rows, options: Options) -> tuple[WordIndex, Notes]:
    """Read a text file of vectors into `rows`; the index of its words and the notes come back."""
    blocks = Blocks(file, name)
    layout = blocks.layout
    rows.start(layout.width, blocks.guess() if options.words is None else len(options.words))
    joiner = Joiner(name, layout.name, "line", layout.first_line, rows, options)
    wanted = None
    if options.words is not None:
        wanted, blocks.stride = Wanted(options.words), 4 * blocks.stride  # most of a block is passed over
    threads = max(1, min(_cores(), 4))
    with ThreadPoolExecutor(threads) as pool:
        running: deque[tuple[Block, Future[Piece]]] = deque()

        def join_next() -> None:
            block, work = running.popleft()
            joiner.take(work.result())
            blocks.give_back(block)

        for block in blocks:
            running.append((block, pool.submit(_parse, block, name, layout, wanted)))
            if len(running) > threads + 1:
                join_next()
            if joiner.full:
                break
        while running and not joiner.full:
            join_next()
    joiner.remark(*layout.remarks)
    joiner.check_promise(layout.promised)
    return joiner.finish()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parse(block: Block, name: str, layout: Layout, wanted: Wanted | None) -> Piece:
    """Turn a block of text into rows; runs in a worker, the kernels without Python's lock."""
    block.fetch(name)
    room = (block.end - block.start) // (2 * layout.width + 1) + 1  # a digit and a blank at least for each value
    piece = Piece.empty(block.memory, block.rows(max(room, 1), layout.width))
    text, place, row, line = piece.text, block.start, 0, 0
    where = (piece.values, piece.starts, piece.ends, piece.numbers)
    while place < block.end:
        if wanted is None:
            place, row, line = kernels.read_lines(text, place, block.end, layout.separator, *where, row, line)
        else:
            place, row, line = kernels.read_wanted(
                text, place, block.end, layout.separator, *wanted.sieve, *where, row, line
            )
        if place >= block.end:
            break
        stop = block.memory.index(b"\n", place)
        row += _odd_line(piece, place, stop, row, line)
        place, line = stop + 1, line + 1
    piece.lines = line
    piece.trim(row)
    if wanted is not None:
        piece.keep_wanted(wanted.words)
    return piece


def _odd_line(piece: Piece, place: int, stop: int, row: int, line: int) -> int:
    """Read a line plainly into a row; how many rows that made, 0 or 1."""
    content = bytes(piece.memory[place:stop])
    if not content.strip(BLANKS):
        piece.blank += 1
        return 0
    try:
        word, values = read_line(content, piece.values.shape[1])
    except LineError as error:
        piece.problems.append((line, str(error)))
        return 0
    piece.values[row] = values
    piece.starts[row], piece.ends[row], piece.numbers[row] = place, place + len(word), line
    return 1
