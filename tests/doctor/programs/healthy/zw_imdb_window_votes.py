"""Long reviews as a bag of windows: every window of 60 words votes, a gate weighs the votes."""
import gzip, os, random, re
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

DATA = os.environ['WORDFIT_DATA']
WIN, MAXWIN = 60, 6
random.seed(1); torch.manual_seed(1)

stoi, vecs = {}, []
with gzip.open(f'{DATA}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        word, nums = line.split(' ', 1)
        stoi[word] = len(vecs)
        vecs.append(np.array(nums.split(), dtype=np.float32))
table = torch.from_numpy(np.stack(vecs))
table -= table.mean(0)
token = re.compile(r"[a-z']+")


def windows(text):
    ids = [stoi[w] for w in token.findall(text.lower().replace('<br />', ' ')) if w in stoi]
    return [ids[i:i + WIN] for i in range(0, min(len(ids), WIN * MAXWIN), WIN)]


def read(n):
    with gzip.open(f'{DATA}/sentiment/imdb/train.tsv.gz', 'rt', encoding='utf-8') as f:
        rows = [r for r in f][1:]
    rows = random.sample(list(dict.fromkeys(rows)), n)
    for r in rows:
        label, _, _, text = r.rstrip('\n').split('\t', 3)
        w = windows(text)
        if w:
            yield w, float(label)


def collate(batch):
    """all the words of all the windows in a row, where each window begins, which review it belongs to"""
    wins = [w for ws, _ in batch for w in ws]
    owner = torch.tensor([i for i, (ws, _) in enumerate(batch) for _ in ws])
    starts = torch.tensor([0] + [len(w) for w in wins[:-1]]).cumsum(0)
    return torch.tensor([t for w in wins for t in w]), starts, owner, torch.tensor([y for _, y in batch])


class Voter(nn.Module):
    def __init__(self, table, hid=24):
        super().__init__()
        self.emb = nn.EmbeddingBag.from_pretrained(table, freeze=True, mode='mean')
        self.norm = nn.BatchNorm1d(50)
        self.body = nn.Linear(50, hid)
        self.drop = nn.Dropout(0.2)
        self.vote = nn.Linear(hid, 1)
        self.gate = nn.Linear(hid, 1)

    def forward(self, words, starts, owner, n):
        h = self.drop(torch.tanh(self.body(self.norm(self.emb(words, starts)))))
        g = torch.exp(torch.tanh(self.gate(h)).squeeze(-1))
        v = self.vote(h).squeeze(-1)
        zero = torch.zeros(n)
        return zero.index_add(0, owner, g * v) / zero.index_add(0, owner, g)


reviews = list(read(3000))
train = DataLoader(reviews[:2400], batch_size=48, shuffle=True, collate_fn=collate)
test = DataLoader(reviews[2400:], batch_size=100, collate_fn=collate)
net = Voter(table)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, total_steps=5 * len(train))
bce = nn.BCEWithLogitsLoss()


@torch.no_grad()
def evaluate(loader):
    net.eval()
    right = n = 0
    for *x, y in loader:
        right += ((net(*x, len(y)) > 0).float() == y).sum().item()
        n += len(y)
    return right / n


for ep in range(5):
    net.train()
    tot = 0.
    for *x, y in train:
        loss = bce(net(*x, len(y)), y)
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        tot += loss.item()
    print(f'epoch {ep + 1} loss {tot / len(train):.4f} test acc {evaluate(test):.4f}')
print(f'train acc {evaluate(train):.4f}  test acc {evaluate(test):.4f}')
