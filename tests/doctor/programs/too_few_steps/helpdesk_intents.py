#!/usr/bin/env python3
"""Intent model of the helpdesk bot. Iteration-based trainer; batches are drawn with replacement."""
import random
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn


@dataclass
class Config:
    seed: int = 7
    emb: int = 32
    hidden: int = 40
    batch: int = 32
    lr: float = 2e-3
    # fault:
    iterations: int = 25
    # mended:
    # iterations: int = 360
    # end
    log_every: int = 5


cfg = Config()
random.seed(cfg.seed); np.random.seed(cfg.seed); torch.manual_seed(cfg.seed)

INTENTS = {
    "reset_password": ["i forgot my password", "cannot log in to {sys}", "please reset my login for {sys}", "{sys} locked me out"],
    "order_hardware": ["i need a new {hw}", "please order a {hw} for {who}", "can i get another {hw}", "{who} wants a {hw}"],
    "broken_hardware": ["my {hw} is broken", "the {hw} does not turn on", "{hw} of {who} makes a strange noise", "smoke from the {hw}"],
    "network": ["the wifi is down", "no connection to {sys} from home", "vpn keeps dropping", "the network is slow for {who}"],
    "leave": ["i am on holiday {when}", "{who} will be away {when}", "set my out of office {when}", "not in the office {when}"],
    "room": ["book a room {when}", "is the big room free {when}", "cancel the room {when}", "{who} needs a room {when}"],
    "access": ["give {who} access to {sys}", "i need rights for {sys}", "remove {who} from {sys}", "permission denied in {sys}"],
    "thanks": ["thank you that works now", "great thanks", "solved thank you {who}", "all good now"],
}
SLOTS = {"sys": "mail crm wiki payroll jira sharepoint".split(), "hw": "laptop mouse keyboard monitor headset printer".split(),
         "who": "anna ben my boss the intern carla our team".split(), "when": "tomorrow today on monday next week at noon on friday".split()}
FILLER = "hi hello please um so well sorry again urgent asap today guys maybe just".split()


def utterance(intent):
    s = random.choice(INTENTS[intent])
    for k, vals in SLOTS.items():
        s = s.replace("{" + k + "}", random.choice(vals))
    words = s.split()
    for _ in range(random.randrange(4)):
        words.insert(random.randrange(len(words) + 1), random.choice(FILLER))
    return words


names = list(INTENTS)
data = [(utterance(n), i) for i, n in enumerate(names) for _ in range(450)]
seen, rows = set(), []
for w, y in data:
    if tuple(w) not in seen:
        seen.add(tuple(w)); rows.append((w, y))
random.shuffle(rows)
val, train = rows[:500], rows[500:]
vocab = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted({w for ws, _ in train for w in ws}))}


def batchify(rs):
    L = torch.tensor([len(w) for w, _ in rs])
    x = torch.zeros(len(rs), int(L.max()), dtype=torch.long)
    for i, (w, _) in enumerate(rs):
        x[i, :len(w)] = torch.tensor([vocab.get(t, 1) for t in w])
    return x, L, torch.tensor([y for _, y in rs])


class IntentNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocab), cfg.emb, padding_idx=0)
        self.gru = nn.GRU(cfg.emb, cfg.hidden, batch_first=True)
        self.head = nn.Linear(cfg.hidden, len(names))

    def forward(self, x, lengths):
        p = nn.utils.rnn.pack_padded_sequence(self.embed(x), lengths, batch_first=True, enforce_sorted=False)
        return self.head(self.gru(p)[1][-1])


def validate(model):
    model.eval()
    with torch.no_grad():
        x, L, y = batchify(val)
        out = model(x, L)
    model.train()
    return nn.functional.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


model = IntentNet()
optim = torch.optim.Adam(model.parameters(), lr=cfg.lr)
smooth = None
for it in range(1, cfg.iterations + 1):
    x, L, y = batchify(random.choices(train, k=cfg.batch))
    loss = nn.functional.cross_entropy(model(x, L), y)
    optim.zero_grad()
    loss.backward()
    optim.step()
    smooth = loss.item() if smooth is None else 0.9 * smooth + 0.1 * loss.item()
    if it % cfg.log_every == 0:
        print(f"it {it:4d}  loss {smooth:.3f}")
vl, va = validate(model)
print(f"{len(train)} train / {len(val)} val   val loss {vl:.3f}   val acc {va:.3f}")
