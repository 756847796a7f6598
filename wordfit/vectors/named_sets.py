"""Published sets of word vectors by name: where they are, how large, and the checksum where a source states one.

Sizes and checksums were read from public sources, not from the files: sha256 of the four GloVe archives of 2014 and
of wiki.en.vec from torchtext's table, md5 and size of GoogleNews from gensim-data's list, the sizes of the archives
of 2014 from download logs; sha256 and size of wikigiga.50d and of the potion models from public projects that pin
them (each of the revision named in its address; those of 8M and retrieval-32M from two that agree). What no source
states is None, and is then not checked.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from wordfit.vectors.tables import table_folder

STANFORD = "https://nlp.stanford.edu/data"
FASTTEXT = "https://dl.fbaipublicfiles.com/fasttext"
HUB = "https://huggingface.co"


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch: its address, bytes, and checksum (`sha256:...` or `md5:...`); None is not known."""

    address: str
    size: int | None = None
    checksum: str | None = None

    @property
    def name(self) -> str:
        return self.address.rpartition("/")[2]


@dataclass(frozen=True)
class NamedSet:
    """A published set: what it is, the files to fetch, and what of them to open."""

    about: str
    files: tuple[RemoteFile, ...]
    opens: str  # the path to open, from the folder that holds the files


GLOVE = {  # archive: (size, sha256, what it is, its widths)
    "6B": (862_182_613, "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
           "Wikipedia 2014 and Gigaword 5, 400,000 words, lower case", (50, 100, 200, 300)),
    "twitter.27B": (1_520_408_563, "792af52f795d1a32c9842a3240f5f3fe5e941a8ff6df5eb0f9d668092ebc019c",
                    "2 billion tweets, 1.2 million words, lower case", (25, 50, 100, 200)),
    "42B": (1_877_800_501, "03d5d7fa28e58762ace4b85fb71fe86a345ef0b5ff39f5390c14869da0fc1970",
            "Common Crawl, 1.9 million words, lower case", (300,)),
    "840B": (2_176_768_927, "c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f",
             "Common Crawl, 2.2 million words, cased", (300,)),
}  # fmt: skip
GLOVE_2024 = {  # name: (size, sha256, what it is)
    "wikigiga.50d": (301_036_094, "afa5e258ee38272db6394547c4b075ecbb7b2164e98542c8d1237b6029b35a65",
                     "Wikipedia and Gigaword 5 of 2024, 1.2 million words, lower case"),
    "wikigiga.100d": (None, None, "Wikipedia and Gigaword 5 of 2024, 1.2 million words, lower case"),
    "wikigiga.200d": (None, None, "Wikipedia and Gigaword 5 of 2024, 1.2 million words, lower case"),
    "wikigiga.300d": (None, None, "Wikipedia and Gigaword 5 of 2024, 1.2 million words, lower case"),
    "dolma.300d": (None, None, "Dolma, 220 billion tokens, 1.2 million words, lower case"),
}  # fmt: skip
FASTTEXT_FILES = {  # name: (path, what to open in it, sha256, what it is)
    "fasttext.wiki-news.300d": ("vectors-english/wiki-news-300d-1M.vec.zip", "wiki-news-300d-1M.vec", None,
                                "English Wikipedia and news, 1 million words"),
    "fasttext.crawl.300d": ("vectors-english/crawl-300d-2M.vec.zip", "crawl-300d-2M.vec", None,
                            "English Common Crawl, 2 million words"),
    "fasttext.crawl-subword.300d": ("vectors-english/crawl-300d-2M-subword.zip", "crawl-300d-2M-subword.bin", None,
                                    "English Common Crawl with subwords, 2 million words"),
    "fasttext.wiki.en.300d": ("vectors-wiki/wiki.en.vec", "",
                              "ba5420ac217fb34f15f58ded0d911a4370dfb1f3341fa7511a49ae74c87de282",
                              "English Wikipedia, 2.5 million words"),
    "fasttext.cc.en.300d": ("vectors-crawl/cc.en.300.vec.gz", "", None, "English Common Crawl and Wikipedia"),
    "fasttext.cc.en.300d.bin": ("vectors-crawl/cc.en.300.bin.gz", "", None, "the same with subwords"),
}  # fmt: skip
BERT_TOKENS = (683_666, "e67e803f624fb4d67dea1c730d06e1067e1b14d830e2c2202569e3ef0f70bb50")
LARGE_TOKENS = (1_493_150, "7d75cbc54318138807c401b0f0c9721117c628b39de8e8e0edb6cb17e0ee7d18")
UNKNOWN = (None, None)
STATIC = {  # a table of a static embedding on the hub: (revision, its size and sha256, those of its tokenizer, about)
    "potion-base-2M": ("main", UNKNOWN, UNKNOWN, "64 values a token"),
    "potion-base-4M": ("9b3cff412d30be9ae8603fe10224c224f3401869",
                       (15_118_424, "8a7140edd17ffab30ddcff1135eda127df57abfae856203dbd7b3d061295c31a"), BERT_TOKENS,
                       "128 values a token"),
    "potion-base-8M": ("bf8b056651a2c21b8d2565580b8569da283cab23",
                       (30_236_760, "f65d0f325faadc1e121c319e2faa41170d3fa07d8c89abd48ca5358d9a223de2"), BERT_TOKENS,
                       "256 values a token"),
    "potion-base-32M": ("1e5a03f8eeb2c98b928fbbd846f22f816360919f",
                        (None, "99f6c33204c9231a7391871b7a3c91409b532c8f587a9ea44fc282303d8dec28"), LARGE_TOKENS,
                        "512 values a token"),
    "potion-retrieval-32M": ("6fc8051fab2a1e0ee76689cf08c853792ac285e7",
                             (129_210_456, "07609e5bd33aad37900b3fd62f4ec96f6daec88ca4d46b9d8b928bfababf6ea0"),
                             LARGE_TOKENS, "for retrieval, 512 values a token"),
}  # fmt: skip


def _sha256(digest: str | None) -> str | None:
    return None if digest is None else f"sha256:{digest}"


def _sets() -> dict[str, NamedSet]:
    found: dict[str, NamedSet] = {}
    for name, (size, sha256, about, widths) in GLOVE.items():
        archive = f"glove.{name}.zip" if len(widths) > 1 else f"glove.{name}.{widths[0]}d.zip"
        file = RemoteFile(f"{STANFORD}/{archive}", size, _sha256(sha256))
        for width in widths:
            member = f"glove.{name}.{width}d"
            found[member] = NamedSet(f"GloVe, {about}", (file,), f"{archive}/{member}.txt")
    for name, (length, digest, about) in GLOVE_2024.items():
        archive = f"glove.2024.{name}.zip"
        file = RemoteFile(f"{STANFORD}/wordvecs/{archive}", length, _sha256(digest))
        found[f"glove.2024.{name}"] = NamedSet(f"GloVe, {about}", (file,), archive)
    for name, (path, member, checksum, about) in FASTTEXT_FILES.items():
        file = RemoteFile(f"{FASTTEXT}/{path}", None, _sha256(checksum))
        opens = f"{file.name}/{member}" if member else file.name
        found[name] = NamedSet(f"fastText, {about}", (file,), opens)
    found["word2vec.GoogleNews.300d"] = NamedSet(
        "word2vec, Google News, 3 million words and phrases, cased",
        (RemoteFile(
            "https://github.com/RaRe-Technologies/gensim-data/releases/download/word2vec-google-news-300/"
            "word2vec-google-news-300.gz", 1_743_563_840, "md5:a5e5354d40acb95f9ec66d5977d140ef"),),
        "word2vec-google-news-300.gz",
    )  # fmt: skip
    for name, (revision, model, tokens, about) in STATIC.items():
        base = f"{HUB}/minishlab/{name}/resolve/{revision}"
        parts = tuple(
            RemoteFile(f"{base}/{part}", length, _sha256(digest))
            for part, (length, digest) in (("model.safetensors", model), ("tokenizer.json", tokens))
        )
        found[name] = NamedSet(f"static embedding, Model2Vec, {about}", parts, "model.safetensors")
    return found


NAMED_SETS = _sets()


def home_of(name: str, folder: str | os.PathLike[str] | None = None) -> Path:
    """The folder of a named set's files: in the user's cache unless one is given."""
    base = Path(folder) if folder is not None else table_folder() / "downloads"
    return base / name if len(NAMED_SETS[name].files) > 1 else base


def downloaded(name: str) -> Path | None:
    """The path to load of a named set that is in the user's cache; None where it is not."""
    named, home = NAMED_SETS[name], home_of(name)
    return home / named.opens if all((home / file.name).is_file() for file in named.files) else None
