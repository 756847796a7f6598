# Ticket routing service: which queue gets the ticket?
# Training buckets tickets by length; the scoring endpoint has a static input shape (MAX_TOKENS).
import random
from dataclasses import dataclass
from typing import List

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

PAD, UNK = 0, 1
MAX_TOKENS = 160


@dataclass
class Ticket:
    tokens: List[str]
    queue: int


QUEUES = ["billing", "network", "hardware", "access", "licence"]
KEYWORDS = {
    "billing": "invoice refund charged vat payment overdue creditnote iban".split(),
    "network": "vpn latency wifi dns packet gateway firewall proxy".split(),
    "hardware": "laptop battery monitor docking keyboard fan broken cable".split(),
    "access": "password locked mfa token reset login permission sso".split(),
    "licence": "seat activation renew serial expired subscription key upgrade".split(),
}
FILLER = """hello team please help since yesterday my the a we our cannot is not working again urgent thanks
regards when try to open see message attached screenshot office floor user colleague also tried restart""".split()


def write_ticket(rng):
    q = rng.randrange(len(QUEUES))
    n = rng.choice([4, 6, 8, 10, 14, 20, 30])
    toks = [rng.choice(FILLER) for _ in range(n)]
    for _ in range(rng.randint(2, 3)):
        toks.insert(rng.randrange(len(toks) + 1), rng.choice(KEYWORDS[QUEUES[q]]))
    if rng.random() < 0.5:
        other = rng.choice([k for k in QUEUES if k != QUEUES[q]])
        toks.insert(rng.randrange(len(toks) + 1), rng.choice(KEYWORDS[other]))
    return Ticket(toks, q)


class Tickets(Dataset):
    def __init__(self, rows, vocab):
        self.rows = [([vocab.get(t, UNK) for t in r.tokens], r.queue) for r in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def pad_to(batch, width=None):
    width = width or max(len(t) for t, _ in batch)
    ids = torch.full((len(batch), width), PAD)
    for i, (toks, _) in enumerate(batch):
        ids[i, :len(toks)] = torch.tensor(toks)
    return ids, torch.tensor([y for _, y in batch])


class LengthBuckets:
    """Batches of about equal length, in random order."""

    def __init__(self, ds, size, rng):
        self.ds, self.size, self.rng = ds, size, rng

    def __iter__(self):
        idx = list(range(len(self.ds)))
        self.rng.shuffle(idx)
        idx.sort(key=lambda i: len(self.ds[i][0]))
        chunks = [idx[s:s + self.size] for s in range(0, len(idx), self.size)]
        self.rng.shuffle(chunks)
        return iter(chunks)

    def __len__(self):
        return (len(self.ds) + self.size - 1) // self.size


class Router(nn.Module):
    def __init__(self, n_words, n_queues, dim=32):
        super().__init__()
        self.words = nn.Embedding(n_words, dim, padding_idx=PAD)
        self.key = nn.Linear(dim, dim)
        self.query = nn.Parameter(torch.randn(dim) * 0.1)
        self.value = nn.Linear(dim, dim)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(dim, n_queues)

    def forward(self, ids):
        x = self.words(ids)
        score = torch.tanh(self.key(x)) @ self.query
        # fault:
        weight = F.softmax(score, dim=1)
        # mended:
        #weight = F.softmax(score.masked_fill(ids == PAD, -1e9), dim=1)
        # end
        pooled = (weight.unsqueeze(-1) * torch.tanh(self.value(x))).sum(1)
        return self.out(self.drop(pooled))


def evaluate(model, loader):
    model.eval()
    hit = n = 0
    loss = 0.0
    with torch.no_grad():
        for ids, y in loader:
            logits = model(ids)
            loss += F.cross_entropy(logits, y, reduction="sum").item()
            hit += (logits.argmax(1) == y).sum().item()
            n += len(y)
    return loss / n, hit / n


def main():
    torch.manual_seed(5)
    rng = random.Random(5)
    unique = {}
    while len(unique) < 2200:
        t = write_ticket(rng)
        unique.setdefault(" ".join(t.tokens), t)
    rows = list(unique.values())
    train_rows, dev_rows = rows[:1800], rows[1800:]
    vocab = {"<pad>": PAD, "<unk>": UNK}
    for r in train_rows:
        for t in r.tokens:
            vocab.setdefault(t, len(vocab))
    train, dev = Tickets(train_rows, vocab), Tickets(dev_rows, vocab)
    train_loader = DataLoader(train, batch_sampler=LengthBuckets(train, 50, rng), collate_fn=pad_to)
    dev_loader = DataLoader(dev, batch_size=100, collate_fn=lambda b: pad_to(b, MAX_TOKENS))
    model = Router(len(vocab), len(QUEUES))
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    for epoch in range(7):
        model.train()
        running = 0.0
        for ids, y in train_loader:
            loss = F.cross_entropy(model(ids), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            running += loss.item()
        dev_loss, acc = evaluate(model, dev_loader)
        print(f"epoch {epoch} train_loss {running / len(train_loader):.3f} dev_loss {dev_loss:.3f} routed right {acc:.3f}")


if __name__ == "__main__":
    main()
