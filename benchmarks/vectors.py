"""How fast and how frugally vectors are read, beside gensim and torchtext's way, in one run.

Each figure is of a fresh process (imports and the loading of compiled kernels apart), repeated in turn so that a busy
machine troubles all alike; the least of the repeats counts, and the spread is shown. CPU seconds, of all threads, stand
beside: they say more where the machine is shared. The files are synthetic: normal values in five significant digits,
400,000 words x 100.

    python benchmarks/vectors.py [--words 400000] [--repeats 3] [--folder DIR] [--only text again]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PEAK = """
def peak():
    import sys
    if sys.platform == "linux":
        return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) / 1024
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
"""
WARM = """
from wordfit import WordVectors
WordVectors.load(SMALL, cache=False); WordVectors.load(SMALL, words=["the"], cache=False)
WordVectors.load(SMALL_BINARY, cache=False)
"""
SOME = "; some = v.index_to_key[:20000]; "
TORCHTEXT = """
import numpy as np
def line_loop(path):
    words, rows = [], None
    with open(path, "rb") as file:
        total = sum(1 for _ in file)
        file.seek(0)
        for i, line in enumerate(file):
            word, *values = line.rstrip().split(b" ")
            if rows is None:
                rows = np.zeros((total, len(values)), np.float32)
            rows[i] = [float(value) for value in values]
            words.append(word.decode())
    return {word: i for i, word in enumerate(words)}, rows
"""
LOOP = """
import numpy as np
def wanted_loop(path, wanted):
    with open(path, "rb") as file:
        lines = (line.partition(b" ") for line in file)
        return {word: np.array(rest.split(), np.float32) for word, _, rest in lines if word in wanted}
"""
NATIVE = "from gensim.models import KeyedVectors; v = KeyedVectors.load(NATIVE, mmap='r')"
KEYED = "from gensim.models import KeyedVectors"
# name: (group, preparation, the measured line); the first of a group is what the others are compared with
WAYS = {
    "gensim, text": ("text", KEYED, "KeyedVectors.load_word2vec_format(TEXT, binary=False, no_header=True)"),
    "line loop as torchtext's": ("text", TORCHTEXT, "line_loop(TEXT)"),
    "wordfit, text, no cache": ("text", WARM, "WordVectors.load(TEXT, cache=False)"),
    "wordfit, text, into the cache": ("text", WARM, "WordVectors.load(TEXT)"),
    "Python loop, wanted words": ("wanted", LOOP, "wanted_loop(TEXT, WANTED)"),
    "wordfit, wanted words": ("wanted", WARM, "WordVectors.load(TEXT, words=WORDS, cache=False)"),
    "gensim, binary": ("binary", KEYED, "KeyedVectors.load_word2vec_format(BINARY, binary=True)"),
    "wordfit, binary, no cache": ("binary", WARM, "WordVectors.load(BINARY, cache=False)"),
    "gensim, its own file, mapped": ("again", KEYED, "KeyedVectors.load(NATIVE, mmap='r')[WORD]"),
    "wordfit, open again": ("again", "from wordfit import WordVectors", "WordVectors.load(TEXT)[WORD]"),
    "gensim, 50 questions one by one, x 20": (
        "similar", NATIVE + "; v.fill_norms(); v.most_similar(WORD)",
        "[v.most_similar(w, topn=10) for w in ASKED[:50]]",
    ),
    "wordfit, 1,000 questions at once": (
        "similar", "from wordfit import WordVectors; v = WordVectors.load(TEXT); v.norms; v.nearest(ASKED[:200])",
        "v.nearest(ASKED, topn=10)",
    ),
    "gensim, written as text": (
        "save", NATIVE + SOME + "k = KeyedVectors(100); k.add_vectors(some, v.vectors[:20000])",
        "k.save_word2vec_format(OUT, binary=False)",
    ),
    "wordfit, written as text": (
        "save",
        WARM + "v = WordVectors.load(TEXT, limit=20000, cache=False); v.subset(WORDS[:9]).save(OUT, 'word2vec')",
        "v.save(OUT, 'word2vec')",
    ),
}  # fmt: skip
SCALE = {"gensim, 50 questions one by one, x 20": 20.0}
TITLES = {
    "text": "text, whole", "wanted": "text, 15,000 wanted words", "binary": "word2vec binary",
    "again": "open again, to the first look-up", "similar": "most_similar, 1,000 questions, top 10",
    "save": "20,000 words written as text",
}  # fmt: skip


def make_files(folder: Path, words: int, width: int = 100) -> None:
    """The synthetic text, the same as word2vec binary, and a small one that loads the kernels."""
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    with open(folder / "big.txt", "w") as text, open(folder / "big.bin", "wb") as binary:
        binary.write(f"{words} {width}\n".encode())
        for start in range(0, words, 2000):
            count = min(2000, words - start)
            numbers = [[f"{value:.5g}" for value in row] for row in rng.normal(0, 0.4, (count, width))]
            rows = np.array(numbers, dtype=np.float64).astype(np.float32)
            for i in range(count):
                word = "".join(letters[rng.integers(0, 26, rng.integers(2, 8))]) + np.base_repr(start + i, 36).lower()
                text.write(f"{word} {' '.join(numbers[i])}\n")
                binary.write(word.encode() + b" " + rows[i].tobytes())
    (folder / "small.txt").write_text("the 0.5 0.123456789\nof 1e-3 2\n. . . 1 2\n")
    (folder / "small.bin").write_bytes(b"1 2\nthe " + bytes(8))


def names(folder: Path) -> str:
    """The names that the measured lines use."""
    with open(folder / "big.txt", "rb") as file:
        words = [line.partition(b" ")[0] for line in file]
    wanted = words[:: max(1, len(words) // 15_000)][:15_000]
    (folder / "wanted.json").write_text(json.dumps([word.decode() for word in wanted]))
    places = {
        "TEXT": "big.txt",
        "BINARY": "big.bin",
        "NATIVE": "native",
        "SMALL": "small.txt",
        "SMALL_BINARY": "small.bin",
        "OUT": "out.vec",
    }
    return (
        "\n".join(f"{name} = {str(folder / file)!r}" for name, file in places.items())
        + f"\nimport json; WORDS = json.load(open({str(folder / 'wanted.json')!r}))"
        + "\nWANTED = {w.encode() for w in WORDS}; ASKED = WORDS[:1000]"
        + f"\nWORD = {words[len(words) // 2].decode()!r}\n"
    )


def measure(known: str, preparation: str, line: str, cache: Path) -> dict[str, float]:
    """Seconds, CPU seconds and peak memory of one line in a fresh process."""
    code = (
        f"{PEAK}\n{known}\n{preparation}\nimport time\nbefore = peak()\n"
        f"start, cpu = time.perf_counter(), time.process_time()\nkept = {line}\n"
        "seconds, cpu = time.perf_counter() - start, time.process_time() - cpu\n"
        "print(json.dumps({'seconds': seconds, 'cpu': cpu, 'peak': peak(), 'before': before}))"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(f"{line}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def run(folder: Path, repeats: int, groups: list[str]) -> dict[str, list[dict[str, float]]]:
    """Every way in turn, as often as asked."""
    known = names(folder)
    native = "from gensim.models import KeyedVectors; v = KeyedVectors.load_word2vec_format(BINARY, binary=True)"
    if not (folder / "native").exists():
        measure(known, native, "v.save(NATIVE)", folder / "cache")
    ways = {name: way for name, way in WAYS.items() if way[0] in groups}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    if "text" not in groups:
        measure(known, WARM, "WordVectors.load(TEXT)", folder / "cache")
    for turn in range(repeats):
        for name, (_, preparation, line) in ways.items():
            if name == "wordfit, text, into the cache":
                for file in (folder / "cache" / "wordfit").rglob("*"):
                    file.unlink() if file.is_file() else None
            figure = measure(known, preparation, line, folder / "cache")
            for part in ("seconds", "cpu"):
                figure[part] *= SCALE.get(name, 1.0)
            found[name].append(figure)
            print(f"turn {turn + 1}, {name}: {figure['seconds']:.3f} s", file=sys.stderr, flush=True)
    return found


def show(found: dict[str, list[dict[str, float]]], size: int) -> None:
    """A table for each kind of work; ratios are to its first line, within this run."""
    for group in dict.fromkeys(WAYS[name][0] for name in found):
        title = TITLES[group]
        print(f"\n### {title}\n")
        print("| way | least s | all s | times faster | MB/s | CPU s | times less CPU | peak MB | of it before |")
        print("|---|---|---|---|---|---|---|---|---|")
        first, first_cpu = None, 0.0
        for name, figures in found.items():
            if WAYS[name][0] != group:
                continue
            least = min(figures, key=lambda figure: figure["seconds"])
            cpu = min(figure["cpu"] for figure in figures)
            first, first_cpu = first or least["seconds"], first_cpu or cpu
            every = " ".join(f"{figure['seconds']:.3f}" for figure in figures)
            speed = f"{size / 1e6 / least['seconds']:,.0f}" if group in ("text", "wanted", "binary") else ""
            peak = min(figure["peak"] for figure in figures)
            print(
                f"| {name} | {least['seconds']:.4f} | {every} | {first / least['seconds']:.1f} | {speed} | "
                f"{cpu:.3f} | {first_cpu / max(cpu, 1e-9):.1f} | {peak:.0f} | {least['before']:.0f} |"
            )


def first_call(folder: Path) -> float:
    """Seconds of the first reading ever, the kernels compiled on the way."""
    code = (
        "import time; t = time.perf_counter()\nfrom wordfit import WordVectors\n"
        f"WordVectors.load({str(folder / 'small.txt')!r}, cache=False)\nprint(time.perf_counter() - t)"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "numba")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=400_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files are kept for another run")
    parser.add_argument("--only", nargs="+", choices=TITLES, default=list(TITLES))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "big.bin").exists():
            make_files(folder, given.words)
        size = (folder / "big.txt").stat().st_size
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "?"
        print(f"{given.words:,} words x 100, {size / 1e6:.0f} MB of text; {os.cpu_count()} cores, load {load}")
        print(f"the first reading ever, with compiling: {first_call(folder):.1f} s")
        show(run(folder, given.repeats, given.only), size)


if __name__ == "__main__":
    main()
