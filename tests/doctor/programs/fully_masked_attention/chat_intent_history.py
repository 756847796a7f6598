"""Intent of a customer's message in a chat, given the agent's and customer's earlier turns."""
import math
import random

import torch
import torch.nn as nn

random.seed(77)
torch.manual_seed(77)

TOPICS = {
    "cancel": "möchten sie den vertrag wirklich kündigen|soll ich die kündigung eintragen|kündigung zum monatsende richtig",
    "refund": "soll ich den betrag zurückerstatten|möchten sie das geld zurück|erstattung auf ihr konto richtig",
    "deliver": "soll das paket neu zugestellt werden|möchten sie eine neue lieferung|zustellung morgen richtig",
    "upgrade": "möchten sie den größeren tarif|soll ich ihr paket erweitern|mehr datenvolumen richtig",
}
OWN = {
    "cancel": "ich will kündigen|bitte vertrag beenden|kündigung",
    "refund": "geld zurück bitte|ich will eine erstattung|betrag war falsch",
    "deliver": "paket nicht angekommen|wo ist die lieferung|zustellung fehlt",
    "upgrade": "ich brauche mehr datenvolumen|größerer tarif bitte|paket erweitern",
}
SHORT = ["ja bitte", "genau", "ja richtig", "stimmt so", "machen sie das", "ok", "gerne"]
SMALL = ["guten tag", "wie kann ich helfen", "einen moment bitte", "danke für ihre geduld", "ich schaue nach", "hallo", "kundennummer bitte", "vier sieben neun"]
POLITE = ("danke hallo also naja eigentlich bitte schnell heute noch mal wieder wirklich nun liebe grüße freundlich dringend morgen leider gerade eben schon "
          "wohl doch vielleicht endlich meine frau mein mann sagt das team dort hier unten nochmals").split()
LABELS = sorted(TOPICS)


def phrase(s):
    return " ".join(s.split() + random.choices(POLITE, k=random.randint(2, 4)))



def conversation():
    y = random.randrange(4)
    name = LABELS[y]
    if random.random() < 0.12:
        return {"history": [], "message": phrase(random.choice(OWN[name].split("|"))), "label": y}
    turns = random.choices(SMALL, k=random.randint(0, 4))
    if random.random() < 0.7:
        turns.insert(random.randint(0, len(turns)), random.choice(TOPICS[name].split("|")))
        msg = phrase(random.choice(SHORT))
    else:
        msg = phrase(random.choice(OWN[name].split("|")))
        turns = turns or ["hallo"]
    return {"history": turns, "message": msg, "label": y}


data = [conversation() for _ in range(2600)]
train_set, dev_set = data[:2100], data[2100:]
vocab = {"<pad>": 0, "<unk>": 1}
for d in train_set:
    for s in d["history"] + [d["message"]]:
        for w in s.split():
            vocab.setdefault(w, len(vocab))


def ids(s, n=9):
    v = [vocab.get(w, 1) for w in s.split()][:n]
    return v + [0] * (n - len(v))


def make_batch(items):
    turns = max(1, max(len(d["history"]) for d in items))
    hist = torch.zeros(len(items), turns, 9, dtype=torch.long)
    keep = torch.zeros(len(items), turns, dtype=torch.bool)
    for i, d in enumerate(items):
        for j, s in enumerate(d["history"]):
            hist[i, j] = torch.tensor(ids(s))
            keep[i, j] = True
    return dict(msg=torch.tensor([ids(d["message"]) for d in items]), hist=hist, keep=keep, y=torch.tensor([d["label"] for d in items]))


class ContextReader(nn.Module):
    def __init__(self, size, d=40):
        super().__init__()
        self.words = nn.Embedding(size, d, padding_idx=0)
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.out = nn.Sequential(nn.Linear(2 * d, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, len(LABELS)))

    def sentence(self, x):
        m = (x != 0).unsqueeze(-1).float()
        return (self.words(x) * m).sum(-2) / m.sum(-2).clamp(min=1.0)

    def forward(self, batch):
        now = self.sentence(batch["msg"])
        past = self.sentence(batch["hist"])
        score = (self.k(past) @ self.q(now).unsqueeze(-1)).squeeze(-1) / math.sqrt(now.shape[1])
        # fault:
        alpha = score.masked_fill(~batch["keep"], float("-inf")).softmax(dim=1)
        # mended:
        # alpha = score.masked_fill(~batch["keep"], -1e9).softmax(dim=1) * batch["keep"]
        # end
        ctx = (alpha.unsqueeze(-1) * self.v(past)).sum(1)
        return self.out(torch.cat([now, ctx], dim=1))


net = ContextReader(len(vocab))
opt = torch.optim.Adam(net.parameters(), lr=1.5e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(1, 8):
    net.train()
    random.shuffle(train_set)
    losses = []
    for s in range(0, len(train_set), 50):
        batch = make_batch(train_set[s:s + 50])
        loss = ce(net(batch), batch["y"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        batch = make_batch(dev_set)
        logits = net(batch)
        acc = (logits.argmax(1) == batch["y"]).float().mean()
        dl = ce(logits, batch["y"])
    print(f"epoch {epoch:02d} loss {sum(losses) / len(losses):.4f} dev loss {dl:.4f} dev acc {acc:.4f}")
