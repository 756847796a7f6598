"""Route support mails to a team. Mails start with the usual greeting, account data and boilerplate."""
import argparse
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

p = argparse.ArgumentParser()
p.add_argument("--epochs", type=int, default=5)
p.add_argument("--lr", type=float, default=0.01)
p.add_argument("--batch-size", type=int, default=40)
# fault:
p.add_argument("--max-len", type=int, default=16)
# mended:
# p.add_argument("--max-len", type=int, default=64)
# end
args = p.parse_args([])

random.seed(55)
torch.manual_seed(55)

TEAMS = {
    "billing": "invoice charged refund payment twice card amount receipt fee subscription",
    "network": "wifi router offline signal slow connection modem drops cable outage",
    "account": "login password locked username reset verification profile email blocked access",
    "delivery": "parcel courier package late tracking address shipped damaged missing box",
}
TEAMS = {k: v.split() for k, v in TEAMS.items()}
FIRST = "anna ben carla david emma felix gina hugo iris jonas klara leo mia nils olga paul".split()
CITY = "bern oslo lyon graz turin porto ghent malmo".split()
COMMON = ("i we have been since last week and the it is not still my your please again help with this was very would like to "
          "know when could you tell me why because problem happened today").split()


def greeting():
    return (["hello", "dear"][random.randrange(2)] + " support team my name is " + random.choice(FIRST) + " from " + random.choice(CITY)
            + " customer number %d contract of %d i hope this mail finds you well" % (random.randrange(40), random.randrange(2001, 2024))).split()


def mail():
    team = random.choice(list(TEAMS))
    body = []
    for _ in range(random.randint(12, 24)):
        u = random.random()
        body.append(random.choice(TEAMS[team]) if u < .2 else random.choice(TEAMS[random.choice(list(TEAMS))]) if u < .26 else random.choice(COMMON))
    return greeting() + body + ["kind", "regards", random.choice(FIRST)], list(TEAMS).index(team)


mails = [mail() for _ in range(2600)]
train, dev = mails[:2000], mails[2000:]
vocab = {"<pad>": 0, "<unk>": 1}
for toks, _ in train:
    for w in toks:
        vocab.setdefault(w, len(vocab))


def collate(rows):
    seqs = [[vocab.get(w, 1) for w in toks][:args.max_len] for toks, _ in rows]
    width = max(map(len, seqs))
    return torch.tensor([s + [0] * (width - len(s)) for s in seqs]), torch.tensor([y for _, y in rows])


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 20, padding_idx=0)
        self.score = nn.Linear(20, 1)
        self.out = nn.Sequential(nn.Dropout(0.2), nn.Linear(20, len(TEAMS)))

    def forward(self, x):
        e = self.emb(x)
        a = self.score(e).squeeze(-1).masked_fill(x == 0, float("-inf")).softmax(-1)
        return self.out(torch.einsum("bt,btd->bd", a, e))


model = Router()
opt = torch.optim.Adam(model.parameters(), lr=args.lr)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, args.epochs)
loader = DataLoader(train, batch_size=args.batch_size, shuffle=True, collate_fn=collate)
ce = nn.CrossEntropyLoss()
for epoch in range(1, args.epochs + 1):
    model.train()
    s = 0.0
    for x, y in loader:
        loss = ce(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item()
    sched.step()
    model.eval()
    with torch.no_grad():
        x, y = collate(dev)
        z = model(x)
    print(f"[{epoch}/{args.epochs}] train loss {s / len(loader):.4f}  dev loss {ce(z, y).item():.4f}  dev acc {(z.argmax(1) == y).float().mean():.4f}")
