"""Translates supplier part codes into our own catalogue codes, piece by piece."""
import logging
import random
import re
from dataclasses import dataclass
from typing import List, Tuple

import torch
from torch import Tensor, nn

logging.basicConfig(level=logging.INFO, format="%(levelname)s:%(name)s:%(message)s")
log = logging.getLogger("partcodes")

PAD, BOS, EOS = 0, 1, 2
FAMILY = {"SC": "m", "BO": "n", "NU": "p", "WA": "q", "RI": "t", "PI": "u"}
FINISH = {"Z": "zn", "K": "bk", "S": "ss"}


@dataclass
class Config:
    train: int = 1500
    valid: int = 300
    dim: int = 32
    hidden: int = 64
    batch: int = 50
    epochs: int = 12
    lr: float = 1e-2
    seed: int = 21


def make_pair(rng: random.Random) -> Tuple[str, str]:
    fam, fin = rng.choice(list(FAMILY)), rng.choice(list(FINISH))
    size, length = rng.randint(2, 9), rng.choice([10, 15, 20, 25, 30, 40, 50, 60])
    lot = rng.choice("ABCD")
    return f"{fam}-{size}x{length}{fin}{lot}", f"{FAMILY[fam]}.{FINISH[fin]}.{lot.lower()}{size}/{length}"


def pieces(code: str) -> List[str]:
    return re.findall(r"\d+|SC|BO|NU|WA|RI|PI|[a-z]{2}|.", code)


class Codec:
    def __init__(self, pairs: List[Tuple[str, str]]) -> None:
        symbols = sorted({p for pair in pairs for code in pair for p in pieces(code)})
        self.itos = ["<pad>", "<s>", "</s>"] + symbols
        self.stoi = {c: i for i, c in enumerate(self.itos)}

    def __len__(self) -> int:
        return len(self.itos)

    def source(self, codes: List[str]) -> Tuple[Tensor, Tensor]:
        texts = [pieces(c) for c in codes]
        lengths = torch.tensor([len(t) for t in texts])
        ids = torch.full((len(texts), int(lengths.max())), PAD)
        for i, t in enumerate(texts):
            ids[i, : len(t)] = torch.tensor([self.stoi[c] for c in t])
        return ids, lengths

    def target(self, codes: List[str]) -> Tensor:
        texts = [pieces(c) for c in codes]
        ids = torch.full((len(texts), max(map(len, texts)) + 2), PAD)
        for i, t in enumerate(texts):
            ids[i, : len(t) + 2] = torch.tensor([BOS, *(self.stoi[c] for c in t), EOS])
        return ids

    def text(self, ids: List[int]) -> str:
        return "".join(self.itos[i] for i in (ids[: ids.index(EOS)] if EOS in ids else ids))


class CodeTranslator(nn.Module):
    def __init__(self, n_symbols: int, cfg: Config) -> None:
        super().__init__()
        self.src = nn.Embedding(n_symbols, cfg.dim, padding_idx=PAD)
        self.tgt = nn.Embedding(n_symbols, cfg.dim, padding_idx=PAD)
        self.encoder = nn.GRU(cfg.dim, cfg.hidden // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(cfg.dim, cfg.hidden, batch_first=True)
        self.query = nn.Linear(cfg.hidden, cfg.hidden, bias=False)
        self.combine = nn.Linear(2 * cfg.hidden, cfg.hidden)
        self.project = nn.Linear(cfg.hidden, n_symbols)

    def encode(self, src: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(self.src(src), lengths, batch_first=True, enforce_sorted=False)
        return nn.utils.rnn.pad_packed_sequence(self.encoder(packed)[0], batch_first=True)[0]

    def forward(self, src: Tensor, lengths: Tensor, tgt_in: Tensor) -> Tensor:
        memory = self.encode(src, lengths)
        states, _ = self.decoder(self.tgt(tgt_in))
        scores = self.query(states) @ memory.transpose(1, 2) / memory.size(-1) ** 0.5
        weights = scores.masked_fill((src == PAD).unsqueeze(1), float("-inf")).softmax(-1)
        attended = torch.tanh(self.combine(torch.cat([states, weights @ memory], dim=-1)))
        # fault:
        return self.project(states)
        # mended:
        #return self.project(attended)
        # end

    @torch.no_grad()
    def translate(self, src: Tensor, lengths: Tensor, limit: int = 14) -> List[List[int]]:
        self.eval()
        ids = torch.full((len(src), 1), BOS)
        for _ in range(limit):
            step = self(src, lengths, ids)[:, -1].argmax(-1, keepdim=True)
            ids = torch.cat([ids, step], dim=1)
        return ids[:, 1:].tolist()


def exact_match(model: CodeTranslator, codec: Codec, pairs: List[Tuple[str, str]]) -> float:
    predicted = [codec.text(row) for row in model.translate(*codec.source([s for s, _ in pairs]))]
    return sum(p == t for p, (_, t) in zip(predicted, pairs)) / len(pairs)


def main() -> None:
    cfg = Config()
    torch.manual_seed(cfg.seed)
    rng = random.Random(cfg.seed)
    pool = sorted({make_pair(rng) for _ in range(12000)})
    rng.shuffle(pool)
    train, valid = pool[: cfg.train], pool[cfg.train : cfg.train + cfg.valid]
    codec = Codec(train)
    model = CodeTranslator(len(codec), cfg)
    optim = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    sched = torch.optim.lr_scheduler.OneCycleLR(optim, cfg.lr, total_steps=cfg.epochs * (cfg.train // cfg.batch))
    criterion = nn.CrossEntropyLoss(ignore_index=PAD)
    for epoch in range(1, cfg.epochs + 1):
        model.train()
        rng.shuffle(train)
        total = 0.0
        for i in range(0, len(train), cfg.batch):
            chunk = train[i : i + cfg.batch]
            src, lengths = codec.source([s for s, _ in chunk])
            tgt = codec.target([t for _, t in chunk])
            logits = model(src, lengths, tgt[:, :-1])
            loss = criterion(logits.flatten(0, 1), tgt[:, 1:].flatten())
            optim.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
            sched.step()
            total += loss.item()
        if epoch % 3 == 0 or epoch == cfg.epochs:
            log.info("epoch %d loss %.4f exact %.3f", epoch, total * cfg.batch / cfg.train, exact_match(model, codec, valid))
    log.info("train exact %.3f valid exact %.3f", exact_match(model, codec, train[:300]), exact_match(model, codec, valid))
    for s, t in valid[:3]:
        log.info("%s -> %s (want %s)", s, codec.text(model.translate(*codec.source([s]))[0]), t)


if __name__ == "__main__":
    main()
