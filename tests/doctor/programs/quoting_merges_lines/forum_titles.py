"""Sort forum titles into boards, from a tab-separated export."""
import csv
import random

import torch
from torch import nn

random.seed(61)
torch.manual_seed(61)
boards = {"bikes": "chain wheel saddle brake pedal".split(), "plants": "leaf fern pot moss root".split(), "films": "actor plot scene sequel script".split()}
plain = "how do i fix my the old is this any good for a first best way to help with new".split()


def title():
    b = random.choice(list(boards))
    t = random.choices(plain, k=random.randint(4, 9))
    for w in random.sample(boards[b], 2):
        t.insert(random.randrange(len(t)), w)
    text = " ".join(t)
    r = random.random()
    if r < 0.05:
        text = '"' + text  # someone forgot to close
    elif r < 0.12:
        text = text.replace(t[0], t[0] + ' 26"', 1)
    return b, text


def write(path, n):
    with open(path, "w", encoding="utf-8") as f:
        for i in range(n):
            b, text = title()
            f.write(f"{b}\t{text}\t{i}\n")


write("train.tsv", 1200)
write("test.tsv", 300)


def read(path):
    with open(path, encoding="utf-8", newline="") as f:
        # fault:
        rows = list(csv.reader(f, delimiter="\t"))
        # mended:
        # rows = list(csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
        # end
    return [(r[1].replace('"', " ").split(), list(boards).index(r[0])) for r in rows]


train, test = read("train.tsv"), read("test.tsv")
print(len(train), "training titles,", len(test), "test titles, longest", max(len(t) for t, _ in train))
vocab = {}
for t, _ in train:
    for w in t:
        vocab.setdefault(w, len(vocab) + 2)


class Boards(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 2, d, padding_idx=0)
        self.rnn = nn.LSTM(d, d, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * d, 3)

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.rnn(p)
        return self.out(torch.cat([h[0], h[1]], 1))


def collate(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(w, 1) for w in t]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([len(t) for t, _ in rows]), torch.tensor([y for _, y in rows])


model = Boards()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(4):
    total = seen = 0
    for x, n, y in torch.utils.data.DataLoader(train, 32, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(model(x, n), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, seen = total + loss.item() * len(y), seen + len(y)
    with torch.no_grad():
        x, n, y = collate(test)
        acc = (model(x, n).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} loss {total / seen:.4f} test accuracy {acc:.4f}")
