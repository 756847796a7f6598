# TransE on a made-up town: street corners on a grid, relations are compass moves.
# h + r = t holds exactly in the plane, so unseen links follow from the seen ones.
import random
import torch

random.seed(0)
torch.manual_seed(0)
W = H = 12
MOVES = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0), "north_east": (1, 1), "south_west": (-1, -1),
         "two_east": (2, 0), "two_north": (0, 2), "bus_4": (4, 0), "bus_9": (3, 3)}
corner = {(x, y): x * H + y for x in range(W) for y in range(H)}
facts = [(corner[x, y], r, corner[x + dx, y + dy])
         for (x, y) in corner for r, (dx, dy) in enumerate(MOVES.values()) if (x + dx, y + dy) in corner]
random.shuffle(facts)
facts = torch.tensor(facts)
test, train = facts[:150], facts[150:]

DIM = 4
E = torch.empty(len(corner), DIM).uniform_(-0.5, 0.5).requires_grad_()
R = torch.empty(len(MOVES), DIM).uniform_(-0.5, 0.5).requires_grad_()
known = {(int(h), int(r), int(t)) for h, r, t in facts}


def dist(h, r, t):
    return (E[h] + R[r] - E[t]).pow(2).sum(-1)


def ranks(triples):
    """filtered rank of the right tail among all corners"""
    out = []
    with torch.no_grad():
        for h, r, t in triples.tolist():
            d = (E[h] + R[r] - E).pow(2).sum(1)
            others = [e for e in range(len(corner)) if e != t and (h, r, e) in known]
            d[others] = 1e9
            out.append(1 + int((d < d[t]).sum()))
    return torch.tensor(out, dtype=torch.float)


opt = torch.optim.Adam([E, R], lr=0.05)
EPOCHS = 30
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
every = torch.arange(len(corner))
for epoch in range(EPOCHS):
    total = 0.0
    for rows in torch.randperm(len(train)).split(50):
        h, r, t = train[rows].unbind(1)
        # the right tail against all other corners, and the right head likewise
        tails = torch.log_softmax(-dist(h[:, None], r[:, None], every[None]), 1)
        heads = torch.log_softmax(-dist(every[None], r[:, None], t[:, None]), 1)
        loss = -(tails[torch.arange(len(t)), t] + heads[torch.arange(len(h)), h]).mean() / 2
        E.grad = R.grad = None
        loss.backward()
        opt.step()
        total += loss.item() * len(rows)
    sched.step()
    if epoch % 6 == 5:
        rk = ranks(test)
        print(f"epoch {epoch + 1:3d} loss {total / len(train):.4f} | unseen facts: "
              f"MRR {(1 / rk).mean():.3f} hits@1 {(rk <= 1).float().mean():.3f} hits@3 {(rk <= 3).float().mean():.3f}")
rk = ranks(train[:150])
print(f"seen facts: MRR {(1 / rk).mean():.3f}")
