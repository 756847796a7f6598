"""Free-form dates to ISO dates ("3 of may 1987" -> "87-05-03"), GRU encoder-decoder words in, two-digit pieces out."""
import datetime
import random

import torch
from torch import nn

random.seed(31)
torch.manual_seed(31)
MONTHS = "january february march april may june july august september october november december".split()
OUT = {f"{n:02d}": n + 3 for n in range(100)}      # a date is three two-digit pieces
PAD, GO, STOP = 0, 1, 2
CHARS = {i: c for c, i in OUT.items()}


def suffix(d):
    return "th" if 10 < d < 20 else {1: "st", 2: "nd", 3: "rd"}.get(d % 10, "th")


def written(day):
    m, yy = MONTHS[day.month - 1], [f"c{day.year // 100}", f"y{day.year % 100:02d}"]
    style = random.randrange(4)
    if style == 0:
        return [str(day.day), "of", m] + yy
    if style == 1:
        return [m, str(day.day), ","] + yy
    if style == 2:
        return ["the", str(day.day), suffix(day.day), "of", m, ","] + yy
    return [day.strftime("%A").lower(), ",", m[:3] + ".", str(day.day)] + yy


start = datetime.date(1970, 1, 1)
days = [start + datetime.timedelta(n) for n in random.sample(range(365 * 50), 3600)]
rows = [(written(d), d.isoformat()[2:]) for d in days]
train, valid = rows[:3300], rows[3300:]
src_vocab = {"<pad>": 0, "<unk>": 1}
for words, _ in train:
    for w in words:
        src_vocab.setdefault(w, len(src_vocab))


def make(rows):
    n = max(len(s) for s, _ in rows)
    # short sources are filled up at the left, so that the last step is always a word
    src = torch.tensor([[0] * (n - len(s)) + [src_vocab.get(w, 1) for w in s] for s, _ in rows])
    tgt = torch.tensor([[GO] + [OUT[c] for c in t.split('-')] + [STOP] for _, t in rows])
    return src, tgt


class Normaliser(nn.Module):
    def __init__(self, dim=32, hidden=80):
        super().__init__()
        self.src_emb = nn.Embedding(len(src_vocab), dim, padding_idx=PAD)
        self.tgt_emb = nn.Embedding(len(OUT) + 3, dim)
        self.encoder = nn.GRU(dim, hidden, batch_first=True)
        self.decoder = nn.GRU(dim, hidden, batch_first=True)
        self.out = nn.Linear(hidden, len(OUT) + 3)

    def forward(self, src, tgt_in):
        _, state = self.encoder(self.src_emb(src))
        # fault:
        states, _ = self.decoder(self.tgt_emb(tgt_in))
        # mended:
        # states, _ = self.decoder(self.tgt_emb(tgt_in), state)
        # end
        return self.out(states)

    @torch.no_grad()
    def translate(self, src, steps=4):
        y = torch.full((len(src), 1), GO)
        for _ in range(steps):
            y = torch.cat([y, self(src, y)[:, -1].argmax(-1, keepdim=True)], 1)
        return ["-".join(CHARS.get(t, "") for t in (r[:r.index(STOP)] if STOP in r else r)) for r in y[:, 1:].tolist()]


model = Normaliser()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
EPOCHS, BATCH = 7, 60
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1.2e-2, epochs=EPOCHS, steps_per_epoch=len(train) // BATCH)
vs, vt = make(valid)
for epoch in range(EPOCHS):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), BATCH):
        src, tgt = make(train[i:i + BATCH])
        logits = model(src, tgt[:, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), tgt[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        vl = nn.functional.cross_entropy(model(vs, vt[:, :-1]).flatten(0, 1), vt[:, 1:].flatten()).item()
    hyp = model.translate(vs)
    exact = sum(h == t for h, (_, t) in zip(hyp, valid)) / len(valid)
    print(f"epoch {epoch + 1} loss {total / (len(train) // BATCH):.4f} valid {vl:.4f} exact {exact:.3f}")
for (words, t), h in list(zip(valid, hyp))[:4]:
    print(" ".join(words), "->", h, "| right:", t)
