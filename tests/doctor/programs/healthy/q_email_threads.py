"""E-mail triage: words -> sentence vectors -> attention over sentences, with mail headers as numbers beside the text.
Quoted lines (">") are history and must not decide."""
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

random.seed(2)
np.random.seed(2)
torch.manual_seed(2)

TOPIC = {
    "refund": "refund money invoice charged twice overpaid credit reimburse".split(),
    "delivery": "parcel courier late tracking arrived missing shipment box".split(),
    "account": "password login locked username reset email profile verify".split(),
    "praise": "great wonderful happy excellent friendly thank love perfect".split(),
}
CHAT = ("hello dear team hope you are well we met last week regards kind see below as discussed let me know about the "
        "it was with our my order number from yesterday and also again soon").split()
CLASSES = list(TOPIC)


def sentence(topic=None):
    w = random.choices(CHAT, k=random.randint(3, 7))
    if topic:
        for t in random.sample(TOPIC[topic], random.randint(1, 2)):
            w.insert(random.randint(0, len(w)), t)
    return w


def mail():
    y = random.randrange(4)
    body = [sentence(CLASSES[y])] + [sentence() for _ in range(random.randint(1, 3))]
    random.shuffle(body)
    for _ in range(random.randint(0, 3)):                       # history of the thread
        body.append([">"] + sentence(random.choice(CLASSES)))
    attachments = np.random.poisson([1.2, 0.8, 0.1, 0.1][y])
    hour = np.random.normal([11, 17, 21, 13][y], 5) % 24
    meta = [min(attachments, 4) / 2.0, np.sin(hour / 24 * 2 * np.pi), np.cos(hour / 24 * 2 * np.pi)]
    return body, np.array(meta, dtype=np.float32), y


mails = [mail() for _ in range(3400)]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for m in mails[:2600] for s in m[0] for w in s}))}


class Mails(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        body, meta, y = self.rows[i]
        return [[vocab.get(w, 0) for w in s] for s in body], meta, y


def collate(rows):
    S, L = max(len(r[0]) for r in rows), max(len(s) for r in rows for s in r[0])
    text = np.zeros((len(rows), S, L), dtype=np.int64)
    for i, (body, _, _) in enumerate(rows):
        for j, s in enumerate(body):
            text[i, j, :len(s)] = s
    return {"text": torch.from_numpy(text), "meta": torch.from_numpy(np.stack([r[1] for r in rows])),
            "label": torch.tensor([r[2] for r in rows])}


class Triage(nn.Module):
    def __init__(self, dim=24, hidden=32):
        super().__init__()
        self.embed = nn.Embedding(len(vocab) + 1, dim, padding_idx=0)
        self.sent = nn.Linear(dim, hidden)
        self.key = nn.Linear(hidden, 1)
        self.meta = nn.Linear(3, 8)
        self.head = nn.Linear(hidden + 8, len(CLASSES))

    def forward(self, text, meta):
        words = text > 0
        sents = words.any(-1)
        e = F.dropout(self.embed(text), 0.1, self.training)
        mean = (e * words.unsqueeze(-1)).sum(2) / words.sum(2).clamp(min=1).unsqueeze(-1)
        v = torch.tanh(self.sent(4.0 * mean))
        a = self.key(v).squeeze(-1).masked_fill(~sents, torch.finfo(v.dtype).min).softmax(-1)
        doc = torch.bmm(a.unsqueeze(1), v).squeeze(1)
        return self.head(torch.cat([doc, torch.tanh(self.meta(meta))], -1)), a


loaders = {"train": DataLoader(Mails(mails[:2600]), 32, shuffle=True, collate_fn=collate),
           "train part": DataLoader(Mails(mails[:400]), 200, collate_fn=collate),
           "dev": DataLoader(Mails(mails[2600:3000]), 200, collate_fn=collate),
           "test": DataLoader(Mails(mails[3000:]), 200, collate_fn=collate)}
model = Triage()
optimizer = torch.optim.NAdam(model.parameters(), lr=4e-3)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="max", factor=0.3, patience=1)


def accuracy(name):
    model.eval()
    with torch.no_grad():
        hits = [(model(b["text"], b["meta"])[0].argmax(1) == b["label"]).float() for b in loaders[name]]
    model.train()
    return torch.cat(hits).mean().item()


for epoch in range(6):
    losses = []
    for b in loaders["train"]:
        logits, _ = model(b["text"], b["meta"])
        loss = F.cross_entropy(logits, b["label"], label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        losses.append(loss.item())
    scores = {k: accuracy(k) for k in ("train part", "dev", "test")}
    plateau.step(scores["dev"])
    print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f} " + ", ".join(f"{k} {v:.3f}" for k, v in scores.items()))
