"""Parse postal addresses: one label per token. Used in the import job of the CRM."""
import random
from collections import Counter
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(3)
torch.manual_seed(3)

STREET = ['main', 'oak', 'park', 'mill', 'station', 'church', 'victoria', 'queen', 'linden', 'harbour', 'bridge', 'spring']
KIND = ['street', 'road', 'avenue', 'lane', 'square']
CITY = ['leeds', 'york', 'bath', 'oxford', 'derby', 'bristol', 'exeter', 'truro', 'ripon', 'salford', 'london', 'park', 'bridge']
NAME = ['smith', 'jones', 'brown', 'taylor', 'khan', 'evans', 'green', 'church', 'york']
LABELS = ['city', 'house', 'name', 'postcode', 'street', 'unit']
tag_id = {t: i for i, t in enumerate(LABELS)}


def address():
    parts = []
    if random.random() < .7:
        parts.append([(random.choice(['mr', 'mrs', 'dr']), 'name'), (random.choice(NAME), 'name')])
    if random.random() < .4:
        parts.append([(random.choice(['flat', 'unit']), 'unit'), (str(random.randint(1, 30)), 'unit')])
    st = [(w, 'street') for w in ([random.choice(STREET)] + [random.choice(KIND)])]
    no = [(str(random.randint(1, 300)), 'house')]
    parts.append(no + st if random.random() < .7 else st + no)
    code = [(f'{random.choice("abcdelmnsy")}{random.choice("bdeholst")}{random.randint(1, 20)}', 'postcode'),
            (f'{random.randint(1, 9)}{random.choice("abdefgh")}{random.choice("xyzwtu")}', 'postcode')]
    city = [(random.choice(CITY), 'city')]
    parts += [city, code] if random.random() < .7 else [code, city]
    return tuple(tok for p in parts for tok in p)


data = list({address() for _ in range(3600)})
random.shuffle(data)
train, valid = data[:2800], data[2800:]


def shape(w):
    s = ''.join('9' if c.isdigit() else 'a' for c in w)
    return s if any(c == '9' for c in s) else w


freq = Counter(shape(w) for a in train for w, _ in a)
vocab = {w: i + 2 for i, w in enumerate(freq)}          # 0 pad, 1 unknown


def collate(rows):
    L = max(len(r) for r in rows)
    x = torch.zeros(len(rows), L, dtype=torch.long)
    # fault:
    y = torch.zeros(len(rows), L, dtype=torch.long)
    # mended:
    # y = torch.full((len(rows), L), -100)
    # end
    for i, r in enumerate(rows):
        x[i, :len(r)] = torch.tensor([vocab.get(shape(w), 1) for w, _ in r])
        y[i, :len(r)] = torch.tensor([tag_id[t] for _, t in r])
    return x, y


class Parser(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 2, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 48, 5, padding=2)
        self.cls = nn.Linear(48, len(LABELS))

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2))).transpose(1, 2)
        return self.cls(h)


net = Parser()
# fault:
criterion = nn.CrossEntropyLoss(ignore_index=0)
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=-100)
# end
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(5):
    net.train()
    s = n = 0
    for x, y in DataLoader(train, 32, shuffle=True, collate_fn=collate):
        loss = criterion(net(x).reshape(-1, len(LABELS)), y.reshape(-1))
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item(); n += 1
    net.eval()
    right, count = Counter(), Counter()
    with torch.no_grad():
        for x, y in DataLoader(valid, 200, collate_fn=collate):
            p = net(x).argmax(-1)
            for t, i in tag_id.items():
                m = (y == i) & (x > 0)
                right[t] += (p[m] == i).sum().item(); count[t] += m.sum().item()
    print(f'epoch {epoch}: loss {s / n:.4f}  token accuracy {sum(right.values()) / sum(count.values()):.4f}')
print('recall per label:', {t: round(right[t] / count[t], 3) for t in LABELS})
