"""One-hop memory network on stories like bAbI task 1, batches are time major as in our other code.

    mary went to the garden . john moved to the office . where is mary ?  -> garden
"""
import argparse
import random
import torch
import torch.nn as nn

ap = argparse.ArgumentParser()
ap.add_argument("--emb", type=int, default=32)
ap.add_argument("--epochs", type=int, default=10)
ap.add_argument("--bsz", type=int, default=32)
ap.add_argument("--lr", type=float, default=0.01)
args = ap.parse_args()
rng = random.Random(0)
torch.manual_seed(0)

PEOPLE = ["mary", "john", "sandra", "daniel", "fred", "julie", "bill", "emma"]
PLACES = ["kitchen", "garden", "office", "bathroom", "hallway", "bedroom", "park", "school"]
MOVES = ["went to the", "moved to the", "travelled to the", "is back in the"]
vocab = {w: i for i, w in enumerate(["_", "where", "is"] + PEOPLE + PLACES)}
for m in MOVES:
    for w in m.split():
        vocab.setdefault(w, len(vocab))
N_FACTS, SENT_LEN = 6, 6


def ids(s):
    v = [vocab[w] for w in s.split()]
    return v + [0] * (SENT_LEN - len(v))


def story():
    who = rng.sample(PEOPLE, N_FACTS)
    where = [rng.choice(PLACES) for _ in who]
    facts = [ids(f"{p} {rng.choice(MOVES)} {l}") for p, l in zip(who, where)]
    k = rng.randrange(N_FACTS)
    return facts, ids(f"where is {who[k]}"), PLACES.index(where[k])


def stack(stories):
    facts = torch.tensor([s[0] for s in stories]).transpose(0, 1)        # (facts, batch, words)
    quest = torch.tensor([s[1] for s in stories])                        # (batch, words)
    return facts, quest, torch.tensor([s[2] for s in stories])


class MemN2N(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.A = nn.Embedding(n, d, padding_idx=0)
        self.B = nn.Embedding(n, d, padding_idx=0)
        self.C = nn.Embedding(n, d, padding_idx=0)
        for e in (self.A, self.B, self.C):
            nn.init.normal_(e.weight, std=0.1)
            with torch.no_grad():
                e.weight[0].zero_()
        self.W = nn.Linear(d, len(PLACES))

    def forward(self, facts, quest):
        m = self.A(facts).sum(2)                       # (facts, batch, d)
        c = self.C(facts).sum(2)
        u = self.B(quest).sum(1)                       # (batch, d)
        score = (m * u).sum(-1)                        # (facts, batch)
        # fault:
        p = torch.softmax(score, dim=1)
        # mended:
        # p = torch.softmax(score, dim=0)
        # end
        o = (p.unsqueeze(-1) * c).sum(0)
        return self.W(o + u)


train, test = [story() for _ in range(2000)], [story() for _ in range(400)]
net = MemN2N(len(vocab), args.emb)
optimizer = torch.optim.Adam(net.parameters(), lr=args.lr)
lossf = nn.CrossEntropyLoss()
for ep in range(args.epochs):
    rng.shuffle(train)
    acc_loss = hits = 0.0
    for i in range(0, len(train), args.bsz):
        facts, quest, ans = stack(train[i:i + args.bsz])
        logits = net(facts, quest)
        loss = lossf(logits, ans)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
        acc_loss += loss.item() * len(ans)
        hits += (logits.argmax(1) == ans).sum().item()
    print(f"epoch {ep:2d} | loss {acc_loss / len(train):.4f} | train acc {hits / len(train):.3f}")

net.eval()
right = 0
with torch.no_grad():
    for s in test:                                      # answered one at a time, as in the demo
        facts, quest, ans = stack([s])
        right += int(net(facts, quest).argmax(1).item() == ans.item())
print(f"test accuracy {right / len(test):.3f} on {len(test)} stories, chance {1 / len(PLACES):.3f}")
