"""Financial PhraseBank, 3 classes (negative / neutral / positive), GloVe stays frozen on purpose.
Only 12% of the sentences are negative -> weighted loss, we look at macro F1."""
import gzip
import os
import random
import re

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import nn

params = {"seed": 8, "filters": 48, "dropout": 0.3, "lr": 4e-3, "epochs": 7, "batch": 64, "max_len": 40}
root = os.environ["WORDFIT_DATA"]
random.seed(params["seed"])
np.random.seed(params["seed"])
torch.manual_seed(params["seed"])
CLASSES = ["negative", "neutral", "positive"]


def load_glove():
    index, rows = {"<pad>": 0, "<unk>": 1}, [np.zeros(50, "float32"), np.zeros(50, "float32")]
    with gzip.open(os.path.join(root, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip("\n").split(" ")
            index[w] = len(rows)
            rows.append(np.array(v, "float32"))
    m = np.stack(rows)
    m[1] = m[2:].mean(0)
    return index, torch.from_numpy(m)


def tokenize(s):
    return ["0" if t.isdigit() else t for t in re.findall(r"[a-z]+|\d+|[%,.'-]", s.lower())]


index, glove = load_glove()
data, seen = [], set()
with open(os.path.join(root, "sentiment/financial-phrasebank/Sentences_50Agree.txt"), encoding="utf-8") as f:
    for line in f:
        text, label = line.strip().rsplit("@", 1)
        key = " ".join(tokenize(text))
        if key and key not in seen:
            seen.add(key)
            data.append((key.split(), CLASSES.index(label)))
random.shuffle(data)
test, train = data[:900], data[900:]
print("train", len(train), "test", len(test), "classes", np.bincount([y for _, y in train]))


def make(rows):
    x = torch.zeros(len(rows), params["max_len"], dtype=torch.long)
    for i, (toks, _) in enumerate(rows):
        ids = [index.get(t, 1) for t in toks[:params["max_len"]]]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows])


class NewsNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.glove = nn.Embedding.from_pretrained(glove, freeze=True, padding_idx=0)
        self.conv = nn.Conv1d(50, params["filters"], 3, padding=1)
        self.drop = nn.Dropout(params["dropout"])
        self.out = nn.Linear(params["filters"] * 2, 3)

    def forward(self, x):
        real = (x != 0).unsqueeze(1)
        h = torch.relu(self.conv(self.glove(x).transpose(1, 2))) * real
        top, mean = h.max(2).values, h.sum(2) / real.sum(2).clamp(min=1)
        return self.out(self.drop(torch.cat([top, mean], 1)))


X, Y = make(train)
XT, YT = make(test)
freq = torch.bincount(Y, minlength=3).float()
weight = (len(Y) / (3 * freq)).sqrt()
print("class weights", [round(w, 2) for w in weight.tolist()])
net = NewsNet()
opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=params["lr"], weight_decay=0.05)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, params["epochs"])
loss_fn = nn.CrossEntropyLoss(weight=weight)


def predict(x):
    net.eval()
    with torch.no_grad():
        return torch.cat([net(b) for b in x.split(450)])


for epoch in range(params["epochs"]):
    net.train()
    total = 0.0
    for idx in torch.randperm(len(X)).split(params["batch"]):
        loss = loss_fn(net(X[idx]), Y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    sched.step()
    out = predict(XT)
    print("epoch %d train loss %.4f test loss %.4f test acc %.4f macro F1 %.4f" % (
        epoch + 1, total / len(X), loss_fn(out, YT).item(), (out.argmax(1) == YT).float().mean().item(),
        f1_score(YT, out.argmax(1), average="macro")))

print("train macro F1 %.4f" % f1_score(Y, predict(X).argmax(1), average="macro"))
print("test macro F1 %.4f accuracy %.4f" % (f1_score(YT, predict(XT).argmax(1), average="macro"),
                                            (predict(XT).argmax(1) == YT).float().mean().item()))
