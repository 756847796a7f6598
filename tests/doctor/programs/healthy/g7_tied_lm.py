"""Tiny language model: LSTM with the output layer tied to the embedding, on phrases of a little grammar."""
import math
import random

import torch
import torch.nn as nn


class Grammar:
    NOUNS = {"animal": "dog cat horse cow bird fox".split(), "person": "girl boy teacher farmer sailor king".split()}
    VERBS = {"animal": "barks sleeps runs hides jumps eats".split(), "person": "reads sings writes cooks speaks laughs".split()}
    ADJ = "small old happy quick grey young".split()
    PLACE = "house river market garden school forest".split()
    PREP = "in near behind".split()

    def __init__(self, seed):
        self.r = random.Random(seed)

    def sentence(self):
        r = self.r
        kind = r.choice(["animal", "person"])
        out = [r.choice(["the", "a"])]
        while r.random() < 0.4:
            out.append(r.choice(self.ADJ))
        out += [r.choice(self.NOUNS[kind]), r.choice(self.VERBS[kind])]
        if r.random() < 0.6:
            out += [r.choice(self.PREP), "the", r.choice(self.PLACE)]
        return out


class TiedLSTM(nn.Module):
    def __init__(self, n, dim=32):
        super().__init__()
        self.embed = nn.Embedding(n, dim)
        nn.init.normal_(self.embed.weight, std=0.1)
        self.lstm = nn.LSTM(dim, dim, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.decoder = nn.Linear(dim, n)
        self.decoder.weight = self.embed.weight

    def forward(self, x):
        h, _ = self.lstm(self.drop(self.embed(x)))
        return self.decoder(self.drop(h))


PAD, BOS, EOS = 0, 1, 2
torch.manual_seed(7)
g = Grammar(7)
unique = []
seen = set()
while len(unique) < 2600:
    s = g.sentence()
    if " ".join(s) not in seen:
        seen.add(" ".join(s))
        unique.append(s)
train, dev = unique[:2300], unique[2300:]
itos = ["<pad>", "<s>", "</s>"] + sorted({w for s in train for w in s})
stoi = {w: i for i, w in enumerate(itos)}


def batch(sents):
    rows = [torch.tensor([BOS] + [stoi[w] for w in s] + [EOS]) for s in sents]
    x = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)
    return x[:, :-1], x[:, 1:]


model = TiedLSTM(len(itos))
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=9)
nll = nn.CrossEntropyLoss(ignore_index=PAD)


def perplexity(sents):
    model.eval()
    with torch.no_grad():
        x, y = batch(sents)
        return math.exp(nll(model(x).flatten(0, 1), y.flatten()).item())


counts = torch.zeros(len(itos))
for s in train:
    for w in s + ["</s>"]:
        counts[stoi[w]] += 1
p = counts / counts.sum()
ent = -sum(p[stoi[w]].log().item() for s in dev for w in s + ["</s>"]) / sum(len(s) + 1 for s in dev)
print(f"{len(itos)} words, unigram perplexity on dev {math.exp(ent):.2f}")
for epoch in range(9):
    model.train()
    random.Random(epoch).shuffle(train)
    for i in range(0, len(train), 50):
        x, y = batch(train[i:i + 50])
        loss = nll(model(x).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    sched.step()
    print(f"epoch {epoch} perplexity train {perplexity(train[:500]):.3f} dev {perplexity(dev):.3f}")
