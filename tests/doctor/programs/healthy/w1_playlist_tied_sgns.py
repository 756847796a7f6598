# Song vectors from playlists.  One table serves as input and as output side, rows are updated sparsely.
import random
import torch
import torch.nn.functional as F

random.seed(103)
torch.manual_seed(103)
GENRES, PER, DIM = 12, 30, 20
songs = list(range(GENRES * PER))
random.shuffle(songs)
genre = {s: i % GENRES for i, s in enumerate(songs)}
shelf = [[s for s in songs if genre[s] == k] for k in range(GENRES)]


def playlist():
    k = random.randrange(GENRES)
    return random.sample(shelf[k], random.randint(5, 10)) + random.sample(songs, random.randint(1, 3))


lists = [playlist() for _ in range(2600)]
train, new = lists[:2300], lists[2300:]
pairs = torch.tensor([(a, b) for l in train for a in l for b in random.sample(l, 4) if a != b])
new_pairs = torch.tensor([(a, b) for l in new for a in l for b in random.sample(l, 4) if a != b])
table = torch.nn.Embedding(len(songs), DIM, sparse=True)
torch.nn.init.normal_(table.weight, std=0.3)
shift = torch.nn.Parameter(torch.zeros(()))
opt_rows = torch.optim.SparseAdam(table.parameters(), lr=0.01)
opt_shift = torch.optim.SGD([shift], lr=0.01)


def contrast(batch, n_neg=8):
    a, b = table(batch).unbind(1)
    other = table(torch.randint(len(songs), (len(batch), n_neg)))
    up = (a * b).sum(-1) + shift
    down = torch.bmm(other, a.unsqueeze(-1)).squeeze(-1) + shift
    return -F.logsigmoid(up).mean() - F.logsigmoid(-down).mean(0).sum()


def same_genre(k=5):
    w = F.normalize(table.weight.detach(), dim=1)
    near = (w @ w.t()).fill_diagonal_(-9).topk(k).indices
    g = torch.tensor([genre[s] for s in range(len(songs))])
    return (g[near] == g[:, None]).float().mean().item()


print(f"before: neighbours of the same genre {same_genre():.3f}")
for step in range(1, 1001):
    batch = pairs[torch.randint(len(pairs), (512,))]
    opt_rows.zero_grad(); opt_shift.zero_grad()
    loss = contrast(batch)
    loss.backward()
    opt_rows.step(); opt_shift.step()
    if step % 200 == 0:
        with torch.no_grad():
            fresh = contrast(new_pairs).item()
        print(f"step {step} loss {loss.item():.3f} on new playlists {fresh:.3f} neighbours of the same genre {same_genre():.3f}")
