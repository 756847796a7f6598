"""Field tagger for server log lines: (T, B) batches, packed BiGRU, -100 on padding, singletons become <unk>."""
import collections
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(99)
torch.manual_seed(99)
TAGS = ["O", "USER", "HOST", "ADDR", "CODE"]
SYL = "ka lo mi ren tor vi sa del bru no fa gi".split()
name = lambda: "".join(random.choices(SYL, k=random.randint(2, 4)))
addr = lambda: ".".join(str(random.randint(1, 254)) for _ in range(4))
code = lambda: str(random.choice([200, 301, 403, 404, 500, 502, 503]))
TEMPLATES = ["user USER logged in from ADDR", "connection from ADDR closed by HOST", "failed password for USER on HOST port 22",
             "HOST replied CODE to ADDR", "session of USER opened on HOST", "request by USER ended with CODE",
             "HOST : USER not in sudoers", "ADDR blocked after CODE", "moving USER from HOST to HOST", "backup of HOST finished"]
PREFIX = ["", "info :", "warning : at", "kernel :", "[ auth ]"]
SUFFIX = ["", "( retry )", "after 3 s", "again today"]


def make_line():
    toks, tags = [f"{random.randrange(24)}h", f"{random.randrange(60)}m"], [0, 0]         # time of day first
    for part in (random.choice(PREFIX), random.choice(TEMPLATES), random.choice(SUFFIX)):
        for t in part.split():
            tags.append(TAGS.index(t) if t in TAGS else 0)
            toks.append({"USER": name, "HOST": name, "ADDR": addr, "CODE": code}[t]() if t in TAGS else t)
    return tuple(toks), tags


def unique_lines(n):
    seen = {}
    while len(seen) < n:
        toks, tags = make_line()
        seen.setdefault(toks, tags)
    return list(seen.items())


lines = unique_lines(1800)
train, dev = lines[:1400], lines[1400:]
freq = collections.Counter(t for toks, _ in train for t in toks)
vocab = {"<pad>": 0, "<unk>": 1, "<addr>": 2}
for t, c in freq.items():
    if c > 8:
        vocab[t] = len(vocab)
lookup = lambda t: 2 if t.count(".") == 3 else vocab.get(t, 1)


def batches(data, size, shuffle):
    data = random.sample(data, len(data)) if shuffle else data
    for i in range(0, len(data), size):
        part = data[i:i + size]
        x = pad_sequence([torch.tensor([lookup(t) for t in toks]) for toks, _ in part])
        y = pad_sequence([torch.tensor(tags) for _, tags in part], padding_value=-100)
        yield x, torch.tensor([len(t) for _, t in part]), y


class Tagger(nn.Module):
    def __init__(self, d=24, h=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d, padding_idx=0)
        self.rnn = nn.GRU(d, h, bidirectional=True)
        self.out = nn.Linear(2 * h, len(TAGS))

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.emb(x), lens, enforce_sorted=False)
        return self.out(pad_packed_sequence(self.rnn(packed)[0])[0])


def f1(model, data):
    model.eval()
    tp = fp = fn = 0
    with torch.no_grad():
        for x, lens, y in batches(data, 200, False):
            p, ok = model(x, lens).argmax(-1), y != -100
            tp += ((p == y) & (y > 0) & ok).sum().item()
            fp += ((p > 0) & (p != y) & ok).sum().item()
            fn += ((y > 0) & (p != y)).sum().item()
    return 2 * tp / max(2 * tp + fp + fn, 1)


model = Tagger()
optimiser = torch.optim.Adam(model.parameters(), lr=6e-3)
criterion = nn.CrossEntropyLoss(ignore_index=-100)
for epoch in range(1, 4):
    model.train()
    losses = []
    for x, lens, y in batches(train, 32, True):
        loss = criterion(model(x, lens).view(-1, len(TAGS)), y.view(-1))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} train F1 {f1(model, train[:400]):.4f} dev F1 {f1(model, dev):.4f}")
