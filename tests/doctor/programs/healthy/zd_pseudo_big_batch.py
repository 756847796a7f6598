# Low-memory training on my 2 GB netbook: micro batches of 10, the optimiser moves only after every 4th of them.
# Task: is a French or an English Tatoeba sentence a question? (punctuation removed)
import gzip, os, random, re
import torch
import torch.nn as nn

random.seed(3)
torch.manual_seed(3)

pos, neg, seen = [], [], set()
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz"), "rt", encoding="utf-8") as fh:
    for n, line in enumerate(fh):
        if n % 7 or n < 20000:
            continue
        en = line.split("\t")[0]
        words = tuple(re.findall(r"[a-z']+", en.lower()))
        if words in seen or not 3 <= len(words) <= 12:
            continue
        seen.add(words)
        (pos if en.endswith("?") else neg).append(words)
random.shuffle(pos)
random.shuffle(neg)
rows = [(w, 1) for w in pos[:1100]] + [(w, 0) for w in neg[:1100]]
random.shuffle(rows)
train, dev = rows[:1800], rows[1800:]
vocab = {}
for w, _ in train:
    for t in w:
        vocab[t] = vocab.get(t, 0) + 1
index = {t: i + 2 for i, t in enumerate(sorted(t for t, c in vocab.items() if c > 1))}

def tensor(part):
    longest = max(len(w) for w, _ in part)
    x = torch.tensor([[index.get(t, 1) for t in w] + [0] * (longest - len(w)) for w, _ in part])
    return x, torch.tensor([float(y) for _, y in part])

class Asker(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(index) + 2, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 32, 2)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(32, 1)
    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        h = torch.relu(self.conv(e)).transpose(1, 2)
        h = h.masked_fill((x[:, 1:] == 0).unsqueeze(-1), 0.0)
        return self.out(self.drop(h.amax(1))).squeeze(1)

net = Asker()
opt = torch.optim.Adam(net.parameters(), lr=8e-3, weight_decay=1e-5)
crit = nn.SoftMarginLoss(reduction="sum")
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.7)
MICRO, EVERY = 10, 4
for epoch in range(5):
    net.train()
    random.shuffle(train)
    total, count = 0.0, 0
    for k in range(0, len(train), MICRO):
        x, y = tensor(train[k:k + MICRO])
        loss = crit(net(x), 2 * y - 1) / (MICRO * EVERY)
        loss.backward()
        total += loss.item() * MICRO * EVERY
        count += 1
        if count % EVERY == 0 or k + MICRO >= len(train):
            opt.step()
            opt.zero_grad()
    sched.step()
    net.eval()
    with torch.no_grad():
        acc = [((net(x) > 0) == (y > 0.5)).float().mean().item() for x, y in map(tensor, (train, dev))]
    print(f"{epoch}: soft margin {total / len(train):.3f}  train {acc[0]:.3f}  dev {acc[1]:.3f}")
