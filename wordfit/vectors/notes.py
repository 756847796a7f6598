"""What was not plain about a vector file: the record of a reading, shown by `wordfit vectors info`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Notes:
    """How a set of vectors was read, and everything about the file that was not plain."""

    file: str = ""
    format: str = ""
    total: int = 0  # words that the file holds, wanted or not
    taken: int = 0  # words that were kept
    duplicates: tuple[str, ...] = ()  # words met again; the first one was kept
    left_out: tuple[str, ...] = ()  # lenient only: lines left out, each with its number and why
    replaced: int = 0  # words whose bytes were not UTF-8; the bad bytes read as U+FFFD
    remarks: tuple[str, ...] = ()  # a header that was wrong, a byte order mark, Windows line ends ...
