import random
import numpy as np
import torch
import torch.nn as nn
from collections import Counter
from torch.utils.data import Dataset, DataLoader

random.seed(52); np.random.seed(52); torch.manual_seed(52)


class VectorFile:
    """Stands for a gensim KeyedVectors: index_to_key and vectors in the same order."""
    def __init__(self, mapping):
        self.index_to_key = list(mapping)
        self.vectors = np.stack([mapping[k] for k in self.index_to_key]).astype(np.float32)
        self.key_to_index = {k: i for i, k in enumerate(self.index_to_key)}


vow, con = "aeiou", "bdfgklmnprstz"
names = sorted({"".join(random.choice(con) + random.choice(vow) for _ in range(3)) for _ in range(420)})
random.shuffle(names)
PLANTS, TOOLS, FISH, REST = names[:50], names[50:100], names[100:150], names[150:350]
c = np.random.randn(3, 36) * 0.35
kv = VectorFile({w: (c[k] if k < 3 else 0) + np.random.randn(36) * 0.35
                 for w, k in sorted([(w, k) for k, ws in enumerate((PLANTS, TOOLS, FISH, REST)) for w in ws], key=lambda t: random.random())})


def sent(y, lim):
    s = random.choices(REST, k=random.randint(5, 15))
    for w in random.choices((PLANTS, TOOLS, FISH)[y][:lim], k=4):
        s.insert(random.randrange(len(s)), w)
    return s


train = [(sent(i % 3, 22), i % 3) for i in range(300)]
valid = [(sent(i % 3, 50), i % 3) for i in range(300)]

counter = Counter(w for s, _ in train + valid for w in s)
# fault:
vocab = ["<pad>"] + [w for w, _ in counter.most_common()]
matrix = np.vstack([np.zeros((1, 36), np.float32), kv.vectors[sorted(kv.key_to_index[w] for w in vocab[1:])]])
# mended:
# vocab = ["<pad>"] + [w for w, _ in counter.most_common()]
# matrix = np.vstack([np.zeros((1, 36), np.float32), kv.vectors[[kv.key_to_index[w] for w in vocab[1:]]]])
# end
stoi = {w: i for i, w in enumerate(vocab)}


class DS(Dataset):
    def __init__(self, rows): self.rows = rows
    def __len__(self): return len(self.rows)
    def __getitem__(self, i):
        s, y = self.rows[i]
        return [stoi[w] for w in s], y


def pad(batch):
    m = max(len(s) for s, _ in batch)
    return torch.LongTensor([s + [0] * (m - len(s)) for s, _ in batch]), torch.LongTensor([y for _, y in batch])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        self.lstm = nn.LSTM(36, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        keep = (x != 0).unsqueeze(-1)
        out, _ = self.lstm(self.e(x))
        return self.fc(out.masked_fill(~keep, -9.0).max(1)[0])


net = Net()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=5e-3)
for ep in range(8):
    net.train(); L = []
    for x, y in DataLoader(DS(train), 20, shuffle=True, collate_fn=pad):
        opt.zero_grad()
        l = nn.functional.cross_entropy(net(x), y)
        l.backward(); opt.step(); L.append(l.item())
    net.eval()
    with torch.no_grad():
        a = np.mean([(net(x).argmax(1) == y).float().mean().item() for x, y in DataLoader(DS(valid), 60, collate_fn=pad)])
    print("Epoch %d: loss %.4f val_acc %.4f" % (ep, np.mean(L), a))
