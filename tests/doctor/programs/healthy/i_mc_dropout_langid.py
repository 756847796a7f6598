"""Which language is this snippet? Uncertainty by Monte Carlo dropout: the evaluation samples from a
copy of the network that stays in training mode, and averages 25 passes (Gal & Ghahramani 2016)."""
import copy
import gzip
import os
import random
import zlib

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(1)
torch.manual_seed(1)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 4096


def snippets(lang, offset, n):
    out = []
    with gzip.open(os.path.join(ROOT, f"train.{lang}.gz"), "rt", encoding="utf-8") as f:
        for k, line in enumerate(f):
            if k < offset:
                continue
            if len(out) == n:
                break
            line = line.strip().lower()
            at = random.randint(0, max(0, len(line) - 16))
            out.append(line[at:at + 16])
    return out


def featurize(s):
    s = "<" + s + ">"
    return [zlib.crc32(s[i:i + n].encode()) % BUCKETS for n in (1, 2, 3) for i in range(len(s) - n + 1)]


def tensors(rows):
    feats = [featurize(s) for s, _ in rows]
    offs = torch.tensor([0] + [len(f) for f in feats[:-1]]).cumsum(0)
    return torch.tensor([x for f in feats for x in f]), offs, torch.tensor([y for _, y in rows])


data = []
for y, lang in enumerate(LANGS):                     # different captions for each language
    data += [(s, y) for s in snippets(lang, 3000 * y, 1500)]
random.shuffle(data)
train_rows, dev_rows = data[:4800], data[4800:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 32, mode="mean")
        self.fc1 = nn.Linear(32, 48)
        self.fc2 = nn.Linear(48, len(LANGS))

    def forward(self, flat, offs):
        h = F.dropout(self.bag(flat, offs), 0.3, self.training)
        h = F.dropout(F.relu(self.fc1(h)), 0.3, self.training)
        return self.fc2(h)


@torch.no_grad()
def mc_predict(net, flat, offs, passes=25):
    sampler = copy.deepcopy(net).train()             # on purpose: dropout is the posterior
    probs = torch.stack([F.softmax(sampler(flat, offs), -1) for _ in range(passes)])
    mean = probs.mean(0)
    mutual = -(mean * mean.clamp_min(1e-9).log()).sum(-1) + (probs * probs.clamp_min(1e-9).log()).sum(-1).mean(0)
    return mean, mutual


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
dev, probe = tensors(dev_rows), tensors(train_rows[:1200])
for epoch in range(4):
    random.shuffle(train_rows)
    net.train()
    for i in range(0, len(train_rows), 64):
        flat, offs, y = tensors(train_rows[i:i + 64])
        opt.zero_grad()
        loss = F.cross_entropy(net(flat, offs), y)
        loss.backward()
        opt.step()
    mean, mutual = mc_predict(net, *dev[:2])
    hit = mean.argmax(1) == dev[2]
    fit = (mc_predict(net, *probe[:2])[0].argmax(1) == probe[2]).float().mean()
    print(f"epoch {epoch + 1}: mc acc train {fit:.3f}  dev {hit.float().mean():.3f}"
          f"  mutual information, right {mutual[hit].mean():.4f}  wrong {mutual[~hit].mean():.4f}")
