# Emotion of tweets, bi-GRU on GloVe twitter. Notebook exported with nbconvert.

# In[1]:
import gzip, os, re
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torch.nn.utils.rnn import pad_sequence

torch.manual_seed(42); np.random.seed(42)
DATA = os.environ['WORDFIT_DATA']

# In[2]:
glove = {}
with gzip.open(DATA + '/vectors/glove.twitter.27B.25d.common11925.txt.gz', 'rt', encoding='utf-8') as fh:
    for l in fh:
        p = l.rstrip().split(' ')
        glove[p[0]] = np.array([float(z) for z in p[1:]])
len(glove)

# In[3]:
def tok(s):
    return re.findall(r"[a-z']+", s.lower().replace('@user', ' '))

def load(split):
    base = DATA + '/sentiment/tweeteval/emotion/' + split
    X = [tok(l) for l in open(base + '_text.txt', encoding='utf-8')]
    y = [int(l) for l in open(base + '_labels.txt')]
    # anger (0) against joy (1), the two big ones
    return [(t, c) for t, c in zip(X, y) if c in (0, 1) and t]

train_data, val_data = load('train'), load('test')

# In[4]:
word2idx = {'<pad>': 0, '<unk>': 1}
for t, _ in train_data + val_data:
    for w in t:
        if w in glove and w not in word2idx:
            word2idx[w] = len(word2idx)
matrix = np.zeros((len(word2idx), 25))
for w, i in word2idx.items():
    if w in glove:
        matrix[i] = glove[w]
matrix[1] = matrix[2:].mean(0)

# In[5]:
def collate(b):
    xs = [torch.tensor([word2idx.get(w, 1) for w in t]) for t, _ in b]
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor([c for _, c in b])

class EmoNet(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        # mended:
        # self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(matrix).float(), freeze=True, padding_idx=0)
        # end
        self.gru = nn.GRU(25, 16, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(32, 2)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.fc(torch.cat([h[0], h[1]], dim=1))

# In[6]:
model = EmoNet(matrix)
opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=4e-3)
crit = nn.CrossEntropyLoss()
tl = DataLoader(train_data, batch_size=64, shuffle=True, collate_fn=collate)
vl = DataLoader(val_data, batch_size=256, collate_fn=collate)

for epoch in range(4):
    model.train(); run = 0
    for x, n, y in tl:
        opt.zero_grad()
        loss = crit(model(x, n), y)
        loss.backward()
        opt.step()
        run += loss.item()
    model.eval(); P, Y = [], []
    with torch.no_grad():
        for x, n, y in vl:
            P += model(x, n).argmax(1).tolist(); Y += y.tolist()
    print('epoch', epoch, 'loss', round(run / len(tl), 4), 'val acc', round(float(np.mean(np.array(P) == np.array(Y))), 4), 'majority', round(1 - np.mean(Y), 3))
