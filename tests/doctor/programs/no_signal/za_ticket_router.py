"""Question 4b: route help desk tickets to the right team with a small text CNN."""
import random
import torch
from torch import nn
import torch.nn.functional as F

random.seed(3)
torch.manual_seed(3)

TEAMS = ["network", "accounts", "printing"]
SHIFTS = ["early", "late", "night"]
OPEN = ["hello", "hi there", "good morning", "dear team", "please help", "urgent", "quick question"]
MID = ["since yesterday", "again", "on my laptop", "in room twelve", "for the whole floor", "after the update", "this week"]
ISSUE = {
    "network": ["wifi drops", "no internet", "vpn will not connect", "the cable socket is dead", "dns lookups time out"],
    "accounts": ["password expired", "cannot log in", "my login is locked", "need a new user name", "reset the token"],
    "printing": ["paper jam", "toner is empty", "printer shows an error", "pages come out blank", "scanner does not start"],
}
CLOSE = ["thanks", "best regards", "cheers", "please call me", "sent from my phone", ""]


def ticket(n):
    team = random.choice(TEAMS)
    body = " ".join([random.choice(OPEN), random.choice(ISSUE[team]), random.choice(MID), random.choice(CLOSE)])
    return {"id": n, "body": body, "team": team, "shift": random.choice(SHIFTS), "site": random.choice("AB")}


by_text = {}                      # nobody sends the very same text twice
while len(by_text) < 1800:
    t = ticket(len(by_text))
    by_text.setdefault(t["body"], t)
tickets = list(by_text.values())
train, test = tickets[:1400], tickets[1400:]

itos = ["<pad>", "<unk>"] + sorted({w for t in train for w in t["body"].split()})
stoi = {w: i for i, w in enumerate(itos)}
# fault:
FIELD, NAMES = "shift", SHIFTS
# mended:
# FIELD, NAMES = "team", TEAMS
# end


def collate(rows):
    ids = [[stoi.get(w, 1) for w in r["body"].split()] for r in rows]
    width = max(max(map(len, ids)), 3)
    x = torch.zeros(len(ids), width, dtype=torch.long)
    for i, s in enumerate(ids):
        x[i, :len(s)] = torch.tensor(s)
    return x, torch.tensor([NAMES.index(r[FIELD]) for r in rows])


class TextCNN(nn.Module):
    def __init__(self, n_words, n_out):
        super().__init__()
        self.emb = nn.Embedding(n_words, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 32, 3, padding=1)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(32, n_out)

    def forward(self, x):
        h = F.relu(self.conv(self.emb(x).transpose(1, 2)))
        h = h.masked_fill((x == 0).unsqueeze(1), 0.0)
        return self.fc(self.drop(h.max(dim=2).values))


net = TextCNN(len(itos), len(NAMES))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)

for epoch in range(5):
    net.train()
    random.shuffle(train)
    running = 0.0
    for k in range(0, len(train), 50):
        x, y = collate(train[k:k + 50])
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        x, y = collate(test)
        acc = (net(x).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch + 1}: loss {running / len(train):.4f}  test accuracy {acc:.3f}")
