# Which cadence closes a melody? (perfect, plagal, half, deceptive) -- scale degrees as tokens, an RNN cell by hand
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

g = torch.Generator().manual_seed(21)
torch.manual_seed(21)

DEGREES = ["-"] + [f"{d}{o}" for o in (4, 5) for d in ("do", "re", "mi", "fa", "so", "la", "ti")]
TOK = {d: i for i, d in enumerate(DEGREES)}
CADENCES = {
    "perfect": [("so", "ti", "do"), ("re", "ti", "do"), ("fa", "re", "do")],
    "plagal": [("fa", "la", "do"), ("la", "fa", "do"), ("la", "fa", "mi")],
    "half": [("do", "mi", "so"), ("la", "do", "re"), ("mi", "fa", "so")],
    "deceptive": [("so", "ti", "la"), ("ti", "re", "la"), ("so", "re", "mi")],
}
NAMES = list(CADENCES)


def rand(n):
    return int(torch.randint(0, n, (1,), generator=g))


def melody():
    y = rand(4)
    # mostly short phrases, now and then a long one
    n = 3 + rand(10) if rand(8) else 24 + rand(36)
    pos, notes = rand(14), []
    for _ in range(n):
        pos = max(0, min(13, pos + rand(5) - 2))
        notes.append(pos + 1)
    end = CADENCES[NAMES[y]][rand(3)]
    notes += [TOK[d + str(4 + rand(2))] for d in end]
    return torch.tensor(notes), y


corpus = [melody() for _ in range(2000)]
lens = torch.tensor([len(n) for n, _ in corpus])
X = pad_sequence([n for n, _ in corpus])          # (T, N)
Y = torch.tensor([y for _, y in corpus])
tr, te = torch.arange(0, 1600), torch.arange(1600, 2000)


class CadenceRNN(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.note = nn.Embedding(len(DEGREES), 16, padding_idx=0)
        self.cell = nn.GRUCell(16, hidden)
        self.read = nn.Linear(hidden, 4)
        self.hidden = hidden

    def forward(self, notes, n):
        h = torch.zeros(notes.size(1), self.hidden)
        states = []
        for e in self.note(notes):
            h = self.cell(e, h)
            states.append(h)
        states = torch.stack(states)
        # fault:
        last = states[-1]
        # mended:
        # last = states[n - 1, torch.arange(notes.size(1))]
        # end
        return self.read(last)


def epoch(model, idx, opt=None):
    right = loss_sum = 0.0
    for b in (idx[torch.randperm(len(idx))] if opt else idx).split(100):
        with torch.set_grad_enabled(opt is not None):
            out = model(X[:, b], lens[b])
            loss = nn.functional.cross_entropy(out, Y[b])
        if opt:
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        right += (out.argmax(1) == Y[b]).sum().item()
        loss_sum += loss.item() * len(b)
    return loss_sum / len(idx), right / len(idx)


model = CadenceRNN()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)
for ep in range(5):
    a = epoch(model, tr, opt)
    sched.step()
    b = epoch(model, te)
    print("%d train %.3f/%.3f held out %.3f/%.3f" % (ep, *a, *b))
