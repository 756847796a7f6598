# mail triage: routine / complaint / legal threat
import collections, random
import torch, torch.nn as nn
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler

random.seed(30)
torch.manual_seed(30)
LABELS = ["routine", "complaint", "legal"]
PRIOR = [0.945, 0.03, 0.025]
V = 120
mark = {1: list(range(1, 21)), 2: list(range(21, 41))}


def mail():
    y = random.choices(range(3), PRIOR)[0]
    w = [random.randrange(41, V) for _ in range(random.randint(5, 12))]
    for k in (1, 2):                                    # wording that upset people use more often than others
        if random.random() < (0.85 if y == k else 0.08):
            w += random.choices(mark[k], k=random.randint(2, 3))
    random.shuffle(w)
    return w, y


class Mails(Dataset):
    def __init__(self, n):
        self.rows = [mail() for _ in range(n)]

    def __len__(self): return len(self.rows)

    def __getitem__(self, i): return self.rows[i]


def collate(b):
    n = torch.tensor([len(w) for w, _ in b])
    x = torch.zeros(len(b), int(n.max()), dtype=torch.long)
    for i, (w, _) in enumerate(b): x[i, :len(w)] = torch.tensor(w)
    return x, n, torch.tensor([y for _, y in b])


train, dev = Mails(11000), Mails(3000)
count = collections.Counter(y for _, y in train.rows)
print({LABELS[k]: c for k, c in sorted(count.items())})
# fault:
loader = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
# mended:
# sampler = WeightedRandomSampler([1 / count[y] for _, y in train.rows], len(train))
# loader = DataLoader(train, batch_size=64, sampler=sampler, collate_fn=collate)
# end


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 8, padding_idx=0)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(8, 3)

    def forward(self, x, n):
        return self.fc(self.drop(self.emb(x).sum(1) / n.unsqueeze(1)))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=1e-4)
ce = nn.CrossEntropyLoss()
for epoch in range(4):
    net.train()
    tot = k = 0
    for x, n, y in loader:
        opt.zero_grad()
        loss = ce(net(x, n), y)
        loss.backward()
        opt.step()
        tot += loss.item(); k += 1
    net.eval()
    hit, num, guess = [0] * 3, [0] * 3, [0] * 3
    with torch.no_grad():
        for x, n, y in DataLoader(dev, batch_size=500, collate_fn=collate):
            for a, b in zip(y.tolist(), net(x, n).argmax(1).tolist()):
                num[a] += 1; guess[b] += 1; hit[a] += a == b
    rec = [h / max(m, 1) for h, m in zip(hit, num)]
    print(f"epoch {epoch} loss {tot / k:.3f} dev acc {sum(hit) / len(dev):.3f} recall " + "/".join(f"{r:.2f}" for r in rec) + f" balanced acc {sum(rec) / 3:.3f}")
