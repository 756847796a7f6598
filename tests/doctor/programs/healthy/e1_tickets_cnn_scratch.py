# Routing of support tickets with a small convolutional net, embeddings learnt from scratch.
import random
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

random.seed(7)
torch.manual_seed(7)

QUEUES = {
    "billing": ["invoice", "refund", "charged twice", "credit card", "vat number", "payment failed", "price"],
    "access": ["password reset", "login", "two factor code", "locked account", "sso", "username"],
    "shipping": ["parcel", "tracking number", "courier", "delivery date", "wrong address", "customs"],
    "bug": ["crash", "stack trace", "error 500", "blank page", "freezes", "white screen", "timeout"],
}
OPEN = ["hello", "hi team", "good morning", "dear support", "hey", "greetings", ""]
MIDDLE = ["i have a question about the", "there is a problem with my", "please help me with", "since yesterday i see",
          "can somebody look at the", "my colleague reported", "we are still waiting because of", "no idea what to do with"]
CLOSE = ["thanks", "thank you in advance", "kind regards", "this is urgent", "please answer soon", "best", ""]
FILL = "the on in for our new old shop office phone browser version monday again really order number customer page".split()
names = list(QUEUES)


def ticket():
    q = random.choice(names)
    body = [random.choice(OPEN), random.choice(MIDDLE), random.choice(QUEUES[q])]
    if random.random() < 0.5:
        body += ["and", random.choice(QUEUES[q])]
    body += random.choices(FILL, k=random.randint(1, 8)) + [random.choice(CLOSE)]
    label = q if random.random() > 0.04 else random.choice(names)
    return " ".join(b for b in body if b), names.index(label)


pool = {}
while len(pool) < 600:
    t, y = ticket()
    pool.setdefault(t, y)
items = list(pool.items())
random.shuffle(items)
train, dev = items[:300], items[300:]

counter = {}
for t, _ in train:
    for w in t.split():
        counter[w] = counter.get(w, 0) + 1
itos = ["[PAD]", "[UNK]"] + sorted(w for w, c in counter.items() if c > 1)
stoi = {w: i for i, w in enumerate(itos)}


class Tickets(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        t, y = self.rows[i]
        return {"ids": [stoi.get(w, 1) for w in t.split()], "label": y}


def collate(items):
    n = max(len(d["ids"]) for d in items)
    return {"ids": torch.tensor([d["ids"] + [0] * (n - len(d["ids"])) for d in items]),
            "label": torch.tensor([d["label"] for d in items])}


class ConvRouter(nn.Module):
    def __init__(self, vocab, dim=32, channels=48, classes=4):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, channels, 3, padding=1)
        self.norm = nn.LayerNorm(channels)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(channels, classes)

    def forward(self, ids):
        h = self.conv(self.emb(ids).transpose(1, 2)).transpose(1, 2)
        h = torch.nn.functional.gelu(self.norm(h))
        h = h.masked_fill((ids == 0).unsqueeze(2), float("-inf")).max(dim=1).values
        return self.head(self.drop(h))


net = ConvRouter(len(itos))
train_dl = DataLoader(Tickets(train), batch_size=16, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(Tickets(dev), batch_size=128, collate_fn=collate)
optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.5)
criterion = nn.CrossEntropyLoss(label_smoothing=0.05)


def score(dl):
    net.eval()
    right = 0
    with torch.inference_mode():
        for b in dl:
            right += (net(b["ids"]).argmax(-1) == b["label"]).sum().item()
    return right / len(dl.dataset)


for epoch in range(12):
    net.train()
    losses = []
    for b in train_dl:
        optimizer.zero_grad()
        loss = criterion(net(b["ids"]), b["label"])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f} train {score(train_dl):.3f} dev {score(dev_dl):.3f} lr {scheduler.get_last_lr()[0]:.4f}")
