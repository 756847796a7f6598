"""Few labelled tunes, many unlabelled ones: pre-train a GRU as a melody model, then fine-tune it to tell major from minor.

Stage 1  next-note prediction on 2500 tunes
Stage 2  head alone, body frozen (3 epochs)
Stage 3  all weights, the body at a fifth of the head's rate; best checkpoint by dev accuracy is kept
"""
import math
import os
import random
import torch
import torch.nn as nn

rnd = random.Random(440)
torch.manual_seed(440)
MAJOR, MINOR = [0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10]
REST, PAD, START = 36, 37, 38                              # notes 0..35 are three octaves


def tune(minor):
    scale, key = (MINOR if minor else MAJOR), rnd.randrange(5)
    deg, out = rnd.choice([0, 2, 4, 7]), []
    for _ in range(rnd.randint(10, 22)):
        deg = min(13, max(0, deg + rnd.choice([-2, -1, -1, 1, 1, 2, 0])))
        note = scale[deg % 7] + 12 * (deg // 7) + key
        out.append(note if rnd.random() < 0.95 else rnd.choice([REST, min(35, note + 1)]))
    out.append(key + 12 * rnd.randrange(2))                 # the tune ends on its key note
    return out


def pad(ts, lead=()):
    n = torch.tensor([len(t) + len(lead) for t in ts])
    x = torch.full((len(ts), int(n.max())), PAD)
    for i, t in enumerate(ts):
        x[i, :n[i]] = torch.tensor(list(lead) + t)
    return x, n


class Body(nn.Module):
    def __init__(self, d=32, h=64):
        super().__init__()
        self.notes = nn.Embedding(39, d, padding_idx=PAD)
        self.gru = nn.GRU(d, h, batch_first=True)

    def forward(self, x):
        return self.gru(self.notes(x))[0]


body, predict = Body(), nn.Linear(64, 36 + 1)
unlabelled = [tune(rnd.random() < 0.5) for _ in range(2500)]
lm_dev, lm_train = unlabelled[:250], unlabelled[250:]


def lm_loss(ts):
    x, _ = pad(ts, lead=(START,))
    z = predict(body(x[:, :-1]))
    return nn.functional.cross_entropy(z.transpose(1, 2), x[:, 1:], ignore_index=PAD)


opt = torch.optim.Adam([*body.parameters(), *predict.parameters()], lr=5e-3)
for epoch in range(6):
    rnd.shuffle(lm_train)
    run = 0.0
    for k in range(0, len(lm_train), 50):
        loss = lm_loss(lm_train[k:k + 50])
        opt.zero_grad(); loss.backward(); opt.step()
        run += loss.item() / 45
    with torch.no_grad():
        print(f"[pretrain] epoch {epoch} train ppl {math.exp(run):.2f} dev ppl {math.exp(lm_loss(lm_dev).item()):.2f} (uniform 37)")
torch.save(body.state_dict(), "melody_body.pt")

# ---------------------------------------------------------------- stages 2 and 3
labelled = [(tune(m), m) for m in [0, 1] * 600]
rnd.shuffle(labelled)
train, dev, test = labelled[:700], labelled[700:900], labelled[900:]
clf = Body()
clf.load_state_dict(torch.load("melody_body.pt"))
head = nn.Sequential(nn.Dropout(0.1), nn.Linear(64 * 2, 2))


def logits(ts):
    x, n = pad(ts)
    h = clf(x)
    inside = (torch.arange(x.size(1)) < n[:, None]).unsqueeze(-1)
    last = h[torch.arange(len(ts)), n - 1]
    return head(torch.cat([last, (h * inside).sum(1) / n[:, None]], 1))


def accuracy(data):
    head.eval()
    with torch.no_grad():
        ok = (logits([t for t, _ in data]).argmax(1) == torch.tensor([m for _, m in data])).float().mean().item()
    head.train()
    return ok


def run_epochs(name, opt, epochs, keep_best):
    best = accuracy(dev)
    for epoch in range(epochs):
        rnd.shuffle(train)
        tot = 0.0
        for k in range(0, len(train), 20):
            b = train[k:k + 20]
            loss = nn.functional.cross_entropy(logits([t for t, _ in b]), torch.tensor([m for _, m in b]))
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item() * len(b) / len(train)
        a = accuracy(dev)
        print(f"[{name}] epoch {epoch} loss {tot:.3f} dev acc {a:.3f}")
        if keep_best and a >= best:
            best = a
            torch.save((clf.state_dict(), head.state_dict()), "best.pt")


for p in clf.parameters():
    p.requires_grad_(False)
run_epochs("head", torch.optim.Adam(head.parameters(), lr=5e-3), 3, False)
for p in clf.parameters():
    p.requires_grad_(True)
run_epochs("all", torch.optim.Adam([{"params": clf.parameters(), "lr": 1e-3}, {"params": head.parameters(), "lr": 5e-3}]), 5, True)
if os.path.exists("best.pt"):
    a, b = torch.load("best.pt")
    clf.load_state_dict(a); head.load_state_dict(b)
print(f"test accuracy {accuracy(test):.3f}")
