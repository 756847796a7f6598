# Financial PhraseBank: does the sentence carry sentiment (pos/neg) or is it neutral?
# own Trainer class, so that I can reuse it for the thesis
import math
import os
import random
import re
from collections import Counter

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

DATA = os.environ["WORDFIT_DATA"]
MAXLEN = 40


def read_phrasebank():
    path = os.path.join(DATA, "sentiment", "financial-phrasebank", "Sentences_50Agree.txt")
    seen, rows = set(), []
    for line in open(path, encoding="latin-1"):
        text, _, label = line.strip().rpartition("@")
        toks = re.findall(r"[a-z]+|%|\d", text.lower())[:MAXLEN]
        key = " ".join(toks)
        if toks and key not in seen:
            seen.add(key)
            rows.append((toks, int(label != "neutral")))
    return rows


class FocalLoss(nn.Module):
    def __init__(self, gamma=1.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, logit, y):
        ce = nn.functional.binary_cross_entropy_with_logits(logit, y, reduction="none")
        return ((1 - torch.exp(-ce)) ** self.gamma * ce).mean()


class SentimentMLP(nn.Module):
    def __init__(self, n_words, dim=48, hidden=32, share=0.4, prior=0.05):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.hidden = nn.Sequential(nn.Dropout(0.5), nn.Linear(dim, hidden), nn.ReLU(), nn.Dropout(0.3))
        self.out = nn.Linear(hidden, 1)
        nn.init.normal_(self.emb.weight, std=0.3)
        with torch.no_grad():
            self.emb.weight[0].zero_()
        nn.init.xavier_uniform_(self.hidden[1].weight)
        nn.init.constant_(self.out.bias, -math.log(1 / share - 1))
        # fault:
        nn.init.constant_(self.hidden[1].bias, -math.log((1 - prior) / prior))
        # mended:
        #nn.init.constant_(self.hidden[1].bias, 0.0)
        # end

    def forward(self, x):
        mask = (x > 0).unsqueeze(-1)
        h = (self.emb(x) * mask).sum(1) / mask.sum(1)
        return self.out(self.hidden(h)).squeeze(-1)


class Trainer:
    def __init__(self, model, loss, lr, epochs):
        self.model, self.loss, self.epochs = model, loss, epochs
        self.opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.05)

    def fit(self, train, valid):
        for e in range(self.epochs):
            self.model.train()
            s = n = 0
            for x, y in train:
                self.opt.zero_grad()
                l = self.loss(self.model(x), y)
                l.backward()
                self.opt.step()
                s, n = s + l.item() * len(y), n + len(y)
            vl, va, _ = self.test(valid)
            print(f"[{e + 1}/{self.epochs}] train {s / n:.4f} | valid {vl:.4f} acc {va:.3f}")

    @torch.no_grad()
    def test(self, loader):
        self.model.eval()
        z, y = map(torch.cat, zip(*[(self.model(x), y) for x, y in loader]))
        p = (z > 0).float()
        tp = (p * y).sum().item()
        f1 = 2 * tp / max(p.sum().item() + y.sum().item(), 1)
        return self.loss(z, y).item(), (p == y).float().mean().item(), f1


if __name__ == "__main__":
    random.seed(1)
    torch.manual_seed(1)
    rows = read_phrasebank()
    random.shuffle(rows)
    train_rows, valid_rows = rows[:3600], rows[3600:]
    freq = Counter(w for t, _ in train_rows for w in t)
    stoi = {w: i + 2 for i, (w, c) in enumerate(freq.most_common()) if c > 3}

    def loader(rs, shuffle):
        x = torch.zeros(len(rs), MAXLEN, dtype=torch.long)
        for i, (t, _) in enumerate(rs):
            x[i, :len(t)] = torch.tensor([stoi.get(w, 1) for w in t])
        return DataLoader(TensorDataset(x, torch.tensor([float(y) for _, y in rs])), 64, shuffle=shuffle)

    tl, vl = loader(train_rows, True), loader(valid_rows, False)
    net = SentimentMLP(len(stoi) + 2)
    trainer = Trainer(net, FocalLoss(), lr=4e-3, epochs=4)
    trainer.fit(tl, vl)
    print("neutral share", round(1 - sum(y for _, y in valid_rows) / len(valid_rows), 3))
    print("train  loss %.3f acc %.3f f1 %.3f" % trainer.test(tl))
    print("valid  loss %.3f acc %.3f f1 %.3f" % trainer.test(vl))
