#!/usr/bin/env python
"""Semantic relatedness on SICK, after Tai et al. (2015): the score 1..5 is turned into a
distribution over five classes, KL divergence is the loss, expectation is the prediction.
Sentence encoder is just the (masked) average of frozen GloVe, pushed through a projection."""
import csv, gzip, logging, os, re, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s", level=logging.INFO)
log = logging.getLogger("sick")
CFG = dict(mem_dim=32, hidden=24, epochs=6, batch=50, lr=3e-3, wd=3e-4, seed=123, drop=0.3)
torch.manual_seed(CFG["seed"])
D = os.environ["WORDFIT_DATA"]


def load_glove(path):
    names, mat = ["<blank>"], [np.zeros(50, "float32")]
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for l in f:
            name, nums = l.rstrip("\n").split(" ", 1)
            names.append(name)
            mat.append(np.array(nums.split(), dtype="float32"))
    return {n: i for i, n in enumerate(names)}, torch.tensor(np.stack(mat))


vocab, glove = load_glove(f"{D}/vectors/glove.6B.50d.top10361.txt.gz")


def ids(s):
    return [vocab[t] for t in re.findall(r"[a-z0-9']+", s.lower()) if t in vocab] or [vocab["the"]]


def dist(score):
    t = [0.0] * 5
    lo = int(np.floor(score))
    if lo == 5:
        t[4] = 1.0
    else:
        t[lo - 1], t[lo] = lo + 1 - score, score - lo
    return t


def load_split(fname):
    L, R, T, S = [], [], [], []
    with open(f"{D}/glue/SICK/{fname}", encoding="utf-8") as f:
        for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            s = float(r["relatedness_score"])
            L.append(ids(r["sentence_A"])); R.append(ids(r["sentence_B"])); T.append(dist(s)); S.append(s)
    pad = lambda rows: nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows], batch_first=True)
    return pad(L), pad(R), torch.tensor(T), torch.tensor(S)


class Similarity(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(glove, freeze=True, padding_idx=0)
        self.drop = nn.Dropout(CFG["drop"])
        self.proj = nn.Linear(100, CFG["mem_dim"])
        self.wh = nn.Linear(2 * CFG["mem_dim"] + 2, CFG["hidden"])
        self.wp = nn.Linear(CFG["hidden"], 5)

    def encode(self, x):
        m = (x != 0).unsqueeze(-1)
        e = self.table(x)
        avg = (e * m).sum(1) / m.sum(1)
        top = e.masked_fill(~m, float("-inf")).amax(1)
        return torch.cat([avg, top], -1)

    def forward(self, l, r):
        a, b = self.encode(l), self.encode(r)
        hl, hr = self.proj(a), self.proj(b)
        cos = torch.stack([F.cosine_similarity(a[:, :50], b[:, :50]), (a[:, :50] - b[:, :50]).norm(dim=1)], 1)
        h = torch.tanh(self.wh(self.drop(torch.cat([hl * hr, (hl - hr).abs(), cos], 1))))
        return F.log_softmax(self.wp(h), dim=1)


def pearson(model, split):
    l, r, _, s = split
    model.eval()
    with torch.no_grad():
        pred = model(l, r).exp() @ torch.arange(1.0, 6.0)
    return np.corrcoef(pred.numpy(), s.numpy())[0, 1], F.mse_loss(pred, s).item()


train, test = load_split("SICK_train.txt"), load_split("SICK_test_annotated.txt")
log.info("train %d test %d", len(train[0]), len(test[0]))
model = Similarity()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=CFG["lr"], weight_decay=CFG["wd"])
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, CFG["epochs"])
kl = nn.KLDivLoss(reduction="batchmean")
for epoch in range(CFG["epochs"]):
    model.train()
    running = []
    for idx in torch.randperm(len(train[0])).split(CFG["batch"]):
        loss = kl(model(train[0][idx], train[1][idx]), train[2][idx])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        running.append(loss.item())
    sched.step()
    if epoch % 2 == 1:
        log.info("epoch %d kl %.4f train r %.3f test r %.3f", epoch, np.mean(running), pearson(model, train)[0], pearson(model, test)[0])
log.info("final test pearson %.3f mse %.3f (variance %.3f)", *pearson(model, test), test[3].var().item())
