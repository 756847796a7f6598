"""A tiny causal transformer language model on sentences with subject-verb agreement across a distance.
Input and output embeddings are tied, the loss is label-smoothed, the rate follows a cosine."""
import math
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)

SING = ["dog", "child", "teacher", "pilot", "author", "farmer", "singer", "lawyer"]
PLUR = [w + "s" for w in SING]
VS = ["sleeps", "runs", "laughs", "waits", "sings", "works"]
VP = [v[:-1] for v in VS]
PREPS = ["near", "behind", "with", "above"]
ADVS = ["often", "slowly", "today", "never"]


def noun():
    n = random.random() < .5
    return random.choice(PLUR if n else SING), n


def sentence():
    head, plural = noun()
    out = ["the", head]
    for _ in range(random.choice([0, 0, 1])):
        out += [random.choice(PREPS), "the", noun()[0]]
    out.append(random.choice(VP if plural else VS))
    if random.random() < .5:
        out.append(random.choice(ADVS))
    return out


corpus = []
seen = set()
while len(corpus) < 2000:
    s = sentence()
    if tuple(s) not in seen:
        seen.add(tuple(s))
        corpus.append(s)
vocab = ["<pad>", "<s>", "</s>"] + sorted({w for s in corpus for w in s})
ix = {w: i for i, w in enumerate(vocab)}
verbs = torch.tensor([w in VS or w in VP for w in vocab])
rows = [torch.tensor([1] + [ix[w] for w in s] + [2]) for s in corpus]
data = nn.utils.rnn.pad_sequence(rows, batch_first=True)
train, held = data[:1750], data[1750:]


class CausalLM(nn.Module):
    def __init__(self, V, T, d=32, layers=2):
        super().__init__()
        self.tok = nn.Embedding(V, d, padding_idx=0)
        self.pos = nn.Parameter(torch.zeros(T, d))
        nn.init.normal_(self.tok.weight, std=0.1)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True, norm_first=True) for _ in range(layers))
        self.norm = nn.LayerNorm(d)

    def forward(self, x):
        T = x.size(1)
        mask = torch.triu(torch.ones(T, T, dtype=torch.bool), 1)
        h = self.tok(x) * math.sqrt(32) + self.pos[:T]
        for b in self.blocks:
            h = b(h, src_mask=mask)
        return self.norm(h) @ self.tok.weight.T


def evaluate(model):
    model.eval()
    with torch.no_grad():
        x, y = held[:, :-1], held[:, 1:]
        logits = model(x)
        nll = F.cross_entropy(logits.transpose(1, 2), y, ignore_index=0).item()
        at = verbs[y]
        # agreement: mass on the right number among verbs
        p = logits[at].softmax(-1)
        sing = p[:, [ix[v] for v in VS]].sum(1)
        plur = p[:, [ix[v] for v in VP]].sum(1)
        gold_plur = torch.tensor([vocab[i] in VP for i in y[at].tolist()])
        return math.exp(nll), ((plur > sing) == gold_plur).float().mean().item()


model = CausalLM(len(vocab), data.size(1))
EPOCHS, B = 6, 25
steps = EPOCHS * math.ceil(len(train) / B)
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
for epoch in range(EPOCHS):
    model.train()
    tot = 0
    for idx in torch.randperm(len(train)).split(B):
        b = train[idx]
        loss = F.cross_entropy(model(b[:, :-1]).transpose(1, 2), b[:, 1:], ignore_index=0, label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        tot += loss.item() * len(idx)
    ppl, agree = evaluate(model)
    print(f"epoch {epoch + 1} smoothed loss {tot / len(train):.3f}  held-out perplexity {ppl:.2f} (vocabulary {len(vocab)})  agreement {agree:.3f}")
