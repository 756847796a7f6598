import os, random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader, Dataset, Subset

random.seed(42)
torch.manual_seed(42)
device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
root = os.environ['WORDFIT_DATA']

# ---- data: which collection is a sentence from? ---------------------------------------------
DOMAINS = ['quora', 'wikipedia question', 'photo caption', 'film review', 'finance news']


def column(path, k, encoding='utf-8'):
    with open(os.path.join(root, path), encoding=encoding) as f:
        next(f)
        return [line.rstrip('\n').split('\t')[k] for line in f]


def raw(n):
    fin = [l.rsplit('@', 1)[0] for l in open(os.path.join(root, 'sentiment/financial-phrasebank/Sentences_50Agree.txt'), encoding='utf-8')]
    film = [l[2:] for l in open(os.path.join(root, 'sentiment/SST-2-sentences/stsa.binary.train'), encoding='utf-8')]
    pools = [column('glue/QQP/train_subset8999.tsv', 1), column('glue/QNLI/train_subset8999.tsv', 1),
             column('glue/SNLI/train_subset8999.tsv', 1), film, fin]
    out = []
    for y, pool in enumerate(pools):
        texts = [' '.join(''.join(c if c.isalpha() else ' ' for c in t.lower()).split()[:10]) for t in pool]
        texts = sorted(set(t for t in texts if t.count(' ') >= 4))
        out += [(t.split(), y) for t in random.sample(texts, n)]
    random.shuffle(out)
    return out


rows = raw(660)
train_rows, dev_rows = rows[:2700], rows[2700:]
freq = {}
for toks, _ in train_rows:
    for t in toks:
        freq[t] = freq.get(t, 0) + 1
w2i = {w: i + 1 for i, w in enumerate(sorted(w for w, c in freq.items() if c > 2))}


class Sentences(Dataset):
    def __init__(self, rows):
        self.items = [(torch.tensor([w2i.get(t, 0) for t in toks]), y) for toks, y in rows]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    xs, ys = zip(*batch)
    return pack_sequence(list(xs), enforce_sorted=False), torch.tensor(ys)


train_set, dev_set = Sentences(train_rows), Sentences(dev_rows)
train_loader = DataLoader(train_set, batch_size=40, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(dev_set, batch_size=200, collate_fn=collate)
probe_loader = DataLoader(Subset(train_set, range(600)), batch_size=200, collate_fn=collate)


# ---- model ---------------------------------------------------------------------------------
class LSTMClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(w2i) + 1, 32)
        self.dropout = nn.Dropout(0.3)
        self.lstm = nn.LSTM(32, 32)
        self.fc = nn.Linear(32, len(DOMAINS))

    def forward(self, packed):
        emb = packed._replace(data=self.dropout(self.embed(packed.data)))
        _, (h_n, _) = self.lstm(emb)            # h_n belongs to the last real word, packed sequences have no padding
        return self.fc(self.dropout(h_n[-1]))


model = LSTMClassifier().to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.25)


def accuracy(loader):
    model.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x.to(device)).argmax(1).cpu() == y).sum().item()
            total += len(y)
    return right / total


for epoch in range(5):
    model.train()
    epoch_loss = 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x.to(device)), y.to(device))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        epoch_loss += loss.item() * len(y)
    scheduler.step()
    print(f'Epoch {epoch + 1:02d} | loss {epoch_loss / len(train_set):.3f} | dev acc {accuracy(dev_loader) * 100:.2f}%')

print(f'train acc {accuracy(probe_loader) * 100:.2f}%  dev acc {accuracy(dev_loader) * 100:.2f}%')
