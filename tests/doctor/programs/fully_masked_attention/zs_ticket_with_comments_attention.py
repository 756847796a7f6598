"""Help-desk tickets -> team.  A ticket has a subject and up to eight words of free comment; the subject attends to the
comment.  (Sanitised version: the texts are generated, the proportions are those of our system.)"""
import random

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(77)
torch.manual_seed(77)

TEAMS = {
    "network": ["router", "wifi", "vpn", "cable", "switch", "latency", "dns", "proxy"],
    "accounts": ["password", "login", "locked", "username", "reset", "token", "badge", "expired"],
    "printing": ["printer", "toner", "paper", "tray", "scan", "jam", "duplex", "cartridge"],
    "payroll": ["salary", "payslip", "bonus", "tax", "overtime", "pension", "refund", "invoice"],
}
FILLER = "please help my the is since monday broken again urgent thanks hello office need it not working today".split()
names = list(TEAMS)


def ticket():
    team = random.randrange(len(names))
    clue = lambda p: random.choice(TEAMS[names[team]]) if random.random() < p else random.choice(FILLER)
    other = random.choice(TEAMS[random.choice(names)])
    subject = [clue(0.45) for _ in range(4)] + ([other] if random.random() < 0.3 else [])
    random.shuffle(subject)
    # about one ticket in eight comes without a comment
    comment = [] if random.random() < 0.12 else [clue(0.4) for _ in range(random.randint(3, 8))]
    return subject, comment, team


tickets = {}
while len(tickets) < 3000:
    s, c, t = ticket()
    tickets[" ".join(s) + " | " + " ".join(c)] = (s, c, t)
tickets = list(tickets.values())
train, valid = tickets[:2400], tickets[2400:]
itos = ["<pad>"] + sorted({w for s, c, _ in train for w in s + c})
stoi = {w: i for i, w in enumerate(itos)}


def pad(seqs, width):
    return torch.tensor([[stoi.get(w, 0) for w in s] + [0] * (width - len(s)) for s in seqs])


def tensors(rows):
    return pad([r[0] for r in rows], 5), pad([r[1] for r in rows], 8), torch.tensor([r[2] for r in rows])


class SubjectToComment(nn.Module):
    def __init__(self, vocab, dim=24, teams=4):
        super().__init__()
        self.embedding = nn.Embedding(vocab, dim, padding_idx=0)
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        # fault:
        # mended:
        # self.nothing = nn.Parameter(torch.randn(1, 1, dim) * 0.1)
        # end
        self.classify = nn.Linear(2 * dim, teams)

    def forward(self, subject, comment):
        s, c = self.embedding(subject), self.embedding(comment)
        there = comment != 0
        # fault:
        # mended:
        # c = torch.cat([self.nothing.expand(len(c), 1, -1), c], dim=1)
        # there = torch.cat([torch.ones(len(c), 1, dtype=torch.bool), there], dim=1)
        # end
        s_mean = s.sum(1) / (subject != 0).sum(1, keepdim=True)
        scores = torch.einsum("bd,btd->bt", self.query(s_mean), self.key(c)) / s.size(-1) ** 0.5
        weights = scores.masked_fill(~there, float("-inf")).softmax(dim=-1)
        read = torch.einsum("bt,btd->bd", weights, c)
        return self.classify(torch.cat([s_mean, read], dim=-1))


Xs, Xc, Y = tensors(train)
Vs, Vc, VY = tensors(valid)
model = SubjectToComment(len(itos))
criterion = nn.CrossEntropyLoss()
opt = optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(5):
    model.train()
    losses = []
    for idx in torch.randperm(len(Y)).split(32):
        opt.zero_grad()
        loss = criterion(model(Xs[idx], Xc[idx]), Y[idx])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        logits = model(Vs, Vc)
        acc = (logits.argmax(1) == VY).float().mean().item()
        tacc = (model(Xs, Xc).argmax(1) == Y).float().mean().item()
    print(f"[{epoch}] loss {sum(losses) / len(losses):.4f} | train acc {tacc:.3f} | valid loss {criterion(logits, VY):.4f} acc {acc:.3f}")
