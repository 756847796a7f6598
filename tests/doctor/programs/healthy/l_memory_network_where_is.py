"""End-to-end memory network (Sukhbaatar et al. 2015) for 'Where is John?' stories, two hops, adjacent weight tying."""
import argparse, random
import torch, torch.nn as nn

parser = argparse.ArgumentParser()
parser.add_argument("--hops", type=int, default=1)
parser.add_argument("--dim", type=int, default=24)
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--max-norm", type=float, default=5.0)
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args([])
random.seed(args.seed)
torch.manual_seed(args.seed)

PEOPLE = ["john", "mary", "sandra", "daniel", "bill"]
PLACES = ["kitchen", "garden", "office", "hallway", "bathroom", "bedroom"]
VERBS = ["moved", "went", "travelled", "journeyed"]
V = {w: i + 1 for i, w in enumerate(PEOPLE + PLACES + VERBS + ["to", "the", "where", "is"])}
S, W = 8, 5     # sentences in a story (at most), words in a sentence


def story():
    n = random.randint(3, S)
    where, lines = {}, []
    for _ in range(n):
        p, l = random.choice(PEOPLE), random.choice(PLACES)
        where[p] = l
        lines.append([p, random.choice(VERBS), "to", "the", l])
    q = random.choice(list(where))
    return lines, ["where", "is", q], PLACES.index(where[q])


def dataset(n):
    stories = torch.zeros(n, S, W, dtype=torch.long)
    queries = torch.zeros(n, 3, dtype=torch.long)
    answers = torch.zeros(n, dtype=torch.long)
    for i in range(n):
        lines, q, a = story()
        for j, line in enumerate(reversed(lines)):       # slot 0 holds the latest sentence
            stories[i, j] = torch.tensor([V[w] for w in line])
        queries[i] = torch.tensor([V[w] for w in q])
        answers[i] = a
    return stories, queries, answers


class MemN2N(nn.Module):
    def __init__(self, d, hops):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(len(V) + 1, d, padding_idx=0) for _ in range(hops + 1))
        self.time_in = nn.Parameter(torch.zeros(S, d))
        self.time_out = nn.Parameter(torch.zeros(S, d))
        for t in self.tables:
            nn.init.normal_(t.weight, std=0.1)
            t.weight.data[0] = 0
        nn.init.normal_(self.time_in, std=0.1)
        nn.init.normal_(self.time_out, std=0.1)
        self.hops = hops
        self.answer = nn.Linear(d, len(PLACES), bias=False)

    def forward(self, stories, queries):
        u = self.tables[0](queries).sum(1)
        empty = stories[:, :, 0] == 0
        for k in range(self.hops):
            m = self.tables[k](stories).sum(2) + self.time_in
            c = self.tables[k + 1](stories).sum(2) + self.time_out
            p = (m @ u.unsqueeze(2)).squeeze(2).masked_fill(empty, float("-inf")).softmax(1)
            u = u + (p.unsqueeze(1) @ c).squeeze(1)
        return self.answer(u)


train, test = dataset(3500), dataset(600)
model = MemN2N(args.dim, args.hops)
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [4, 5], gamma=0.3)


def accuracy(data):
    model.eval()
    with torch.no_grad():
        return (model(data[0], data[1]).argmax(1) == data[2]).float().mean().item()


for epoch in range(args.epochs):
    model.train()
    perm, total = torch.randperm(len(train[0])), 0
    for start in range(0, len(perm), 32):
        b = perm[start:start + 32]
        loss = nn.functional.cross_entropy(model(train[0][b], train[1][b]), train[2][b])
        optimizer.zero_grad()
        loss.backward()
        # the paper clips to a norm; noise on the gradient of the nil word is not needed, its row is fixed
        nn.utils.clip_grad_norm_(model.parameters(), args.max_norm)
        optimizer.step()
        total += loss.item() * len(b)
    scheduler.step()
    print(f"epoch {epoch + 1}: loss {total / len(perm):.4f} train {accuracy(train):.3f} test {accuracy(test):.3f}")
print("guessing gives about", round(1 / len(PLACES), 3))
