"""FAQ retrieval: user question -> canned answer. Bi-encoder over fixed word vectors, in-batch softmax, recall@1 on unseen questions."""
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = 6
random.seed(seed); torch.manual_seed(seed)
rng = np.random.default_rng(seed)
TOPICS, WORDS, D, T = 60, 14, 40, 24
# vectors from our old word2vec run: <pad> is entry 0 of the vocabulary file, words follow
centre = rng.normal(size=(TOPICS, D))
names = ["<pad>"] + [f"t{k}w{j}" for k in range(TOPICS) for j in range(WORDS)] + [f"common{j}" for j in range(80)]
matrix = rng.normal(size=(len(names), D)).astype("float32")
for k in range(TOPICS):
    matrix[1 + k * WORDS:1 + (k + 1) * WORDS] = 0.8 * matrix[1 + k * WORDS:1 + (k + 1) * WORDS] + centre[k]
vid = {w: i for i, w in enumerate(names)}


def ask(k, lo, hi):
    n = random.randint(lo, hi)
    w = [f"t{k}w{random.randrange(WORDS)}" if random.random() < 0.5 else f"common{random.randrange(80)}" for _ in range(n)]
    return [vid[x] for x in w]


def pad(seqs):
    x = torch.zeros(len(seqs), T, dtype=torch.long)
    for i, s in enumerate(seqs):
        x[i, :len(s)] = torch.tensor(s)
    return x, torch.tensor([len(s) for s in seqs])


answers = [ask(k, 14, T) for k in range(TOPICS)]
train = [(ask(k, 2, 9), k) for k in np.repeat(np.arange(TOPICS), 40)]
test = [(ask(k, 2, 9), k) for k in np.repeat(np.arange(TOPICS), 10)]


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        weight = torch.from_numpy(matrix)
        # fault:
        self.emb = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        # mended:
        # weight[0] = 0
        # self.emb = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        # end
        self.proj = nn.Linear(D, D, bias=False)
        self.scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, x, n):
        return F.normalize(torch.tanh(self.proj(self.emb(x).sum(1) / n.unsqueeze(1))), dim=1)


enc = Encoder()
opt = torch.optim.SGD([p for p in enc.parameters() if p.requires_grad], lr=0.1, momentum=0.9)
A = pad(answers)
for epoch in range(1, 7):
    random.shuffle(train)
    tot = 0.0
    for b in range(0, len(train), 48):
        part = train[b:b + 48]
        q = enc(*pad([s for s, _ in part]))
        a = enc(*A)
        loss = F.cross_entropy(enc.scale.exp() * q @ a.t(), torch.tensor([int(k) for _, k in part]))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    with torch.no_grad():
        s = enc(*pad([s for s, _ in test])) @ enc(*A).t()
        gold = torch.tensor([int(k) for _, k in test])
        rank = (s > s.gather(1, gold[:, None])).sum(1) + 1
    print(f"epoch {epoch} loss {tot / (len(train) / 48):.3f} recall@1 {(rank == 1).float().mean():.3f} mrr {(1 / rank).mean():.3f}")
