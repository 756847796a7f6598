"""Route Python tracebacks from the crash reporter to the team that has to look at them."""
import random
import re
from collections import Counter
from dataclasses import dataclass

import torch
import torch.nn as nn


@dataclass
class Config:
    # fault:
    max_tokens: int = 40
    # mended:
    # max_tokens: int = 160
    # end
    dim: int = 32
    lr: float = 3e-3
    batch_size: int = 32
    epochs: int = 7
    seed: int = 4


cfg = Config()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)
TEAMS = {
    "storage": ["OSError: disk quota exceeded on volume {n}", "FileNotFoundError: chunk {n} missing", "IOError: short read on block {n}"],
    "network": ["ConnectionError: peer {n} reset the stream", "TimeoutError: no answer from host {n}", "SSLError: handshake failed with {n}"],
    "billing": ["ValueError: negative amount in invoice {n}", "DecimalError: rounding differs for account {n}", "KeyError: currency of order {n}"],
    "frontend": ["TypeError: template {n} got an unexpected keyword", "RenderError: widget {n} has no parent", "AttributeError: form {n} lacks field"],
}
MODULES = ["main", "worker", "scheduler", "queue", "tasks", "retry", "context", "hooks", "session", "registry", "utils", "compat"]
CALLS = ["run", "dispatch", "execute", "wrap", "call", "apply", "step", "handle", "process", "submit", "enter"]


def traceback():
    team = random.choice(list(TEAMS))
    lines = ["Traceback (most recent call last):"]
    for _ in range(random.randint(5, 8)):
        lines.append(f'File "/srv/app/{random.choice(MODULES)}.py", line {random.randint(3, 900)}, in {random.choice(CALLS)}')
        lines.append(f"    return self.{random.choice(CALLS)}(*args, {random.choice(MODULES)}={random.choice(CALLS)})")
    # reports are forwarded by hand now and then, to the wrong team
    shown = random.choice(list(TEAMS)) if random.random() < 0.06 else team
    lines.append(random.choice(TEAMS[shown]).format(n=random.randint(100, 999)))
    return "\n".join(lines), list(TEAMS).index(team)


def tokenize(text):
    return ["<num>" if t.isdigit() else t for t in re.findall(r"[A-Za-z]+|\d+", text)]


reports = [traceback() for _ in range(1600)]
train, valid = reports[:1200], reports[1200:]
freq = Counter(t for text, _ in train for t in tokenize(text))
vocab = {t: i + 2 for i, t in enumerate(sorted(freq))}


def collate(rows):
    ids = [[vocab.get(t, 1) for t in tokenize(text)][:cfg.max_tokens] for text, _ in rows]
    width = max(map(len, ids))
    return {"ids": torch.tensor([i + [0] * (width - len(i)) for i in ids]), "team": torch.tensor([y for _, y in rows])}


class Router(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.emb = nn.Embedding(n_words, cfg.dim, padding_idx=0)
        self.conv = nn.Conv1d(cfg.dim, 48, 3, padding=1)
        self.out = nn.Linear(48, len(TEAMS))

    def forward(self, batch):
        ids = batch["ids"]
        h = torch.relu(self.conv(self.emb(ids).transpose(1, 2)))
        h = h.masked_fill((ids == 0).unsqueeze(1), 0.0)
        return self.out(h.max(dim=2).values)


model = Router(len(vocab) + 2)
optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
loader = torch.utils.data.DataLoader(train, cfg.batch_size, shuffle=True, collate_fn=collate)
for epoch in range(1, cfg.epochs + 1):
    model.train()
    losses = []
    for batch in loader:
        loss = nn.functional.cross_entropy(model(batch), batch["team"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        batch = collate(valid)
        acc = (model(batch).argmax(1) == batch["team"]).float().mean().item()
    print(f"[{epoch}] train loss {sum(losses) / len(losses):.3f}  valid acc {acc:.3f}")
