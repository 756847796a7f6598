"""Question and answer towers, in-batch negatives, negative mean cosine as an extra pull (the loss may go below zero)."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(18); torch.manual_seed(18)
themes = [f"{p}{s}" for p in ("auto", "bio", "geo", "hydro", "photo", "thermo", "tele", "micro") for s in ("graph", "meter", "logy")]
q_words = {t: [t, t + "?", "ask-" + t] for t in themes}
a_words = {t: [t + "-is", t + "-means", "re-" + t] for t in themes}
glue = "what is the a of it does and so why in".split()


def pair(t):
    q = random.choices(glue, k=random.randint(3, 7)) + [random.choice(q_words[t])]
    a = random.choices(glue, k=random.randint(4, 9)) + [random.choice(a_words[t])]
    random.shuffle(q)
    random.shuffle(a)
    return q, a


vocab = {w: i + 1 for i, w in enumerate(sorted(set(glue + sum(q_words.values(), []) + sum(a_words.values(), []))))}


class Tower(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb, self.lin = nn.Embedding(len(vocab) + 1, d, padding_idx=0), nn.Linear(d, d)

    def forward(self, x):
        m = (x > 0).unsqueeze(-1).float()
        return F.normalize(self.lin((self.emb(x) * m).sum(1) / m.sum(1)), dim=-1)


def ids(sents):
    return nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in s]) for s in sents], batch_first=True)


question, answer = Tower(), Tower()
opt = torch.optim.Adam([*question.parameters(), *answer.parameters()], lr=1e-2)
for step in range(1, 481):
    batch = [pair(t) for t in random.sample(themes, 16)]
    q, a = question(ids([p[0] for p in batch])), answer(ids([p[1] for p in batch]))
    sim = q @ a.t()
    contrast = F.cross_entropy(10 * sim, torch.arange(16))
    loss = contrast - 0.1 * sim.diagonal().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 80 == 0:
        with torch.no_grad():
            test = [pair(t) for t in themes]
            s = question(ids([p[0] for p in test])) @ answer(ids([p[1] for p in test])).t()
            hit = (s.argmax(1) == torch.arange(len(themes))).float().mean().item()
        print(f"step {step} loss {loss.item():.4f} retrieval accuracy {hit:.4f}")
