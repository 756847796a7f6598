"""Portuguese shop reviews; vectors in a binary word2vec file, read by hand."""
import random
import struct

import numpy as np
import torch
from torch import nn

random.seed(11)
np.random.seed(11)
torch.manual_seed(11)
D = 20
good = "ótimo excelência rápido lindíssimo café fantástico útil maravilha ágil confortável impecável satisfação".split()
bad = "péssimo horrível lentidão avaria defeituoso caríssimo inútil decepção frágil feíssimo atrasadíssimo reclamação".split()
plain = [f"p{i}" for i in range(90)] + "não já até também você é".split()
with open("pt.bin", "wb") as f:
    words = good + bad + plain
    f.write(f"{len(words)} {D}\n".encode())
    for w in words:
        v = np.random.randn(D).astype("<f4") * 0.4
        v[:4] += 0.9 * (w in good) - 0.9 * (w in bad)
        f.write(w.encode("utf-8") + b" " + v.tobytes() + b"\n")

table = {}
with open("pt.bin", "rb") as f:
    n, d = map(int, f.readline().split())
    for _ in range(n):
        name = bytearray()
        while (c := f.read(1)) != b" ":
            name += c
        # fault:
        word = name.decode("ascii", errors="ignore").strip()
        # mended:
        # word = name.decode("utf-8").strip()
        # end
        table[word] = struct.unpack(f"<{d}f", f.read(4 * d))
print(len(table), "words")


def review():
    y = random.randrange(2)
    t = random.sample((bad, good)[y], 2) + random.choices(plain, k=6)
    random.shuffle(t)
    return " ".join(t), y


rows = [review() for _ in range(900)]
stoi = {"<pad>": 0, "<unk>": 1}
for t, _ in rows:
    for w in t.split():
        stoi.setdefault(w, len(stoi))
matrix = torch.zeros(len(stoi), D)
for w, i in stoi.items():
    if w in table:
        matrix[i] = torch.tensor(table[w])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding.from_pretrained(matrix, freeze=True, padding_idx=0)
        self.g = nn.GRU(D, 24, batch_first=True)
        self.o = nn.Linear(24, 2)

    def forward(self, batch):
        return self.o(self.g(self.e(batch["ids"]))[1][0])


def batches(part, size):
    for i in range(0, len(part), size):
        t = part[i : i + size]
        yield {"ids": torch.tensor([[stoi[w] for w in s.split()] for s, _ in t]), "label": torch.tensor([y for _, y in t])}


net = Net()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=5e-3)
train, dev = rows[:700], rows[700:]
for epoch in range(6):
    random.shuffle(train)
    for b in batches(train, 20):
        loss = nn.functional.cross_entropy(net(b), b["label"])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        b = next(iter(batches(dev, 200)))
        print(epoch, round(loss.item(), 3), (net(b).argmax(1) == b["label"]).float().mean().item())
