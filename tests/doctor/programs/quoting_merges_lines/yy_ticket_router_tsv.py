"""Route support tickets to a queue.  The ticket system exports a TSV (id, queue, text); texts are cut at 60 characters."""
import csv
import os
import random
import tempfile
from collections import Counter
import torch
import torch.nn as nn

random.seed(21)
torch.manual_seed(21)

TOPICS = {
    "billing": "invoice refund charged twice payment card receipt subscription price discount",
    "delivery": "parcel courier late tracking address damaged box shipped missing package",
    "account": "password login email locked username verify reset profile delete",
    "hardware": "battery screen charger broken button noise overheats cable hinge",
    "software": "update crash app freezes error install version bug slow",
}
FILL = "hello please my the is was again since yesterday i need help with still not and it for a week thanks".split()


def export_tickets(path, n):
    queues = list(TOPICS)
    with open(path, "w", encoding="utf-8") as f:
        f.write("id\tqueue\ttext\n")
        for i in range(n):
            q = random.choice(queues)
            words = [random.choice(TOPICS[q].split()) if random.random() < 0.3 else random.choice(FILL) for _ in range(random.randint(6, 16))]
            if random.random() < 0.08:
                words[random.randrange(len(words))] = random.choice(TOPICS[random.choice(queues)].split())
            text = " ".join(words)
            if random.random() < 0.3:                       # agents like to quote the customer
                text = '"' + text + '" - customer called'
            f.write(f"{i}\t{q}\t{text[:60]}\n")


def load(path):
    with open(path, encoding="utf-8", newline="") as f:
        # fault:
        reader = csv.DictReader(f, delimiter="\t")
        # mended:
        # reader = csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        # end
        return [(r["text"].replace('"', " ").lower().split(), r["queue"]) for r in reader]


folder = tempfile.mkdtemp()
export_tickets(os.path.join(folder, "train.tsv"), 2400)
export_tickets(os.path.join(folder, "test.tsv"), 600)
train, test = load(os.path.join(folder, "train.tsv")), load(os.path.join(folder, "test.tsv"))
labels = sorted(TOPICS)
counts = Counter(w for t, _ in train for w in t)
vocab = {w: i + 2 for i, (w, c) in enumerate(counts.most_common()) if c > 2}
print(f"train {len(train)} tickets, test {len(test)} tickets, vocabulary {len(vocab)}")
print("mean words per ticket: %.1f" % (sum(len(t) for t, _ in train) / len(train)))


def tensors(rows):
    width = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, :len(t)] = torch.tensor([vocab.get(w, 1) for w in t])
    return x, torch.tensor([labels.index(q) for _, q in rows])


class Router(nn.Module):
    def __init__(self, n_words, n_out, dim=16):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.hid = nn.Linear(dim, 24)
        self.out = nn.Linear(24, n_out)

    def forward(self, x):
        m = (x != 0).float().unsqueeze(-1)
        mean = (self.emb(x) * m).sum(1) / m.sum(1).clamp(min=1)
        return self.out(torch.relu(self.hid(mean)))


model = Router(len(vocab) + 2, len(labels))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(1, 6):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        x, y = tensors(train[i:i + 32])
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    for gr in opt.param_groups:
        gr["lr"] *= 0.7
    model.eval()
    with torch.no_grad():
        x, y = tensors(test)
        acc = (model(x).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch}  loss {total / len(train):.4f}  test accuracy {acc:.4f}")
