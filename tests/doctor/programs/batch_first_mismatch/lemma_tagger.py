# tags each word of a bilingual sentence with its language; ambiguous words follow their neighbours
import random
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torch.nn.utils.rnn import pad_sequence

random.seed(18); torch.manual_seed(18)
only_en = ["house", "street", "with", "the", "cheese", "window"]
only_nl = ["huis", "straat", "met", "de", "kaas", "raam"]
both = ["water", "hand", "in", "was", "man", "arm", "wind", "is", "bed", "warm"]
w2i = {w: i + 1 for i, w in enumerate(only_en + only_nl + both)}

def sentence():
    toks, tags = [], []
    for _ in range(random.randint(1, 3)):
        lang = random.randint(0, 1)
        span = random.choices((only_en, only_nl)[lang], k=1) + random.choices(both, k=random.randint(1, 5))
        toks += span; tags += [lang] * len(span)
    return toks, tags

def collate(rows):
    x = pad_sequence([torch.tensor([w2i[w] for w in t]) for t, _ in rows])          # (T, B)
    y = pad_sequence([torch.tensor(g) for _, g in rows], padding_value=-1)
    return x, y

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(w2i) + 1, 20, padding_idx=0)
        # fault:
        self.lstm = nn.LSTM(20, 32, bidirectional=True, batch_first=True)
        # mended:
        # self.lstm = nn.LSTM(20, 32, bidirectional=True)
        # end
        self.linear = nn.Linear(64, 2)

    def forward(self, x):
        out, _ = self.lstm(self.embedding(x))
        return self.linear(out)

train = [sentence() for _ in range(1500)]
dev = [s for s in (sentence() for _ in range(300)) if s not in train]
net = Tagger()
crit = nn.CrossEntropyLoss(ignore_index=-1)
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(6):
    net.train()
    for x, y in DataLoader(train, batch_size=20, shuffle=True, collate_fn=collate):
        opt.zero_grad()
        loss = crit(net(x).view(-1, 2), y.view(-1))
        loss.backward()
        opt.step()
    net.eval()
    hit = n = 0
    with torch.no_grad():
        for x, y in DataLoader(dev, batch_size=20, collate_fn=collate):
            ok = y >= 0
            hit += (net(x).argmax(2) == y)[ok].sum().item(); n += ok.sum().item()
    print(f"epoch {epoch} loss {loss.item():.4f} dev {hit / n:.4f}")
