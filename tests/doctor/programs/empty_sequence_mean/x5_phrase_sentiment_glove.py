import gzip, os, random
from pathlib import Path
import numpy as np
import torch, torch.nn as nn

root = Path(os.environ['WORDFIT_DATA'])
torch.manual_seed(5); random.seed(5)

STOP = set("a an the of to in and or is are was it its it's 's this that , . -- ` '' `` with as for on by at from be".split())

# ---- word vectors (fixed) ----
vec, stoi = [np.zeros(50, dtype=np.float32)], {'<pad>': 0}
with gzip.open(root / 'vectors' / 'glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as fh:
    for line in fh:
        tok, *nums = line.split(' ')
        stoi[tok] = len(vec)
        vec.append(np.array(nums, dtype=np.float32))
vec = torch.from_numpy(np.stack(vec))


def read(split, limit=None):
    lines = (root / 'glue' / 'SST-2' / f'{split}.tsv').read_text(encoding='utf-8').split('\n')[1:]
    rows = [l.rsplit('\t', 1) for l in lines if l]
    if limit:
        rows = random.sample(rows, limit)
    return [([stoi[w] for w in t.lower().split() if w in stoi and w not in STOP], int(y)) for t, y in rows]


train, dev = read('train', 9000), read('dev')


def make_batch(rows):
    n = max(max(len(r[0]) for r in rows), 1)
    ids = torch.zeros(len(rows), n, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        ids[i, :len(s)] = torch.LongTensor(s)
    return ids, torch.tensor([y for _, y in rows])


class MeanClassifier(nn.Module):
    def __init__(self, weights, hidden, classes=2):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(weights.shape[1], hidden), nn.ReLU(), nn.Dropout(0.1), nn.Linear(hidden, classes))

    def forward(self, ids):
        mask = (ids > 0).float().unsqueeze(2)
        # fault:
        length = mask.sum(dim=1)
        # mended:
        # length = mask.sum(dim=1).clamp(min=1)
        # end
        mean = (self.embed(ids) * mask).sum(dim=1) / length
        return self.mlp(mean)


model = MeanClassifier(vec, 64)
optim = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
ce = nn.CrossEntropyLoss()


@torch.no_grad()
def score(rows):
    model.eval()
    good = 0
    for i in range(0, len(rows), 300):
        x, y = make_batch(rows[i:i + 300])
        good += int((model(x).argmax(1) == y).sum())
    model.train()
    return good / len(rows)


for ep in range(5):
    random.shuffle(train)
    s = 0.
    for i in range(0, len(train), 64):
        x, y = make_batch(train[i:i + 64])
        loss = ce(model(x), y)
        optim.zero_grad(); loss.backward(); optim.step()
        s += loss.item() * len(y)
    print('ep', ep, 'loss %.4f' % (s / len(train)), 'dev acc %.4f' % score(dev))
print('train acc %.4f' % score(train))
