# Support desk triage. The help-desk export is a TSV: text <TAB> queue, subjects cut at 60 characters by the mail gateway.
import csv
import random
from pathlib import Path

import torch
from torch import nn

QUEUES = {
    "billing": ["charged twice", "wrong invoice", "refund missing", "card declined", "VAT number", "double payment"],
    "login": ["password reset", "cannot sign in", "locked account", "two factor code", "session expired", "wrong email"],
    "delivery": ["parcel lost", "courier late", "tracking stuck", "wrong address", "box damaged", "pickup shop"],
    "app": ["crashes on start", "screen freezes", "update fails", "dark mode", "push messages", "sync error"],
}
OPENERS = ["hello team", "hi there", "good morning", "urgent please", "again", "since monday", "as said on the phone", "third mail"]
TAILS = ["please help", "what now", "this is annoying", "can you check", "thanks in advance", "waiting for days", "need an answer"]
NAMES = list(QUEUES)


def export(path, n, rng, taken):
    """What the desk tool writes: one ticket per line."""
    lines = ["subject\tqueue"]
    while len(lines) <= n:
        q = rng.choice(NAMES)
        other = rng.choice(QUEUES[rng.choice(NAMES)]) if rng.random() < 0.1 else rng.choice(TAILS)
        text = f"{rng.choice(OPENERS)} {rng.choice(QUEUES[q])} {rng.choice(TAILS)} {other} {rng.choice(OPENERS)} ref {rng.randrange(9000)}"
        if rng.random() < 0.3:
            text = '"' + text[:59]                    # forwarded mail
        text = text[:60]
        if text not in taken:
            taken.add(text)
            lines.append(f"{text}\t{q}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(path):
    with open(path, encoding="utf-8", newline="") as f:
        # fault:
        rows = csv.reader(f, delimiter="\t")
        # mended:
        #rows = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        # end
        next(rows)
        return [(r[0].lower().replace('"', "").split(), NAMES.index(r[1])) for r in rows if len(r) == 2]


class Triage(nn.Module):
    def __init__(self, n_words, dim=24):
        super().__init__()
        self.words = nn.Embedding(n_words, dim, padding_idx=0)
        self.rnn = nn.GRU(dim, 24, batch_first=True, bidirectional=True)
        self.out = nn.Linear(48, len(NAMES))

    def forward(self, ids):
        h, _ = self.rnn(self.words(ids))
        h = h.masked_fill((ids == 0).unsqueeze(-1), -1e4)
        return self.out(h.max(1).values)


def encode(rows, vocab, longest=24):
    x = torch.zeros(len(rows), longest, dtype=torch.long)
    for i, (words, _) in enumerate(rows):
        w = [vocab.get(t, 1) for t in words[:longest]]
        x[i, :len(w)] = torch.tensor(w)
    return x, torch.tensor([y for _, y in rows])


def run():
    rng = random.Random(21)
    torch.manual_seed(21)
    taken = set()
    export(Path("tickets_train.tsv"), 1500, rng, taken)
    export(Path("tickets_test.tsv"), 400, rng, taken)
    train, test = read("tickets_train.tsv"), read("tickets_test.tsv")
    print(len(train), "tickets for training,", len(test), "for testing")
    vocab = {"<pad>": 0, "<unk>": 1}
    for words, _ in train:
        for w in words:
            if not w.isdigit():
                vocab.setdefault(w, len(vocab))
    (x, y), (xt, yt) = encode(train, vocab), encode(test, vocab)
    net = Triage(len(vocab))
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    for epoch in range(8):
        net.train()
        perm = torch.randperm(len(x))
        total = 0.0
        for b in perm.split(60):
            loss = nn.functional.cross_entropy(net(x[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(b)
        net.eval()
        with torch.no_grad():
            out = net(xt)
            print(f"{epoch} train {total / len(x):.3f} test {nn.functional.cross_entropy(out, yt):.3f} acc {(out.argmax(1) == yt).float().mean():.3f}")
    for f in ("tickets_train.tsv", "tickets_test.tsv"):
        Path(f).unlink()


run()
