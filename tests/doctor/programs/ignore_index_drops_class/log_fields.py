"""Label the fields of log lines of mixed formats, token by token. Features: hashed token shape and word."""
import random
import re
import zlib

import torch
import torch.nn as nn

random.seed(28)
torch.manual_seed(28)
TAGS = ["TIME", "HOST", "LEVEL", "PROC", "NUMBER", "TEXT"]
HOSTS = [f"{a}{i:02d}" for a in ("web", "db", "cache", "mail") for i in range(12)]
PROCS = "sshd nginx postgres cron kernel systemd redis dovecot".split()
TEXT = "connection closed by peer failed to open file retry in session started for user unable reach disk full reading timeout after worker exited with".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def line():
    clock = f"{random.randrange(24):02d}:{random.randrange(60):02d}:{random.randrange(60):02d}"
    time = random.choice([[random.choice(MONTHS), str(random.randint(1, 31)), clock], [f"2024-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}", clock]])
    time = [(t, "TIME") for t in time]
    host = [(random.choice(HOSTS), "HOST")]
    level = [(random.choice(["INFO", "WARN", "ERROR", "DEBUG"]), "LEVEL")]
    proc = [(random.choice(PROCS), "PROC")]
    if random.random() < 0.6:
        proc.append((str(random.randint(1, 9999)), "NUMBER"))
    msg = []
    for w in random.choices(TEXT, k=random.randint(3, 8)):
        msg.append((w, "TEXT"))
        if random.random() < 0.15:
            msg.append((str(random.randint(1, 600)), "NUMBER"))
        if random.random() < 0.06:
            msg.append((random.choice(HOSTS + PROCS), "TEXT"))
    return random.choice([time + host + proc + level + msg, time + level + proc + msg, level + time + host + proc + msg])


lines = list({tuple(line()) for _ in range(1700)})
random.shuffle(lines)
train, dev = lines[:1350], lines[1350:]
SIZE = 700
# fault:
PAD_TAG = 0
# mended:
# PAD_TAG = -100
# end


def features(token):
    shape = re.sub(r"[a-z]", "x", re.sub(r"[A-Z]", "X", re.sub(r"\d", "9", token)))
    return 1 + zlib.crc32(token.encode()) % SIZE, 1 + SIZE + zlib.crc32(shape.encode()) % 80


def collate(batch):
    n = max(map(len, batch))
    x = torch.zeros(len(batch), n, 2, dtype=torch.long)
    y = torch.full((len(batch), n), PAD_TAG)
    for i, row in enumerate(batch):
        x[i, :len(row)] = torch.tensor([features(t) for t, _ in row])
        y[i, :len(row)] = torch.tensor([TAGS.index(g) for _, g in row])
    return x, y, torch.tensor([len(r) for r in batch])


class FieldTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(SIZE + 81, 20, padding_idx=0)
        self.rnn = nn.GRU(20, 24, batch_first=True, bidirectional=True)
        self.head = nn.Linear(48, len(TAGS))

    def forward(self, x, lens):
        e = nn.utils.rnn.pack_padded_sequence(self.emb(x).sum(2), lens, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(e)[0], batch_first=True)
        return self.head(h)


def evaluate(model):
    right, count = torch.zeros(len(TAGS)), torch.zeros(len(TAGS))
    with torch.no_grad():
        for i in range(0, len(dev), 100):
            x, _, lens = collate(dev[i:i + 100])
            pred = model(x, lens).argmax(-1)
            for row, p in zip(dev[i:i + 100], pred):
                for (_, gold), k in zip(row, p.tolist()):
                    count[TAGS.index(gold)] += 1
                    right[TAGS.index(gold)] += TAGS[k] == gold
    return (right.sum() / count.sum()).item(), dict(zip(TAGS, (right / count).numpy().round(2).tolist()))


model = FieldTagger()
criterion = nn.CrossEntropyLoss(ignore_index=PAD_TAG)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
loader = torch.utils.data.DataLoader(train, 32, shuffle=True, collate_fn=collate)
for epoch in range(6):
    tot = 0.0
    for x, y, lens in loader:
        opt.zero_grad()
        loss = criterion(model(x, lens).transpose(1, 2), y)
        loss.backward()
        opt.step()
        tot += loss.item()
    acc, per = evaluate(model)
    print(f"epoch {epoch} loss {tot / len(loader):.4f} token accuracy {acc:.3f} {per}")
