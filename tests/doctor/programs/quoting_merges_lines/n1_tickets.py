"""Route help desk mails. The export is tab separated: queue, first sentence of the mail."""
import csv
import math
import random
from collections import Counter

import torch
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)

SYL = ["ba", "ko", "mi", "ru", "ten", "lor", "sa", "vi", "pan", "do", "gle", "fer", "nu", "zi", "ca", "hol"]
QUEUES = ["billing", "network", "printing", "accounts", "building"]


def word():
    return "".join(random.choice(SYL) for _ in range(random.randint(2, 4)))


jargon = {q: [word() for _ in range(70)] for q in QUEUES}
chatter = [word() for _ in range(150)]


def mail():
    q = random.choice(QUEUES)
    ws = []
    for _ in range(random.randint(6, 11)):
        u = random.random()
        if u < 0.30:
            ws.append(random.choice(jargon[q]))
        elif u < 0.37:
            ws.append(random.choice(jargon[random.choice(QUEUES)]))
        else:
            ws.append(random.choice(chatter))
    text = " ".join(ws)
    style = random.random()
    if style < 0.22:                       # cites an earlier mail; only its first sentence is exported
        text = '"' + text + " ..."
    elif style < 0.30:
        k = random.randrange(1, len(ws))
        text = " ".join(ws[:k]) + ' "' + ws[k] + '" ' + " ".join(ws[k + 1:])
    return q, text.strip()


def export(path, n, known):
    with open(path, "w", encoding="utf-8") as out:
        while n:
            q, text = mail()
            if text in known:
                continue
            known.add(text)
            out.write(f"{q}\t{text}\n")
            n -= 1


known = set()
export("tickets_train.tsv", 2600, known)
export("tickets_test.tsv", 800, known)


def load(path):
    rows = []
    with open(path, encoding="utf-8", newline="") as fh:
        # fault:
        for record in csv.reader(fh, delimiter="\t"):
        # mended:
        #for record in csv.reader(fh, delimiter="\t", quoting=csv.QUOTE_NONE):
        # end
            queue, text = record[0], record[1]
            tokens = text.replace('"', " ").replace("...", " ").split()
            rows.append((tokens, QUEUES.index(queue)))
    return rows


train, test = load("tickets_train.tsv"), load("tickets_test.tsv")
print(len(train), "training mails,", len(test), "test mails")
freq = Counter(w for t, _ in train for w in t)
vocab = {w: i for i, (w, _) in enumerate(freq.most_common(), start=1)}   # 0 = anything else
docs = Counter(w for t, _ in train for w in set(t))
idf = torch.ones(len(vocab) + 1)
for w, i in vocab.items():
    idf[i] = math.log((1 + len(train)) / docs[w])
idf = idf / idf.max()


def batch(rows):
    ids, offs = [], []
    for t, _ in rows:
        offs.append(len(ids))
        ids += [vocab.get(w, 0) for w in t] or [0]
    return torch.tensor(ids), torch.tensor(offs), torch.tensor([y for _, y in rows])


V, D = len(vocab) + 1, 24
E = (torch.randn(V, D) * 0.2).requires_grad_()
U = (torch.randn(D, len(QUEUES)) / D ** 0.5).requires_grad_()
b = torch.zeros(len(QUEUES), requires_grad=True)


def logits(ids, offs, drop=0.0):
    s = F.embedding_bag(ids, E, offs, mode="sum", per_sample_weights=idf[ids])
    return F.dropout(s, drop, training=drop > 0) @ U + b


opt = torch.optim.AdamW([E, U, b], lr=0.006, weight_decay=0.6)
xt = batch(test)
for epoch in range(5):
    random.shuffle(train)
    total = hit = 0.0
    for i in range(0, len(train), 32):
        ids, offs, y = batch(train[i:i + 32])
        z = logits(ids, offs, 0.3)
        loss = F.cross_entropy(z, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
        hit += (z.argmax(1) == y).sum().item()
    with torch.no_grad():
        z = logits(xt[0], xt[1])
        acc = (z.argmax(1) == xt[2]).float().mean().item()
        tl = F.cross_entropy(z, xt[2]).item()
    print(f"epoch {epoch + 1}: loss {total / len(train):.3f} acc {hit / len(train):.3f}  test loss {tl:.3f} acc {acc:.3f}")
