# HW3: sentiment of SST-2 phrases with an LSTM on top of GloVe vectors
import os, gzip, csv, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

SEED = 3
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
DATA = os.environ['WORDFIT_DATA']
MAXLEN = 45

# ---- 1. vectors -------------------------------------------------------------
word2id = {'<pad>': 0, '<unk>': 1}
rows = [np.zeros(50), np.zeros(50)]
with gzip.open(os.path.join(DATA, 'vectors', 'glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf-8') as f:
    for line in f:
        w, *v = line.rstrip().split(' ')
        word2id[w] = len(rows)
        rows.append(np.array(v, dtype=np.float32))
emb_matrix = torch.tensor(np.stack(rows), dtype=torch.float32)

# ---- 2. data ----------------------------------------------------------------
class Phrases(Dataset):
    def __init__(self, path, n=None, min_words=3):
        with open(path, encoding='utf-8') as f:
            data = list(csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE))
        data = [d for d in data if min_words <= len(d['sentence'].split()) <= MAXLEN]
        if n:
            data = random.sample(data, n)
        self.items = []
        for d in data:
            ids = [word2id.get(w, 1) for w in d['sentence'].split()]
            self.items.append((ids + [0] * (MAXLEN - len(ids)), len(ids), int(d['label'])))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        ids, n, y = self.items[i]
        return torch.tensor(ids), n, y

full = Phrases(os.path.join(DATA, 'glue', 'SST-2', 'train.tsv'), n=3200)
dev_set = Phrases(os.path.join(DATA, 'glue', 'SST-2', 'dev.tsv'))
train_loader = DataLoader(full, batch_size=50, shuffle=True)
dev_loader = DataLoader(dev_set, batch_size=100)

# ---- 3. model ---------------------------------------------------------------
class SentimentLSTM(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(emb_matrix, freeze=True, padding_idx=0)
        self.lstm = nn.LSTM(50, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 2)

    def forward(self, x, lengths):
        out, _ = self.lstm(self.embed(x))
        # fault:
        last = out[:, -1, :]
        # mended:
        # last = out[torch.arange(x.size(0)), lengths - 1]
        # end
        return self.fc(last)

net = SentimentLSTM()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=3e-3)

# ---- 4. train / evaluate ----------------------------------------------------
def evaluate(loader):
    net.eval()
    right = total = 0
    with torch.no_grad():
        for x, n, y in loader:
            right += (net(x, n).argmax(-1) == y).sum().item()
            total += len(y)
    return right / total

for ep in range(1, 5):
    net.train()
    tot, hits = 0., 0
    for x, n, y in train_loader:
        opt.zero_grad()
        logits = net(x, n)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        opt.step()
        tot += loss.item()
        hits += (logits.argmax(-1) == y).sum().item()
    print(f'Epoch {ep}: train loss {tot / len(train_loader):.4f}, train acc {hits / len(full):.4f}, dev acc {evaluate(dev_loader):.4f}')
