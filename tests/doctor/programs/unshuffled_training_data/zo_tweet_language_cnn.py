# Which language is this tweet in?  Byte CNN, 5 languages, from the UMSAB files.
import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

torch.manual_seed(2023)
ROOT = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'umsab-multilingual')
LANGS = ['english', 'french', 'german', 'spanish', 'italian']
MAXLEN = 64


class TweetLang(Dataset):
    def __init__(self, split, limit):
        self.items = []
        for li, lang in enumerate(LANGS):
            with open(os.path.join(ROOT, lang, split + '_text.txt'), encoding='utf-8') as fh:
                lines = [l.strip().replace('@user', '').replace('http', '') for l in fh]
            lines = [l for l in lines if len(l) > 25][:limit]
            self.items += [(l, li) for l in lines]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        text, label = self.items[i]
        b = list(text.lower().encode('utf-8'))[:MAXLEN]
        b = b + [0] * (MAXLEN - len(b))
        return torch.tensor(b), label


class ByteCNN(nn.Module):
    def __init__(self, n_out, emb=16, ch=40):
        super().__init__()
        self.emb = nn.Embedding(256, emb, padding_idx=0)
        self.c3 = nn.Conv1d(emb, ch, 3)
        self.c4 = nn.Conv1d(emb, ch, 4)
        self.drop = nn.Dropout(0.25)
        self.out = nn.Linear(2 * ch, n_out)

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        feats = [F.relu(c(e)).amax(2) for c in (self.c3, self.c4)]
        return self.out(self.drop(torch.cat(feats, 1)))


train_set = TweetLang('train', 400)
val_set = TweetLang('val', 100)
# fault:
train_dl = DataLoader(train_set, batch_size=30)
# mended:
# train_dl = DataLoader(train_set, batch_size=30, shuffle=True)
# end
val_dl = DataLoader(val_set, batch_size=200)

model = ByteCNN(len(LANGS))
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.3)


@torch.no_grad()
def validate():
    model.eval()
    conf = torch.zeros(len(LANGS), len(LANGS), dtype=torch.long)
    loss = 0.
    for xb, yb in val_dl:
        o = model(xb)
        loss += F.cross_entropy(o, yb, reduction='sum').item()
        for t, p in zip(yb.tolist(), o.argmax(1).tolist()):
            conf[t, p] += 1
    return loss / len(val_set), conf


for epoch in range(5):
    model.train()
    running = n = 0
    for xb, yb in train_dl:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item()
        n += 1
    sched.step()
    vl, conf = validate()
    print(f'[{epoch}] train loss {running / n:.3f}   val loss {vl:.3f}   val acc {conf.diag().sum().item() / conf.sum().item():.3f}')

print('confusion (rows = truth)')
for name, row in zip(LANGS, conf.tolist()):
    print(f'{name:>8}', row)
