# Pointer network (Vinyals et al. 2015) for my blog: put the numerals of a shopping list in ascending order.
import random
import torch
import torch.nn as nn

random.seed(1)
torch.manual_seed(1)

NUMERALS = ("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen twenty").split()
MIN_LEN, MAX_LEN = 3, 6


def lists(n):
    found = set()
    while len(found) < n:
        k = random.randint(MIN_LEN, MAX_LEN)
        found.add(tuple(random.sample(range(len(NUMERALS)), k)))
    found = sorted(found)
    random.shuffle(found)
    return found


def collate(rows):
    """Ids shifted by one (0 pads), lengths, and for every output step the position that it should point at."""
    width = max(len(r) for r in rows)
    x = torch.zeros(len(rows), width, dtype=torch.long)
    goal = torch.full((len(rows), width), -100)
    for i, r in enumerate(rows):
        x[i, :len(r)] = torch.tensor(r) + 1
        goal[i, :len(r)] = torch.tensor(sorted(range(len(r)), key=r.__getitem__))
    return x, goal


class PointerNet(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.d = d
        self.emb = nn.Embedding(len(NUMERALS) + 1, d, padding_idx=0)
        self.first = nn.Parameter(torch.zeros(d))
        self.cell = nn.GRUCell(d, d)
        self.w_mem = nn.Linear(d, d, bias=False)
        self.w_state = nn.Linear(d, d, bias=False)
        self.v = nn.Linear(d, 1, bias=False)

    def forward(self, x, forced=None):
        memory = self.emb(x)
        real = (x != 0)
        state = (memory * real.unsqueeze(-1)).sum(1) / real.sum(1, keepdim=True)     # a set: order of input is noise
        given = self.first.expand(len(x), self.d)
        keys, used, steps = self.w_mem(memory), ~real, []
        rows = torch.arange(len(x))
        for t in range(x.size(1)):
            state = self.cell(given, state)
            score = self.v(torch.tanh(keys + self.w_state(state).unsqueeze(1))).squeeze(-1)
            # what was pointed at already, and the padding, is out; rows that are finished keep their scores (not counted)
            score = score.masked_fill(used & ~used.all(1, keepdim=True), -1e9)
            steps.append(score)
            at = score.argmax(1) if forced is None else forced[:, t].clamp(min=0)
            used = used.clone()
            used[rows, at] = True
            given = memory[rows, at]
        return torch.stack(steps, 1)


train, test = (lambda all_: (all_[300:], all_[:300]))(lists(2300))
net = PointerNet()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
epochs = 3
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=epochs * 40)
ce = nn.CrossEntropyLoss()

for epoch in range(epochs):
    net.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 50):
        x, goal = collate(train[i:i + 50])
        scores = net(x, forced=goal)
        keep = goal >= 0
        loss = ce(scores[keep], goal[keep])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        sched.step()
        total += loss.item()
    net.eval()
    with torch.no_grad():
        x, goal = collate(test)
        at = net(x).argmax(-1)
        ok = ((at == goal) | (goal < 0)).all(1).float().mean()
    print(f"epoch {epoch + 1}  loss {total / (len(train) / 50):.3f}  lists sorted right {ok:.1%}")
x, _ = collate(test[:1])
print([NUMERALS[i] for i in test[0]], "->", [NUMERALS[test[0][p]] for p in net(x)[0].argmax(-1).tolist()])
