# tiny syntax highlighter: is this character inside a string literal / a comment / plain code?   one tag per character
import random
import torch
import torch.nn as nn

torch.manual_seed(16)
random.seed(16)
CODE, STR, COM = 0, 1, 2
LETTERS = "abcxyz01 +=(),.:"
L = 40


def snippet():
    s, t, state = "", [], CODE
    while len(s) < L:
        r = random.random()
        if state == CODE and r < 0.07:
            s, state = s + '"', STR
            t.append(STR)
        elif state == STR and r < 0.12:
            s, state = s + '"', CODE
            t.append(STR)
        elif state == CODE and r < 0.10:
            s, state = s + "#", COM
            t.append(COM)
        elif state == COM and r < 0.12:
            s, state = s + "\n", CODE
            t.append(COM)
        elif state != CODE and r > 0.97:
            s += random.choice('#' if state == STR else '"')
            t.append(state)
        else:
            s += random.choice(LETTERS)
            t.append(state)
    return s, t


stoi = {c: i for i, c in enumerate(LETTERS + '"#\n')}


def corpus(n):
    rows = [snippet() for _ in range(n)]
    return torch.tensor([[stoi[c] for c in s] for s, _ in rows]), torch.tensor([t for _, t in rows])


class Tagger(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.char = nn.Embedding(len(stoi), 16)
        # fault:
        self.rnn = nn.GRU(16, hidden)
        # mended:
        # self.rnn = nn.GRU(16, hidden, batch_first=True)
        # end
        self.tag = nn.Linear(hidden, 3)

    def forward(self, x):
        h, _ = self.rnn(self.char(x))
        return self.tag(h)


xtr, ytr = corpus(1600)
xva, yva = corpus(300)
weights = (len(ytr.view(-1)) / (3.0 * torch.bincount(ytr.view(-1)))).sqrt()
model = Tagger()
optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3)
for epoch in range(9):
    model.train()
    run = 0.0
    for b in torch.randperm(len(xtr)).split(32):
        loss = nn.functional.cross_entropy(model(xtr[b]).flatten(0, 1), ytr[b].flatten(), weight=weights)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 0.5)
        optimizer.step()
        run += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        p = torch.cat([model(c).argmax(-1) for c in xva.split(100)])
    f1 = []
    for k in range(3):
        tp = ((p == k) & (yva == k)).sum().item()
        f1.append(2 * tp / max(1, (p == k).sum().item() + (yva == k).sum().item()))
    print(f"epoch {epoch:2d} loss {run / len(xtr):.3f} accuracy {(p == yva).float().mean():.3f} F1 code/str/com " + "/".join(f"{f:.2f}" for f in f1))
