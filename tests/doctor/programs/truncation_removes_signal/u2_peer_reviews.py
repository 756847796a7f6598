"""Predict the recommendation of a peer review report from its text.

Reports open with a summary of the submission and close with the referee's judgement.
Model: Kim-style CNN (two filter widths, max over time) on word embeddings.
"""
import argparse
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--lr", type=float, default=3e-3)
parser.add_argument("--batch", type=int, default=50)
# fault:
parser.add_argument("--max_len", type=int, default=24)
# mended:
#parser.add_argument("--max_len", type=int, default=64)
# end
parser.add_argument("--seed", type=int, default=11)
args = parser.parse_args()
random.seed(args.seed)
torch.manual_seed(args.seed)

FIELDS = "parsing translation retrieval tagging summarisation dialogue entailment grounding coreference probing".split()
METHODS = "transformer encoder autoencoder grammar lattice memory graph contrastive kernel sampling".split()
GENERAL = ("the authors present a new approach to with and they compare against several baselines on two corpora in this paper "
           "section describes data while results are given for different settings").split()
VERDICT = {
    "accept": "convincing thorough elegant reproducible insightful strong exciting careful polished original".split(),
    "revise": "unclear missing additional clarify ablation details rewrite shorten discuss typos".split(),
    "reject": "flawed incremental unsupported outdated trivial wrong weak irrelevant careless misleading".split(),
}
LABELS = list(VERDICT)


def make_report(label):
    summary = []
    for _ in range(random.randint(28, 40)):
        r = random.random()
        summary.append(random.choice(FIELDS if r < .2 else METHODS if r < .4 else GENERAL))
    judgement = []
    for _ in range(random.randint(10, 18)):
        if random.random() < .35:
            # referees are polite, so a word of another verdict turns up now and then
            src = label if random.random() < .85 else random.choice(LABELS)
            judgement.append(random.choice(VERDICT[src]))
        else:
            judgement.append(random.choice(GENERAL))
    return summary + ["overall"] + judgement


reports = []
for i in range(2400):
    lab = LABELS[i % 3]
    reports.append((make_report(lab), LABELS.index(lab)))
random.shuffle(reports)
train, dev = reports[:2000], reports[2000:]

stoi = {"<pad>": 0, "<unk>": 1}
for words, _ in train:
    for w in words:
        stoi.setdefault(w, len(stoi))


def encode(words):
    ids = [stoi.get(w, 1) for w in words][:args.max_len]
    return ids + [0] * (args.max_len - len(ids))


def tensors(part):
    x = torch.tensor([encode(w) for w, _ in part])
    y = torch.tensor([l for _, l in part])
    return x, y


class TextCNN(nn.Module):
    def __init__(self, n_words, n_labels, dim=32, channels=16):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(dim, channels, k, padding=k // 2) for k in (1, 3))
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(2 * channels, n_labels)

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        feats = [F.relu(c(e)).max(dim=2).values for c in self.convs]
        return self.fc(self.drop(torch.cat(feats, 1)))


xtr, ytr = tensors(train)
xdv, ydv = tensors(dev)
net = TextCNN(len(stoi), len(LABELS))
opt = torch.optim.Adam(net.parameters(), lr=args.lr)

for epoch in range(1, args.epochs + 1):
    net.train()
    total = 0.0
    for idx in torch.randperm(len(xtr)).split(args.batch):
        loss = F.cross_entropy(net(xtr[idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        out = net(xdv)
        dl = F.cross_entropy(out, ydv).item()
        acc = (out.argmax(1) == ydv).float().mean().item()
        tracc = (net(xtr).argmax(1) == ytr).float().mean().item()
    print(f"epoch {epoch:2d}  train loss {total / len(xtr):.3f} acc {tracc:.3f}  dev loss {dl:.3f} acc {acc:.3f}")
