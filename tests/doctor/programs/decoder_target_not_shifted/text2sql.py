"""Toy text-to-SQL: questions about a shop database, translated token by token with nn.Transformer."""
import math
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

SEED = 13
random.seed(SEED)
torch.manual_seed(SEED)

TABLES = {
    "customers": ["age", "city", "credit"],
    "orders": ["price", "city", "weight"],
    "products": ["price", "stock", "weight"],
    "employees": ["age", "salary", "city"],
    "stores": ["rent", "city", "size"],
    "invoices": ["amount", "tax", "age"],
    "suppliers": ["rating", "city", "stock"],
}
CITIES = "paris lyon oslo rome kyoto lima cairo delhi porto gent".split()
NUMS = [str(n) for n in (5, 10, 12, 20, 25, 30, 40, 50, 75, 90, 100, 250)]


def example():
    table = random.choice(list(TABLES))
    cols = TABLES[table]
    kind = random.choice(["all", "count", "avg", "col"])
    num_cols = [c for c in cols if c != "city"]
    if kind == "all":
        q, sel = random.choice(["show all", "list all", "give me all", "find the"]).split(), ["*"]
        q = q + [table]
    elif kind == "count":
        q, sel = random.choice(["how many", "count the", "number of"]).split() + [table], ["count", "(", "*", ")"]
    elif kind == "avg":
        c = random.choice(num_cols)
        q, sel = random.choice(["average", "mean", "what is the average"]).split() + [c, "of", table], ["avg", "(", c, ")"]
    else:
        c = random.choice(cols)
        q, sel = random.choice(["show the", "list the", "which"]).split() + [c, "of", table], [c]
    sql = ["select"] + sel + ["from", table]
    if random.random() < 0.8:
        c = random.choice(cols)
        if c == "city":
            v = random.choice(CITIES)
            q, sql = q + ["in", v], sql + ["where", "city", "=", v]
        else:
            v = random.choice(NUMS)
            word, op = random.choice([("above", ">"), ("over", ">"), ("below", "<"), ("under", "<"), ("exactly", "=")])
            q, sql = q + ["with", c, word, v], sql + ["where", c, op, v]
    return tuple(q), tuple(sql)


pool = {}
while len(pool) < 2600:
    q, s = example()
    pool[q] = s
rows = list(pool.items())
random.shuffle(rows)
train_rows, dev_rows = rows[:2300], rows[2300:]

PAD, BOS, EOS, UNK = 0, 1, 2, 3


def build(seqs):
    v = {"<pad>": PAD, "<s>": BOS, "</s>": EOS, "<unk>": UNK}
    for s in seqs:
        for w in s:
            v.setdefault(w, len(v))
    return v


SV, TV = build(q for q, _ in train_rows), build(s for _, s in train_rows)


def collate(batch):
    src = [torch.tensor([SV.get(w, UNK) for w in q] + [EOS]) for q, _ in batch]
    tgt = [torch.tensor([BOS] + [TV.get(w, UNK) for w in s] + [EOS]) for _, s in batch]
    return pad_sequence(src, batch_first=True), pad_sequence(tgt, batch_first=True)


class Text2Sql(nn.Module):
    def __init__(self, d=64, max_len=32):
        super().__init__()
        self.d = d
        self.src, self.tgt = nn.Embedding(len(SV), d, padding_idx=PAD), nn.Embedding(len(TV), d, padding_idx=PAD)
        self.pos = nn.Parameter(torch.randn(max_len, d) * 0.3)
        self.core = nn.Transformer(d, nhead=4, num_encoder_layers=1, num_decoder_layers=1, dim_feedforward=128,
                                   dropout=0.05, batch_first=True)
        self.out = nn.Linear(d, len(TV))
        for e in (self.src, self.tgt):
            nn.init.normal_(e.weight, std=d ** -0.5)
            e.weight.data[PAD].zero_()

    def embed(self, table, x):
        return table(x) * math.sqrt(self.d) + self.pos[: x.size(1)]

    def forward(self, x, y):
        L = y.size(1)
        causal = torch.triu(torch.ones(L, L, dtype=torch.bool), 1)
        h = self.core(self.embed(self.src, x), self.embed(self.tgt, y), tgt_mask=causal, src_key_padding_mask=x == PAD,
                      tgt_key_padding_mask=y == PAD, memory_key_padding_mask=x == PAD)
        return self.out(h)


@torch.no_grad()
def exact_match(model, loader):
    model.eval()
    good = total = 0
    for x, y in loader:
        out = torch.full((x.size(0), 1), BOS)
        done = torch.zeros(x.size(0), dtype=torch.bool)
        for _ in range(16):
            nxt = model(x, out)[:, -1].argmax(-1).masked_fill(done, PAD)
            out = torch.cat([out, nxt[:, None]], 1)
            done |= nxt == EOS
            if done.all():
                break
        for o, g in zip(out.tolist(), y.tolist()):
            cut = lambda s: s[1: s.index(EOS)] if EOS in s else s[1:]
            good += cut(o) == cut(g)
            total += 1
    return good / total


model = Text2Sql()
loader = DataLoader(train_rows, batch_size=64, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(dev_rows, batch_size=100, collate_fn=collate)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.3)

for epoch in range(1, 5):
    model.train()
    total = 0.0
    for x, tgt in loader:
        # fault:
        dec_in, gold = tgt, tgt
        # mended:
        # dec_in, gold = tgt[:, :-1], tgt[:, 1:]
        # end
        logits = model(x, dec_in)
        loss = criterion(logits.reshape(-1, logits.size(-1)), gold.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
    scheduler.step()
    if epoch % 2 == 0:
        print(f"epoch {epoch} train loss {total / len(loader):.4f} dev exact match {exact_match(model, dev_loader):.3f}")
