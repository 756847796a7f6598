# Movie review polarity with attention over content words (from my blog: "attention in 20 lines")
import os, gzip, math, random
import numpy as np
import torch
from torch import nn
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from sklearn.metrics import f1_score, accuracy_score

D = os.environ['WORDFIT_DATA']
random.seed(42); torch.manual_seed(42)

# ---------- vectors
stoi, rows = {'<pad>': 0, '<start>': 1}, [np.zeros(50), np.full(50, 0.01)]
with gzip.open(D + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8') as fh:
    for l in fh:
        w, *v = l.split()
        stoi[w] = len(stoi)
        rows.append(np.array(v, dtype='f4'))
emb = torch.tensor(np.stack(rows), dtype=torch.float32)

# ---------- texts: keep content words that have a vector
def clean(s):
    toks = [w for w in s.split() if w not in ENGLISH_STOP_WORDS and w.isalpha() and w in stoi]
    # fault:
    return [stoi[w] for w in toks][:30]
    # mended:
    # return [1] + [stoi[w] for w in toks][:30]
    # end

data = []
for lab, name in ((0, 'neg'), (1, 'pos')):
    for s in open(D + '/sentiment/MR/rt-polarity.' + name, encoding='latin-1'):
        data.append((clean(s.strip()), lab))
random.shuffle(data)
test, train = data[:1500], data[1500:8500]
print(len(train), 'train', len(test), 'test')


def batches(part, bs, shuffle):
    part = random.sample(part, len(part)) if shuffle else part
    for i in range(0, len(part), bs):
        chunk = part[i:i + bs]
        T = max(len(x) for x, _ in chunk)
        ids = torch.tensor([x + [0] * (T - len(x)) for x, _ in chunk])
        yield ids, torch.tensor([float(y) for _, y in chunk])


class AttnPool(nn.Module):
    def __init__(self, d=50, h=40):
        super().__init__()
        self.E = nn.Embedding.from_pretrained(emb, freeze=True)
        self.proj = nn.Linear(d, h)
        self.query = nn.Parameter(torch.randn(h) / math.sqrt(h))
        self.value = nn.Linear(d, h)
        self.cls = nn.Linear(h, 1)

    def forward(self, ids):
        e = self.E(ids)
        score = torch.tanh(self.proj(e)) @ self.query
        score = score.masked_fill(ids == 0, float('-inf'))
        a = torch.softmax(score, dim=1)
        ctx = (a.unsqueeze(2) * torch.relu(self.value(e))).sum(1)
        return self.cls(ctx).squeeze(1)


net = AttnPool()
optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=4e-3)
bce = nn.BCEWithLogitsLoss()

def report(part):
    net.eval()
    P, Y = [], []
    with torch.no_grad():
        for ids, y in batches(part, 500, False):
            P += (net(ids) > 0).int().tolist(); Y += y.int().tolist()
    return accuracy_score(Y, P), f1_score(Y, P, average='macro')

for epoch in range(1, 6):
    net.train()
    losses = []
    for ids, y in batches(train, 64, True):
        loss = bce(net(ids), y)
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        losses.append(loss.item())
    a, f = report(test)
    print(f'epoch {epoch}  loss {np.mean(losses):.4f}  test acc {a:.3f}  macro-F1 {f:.3f}')
print('train acc %.3f' % report(train)[0])
