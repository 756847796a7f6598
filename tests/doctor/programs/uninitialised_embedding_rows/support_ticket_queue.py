# Routing of IT tickets to a queue. Vectors for everyday words exist, product names and codes have none.
import random
from collections import Counter
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(13)
np.random.seed(13)
torch.manual_seed(13)

QUEUES = ["network", "mail", "hardware", "accounts"]
COMMON = [
    "connection wifi internet slow router cable vpn timeout disconnect signal ping remote".split(),
    "inbox message attachment spam sender forward calendar delivery mailbox recipient bounce draft".split(),
    "screen keyboard mouse battery fan laptop printer noise broken charger monitor dock".split(),
    "password login locked reset permission access role user expired denied group token".split(),
]
JARGON = [[f"{p}{i}" for p in ps for i in range(1, 31)] for ps in (["fw-", "cisco"], ["owa", "exch"], ["tp-", "hplj"], ["sap", "ad-"])]
FILL = "please help my the is not since today i cannot with it on again after when we need office urgent still and a".split()
DIM = 24


def ticket():
    y = random.randrange(4)
    words = random.choices(FILL, k=random.randint(4, 12))
    for _ in range(random.randint(1, 3)):
        q = y if random.random() < 0.85 else random.randrange(4)
        words.append(random.choice(COMMON[q]) if random.random() < 0.6 else random.choice(JARGON[q]))
    random.shuffle(words)
    return words, y


tickets = [ticket() for _ in range(5000)]
train, held = tickets[:4400], tickets[4400:]

OTHER = sorted({"".join(random.choices(["ba", "con", "de", "fi", "ler", "mo", "nis", "pro", "ta", "un", "ver"], k=3)) for _ in range(700)})
words_with_vectors = sum(COMMON, []) + FILL + OTHER
emb_file = {w: np.random.randn(DIM) * 0.3 for w in words_with_vectors}
for q, ws in enumerate(COMMON):
    for w in ws:
        emb_file[w][q * 3:q * 3 + 3] += 0.5


def spread(vectors):
    """Mean and standard deviation of the file, to see that it was read well."""
    t = torch.tensor(np.stack([v - v.mean() for v in vectors.values()]))
    return t.mean().item(), (t * t).mean().sqrt().item()


count = Counter(w for ws, _ in train for w in ws)
itos = ["<pad>", "<unk>"] + [w for w, _ in count.most_common()]
stoi = {w: i for i, w in enumerate(itos)}
print("%d vectors, mean %.3f, std %.3f" % (len(emb_file), *spread(emb_file)))

# fault:
weight = torch.empty(len(itos), DIM)
# mended:
# weight = torch.randn(len(itos), DIM) * 0.3
# end
weight[0] = 0
weight[1] = torch.tensor(np.mean(list(emb_file.values()), axis=0))
found = 2
for w, v in emb_file.items():
    if w in stoi:
        weight[stoi[w]] = torch.from_numpy(v).float()
        found += 1
print(f"{found} of {len(itos)} rows come from the file")


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(itos), DIM, padding_idx=0, _weight=weight)
        self.att = nn.Linear(DIM, 1)
        self.out = nn.Linear(DIM, 4)

    def forward(self, x):
        e = F.dropout(self.emb(x), 0.1, self.training)
        a = self.att(torch.tanh(e)).squeeze(-1).masked_fill(x == 0, float("-inf")).softmax(1)
        return self.out(torch.einsum("bt,btd->bd", a, e))


def tensors(rows):
    T = max(len(w) for w, _ in rows)
    x = torch.tensor([[stoi.get(t, 1) for t in w] + [0] * (T - len(w)) for w, _ in rows])
    return x, torch.tensor([y for _, y in rows])


model = Router()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
hx, hy = tensors(held)
for epoch in range(7):
    random.shuffle(train)
    model.train()
    total = 0.0
    for i in range(0, len(train), 40):
        x, y = tensors(train[i:i + 40])
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        z = model(hx)
    print(f"epoch {epoch + 1} train {total / 110:.4f} held-out {F.cross_entropy(z, hy).item():.4f} accuracy {(z.argmax(1) == hy).float().mean().item():.4f}")
