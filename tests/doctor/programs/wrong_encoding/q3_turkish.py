"""Turkish product comments over a fixed in-house vector file; only a small head is trained."""
import math
import random
from pathlib import Path
import numpy as np
import torch
from torch import nn

WORDS = {
    "battery": "şarj pil güç şarjlı yükleme pilli enerji doluş şarjör adaptör bağlantı priz".split(),
    "screen": "görüntü çözünürlük ışık görünüş parlaklık görsel çerçeve dokunuş piksel küçük büyük çizik".split(),
    "shipping": "gönderi ulaşım gecikmiş dağıtım şube kargocu taşıma gümrük geç günü teslimatçı süre".split(),
    "price": "ücret ödeme düşük yüksek değer taksitçi bütçe kârlı pahalı ucuzluk üst ödül".split(),
}
COMMON = "bu bir ve ama için çok daha gibi ile da de ne var yok sonra önce her şey ben biz onlar hiç".split()


def write_vectors(path, dim=40, seed=1):
    """as exported by the vectors team, one word a line"""
    rng = np.random.default_rng(seed)
    lines = []
    for words in WORDS.values():
        centre = rng.normal(size=dim)
        lines += [(w, centre * 0.6 + rng.normal(size=dim) * 0.8) for w in words]
    lines += [(w, rng.normal(size=dim)) for w in COMMON]
    with open(path, "w", encoding="utf-8") as f:
        for w, v in lines:
            f.write(w + " " + " ".join(f"{x:.4f}" for x in v) + "\n")


class VectorFile:
    def __init__(self, path):
        self.index, rows = {"<pad>": 0, "<unk>": 1}, []
        # fault:
        with open(path, encoding="iso-8859-9") as f:
        # mended:
        #with open(path, encoding="utf-8") as f:
        # end
            for line in f:
                parts = line.rstrip("\n").split(" ")
                self.index[parts[0]] = len(self.index)
                rows.append([float(x) for x in parts[1:]])
        body = torch.tensor(rows)
        self.matrix = torch.cat([torch.zeros(1, body.size(1)), body.mean(0, keepdim=True), body])

    def __getitem__(self, word):
        return self.index.get(word, 1)


def comments(n, seed):
    """short comments, each about one topic"""
    rng, out = random.Random(seed), set()
    names = list(WORDS)
    while len(out) < n:
        k = rng.randrange(len(names))
        ws = rng.choices(WORDS[names[k]], k=rng.randint(2, 3)) + rng.choices(COMMON, k=rng.randint(2, 6))
        if rng.random() < 0.3:
            ws.append(rng.choice(WORDS[rng.choice(names)]))
        rng.shuffle(ws)
        out.add((tuple(ws), k))
    out = sorted(out)
    rng.shuffle(out)
    return out


class AttentiveHead(nn.Module):
    def __init__(self, matrix, n_out, hidden=24):
        super().__init__()
        self.register_buffer("matrix", matrix)
        self.key = nn.Linear(matrix.size(1), hidden)
        self.query = nn.Parameter(torch.randn(hidden) / math.sqrt(hidden))
        self.out = nn.Sequential(nn.Linear(matrix.size(1), hidden), nn.ReLU(), nn.Linear(hidden, n_out))

    def forward(self, ids):
        e = self.matrix[ids]
        a = torch.tanh(self.key(e)) @ self.query
        a = a.masked_fill(ids == 0, float("-inf")).softmax(-1)
        return self.out(torch.einsum("bt,btd->bd", a, e))


def batchify(rows, vf):
    seqs = [torch.tensor([vf[w] for w in ws]) for ws, _ in rows]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([k for _, k in rows])


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(-1) == y).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(6)
    path = Path("tr_vectors.txt")
    write_vectors(path)
    vf = VectorFile(path)
    data = comments(1500, 2)
    (x, y), (xt, yt) = batchify(data[:1200], vf), batchify(data[1200:], vf)
    model = AttentiveHead(vf.matrix, len(WORDS))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    epochs = 9
    for ep in range(epochs):
        model.train()
        opt.param_groups[0]["lr"] = 5e-3 * (1 - ep / epochs)
        total = 0.0
        for b in torch.randperm(len(y)).split(40):
            loss = nn.functional.cross_entropy(model(x[b]), y[b])
            opt.zero_grad(); loss.backward(); opt.step()
            total += loss.item() * len(b)
        print(f"epoch {ep} loss {total / len(y):.4f} test {accuracy(model, xt, yt):.3f}")
    print(f"train {accuracy(model, x, y):.3f} test {accuracy(model, xt, yt):.3f}")
