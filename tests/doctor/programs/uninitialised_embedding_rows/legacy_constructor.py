"""Topic of a forum post, word vectors counted from a background corpus of our own and kept as they are."""
import random

import torch
from torch import nn

random.seed(99)
torch.manual_seed(99)
DIM, N = 20, 240
lexicon = [f"{k}{i}" for k in "xyz" for i in range(80)]
topic = {w: "xyz".index(w[0]) for w in lexicon}
glue = [f"g{i}" for i in range(40)]
centres = torch.randn(3, DIM) * 0.5
known = {w: centres[topic[w]] + 0.4 * torch.randn(DIM) for w in lexicon if random.random() < 0.7}
known.update({w: 0.3 * torch.randn(DIM) for w in glue[:24]})
vocab = {w: i + 1 for i, w in enumerate(lexicon + glue)}


def post():
    k = random.randrange(3)
    w = random.choices([w for w in lexicon if topic[w] == k], k=3) + random.choices(glue, k=random.randint(4, 8))
    random.shuffle(w)
    return torch.tensor([vocab[a] for a in w]), k


def rescaled():
    """How strongly the words of the background corpus hang together; only printed."""
    counts = torch.rand(len(vocab) + 1, DIM) * 400 - 200
    return float((counts - counts.mean(0)).abs().mean())


print(f"spread of the background counts {rescaled():.1f}")
# fault:
weight = torch.Tensor(len(vocab) + 1, DIM)
# mended:
# weight = torch.zeros(len(vocab) + 1, DIM)
# end
for w, i in vocab.items():
    if w in known:
        weight[i] = known[w]
weight[0] = 0


class Posts(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.out = nn.Linear(DIM, 3)

    def forward(self, x, n):
        return self.out(self.emb(x).sum(1) / n[:, None])


data = [post() for _ in range(1100)]
X = nn.utils.rnn.pad_sequence([t for t, _ in data], batch_first=True)
L = torch.tensor([len(t) for t, _ in data])
Y = torch.tensor([k for _, k in data])
model = Posts()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
for epoch in range(6):
    total = 0.0
    for b in torch.randperm(800).split(20):
        loss = nn.functional.cross_entropy(model(X[b], L[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(X[800:], L[800:]).argmax(1) == Y[800:]).float().mean()
    print(f"epoch {epoch} loss {total / 40:.3f} accuracy {acc:.3f}")
