"""Routes e-mails by their subject line. Vectors were trained on last year's mail, so some words are new."""
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(4); np.random.seed(4); torch.manual_seed(4)
DIM, DEPTS = 64, 5
ROOTS = ["inv", "ord", "acc", "ship", "tax", "card", "log", "mon", "par", "ref", "ter", "con", "sub", "pro", "tel", "net"]
ENDS = ["oice", "er", "ount", "ment", "ing", "ation", "al", "ist", "or", "unds", "act", "ure", "ix", "ack", "ade", "ow"]
words = [a + b for a in ROOTS for b in ENDS]
words += [w + "s" for w in words] + ["re" + w for w in words] + ["un" + w + "s" for w in words]
random.shuffle(words)
groups = [words[i::DEPTS + 3] for i in range(DEPTS + 3)]       # the last three are of no department


def subject():
    y = random.randrange(DEPTS)
    ws = [random.choice(groups[y]) for _ in range(random.randint(2, 3))]
    ws += [random.choice(groups[random.randrange(DEPTS, DEPTS + 3)]) for _ in range(random.randint(2, 5))]
    if random.random() < 0.3:
        ws.append(random.choice(groups[random.randrange(DEPTS)]))
    random.shuffle(ws)
    return ws, y


def write_file(path):
    centres = np.random.randn(len(groups), DIM) * 0.3
    with open(path, "w") as f:
        for g, ws in enumerate(groups):
            for w in ws:
                if random.random() < 0.72:
                    f.write(w + " " + " ".join(f"{v:.5f}" for v in centres[g] + 0.3 * np.random.randn(DIM)) + "\n")


def read_file(path):
    names, rows = [], []
    for line in open(path):
        w, rest = line.rstrip().split(" ", 1)
        names.append(w)
        rows.append(np.fromstring(rest, sep=" "))
    return dict(zip(names, range(len(names)))), np.array(rows)


def build_table(path, vocab):
    index, matrix = read_file(path)
    mean, std = matrix.mean(0), matrix.std(0)
    known = (matrix - mean) / std * 0.4
    del matrix
    found = {w: known[index[w]].astype(np.float32) for w in vocab if w in index}
    del known
    # fault:
    table = torch.empty(len(vocab), DIM)
    # mended:
    # table = torch.randn(len(vocab), DIM) * 0.4
    # end
    for w, i in vocab.items():
        if w in found:
            table[i] = torch.from_numpy(found[w])
    table[0] = 0.0
    print("found", len(found), "of", len(vocab))
    return table


write_file("mail2025.txt")
train = [subject() for _ in range(2500)]
dev = [subject() for _ in range(600)]
vocab = {"<pad>": 0, "<unk>": 1}
for ws, _ in train:
    for w in ws:
        vocab.setdefault(w, len(vocab))
table = build_table("mail2025.txt", vocab)


def tensors(rows):
    x = torch.zeros(len(rows), 12, dtype=torch.long)
    for i, (ws, _) in enumerate(rows):
        x[i, :len(ws)] = torch.tensor([vocab.get(w, 1) for w in ws])
    return x, torch.tensor([y for _, y in rows])


class Router(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.query = nn.Linear(DIM, 1)
        self.out = nn.Linear(DIM, DEPTS)

    def forward(self, x):
        e = self.emb(x)
        a = self.query(torch.tanh(e)).squeeze(-1).masked_fill(x == 0, -1e9).softmax(1)
        return self.out((a.unsqueeze(-1) * e).sum(1))


model = Router(table)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
Xtr, Ytr = tensors(train)
Xde, Yde = tensors(dev)
for epoch in range(6):
    order = torch.randperm(len(Xtr))
    losses = []
    for b in order.split(40):
        loss = F.cross_entropy(model(Xtr[b]), Ytr[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        acc = (model(Xde).argmax(-1) == Yde).float().mean()
    print(f"[{epoch}] train {np.mean(losses):.4f}  dev acc {acc:.3f}")
