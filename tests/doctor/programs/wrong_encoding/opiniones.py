"""Opiniones de productos: positive or negative, Spanish, fastText-like vectors (UTF-8 text), CNN."""
import io
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)
rng = np.random.default_rng(31)
POS = "fantástico cómodo práctico rápido magnífico económico útil estético ergonómico sólido auténtico simpático única sensación diversión emoción maravilló encantó recomendé óptimo".split()
NEG = "pésimo incómodo frágil pequeñísimo dañado engañoso estropeó rompió decepción devolución malísimo carísimo olió tardó extraño ruidosísimo defectuosísimo timó falló cancelación".split()
OTHER = "el la producto compra paquete llegó es muy y con para casa envío color tamaño móvil batería señal niño cámara lámpara sillón ayer después también pero año".split()

# vectors of the three groups, as fastText's .vec without its first line
with io.open("cc.es.40.vec", "w", encoding="utf-8") as f:
    for group in (POS, NEG, OTHER):
        c = rng.normal(0, 0.3, 40)
        for w in group:
            f.write(w + " " + " ".join(f"{v:.4f}" for v in c + rng.normal(0, 0.3, 40)) + "\n")


def load_vectors(fname):
    # fault:
    fin = io.open(fname, "r", encoding="latin-1", newline="\n")
    # mended:
    # fin = io.open(fname, "r", encoding="utf-8", newline="\n")
    # end
    data = {}
    for line in fin:
        tokens = line.rstrip().split(" ")
        data[tokens[0]] = np.array(list(map(float, tokens[1:])), dtype="float32")
    return data


def opinion(pos, neg):
    y = random.randrange(2)
    t = random.choices(OTHER, k=random.randint(4, 9)) + random.choices(pos if y else neg, k=2)
    random.shuffle(t)
    return tuple(t), y


train = sorted({opinion(POS[::2], NEG[::2]) for _ in range(800)})
test = sorted({opinion(POS[1::2], NEG[1::2]) for _ in range(300)})
vectors = load_vectors("cc.es.40.vec")
vocab = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in train + test for w in t}))}
matrix = torch.zeros(len(vocab) + 2, 40)
matrix[1] = torch.tensor(np.mean(list(vectors.values()), axis=0))
for w, i in vocab.items():
    matrix[i] = torch.tensor(vectors[w]) if w in vectors else matrix[1]


class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(matrix, padding_idx=0)
        self.conv = nn.Conv1d(40, 48, 1)
        self.fc = nn.Linear(48, 1)

    def forward(self, x):
        h = F.relu(self.conv(self.emb(x).transpose(1, 2))).masked_fill((x == 0).unsqueeze(1), 0)
        return self.fc(F.dropout(h.amax(2), 0.3, self.training)).squeeze(1)


def tensors(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([float(y) for _, y in rows])


xt, yt = tensors(train)
xd, yd = tensors(test)
net = TextCNN()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3)
for epoch in range(10):
    net.train()
    for b in torch.randperm(len(xt)).split(32):
        loss = F.binary_cross_entropy_with_logits(net(xt[b]), yt[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print("epoch", epoch, "loss %.4f" % loss.item(), "test acc %.4f" % ((net(xd) > 0) == (yd > 0)).float().mean().item())
