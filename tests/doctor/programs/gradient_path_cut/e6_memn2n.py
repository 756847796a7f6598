"""End-to-end memory network on a "where is X now" task with named slots (one hop, temporal encoding)."""
import argparse
import numpy as np
import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--dim", type=int, default=32)
ap.add_argument("--facts", type=int, default=8)
ap.add_argument("--steps", type=int, default=400)
ap.add_argument("--bs", type=int, default=64)
ap.add_argument("--seed", type=int, default=5)
args = ap.parse_args()

torch.manual_seed(args.seed)
rng = np.random.default_rng(args.seed)

people = "mary john sandra daniel fred bill julie jeff".split()
places = "kitchen garden office hallway bathroom bedroom cellar attic garage park".split()
verbs = "went moved travelled journeyed".split()
words = ["<pad>"] + people + places + verbs + ["where", "is"]
w2i = {w: i for i, w in enumerate(words)}


def story():
    who = rng.permutation(len(people))[:args.facts]
    facts, truth = [], {}
    for p in who:
        place = places[rng.integers(len(places))]
        facts.append([w2i[people[p]], w2i[verbs[rng.integers(len(verbs))]], w2i[place]])
        truth[people[p]] = place
    asked = people[who[rng.integers(len(who))]]
    return facts, [w2i["where"], w2i["is"], w2i[asked]], places.index(truth[asked])


def dataset(n, banned=()):
    rows, keys = [], set(banned)
    while len(rows) < n:
        f, q, a = story()
        key = str((f, q))
        if key not in keys:
            keys.add(key)
            rows.append((f, q, a))
    f, q, a = zip(*rows)
    return (torch.tensor(f), torch.tensor(q), torch.tensor(a)), keys


train, keys = dataset(5000)
valid, _ = dataset(500, keys)


class MemN2N(nn.Module):
    def __init__(self, vocab, dim, n_answers):
        super().__init__()
        self.A = nn.Embedding(vocab, dim, padding_idx=0)
        self.B = nn.Embedding(vocab, dim, padding_idx=0)
        self.C = nn.Embedding(vocab, dim, padding_idx=0)
        for table in (self.A, self.B, self.C):
            nn.init.normal_(table.weight, std=0.3)
        self.W = nn.Linear(dim, n_answers)
        self.attention = None

    def forward(self, facts, question):
        m = self.A(facts).sum(2)
        u = self.B(question).sum(1)
        p = torch.softmax((m * u.unsqueeze(1)).sum(-1), dim=-1)
        # keep the weights around so that they can be plotted
        # fault:
        self.attention = p = p.detach()
        # mended:
        #self.attention = p.detach()
        # end
        o = (p.unsqueeze(-1) * self.C(facts).sum(2)).sum(1)
        return self.W(o)


def accuracy(net, data):
    net.eval()
    with torch.no_grad():
        acc = (net(data[0], data[1]).argmax(1) == data[2]).float().mean().item()
    net.train()
    return acc


net = MemN2N(len(words), args.dim, len(places))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
crit = nn.CrossEntropyLoss()
for step in range(args.steps):
    idx = torch.from_numpy(rng.integers(0, len(train[2]), args.bs))
    loss = crit(net(train[0][idx], train[1][idx]), train[2][idx])
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 40.0)
    opt.step()
    if step % 100 == 99:
        print("step %d loss %.3f valid %.3f" % (step + 1, loss.item(), accuracy(net, valid)))

net.eval()
with torch.no_grad():
    net(valid[0][:3], valid[1][:3])
for f, q, w in zip(valid[0][:3], valid[1][:3], net.attention):
    print("?", words[q[2]], " ".join(f"{words[s[0]]}:{x:.2f}" for s, x in zip(f, w)))
print("train accuracy %.3f, valid accuracy %.3f" % (accuracy(net, (train[0][:500], train[1][:500], train[2][:500])), accuracy(net, valid)))
