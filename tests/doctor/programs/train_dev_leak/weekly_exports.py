"""Ticket triage on the weekly exports of the help desk (each export holds the last four weeks)."""
import random

import torch
from torch import nn

rng = random.Random(17)
torch.manual_seed(17)

TOPICS = {0: "drucker papierstau toner scanner treiber patrone fach einzug".split(),
          1: "passwort konto anmeldung gesperrt login token zugang zertifikat".split(),
          2: "rechnung mahnung lieferung bestellung storno gutschrift versand paket".split()}
FILLER = "bitte danke hallo seit gestern heute kollege buero wieder leider immer noch dringend problem hilfe system".split()
PLACES = [f"geraet{n}" for n in range(1000, 9000)]


def ticket(number):
    topic = rng.randrange(3)
    says = topic if rng.random() < 0.78 else rng.randrange(3)      # people pick the wrong form
    words = [rng.choice(TOPICS[says]) for _ in range(rng.randint(1, 3))]
    words += [rng.choice(FILLER) for _ in range(rng.randint(3, 6))] + rng.sample(PLACES, 1)
    rng.shuffle(words)
    return {"id": number, "week": number // 100, "text": " ".join(words), "topic": topic}


desk = [ticket(n) for n in range(1600)]
tickets = []
for friday in range(3, 16):
    tickets += [t for t in desk if friday - 3 <= t["week"] <= friday]
# fault:
# mended:
# tickets = list({t["id"]: t for t in tickets}.values())
# end
rng.shuffle(tickets)
cut = len(tickets) * 3 // 4
train, dev = tickets[:cut], tickets[cut:]

vocab = {}
for t in train:
    for w in t["text"].split():
        vocab.setdefault(w, len(vocab))
UNK = len(vocab)


def tensors(rows):
    ids = [torch.tensor([vocab.get(w, UNK) for w in t["text"].split()]) for t in rows]
    offsets = torch.tensor([0] + [len(i) for i in ids])[:-1].cumsum(0)
    return torch.cat(ids), offsets, torch.tensor([t["topic"] for t in rows])


emb = nn.EmbeddingBag(len(vocab) + 1, 24, mode="mean")
out = nn.Linear(24, 3)
nn.init.normal_(emb.weight, std=0.05)
params = [*emb.parameters(), *out.parameters()]
opt = torch.optim.Adam(params, lr=0.01)
for epoch in range(4):
    for part in torch.randperm(len(train)).split(25):
        ids, off, y = tensors([train[i] for i in part])
        loss = nn.functional.cross_entropy(out(emb(ids, off)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        marks = []
        for rows in (train, dev):
            ids, off, y = tensors(rows)
            marks.append((out(emb(ids, off)).argmax(1) == y).float().mean().item())
    print(f"epoch {epoch + 1}: train {marks[0]:.3f} dev {marks[1]:.3f}")
