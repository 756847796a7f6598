# CNN for sentence classification (Kim 2014), the "static" variant
import os, gzip, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

class Config:
    data = os.environ['WORDFIT_DATA']
    kernel_sizes = (3, 4, 5)
    n_filters = 24
    dropout = 0.5
    batch_size = 64
    epochs = 5
    lr = 2e-3
    seed = 42
cfg = Config()
random.seed(cfg.seed); np.random.seed(cfg.seed); torch.manual_seed(cfg.seed)

def read(split):
    out = []
    for line in open(f'{cfg.data}/sentiment/SST-2-sentences/stsa.binary.{split}', encoding='utf8'):
        out.append((line[2:].split(), int(line[0])))
    return out

def load_glove(path):
    itos, vecs = ['<pad>', '<unk>'], [np.zeros(50), np.zeros(50)]
    with gzip.open(path, 'rt', encoding='utf8') as f:
        for line in f:
            w, *v = line.rstrip().split(' ')
            itos.append(w); vecs.append(np.array(v, dtype='float32'))
    vecs[1] = np.mean(vecs[2:], axis=0)
    return {w: i for i, w in enumerate(itos)}, torch.tensor(np.array(vecs), dtype=torch.float)

stoi, weights = load_glove(f'{cfg.data}/vectors/glove.6B.50d.top10361.txt.gz')

class SST(Dataset):
    def __init__(self, rows): self.rows = rows
    def __len__(self): return len(self.rows)
    def __getitem__(self, i): return self.rows[i]

def collate(batch):
    width = max(5, max(len(t) for t, _ in batch))
    x = torch.zeros(len(batch), width, dtype=torch.long)
    for i, (t, _) in enumerate(batch):
        x[i, :len(t)] = torch.tensor([stoi.get(w, 1) for w in t])
    return x, torch.tensor([y for _, y in batch])

train_rows = read('train'); random.shuffle(train_rows)
train_dl = DataLoader(SST(train_rows[:5000]), batch_size=cfg.batch_size, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(SST(read('dev')), batch_size=200, collate_fn=collate)
test_dl = DataLoader(SST(read('test')), batch_size=200, collate_fn=collate)

class TextCNN(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(weights, padding_idx=0)   # static: not updated
        self.convs = nn.ModuleList([nn.Conv1d(weights.size(1), cfg.n_filters, k) for k in cfg.kernel_sizes])
        self.dropout = nn.Dropout(cfg.dropout)
        self.fc = nn.Linear(cfg.n_filters * len(cfg.kernel_sizes), 2)
    def forward(self, x):
        e = self.embedding(x).transpose(1, 2)
        pooled = [F.relu(conv(e)).max(dim=2)[0] for conv in self.convs]
        return self.fc(self.dropout(torch.cat(pooled, dim=1)))

def run_epoch(dl, optimizer=None):
    model.train(optimizer is not None)
    total, hits, n = 0., 0, 0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in dl:
            out = model(x)
            loss = F.cross_entropy(out, y)
            if optimizer is not None:
                optimizer.zero_grad(); loss.backward(); optimizer.step()
            total += loss.item() * len(y); hits += (out.argmax(1) == y).sum().item(); n += len(y)
    return total / n, hits / n

model = TextCNN(weights)
optimizer = torch.optim.Adam(model.fc.parameters(), lr=cfg.lr)
optimizer.add_param_group({'params': model.convs.parameters(), 'lr': cfg.lr})
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.65)
for epoch in range(1, cfg.epochs + 1):
    tl, ta = run_epoch(train_dl, optimizer)
    dl, da = run_epoch(dev_dl)
    scheduler.step()
    print(f'Epoch: {epoch:02} | Train Loss: {tl:.3f} | Train Acc: {ta*100:.2f}% | Val. Loss: {dl:.3f} | Val. Acc: {da*100:.2f}%')
print('Test Loss: %.3f | Test Acc: %.4f' % run_epoch(test_dl))
