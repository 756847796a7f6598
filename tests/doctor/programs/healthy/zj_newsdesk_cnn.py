"""
Desk assignment for agency wires.  TextCNN, early stopping on the validation loss, best weights restored.
"""
import copy
import logging
import random
import sys
from types import SimpleNamespace

import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

P = SimpleNamespace(emb=32, filters=32, sizes=(2, 3), dropout=0.3, lr=4e-3, wd=1e-2, max_epochs=10, patience=2, bs=50, seed=1234)
logging.basicConfig(stream=sys.stdout, format="%(levelname).1s %(message)s", level=logging.INFO)
logger = logging.getLogger()

PHRASES = {
    "politics": ["prime minister", "house vote", "coalition talks", "election day", "foreign secretary", "cabinet reshuffle"],
    "economy": ["prime rate", "house prices", "trade talks", "pay day", "foreign exchange", "interest hike"],
    "sport": ["prime form", "home win", "transfer talks", "match day", "foreign coach", "penalty kick"],
    "culture": ["prime time", "opera house", "film talks", "opening day", "foreign film", "stage debut"],
}
VERBS = "surprises divides delays boosts worries follows opens ends marks stalls".split()
PLACES = "london berlin madrid warsaw dublin vienna athens lisbon".split()
BITS = "after before amid despite over new long quiet early late report says sources week".split()


class Wires(Dataset):
    def __init__(self, rows, stoi):
        self.items = [(torch.tensor([stoi.get(w, 1) for w in t.split()]), k) for t, k in rows]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def pad_batch(items):
    n = max(len(x) for x, _ in items) + 1
    out = torch.zeros(len(items), n, dtype=torch.long)
    for r, (x, _) in zip(out, items):
        r[: len(x)] = x
    return out, torch.tensor([k for _, k in items])


def write_wires(n):
    desks, rows = list(PHRASES), {}
    while len(rows) < n:
        k = random.randrange(4)
        parts = [random.choice(PHRASES[desks[k]]) for _ in range(random.choice((1, 2)))]
        parts += random.sample(VERBS, 1) + random.sample(PLACES, 1) + random.sample(BITS, random.randint(1, 5))
        random.shuffle(parts)
        rows[" ".join(parts)] = k
    return list(rows.items())


class TextCNN(nn.Module):
    def __init__(self, V, C):
        super().__init__()
        self.emb = nn.Embedding(V, P.emb, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(P.emb, P.filters, s) for s in P.sizes])
        self.drop = nn.Dropout(P.dropout)
        self.fc = nn.Linear(P.filters * len(P.sizes), C)

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        pooled = []
        for conv in self.convs:
            a = conv(e)
            ends_inside = (x[:, conv.kernel_size[0] - 1:] != 0).unsqueeze(1)     # the window's last word is a word
            pooled.append(torch.relu(a.masked_fill(~ends_inside, -1e4).max(-1).values))
        return self.fc(self.drop(torch.cat(pooled, 1)))


def run_eval(net, loader):
    net.eval()
    loss = hit = n = 0
    with torch.no_grad():
        for x, y in loader:
            out = net(x)
            loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
            hit += (out.argmax(1) == y).sum().item()
            n += len(y)
    return loss / n, hit / n


random.seed(P.seed); torch.manual_seed(P.seed)
rows = write_wires(2200)
tr, va, te = rows[:1400], rows[1400:1800], rows[1800:]
stoi = {"<pad>": 0, "<unk>": 1}
for t, _ in tr:
    for w in t.split():
        stoi.setdefault(w, len(stoi))
mk = lambda r, **kw: DataLoader(Wires(r, stoi), P.bs, collate_fn=pad_batch, **kw)
train_dl, val_dl, test_dl = mk(tr, shuffle=True), mk(va), mk(te)

net = TextCNN(len(stoi), len(PHRASES))
no_decay = [p for n, p in net.named_parameters() if n.startswith("emb") or n.endswith("bias")]
decay = [p for n, p in net.named_parameters() if not (n.startswith("emb") or n.endswith("bias"))]
opt = torch.optim.AdamW([{"params": decay, "weight_decay": P.wd}, {"params": no_decay, "weight_decay": 0.0}], lr=P.lr)
best, bad, keep = float("inf"), 0, None
for epoch in range(P.max_epochs):
    net.train()
    run = 0.0
    for x, y in train_dl:
        loss = nn.functional.cross_entropy(net(x), y, label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() / len(train_dl)
    vl, vacc = run_eval(net, val_dl)
    logger.info("epoch %d train %.4f val %.4f acc %.4f", epoch, run, vl, vacc)
    if vl < best - 1e-3:
        best, bad, keep = vl, 0, copy.deepcopy(net.state_dict())
    else:
        bad += 1
        if bad == P.patience:
            logger.info("early stop")
            break
net.load_state_dict(keep)
for name, dl in (("train", train_dl), ("val", val_dl), ("test", test_dl)):
    logger.info("%s loss %.4f acc %.4f", name, *run_eval(net, dl))
