"""Sentences of Python's own documentation, labelled by the part of the standard library that they document.

Real text that every Python carries: docstrings and comments of the library's source, and the topics of `help()`.
The labels come with it, since a docstring stands in the module that it documents. Nothing is downloaded.
"""

from __future__ import annotations

import ast
import re
import sysconfig
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wordfit.errors import InputError

PARTS = {  # label: modules and packages of the standard library
    "text": "re difflib textwrap string codecs encodings locale gettext csv html json configparser optparse argparse "
    "getopt shlex pprint reprlib stringprep plistlib xml tomllib cmd",
    "files": "os pathlib shutil tempfile zipfile tarfile gzip bz2 lzma fileinput filecmp glob fnmatch _pyio io "
    "zipimport shelve dbm posixpath ntpath genericpath pickle pickletools stat mimetypes netrc aifc wave sunau",
    "network": "email http urllib xmlrpc smtplib ftplib imaplib poplib nntplib socket ssl socketserver wsgiref "
    "ipaddress telnetlib cgi smtpd mailbox uuid webbrowser asynchat asyncore quopri",
    "numbers": "_pydecimal decimal fractions statistics random numbers datetime _pydatetime calendar colorsys heapq "
    "bisect _strptime hmac secrets graphlib",
    "windows": "tkinter turtle curses idlelib turtledemo",
    "tasks": "asyncio threading multiprocessing concurrent queue subprocess sched selectors _threading_local "
    "contextlib signal contextvars weakref",
    "code": "ast dis inspect importlib typing unittest doctest pydoc pdb bdb traceback distutils code codeop tokenize "
    "compileall py_compile pyclbr symtable trace pstats profile cProfile timeit pkgutil site venv dataclasses enum abc "
    "functools types collections copy warnings logging",
}
SHORTEST, LONGEST = 5, 40  # words of a sentence that is kept
DEV_SHARE = 5  # one docstring in five is for dev
ENOUGH = 2000  # sentences of train that a demonstration needs


@dataclass(frozen=True)
class Documentation:
    """Labelled sentences for train and dev, and running text, a paragraph a line, for word vectors."""

    train: list[tuple[str, str]]
    dev: list[tuple[str, str]]
    text: list[str]


def read_documentation() -> Documentation:
    """Read the documentation of the Python that is running; sentences of one docstring stay in one split.

    Running text leaves out nothing but what dev holds, so that the vectors have not seen its sentences either.
    """
    library = Path(sysconfig.get_path("stdlib"))
    part_of = {module: part for part, modules in PARTS.items() for module in modules.split()}
    splits: list[list[tuple[str, str]]] = [[], []]
    seen: set[str] = set()
    text = topics()
    for file in sorted(library.rglob("*.py")):
        module = file.relative_to(library).parts[0].removesuffix(".py")
        if {"site-packages", "dist-packages", "test", "tests", "idle_test"} & set(file.parts):
            continue
        part = part_of.get(module)
        for name, docstring in docstrings(file):
            held_out = part is not None and zlib.crc32(f"{module}.{name}".encode()) % DEV_SHARE == 0
            if not held_out:
                text += paragraphs(docstring)
            if part is not None:
                fresh = [sentence for sentence in sentences(docstring) if sentence not in seen]
                seen.update(fresh)
                splits[held_out] += [(part, sentence) for sentence in dict.fromkeys(fresh)]
    if len(splits[0]) < ENOUGH:
        raise InputError(
            f"{library}: expected the documentation of the standard library, found {len(splits[0])} sentences. "
            "Some builds of Python come without it; try another."
        )
    return Documentation(splits[0], splits[1], text)


def docstrings(file: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every docstring of a module, its classes, functions and methods."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return  # a file that this Python itself cannot read, as lib2to3's test data
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        name, node = waiting.pop()
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if docstring := ast.get_docstring(node):
                yield name, docstring
            inner = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
            waiting += [(f"{name}.{child.name}", child) for child in node.body if isinstance(child, inner)]


def topics() -> list[str]:
    """The pages of `help('if')` and its like, a paragraph each."""
    from pydoc_data.topics import topics as pages

    return [paragraph for page in pages.values() for paragraph in paragraphs(page)]


def paragraphs(text: str) -> list[str]:
    """Blocks of prose as one line each: no examples, tables or headings."""
    found = []
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.splitlines()]
        if not any(re.match(r">>>|\.\.\.|[-=*+|]{3}|\+-", line) for line in lines):
            joined = re.sub(r"[`*_]{2}|`|:[a-z]+:", "", " ".join(lines)).strip()
            if len(joined.split()) >= SHORTEST:
                found.append(joined)
    return found


def sentences(text: str) -> Iterator[str]:
    """Sentences of prose: they begin like one, end like one, and are made of words for the most part."""
    for paragraph in paragraphs(text):
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", paragraph):
            words = sentence.split()
            plain = sum(word.strip(".,;:()'\"").isalpha() for word in words)
            if SHORTEST <= len(words) <= LONGEST and plain >= 0.7 * len(words) and re.match(r"[A-Z].*[.!?]$", sentence):
                yield re.sub(r"\s+", " ", sentence)
