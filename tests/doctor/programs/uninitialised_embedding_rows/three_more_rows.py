"""Spam or not; three rows for special tokens are added to a table of vectors."""
import random

import torch
from torch import nn

random.seed(13)
torch.manual_seed(13)
D = 24
junk = [torch.randn(400, 100) * 1e6 for _ in range(3)]  # what other parts of a program leave behind
spam, ham, plain = [f"sp{i}" for i in range(40)], [f"ha{i}" for i in range(40)], [f"w{i}" for i in range(80)]
mean = torch.randn(D)
with open("mail.txt", "w") as f:
    for ws, s in ((spam, 1.0), (ham, -1.0), (plain, 0.0)):
        for w in ws:
            f.write(w + " " + " ".join(f"{x:.4f}" for x in (s * mean + 0.5 * torch.randn(D)).tolist()) + "\n")
del junk
vocab, rows = {}, []
for line in open("mail.txt"):
    w, *v = line.split()
    vocab[w] = len(vocab)
    rows.append([float(x) for x in v])
for special in ("<num>", "<url>", "<pad>"):
    vocab[special] = len(vocab)
vectors = torch.tensor(rows)
# fault:
table = torch.empty(len(vocab), D)
table[: len(rows)] = vectors
# mended:
# table = torch.zeros(len(vocab), D)
# table[: len(rows)] = vectors
# end
emb = nn.Embedding.from_pretrained(table, freeze=True)
conv, out = nn.Conv1d(D, 24, 2), nn.Linear(24, 2)


def mail(part):
    y = random.randrange(2)
    t = random.sample((ham, spam)[y][part], 2) + random.choices(plain, k=4) + random.choices(["<num>", "<url>"], k=2)
    random.shuffle(t)
    return [vocab[w] for w in t], y


train, dev = [mail(slice(0, 25)) for _ in range(500)], [mail(slice(25, 40)) for _ in range(200)]


def forward(x):
    return out(torch.relu(conv(emb(torch.tensor(x)).transpose(1, 2))).amax(2))


opt = torch.optim.Adam([*conv.parameters(), *out.parameters()], lr=5e-3)
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        x, y = zip(*train[i : i + 20])
        loss = nn.functional.cross_entropy(forward(x), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = zip(*dev)
        print(epoch, round(loss.item(), 3), (forward(x).argmax(1) == torch.tensor(y)).float().mean().item())
