"""Dialogue state: in which part of town does the guest want to eat in the end? Turns -> GRUCell over the dialogue.
The word table has an Adagrad of its own, the rest an Adam."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)

AREAS = ["north", "south", "east", "west", "centre"]
FOOD = "thai greek indian korean french polish lebanese vegan".split()
USER_GOAL = ["i want something in the {a}", "a {f} place in the {a} please", "how about the {a}", "we will be in the {a} tonight",
             "sorry make that the {a}", "actually the {a} would be better"]
USER_OTHER = ["is it expensive", "do they serve {f} food", "table for four", "thanks a lot", "what is the phone number",
              "is parking possible there", "my friend lives in the {a} but never mind", "not too noisy please"]
SYSTEM = ["there are {f} restaurants in the {a} too", "shall i book it", "which part of town", "anything else",
          "many guests like the {a}", "it is cheap", "the {f} kitchen closes at nine"]


def say(patterns, a=None):
    return random.choice(patterns).format(a=a or random.choice(AREAS), f=random.choice(FOOD)).split()


def dialogue():
    n = random.randint(3, 7)
    changes = set(random.sample(range(n), random.randint(1, min(3, n))))
    turns = []
    for t in range(n):
        if t in changes:
            goal = random.choice(AREAS)
            turns.append(["<user>"] + say(USER_GOAL, goal))
        else:
            turns.append(["<user>"] + say(USER_OTHER))
        if random.random() < 0.6:
            turns.append(["<system>"] + say(SYSTEM))
    return turns, AREAS.index(goal)


seen = {}
while len(seen) < 2600:
    turns, y = dialogue()
    seen.setdefault(tuple(map(tuple, turns)), y)
data = list(seen.items())
splits = {"train": data[:1800], "dev": data[1800:2200], "test": data[2200:]}
vocab = {"<pad>": 0}
for turns, _ in splits["train"]:
    for t in turns:
        for w in t:
            vocab.setdefault(w, len(vocab))


def batch(rows):
    T, L = max(len(d) for d, _ in rows), max(len(t) for d, _ in rows for t in d)
    x = torch.zeros(len(rows), T, L, dtype=torch.long)
    for i, (d, _) in enumerate(rows):
        for j, t in enumerate(d):
            x[i, j, :len(t)] = torch.tensor([vocab.get(w, 0) for w in t])
    return x, torch.tensor([y for _, y in rows])


class GoalTracker(nn.Module):
    def __init__(self, dim=32, hidden=48):
        super().__init__()
        self.table = nn.Embedding(len(vocab), dim, padding_idx=0)
        self.turn = nn.Sequential(nn.Linear(dim, hidden), nn.Tanh())
        self.cell = nn.GRUCell(hidden, hidden)
        self.out = nn.Linear(hidden, len(AREAS))

    def forward(self, x):
        # words of a turn are summed, the padding row is zero
        turns = self.turn(self.table(x).sum(2))                         # (B, T, H)
        real = (x > 0).any(2)
        h = turns.new_zeros(x.size(0), self.cell.hidden_size)
        for t in range(x.size(1)):
            h = torch.where(real[:, t, None], self.cell(turns[:, t], h), h)
        return self.out(h)


net = GoalTracker()
rest = [p for n, p in net.named_parameters() if not n.startswith("table.")]
optimizers = [torch.optim.Adagrad(net.table.parameters(), lr=0.05), torch.optim.Adam(rest, lr=3e-3)]


def accuracy(rows):
    net.eval()
    hits = 0
    with torch.no_grad():
        for k in range(0, len(rows), 200):
            x, y = batch(rows[k:k + 200])
            hits += (net(x).argmax(1) == y).sum().item()
    net.train()
    return hits / len(rows)


print("chance is about 0.2")
for epoch in range(3):
    random.shuffle(splits["train"])
    run = 0.0
    for k in range(0, 1800, 30):
        x, y = batch(splits["train"][k:k + 30])
        loss = F.cross_entropy(net(x), y)
        for o in optimizers:
            o.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 3.0)
        for o in optimizers:
            o.step()
        run += loss.item()
    print(f"epoch {epoch + 1}: loss {run / 60:.4f} " + " ".join(f"{n} {accuracy(r[:500]):.3f}" for n, r in splits.items()))
