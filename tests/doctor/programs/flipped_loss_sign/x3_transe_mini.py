"""TransE (Bordes et al., 2013) on a toy world of rooms: h + r = t for moves such as north, two-east, up."""
import itertools
import random
import torch

random.seed(1)
torch.manual_seed(1)

SIZE = (7, 7, 4)
MOVES = {"north": (0, 1, 0), "south": (0, -1, 0), "east": (1, 0, 0), "west": (-1, 0, 0), "up": (0, 0, 1), "down": (0, 0, -1),
         "two_north": (0, 2, 0), "two_east": (2, 0, 0), "north_east": (1, 1, 0), "north_west": (-1, 1, 0),
         "east_up": (1, 0, 1), "knight": (2, 1, 0)}
rooms = list(itertools.product(*(range(s) for s in SIZE)))
room_id = {r: i for i, r in enumerate(rooms)}
triples = []
for (r_id, delta) in enumerate(MOVES.values()):
    for room in rooms:
        to = tuple(a + b for a, b in zip(room, delta))
        if to in room_id:
            triples.append((room_id[room], r_id, room_id[to]))
random.shuffle(triples)
n_test = len(triples) // 10
test, train = torch.tensor(triples[:n_test]), torch.tensor(triples[n_test:])
E, R, DIM, MARGIN = len(rooms), len(MOVES), 12, 2.0
print(f"{E} entities, {R} relations, {len(train)} train / {len(test)} test triples")

bound = 0.3
ent = torch.empty(E, DIM).uniform_(-bound, bound).requires_grad_()
rel = torch.empty(R, DIM).uniform_(-bound, bound).requires_grad_()
optimizer = torch.optim.Adam([ent, rel], lr=0.02)


def distance(h, r, t):
    return (ent[h] + rel[r] - ent[t]).abs().sum(-1)


@torch.no_grad()
def evaluate(rows):
    every = (ent[rows[:, 0]] + rel[rows[:, 1]])[:, None, :] - ent[None]
    d = every.abs().sum(-1)
    gold = d.gather(1, rows[:, 2:3])
    rank = (d < gold).sum(1) + 1
    return rank.float().mean().item(), (rank <= 3).float().mean().item(), (1 / rank.float()).mean().item()


for epoch in range(1, 41):
    total = 0.0
    for batch in train[torch.randperm(len(train))].split(64):
        h, r, t = batch.unbind(1)
        h, r, t = h[:, None], r[:, None], t[:, None]
        fake = torch.randint(E, (len(h), 12))
        head_side = torch.rand(fake.shape) < 0.5
        h2, t2 = torch.where(head_side, fake, h), torch.where(head_side, t, fake)
        pos, neg = distance(h, r, t), distance(h2, r, t2)
        # fault:
        loss = torch.relu(MARGIN + neg - pos).mean()
        # mended:
        # loss = torch.relu(MARGIN + pos - neg).mean()
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    if epoch == 30:
        for group in optimizer.param_groups:
            group["lr"] = 0.004
    if epoch % 10 == 0:
        mr, hits, mrr = evaluate(test)
        print(f"epoch {epoch:3d}  margin loss {total / len(train):.4f}  mean rank {mr:.1f}  hits@3 {hits:.3f}  mrr {mrr:.3f}")
print("train: mean rank %.1f hits@3 %.3f mrr %.3f" % evaluate(train))
