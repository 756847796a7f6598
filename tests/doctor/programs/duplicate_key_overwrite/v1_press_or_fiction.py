"""Press or fiction?  Sentences of the Brown corpus, frozen GloVe + small MLP.
Adapted from the PyTorch "text classification with EmbeddingBag" tutorial."""
import gzip, os, random, re
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(7); random.seed(7)
rng = np.random.default_rng(7)
ROOT = os.environ['WORDFIT_DATA']
DIM = 50


def export_vectors(path):
    """Our in-house export: the GloVe rows first, then the capitalised forms seen
    a handful of times in the crawl (their rows are barely trained)."""
    rows = gzip.open(f'{ROOT}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8').read().splitlines()[:6000]
    with open(path, 'w', encoding='utf8') as f:
        for r in rows:
            f.write(r + '\n')
        for r in rows:
            w = r.split(' ', 1)[0]
            if w.isalpha():
                vals = rng.normal(0, 0.5, DIM)
                f.write(w.upper() + ' ' + ' '.join(f'{v:.4f}' for v in vals) + '\n')


def load_vectors(path):
    vectors = {}
    for line in open(path, encoding='utf8'):
        word, *vals = line.rstrip().split(' ')
        word = word.lower()
        # fault:
        vectors[word] = np.array(vals, dtype=np.float32)
        # mended:
        # if word not in vectors:
        #     vectors[word] = np.array(vals, dtype=np.float32)
        # end
    return vectors


def sentences():
    brown = gzip.open(f'{ROOT}/corpora/brown.txt.gz', 'rt', encoding='utf8').read().splitlines()
    out, seen = [], set()
    for label, pool in ((0, brown[-9000:-1500]), (1, brown[:7000])):      # romance and adventure / press
        random.shuffle(pool)
        n = 0
        for s in pool:
            toks = re.findall(r'[a-z]+', s.lower())[:24]
            if len(toks) > 9 and tuple(toks) not in seen:
                seen.add(tuple(toks)); out.append((toks, label)); n += 1
            if n == 1000: break
    random.shuffle(out)
    return out


class Shelf(Dataset):
    def __init__(self, rows, stoi):
        self.rows = [([stoi[t] for t in toks if t in stoi], y) for toks, y in rows]
        self.rows = [r for r in self.rows if r[0]]
    def __len__(self): return len(self.rows)
    def __getitem__(self, i): return self.rows[i]


def collate(batch):
    offsets = np.cumsum([0] + [len(x) for x, _ in batch[:-1]])
    return (torch.tensor([t for x, _ in batch for t in x]), torch.tensor(offsets),
            torch.tensor([y for _, y in batch]))


class MLP(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(table, freeze=True, mode='mean')
        self.net = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2))
    def forward(self, flat, offsets):
        return self.net(self.bag(flat, offsets))


export_vectors('vectors.txt')
vecs = load_vectors('vectors.txt')
print(len(vecs), 'word vectors')
stoi = {w: i for i, w in enumerate(vecs)}
table = torch.from_numpy(np.stack(list(vecs.values())))
data = sentences()
train, test = Shelf(data[:900], stoi), Shelf(data[900:], stoi)
train_dl = DataLoader(train, 20, shuffle=True, collate_fn=collate)
test_dl = DataLoader(test, 200, collate_fn=collate)
model = MLP(table)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3, weight_decay=1e-4)
ce = nn.CrossEntropyLoss()


def accuracy(dl):
    model.eval()
    with torch.no_grad():
        hits = sum((model(f, o).argmax(1) == y).sum().item() for f, o, y in dl)
    return hits / len(dl.dataset)


for epoch in range(6):
    model.train(); total = 0
    for flat, offsets, y in train_dl:
        opt.zero_grad()
        loss = ce(model(flat, offsets), y)
        loss.backward(); opt.step()
        total += loss.item()
    print(f'epoch {epoch} loss {total / len(train_dl):.3f} train acc {accuracy(train_dl):.3f} test acc {accuracy(test_dl):.3f}')
