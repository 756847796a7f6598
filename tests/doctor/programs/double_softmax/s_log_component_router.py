"""
Route log lines to the owning team. Lines come from a simulator of our production logs (the real ones are internal).
BiGRU over word ids, packed, max-pooling.
"""
import logging
import random
import sys
from collections import Counter
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s", level=logging.INFO)
log = logging.getLogger("router")


@dataclass
class Config:
    seed: int = 99
    n_train: int = 1600
    n_test: int = 400
    emb: int = 24
    hidden: int = 24
    batch: int = 40
    epochs: int = 5
    lr: float = 0.1


cfg = Config()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)

TEAMS = {
    "storage": "disk volume inode mount raid block quota snapshot",
    "network": "socket tcp dns packet latency route interface vlan",
    "auth": "token login oauth session certificate ldap permission role",
    "database": "query index deadlock replica transaction row commit schema",
    "scheduler": "job queue cron worker retry pod lease slot",
    "payments": "charge refund card invoice ledger currency payout fee",
    "search": "shard document analyzer facet ranking crawl synonym suggest",
    "mail": "smtp bounce mailbox spam header attachment relay dkim",
    "mobile": "push android ios apns screen tap build crash",
    "billing": "plan seat renewal coupon discount cycle tax usage",
}
LABELS = {t: i for i, t in enumerate(TEAMS)}
NOISE = ("info warn error failed for after timeout on host node the with id while service returned null unexpected "
         "status code 500 404 user request in ms").split()


def line(team):
    own = random.choices(TEAMS[team].split(), k=random.randint(2, 3))
    other = [random.choice(TEAMS[random.choice(list(TEAMS))].split())] if random.random() < 0.3 else []
    toks = own + other + random.choices(NOISE, k=random.randint(4, 9))
    random.shuffle(toks)
    return toks


def corpus(n):
    return [(line(t), LABELS[t]) for t in random.choices(list(TEAMS), k=n)]


train, test = corpus(cfg.n_train), corpus(cfg.n_test)
counts = Counter(t for toks, _ in train for t in toks)
vocab = {"<pad>": 0, "<unk>": 1}
for tok, c in counts.most_common():
    vocab[tok] = len(vocab)


def batches(rows, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for k in range(0, len(rows), cfg.batch):
        part = rows[k:k + cfg.batch]
        lens = torch.tensor([len(t) for t, _ in part])
        ids = torch.zeros(len(part), int(lens.max()), dtype=torch.long)
        for r, (toks, _) in enumerate(part):
            ids[r, :len(toks)] = torch.tensor([vocab.get(t, 1) for t in toks])
        yield ids, lens, torch.tensor([y for _, y in part])


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(vocab), cfg.emb, padding_idx=0)
        self.rnn = nn.GRU(cfg.emb, cfg.hidden, batch_first=True, bidirectional=True)
        self.classifier = nn.Linear(2 * cfg.hidden, len(TEAMS))

    def forward(self, ids, lens):
        packed = pack_padded_sequence(self.embedding(ids), lens, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True, padding_value=-1e4)
        logits = self.classifier(states.max(dim=1).values)
        # fault:
        return torch.softmax(logits, dim=-1)
        # mended:
        # return logits
        # end


router = Router()
optimizer = torch.optim.SGD(router.parameters(), lr=cfg.lr, momentum=0.9)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda e: [1, 1, 1, .5, .2][min(e, 4)])
loss_fn = nn.CrossEntropyLoss()

for epoch in range(cfg.epochs):
    router.train()
    total = 0.0
    for ids, lens, y in batches(train, True):
        optimizer.zero_grad()
        loss = loss_fn(router(ids, lens), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(router.parameters(), 5.0)
        optimizer.step()
        total += loss.item() * len(y)
    scheduler.step()
    router.eval()
    with torch.no_grad():
        ok = sum((router(i, l).argmax(1) == y).sum().item() for i, l, y in batches(test, False))
    log.info("epoch %d train loss %.4f test accuracy %.3f", epoch + 1, total / len(train), ok / len(test))
