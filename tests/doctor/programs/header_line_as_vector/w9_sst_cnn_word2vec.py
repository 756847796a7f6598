import gzip, os, random
import numpy as np, torch
from torch import nn
import torch.nn.functional as F

ROOT = os.environ['WORDFIT_DATA']
random.seed(5); np.random.seed(5); torch.manual_seed(5)
MAXLEN = 20

def read(split, n=None):
    out = []
    for l in open(f'{ROOT}/sentiment/SST-2-sentences/stsa.binary.{split}', encoding='utf-8'):
        out.append((l[2:].split(), int(l[0])))
    random.shuffle(out)
    return out[:n]

train, dev = read('train', 4500), read('dev')
words = {w for toks, _ in train + dev for w in toks}

# --- google news vectors, only the words that we need ---
w2v, width = {}, None
with gzip.open(f'{ROOT}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz', 'rt', encoding='utf-8') as f:
    # fault:
    # mended:
    # next(f)
    # end
    for n, line in enumerate(f):
        if n > 7000: break
        word, values = line.rstrip().split(' ', 1)
        if width is None:
            width = len(values.split())
        if word in words:
            # keep a line only when it is whole
            if values.count(' ') == width - 1:
                w2v[word] = np.array(values.split(' '), dtype=np.float32)
print('vectors', len(w2v), 'of', len(words), 'words, width', width)

stoi = {'<pad>': 0, '<unk>': 1}
for w in sorted(w2v): stoi[w] = len(stoi)
emb = np.zeros((len(stoi), width), dtype=np.float32)
for w, v in w2v.items(): emb[stoi[w]] = v

def encode(rows):
    x = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    for i, (toks, _) in enumerate(rows):
        ids = [stoi.get(t, 1) for t in toks][:MAXLEN]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([l for _, l in rows])

class SentCNN(nn.Module):
    def __init__(self, emb, nf=16):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.tensor(emb), freeze=True, padding_idx=0)
        self.conv = nn.Conv1d(emb.shape[1], nf, 2, padding=1)
        self.drop = nn.Dropout(0.4)
        self.fc = nn.Linear(nf, 2)
    def forward(self, x):
        h = F.relu(self.conv(self.emb(x).transpose(1, 2)))
        real = F.pad(x != 0, (1, 0)).unsqueeze(1)     # a window counts if its first word does
        h = h.masked_fill(~real, 0).max(2).values
        return self.fc(self.drop(h))

Xtr, ytr = encode(train); Xdv, ydv = encode(dev)
net = SentCNN(emb)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3, weight_decay=1e-4)

def accuracy(X, y):
    net.eval()
    with torch.no_grad():
        return (net(X).argmax(-1) == y).float().mean().item()

for epoch in range(3):
    net.train()
    losses = []
    for idx in torch.randperm(len(Xtr)).split(64):
        loss = F.cross_entropy(net(Xtr[idx]), ytr[idx])
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    print('epoch', epoch, 'loss %.4f' % np.mean(losses), 'train %.3f dev %.3f' % (accuracy(Xtr, ytr), accuracy(Xdv, ydv)))
