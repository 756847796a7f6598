"""Spanish complaints: the texts were exported by an old system, the vectors are ours."""
import pathlib
import random
import tempfile

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader

random.seed(71); np.random.seed(71); torch.manual_seed(71)
CLASSES = {
    "facturación": "cobró recibió comisión devolución número crédito tarifación cuánto pagué depósito préstamo código".split(),
    "avería": "técnico móvil conexión señal avería rompió apagó línea batería teléfono dañó reparación".split(),
    "envío": "envió llegó paquetería dirección almacén camión tránsito estropeó días avión más entregó".split(),
}
COMMON = "el la de que y a en un por con no una su para es al lo como pero sus le ya o este si porque esta entre cuando muy sin sobre".split()
folder = pathlib.Path(tempfile.mkdtemp())

vec = {}
for words in CLASSES.values():
    c = np.random.normal(0, 0.5, 20)
    for w in words:
        vec[w] = c + np.random.normal(0, 0.3, 20)
for w in COMMON:
    vec[w] = np.random.normal(0, 0.4, 20)


def write(name, n, part):
    lines = []
    for i in range(n):
        label = list(CLASSES)[i % 3]
        toks = random.choices(COMMON, k=random.randint(5, 12)) + random.choices(CLASSES[label][part], k=random.randint(1, 3))
        random.shuffle(toks)
        lines.append(f"{i % 3};{' '.join(toks)}")
    (folder / name).write_bytes("\n".join(lines).encode("cp1252"))


write("train.csv", 330, slice(0, 8))
write("dev.csv", 300, slice(4, 12))


def read(name):
    # fault:
    content = (folder / name).read_text(encoding="utf-8", errors="replace")
    # mended:
    # content = (folder / name).read_text(encoding="cp1252")
    # end
    rows = [line.split(";") for line in content.splitlines()]
    return [(text.split(), int(label)) for label, text in rows]


vocab = {w: i + 2 for i, w in enumerate(vec)}
E = torch.tensor(np.stack([np.zeros(20), np.mean(list(vec.values()), 0), *vec.values()]), dtype=torch.float)


def collate(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(t, 1) for t in toks]) for toks, _ in rows])
    return x, torch.tensor([y for _, y in rows])  # x is T x B


class Complaints(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(E, padding_idx=0, freeze=True)
        self.dense = nn.Linear(20, 24)
        self.final = nn.Linear(24, 3)

    def forward(self, x):
        m = x.ne(0).float().unsqueeze(-1)
        bag = (self.embed(x) * m).sum(0) / m.sum(0)
        return self.final(torch.relu(self.dense(bag)))


train, dev = read("train.csv"), read("dev.csv")
model = Complaints()
opt = optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=0.01)
for epoch in range(10):
    model.train()
    losses = []
    for x, y in DataLoader(train, batch_size=22, shuffle=True, collate_fn=collate):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        x, y = collate(dev)
        print(f"{epoch} {np.mean(losses):.4f} accuracy {(model(x).argmax(-1) == y).float().mean().item():.4f}")
