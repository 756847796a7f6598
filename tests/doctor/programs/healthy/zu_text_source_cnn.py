# Kim-style CNN: is a sentence from a novel/essay (Brown), the newswire (Reuters) or a film review (IMDB)?
import gzip, os, re
from collections import Counter
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(5)
rng = np.random.default_rng(5)
D = os.environ['WORDFIT_DATA'] + '/corpora/'
N, L = 1800, 30


def windows(fname, skip):
    """N word windows of one corpus, one per line, lines shorter than 12 words left out"""
    out = []
    with gzip.open(D + fname, 'rt', encoding='utf-8') as f:
        for k, line in enumerate(f):
            if k < skip:
                continue
            words = re.findall(r'[a-z]+', line.lower().replace('<br />', ' '))
            if len(words) >= 12:
                out.append(words[:L])
            if len(out) == N:
                return out


sources = ['brown.txt.gz', 'reuters-21578-bodies.txt.gz', 'imdb-unsup-25k.txt.gz']
docs, gold = [], []
for c, s in enumerate(sources):
    w = windows(s, 500)
    docs += w
    gold += [c] * len(w)
perm = rng.permutation(len(docs))
docs = [docs[i] for i in perm]
gold = torch.tensor([gold[i] for i in perm])
n_tr, n_va = int(.7 * len(docs)), int(.15 * len(docs))

freq = Counter(w for d in docs[:n_tr] for w in set(d))
vocab = {'<pad>': 0, '<unk>': 1}
for w, c in freq.most_common():
    if c >= 5:
        vocab[w] = len(vocab)
X = torch.zeros(len(docs), L, dtype=torch.long)
for i, d in enumerate(docs):
    X[i, :len(d)] = torch.tensor([vocab.get(w, 1) for w in d])
print(f'{len(docs)} windows, {len(vocab)} words')


class TextCNN(nn.Module):
    def __init__(self, V, D=32, K=24, widths=(1, 2), C=3):
        super().__init__()
        self.embed = nn.Embedding(V, D, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(D, K, w) for w in widths)
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(K * len(widths), C)

    def forward(self, x):
        e = self.embed(x).transpose(1, 2)
        lens = (x != 0).sum(1, keepdim=True)
        feats = []
        for conv in self.convs:
            h = F.relu(conv(e))
            valid = torch.arange(h.size(2)) <= lens - conv.kernel_size[0]     # windows with no padding in them
            feats.append((h * valid.unsqueeze(1)).amax(2))
        return self.fc(self.dropout(torch.cat(feats, 1)))


def accuracy(lo, hi):
    model.eval()
    with torch.no_grad():
        p = torch.cat([model(X[i:min(i + 250, hi)]).argmax(1) for i in range(lo, hi, 250)])
    return (p == gold[lo:hi]).float().mean().item()


model = TextCNN(len(vocab))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
best, best_state = 0, None
for epoch in range(1, 4):
    model.train()
    losses = []
    for idx in torch.randperm(n_tr).split(40):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X[idx]), gold[idx])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    va = accuracy(n_tr, n_tr + n_va)
    print(f'epoch {epoch}  train loss {np.mean(losses):.3f}  train acc {accuracy(0, n_tr):.3f}  val acc {va:.3f}')
    if va > best:
        best, best_state = va, {k: v.clone() for k, v in model.state_dict().items()}
model.load_state_dict(best_state)
print(f'test acc {accuracy(n_tr + n_va, len(docs)):.3f} (three equal classes)')
