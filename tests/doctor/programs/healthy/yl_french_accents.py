"""Put the accents back on French text typed without them: one decision for every letter, dilated convolutions."""
import gzip
import os
import random
import unicodedata
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

random.seed(3)
torch.manual_seed(3)
PAD = -100


def strip(s):
    return "".join(c for c in unicodedata.normalize("NFD", s) if not unicodedata.combining(c))


with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", "train.fr.gz"), "rt", encoding="utf-8") as f:
    corpus = [unicodedata.normalize("NFC", l.strip().lower()) for l in f]
corpus = list(dict.fromkeys(s for s in corpus if 15 < len(s) < 70 and len(strip(s)) == len(s)))
random.shuffle(corpus)
train, dev = corpus[:1700], corpus[1800:2100]

MARKS = ["plain", "acute", "grave", "circumflex", "cedilla", "other"]
CODE = {"\u0301": 1, "\u0300": 2, "\u0302": 3, "\u0327": 4}
letters = {c: i + 2 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz '.,-")}


def mark(c):
    d = unicodedata.normalize("NFD", c)
    return 0 if len(d) == 1 else CODE.get(d[1], 5)


class Lines(Dataset):
    def __init__(self, xs): self.xs = xs
    def __len__(self): return len(self.xs)
    def __getitem__(self, i):
        s = self.xs[i]
        return torch.tensor([letters.get(c, 1) for c in strip(s)]), torch.tensor([mark(c) for c in s])


def collate(b):
    return pad_sequence([x for x, _ in b], batch_first=True), pad_sequence([y for _, y in b], batch_first=True, padding_value=PAD)


class Net(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.emb = nn.Embedding(len(letters) + 2, d, padding_idx=0)
        self.layers = nn.ModuleList(nn.Conv1d(d, d, 3, padding=r, dilation=r) for r in (1, 2, 4))
        self.out = nn.Conv1d(d, len(MARKS), 1)

    def forward(self, x):
        live = (x != 0).unsqueeze(1)
        h = self.emb(x).transpose(1, 2)
        for conv in self.layers:
            h = h + torch.relu(conv(h)) * live       # keep the padding at zero, as at the real edge of the text
        return self.out(h)


net = Net()
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: [1, 1, .4, .1, .02, 0][e])
dl = DataLoader(Lines(train), 24, shuffle=True, collate_fn=collate)
dv = DataLoader(Lines(dev), 100, collate_fn=collate)


def evaluate():
    net.eval()
    tp = guess = gold = ok = n = 0
    with torch.no_grad():
        for x, y in dv:
            p = net(x).argmax(1)
            real = y != PAD
            ok += (p == y)[real].sum().item(); n += real.sum().item()
            tp += ((p == y) & (y > 0)).sum().item()
            guess += (p[real] > 0).sum().item(); gold += (y > 0).sum().item()
    net.train()
    return ok / n, 2 * tp / max(1, guess + gold)


for epoch in range(5):
    losses = []
    for x, y in dl:
        loss = criterion(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    acc, f1 = evaluate()
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4f}, dev letters right {acc:.4f}, F1 of accents {f1:.4f}")
