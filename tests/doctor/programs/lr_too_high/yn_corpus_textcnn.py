# Which corpus is this sentence from?  Kim CNN, news wire (reuters) / movie talk (imdb) / encyclopedia (wiki)
import gzip, os, re
from collections import Counter
from itertools import islice
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(1); rng = np.random.default_rng(1)
folder = os.path.join(os.environ['WORDFIT_DATA'], 'corpora')
FILES = ['reuters-21578-bodies.txt.gz', 'imdb-unsup-25k.txt.gz', 'enwiki-2018-sample.txt.gz']
LEN, PER = 16, 1000

def chunks(name):
    seen, buf = set(), []
    with gzip.open(os.path.join(folder, name), 'rt', encoding='utf-8') as f:
        for line in islice(f, 40, 12000):
            buf += re.findall(r'[a-z]+', line.lower().replace('<br />', ' '))
            while len(buf) >= LEN and len(seen) < PER:
                seen.add(tuple(buf[:LEN])); buf = buf[3 * LEN:]
            if len(seen) >= PER:
                break
    return sorted(seen)

rows = [(c, y) for y, name in enumerate(FILES) for c in chunks(name)]
rng.shuffle(order := np.arange(len(rows)))
rows = [rows[i] for i in order]
cut = int(.8 * len(rows))
freq = Counter(w for c, _ in rows[:cut] for w in c)
ids = {w: i + 1 for i, (w, k) in enumerate(freq.most_common(3000))}
X = torch.tensor([[ids.get(w, 0) for w in c] for c, _ in rows])        # 0 = rare word, all rows have 16 words
Y = torch.tensor([y for _, y in rows])

class KimCNN(nn.Module):
    def __init__(self, vocab, dim=24, maps=24, sizes=(2, 3), classes=3):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.convs = nn.ModuleList(nn.Conv1d(dim, maps, k) for k in sizes)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(maps * len(sizes), classes)
    def forward(self, x):
        e = self.embed(x).transpose(1, 2)
        h = torch.cat([F.relu(c(e)).amax(2) for c in self.convs], 1)
        return self.fc(self.drop(h))

model = KimCNN(len(ids) + 1)
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=1.0)
# mended:
# optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
# end
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.6)
for epoch in range(1, 7):
    model.train()
    total = 0.
    for b in torch.randperm(cut).split(50):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X[b]), Y[b])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(b)
    scheduler.step()
    model.eval()
    with torch.no_grad():
        out = model(X[cut:])
        acc = (out.argmax(1) == Y[cut:]).float().mean().item()
        tra = (model(X[:cut]).argmax(1) == Y[:cut]).float().mean().item()
    print(f'epoch {epoch}: train loss {total / cut:.3f} acc {tra:.3f} | test loss {F.cross_entropy(out, Y[cut:]).item():.3f} acc {acc:.3f}')
print('predicted per class:', torch.bincount(out.argmax(1), minlength=3).tolist())
