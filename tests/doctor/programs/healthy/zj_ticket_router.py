"""Route helpdesk tickets to a queue.  Internal copy of the nightly job, trimmed to run on a laptop."""
import logging
import random
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader
from sklearn.metrics import f1_score, accuracy_score

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("router")


@dataclass
class RouterConfig:
    seed: int = 11
    dim: int = 32
    hidden: int = 24
    lr: float = 4e-3
    epochs: int = 4
    batch_size: int = 32
    min_freq: int = 2
    clip: float = 1.0


QUEUES = {
    "billing": "invoice charged refund payment card subscription price receipt vat coupon overcharged plan".split(),
    "login": "password locked signin otp account email reset verification username token expired sso".split(),
    "shipping": "parcel courier delivered tracking address delayed lost package depot driver label returned".split(),
    "bug": "crash error screen freezes button update app blank exception loading version stack".split(),
}
FILLER = ("hello hi please the my i it is was since yesterday today when again help thanks a to and not still why your "
          "team for with have after two days could someone look").split()


def fake_tickets(n, rng):
    names = list(QUEUES)
    rows = set()
    while len(rows) < n:
        q = rng.randrange(len(names))
        k = rng.randint(2, 4)
        words = rng.sample(QUEUES[names[q]], k)
        if rng.random() < .35:                       # people mix topics
            other = rng.choice([x for x in names if x != names[q]])
            words.append(rng.choice(QUEUES[other]))
        words += rng.choices(FILLER, k=rng.randint(4, 14))
        rng.shuffle(words)
        rows.add((" ".join(words), q))
    rows = sorted(rows)
    rng.shuffle(rows)
    return rows


class Vocab:
    def __init__(self, texts, min_freq):
        counts = Counter(w for t in texts for w in t.split())
        self.itos = ["<pad>", "<unk>"] + sorted(w for w, c in counts.items() if c >= min_freq)
        self.stoi = {w: i for i, w in enumerate(self.itos)}

    def __len__(self):
        return len(self.itos)

    def encode(self, text):
        return torch.tensor([self.stoi.get(w, 1) for w in text.split()])


class TicketRouter(nn.Module):
    def __init__(self, n_words, n_queues, cfg):
        super().__init__()
        self.emb = nn.Embedding(n_words, cfg.dim, padding_idx=0)
        self.rnn = nn.GRU(cfg.dim, cfg.hidden, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(2 * cfg.hidden, n_queues)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.emb(ids), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.head(self.drop(torch.cat([h[0], h[1]], dim=1)))


class Trainer:
    def __init__(self, model, cfg, vocab):
        self.model, self.cfg, self.vocab = model, cfg, vocab
        self.opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
        self.crit = nn.CrossEntropyLoss()

    def collate(self, rows):
        seqs = [self.vocab.encode(t) for t, _ in rows]
        return (pad_sequence(seqs, batch_first=True), torch.tensor([len(s) for s in seqs]),
                torch.tensor([y for _, y in rows]))

    def fit(self, train, dev):
        loader = DataLoader(train, self.cfg.batch_size, shuffle=True, collate_fn=self.collate)
        for epoch in range(1, self.cfg.epochs + 1):
            self.model.train()
            running = 0.0
            for ids, lens, y in loader:
                self.opt.zero_grad()
                loss = self.crit(self.model(ids, lens), y)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), self.cfg.clip)
                self.opt.step()
                running += loss.item() * len(y)
            log.info("epoch %d train_loss=%.4f dev=%s", epoch, running / len(train), self.evaluate(dev))

    @torch.no_grad()
    def evaluate(self, rows):
        self.model.eval()
        gold, pred = [], []
        for ids, lens, y in DataLoader(rows, 128, collate_fn=self.collate):
            pred += self.model(ids, lens).argmax(1).tolist()
            gold += y.tolist()
        return {"acc": round(accuracy_score(gold, pred), 3), "macro_f1": round(f1_score(gold, pred, average="macro"), 3)}


if __name__ == "__main__":
    cfg = RouterConfig()
    rng = random.Random(cfg.seed)
    np.random.seed(cfg.seed)
    torch.manual_seed(cfg.seed)
    tickets = fake_tickets(1600, rng)
    train, dev = tickets[:1300], tickets[1300:]
    vocab = Vocab([t for t, _ in train], cfg.min_freq)
    trainer = Trainer(TicketRouter(len(vocab), len(QUEUES), cfg), cfg, vocab)
    trainer.fit(train, dev)
    print("train", trainer.evaluate(train))
    print("dev  ", trainer.evaluate(dev))
