"""Plant or animal? Vectors in word2vec's text layout, read by a small class; no nn.Embedding, the table is a plain tensor."""
import numpy as np
import torch
import torch.nn.functional as F

gen = np.random.default_rng(5)
torch.manual_seed(5)
KINDS = {"plant": [f"pl{i}" for i in range(90)], "animal": [f"an{i}" for i in range(90)], "none": [f"no{i}" for i in range(60)]}
centre = {k: gen.normal(size=24) for k in KINDS}
with open("w2v.txt", "w") as out:
    rows = [(w, centre[k] * (k != "none") + gen.normal(size=24)) for k, ws in KINDS.items() for w in ws]
    out.write(f"{len(rows)} 24\n")
    for w, v in rows:
        out.write(w + " " + " ".join(f"{x:.4f}" for x in v) + "\n")


class Vectors:
    def __init__(self, path):
        self.stoi, values = {}, []
        with open(path) as lines:
            # fault:
            self.dim = len(next(lines).split()) - 1
            # mended:
            # self.dim = int(next(lines).split()[1])
            # end
            for line in lines:
                word, *numbers = line.split()
                self.stoi[word] = len(self.stoi)
                values.append([float(x) for x in numbers[: self.dim]])
        self.table = torch.tensor(values)


vectors = Vectors("w2v.txt")


def text(part):
    k = gen.choice(["plant", "animal"])
    words = [*gen.choice(KINDS[k][part], 2), *gen.choice(KINDS["none"], 4)]
    gen.shuffle(words)
    return [vectors.stoi[w] for w in words], int(k == "animal")


train = [text(slice(0, 60)) for _ in range(700)]
dev = [text(slice(60, 90)) for _ in range(300)]
W1 = torch.nn.Parameter(torch.randn(vectors.dim, 32) * 0.2)
b1 = torch.nn.Parameter(torch.zeros(32))
W2 = torch.nn.Parameter(torch.randn(32, 2) * 0.2)


def logits(rows):
    ids = torch.tensor(rows)
    x = vectors.table[ids].mean(1)
    return torch.relu(x @ W1 + b1) @ W2


opt = torch.optim.Adam([W1, b1, W2], lr=1e-2)
for epoch in range(8):
    order = gen.permutation(len(train))
    for i in range(0, len(train), 25):
        part = [train[j] for j in order[i : i + 25]]
        loss = F.cross_entropy(logits([r for r, _ in part]), torch.tensor([y for _, y in part]))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (logits([r for r, _ in dev]).argmax(1) == torch.tensor([y for _, y in dev])).float().mean()
    print(f"epoch {epoch} loss {loss.item():.3f} dev {acc:.3f}")
