# Batch-hard triplet embedding of short product queries (after Hermans et al. 2017), P intents x K paraphrases per batch
import random
import torch
import torch.nn as nn

random.seed(3)
torch.manual_seed(3)

N_INTENT, TRAIN_PER, TEST_PER = 20, 50, 10
V_CORE, V_FILL = 120, 60

lexicon = [random.sample(range(1, V_CORE + 1), 9) for _ in range(N_INTENT)]


def query(intent):
    core = random.sample(lexicon[intent], random.randint(2, 4))
    fill = [V_CORE + random.randint(1, V_FILL) for _ in range(random.randint(1, 4))]
    words = core + fill
    random.shuffle(words)
    return tuple(words)


pool, used = {}, set()
for c in range(N_INTENT):
    pool[c] = []
    while len(pool[c]) < TRAIN_PER + TEST_PER:
        q = query(c)
        if tuple(sorted(q)) not in used:
            used.add(tuple(sorted(q)))
            pool[c].append(q)
gallery = {c: pool[c][:TRAIN_PER] for c in pool}
probes = {c: pool[c][TRAIN_PER:] for c in pool}


class QueryEncoder(nn.Module):
    def __init__(self, vocab, dim=48, out=32):
        super().__init__()
        self.words = nn.EmbeddingBag(vocab, dim, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(dim, 64), nn.ReLU(), nn.Linear(64, out))

    def forward(self, queries):
        flat = torch.tensor([w for q in queries for w in q])
        offs = torch.tensor([0] + [len(q) for q in queries[:-1]]).cumsum(0)
        return self.mlp(self.words(flat, offs))


def pairwise_distances(z):
    sq = (z.unsqueeze(0) - z.unsqueeze(1)).pow(2).sum(-1)
    # fault:
    return sq.sqrt()
    # mended:
    #return (sq + 1e-8).sqrt()
    # end


def batch_hard(z, y, margin=0.5):
    d = pairwise_distances(z)
    same = y.unsqueeze(0) == y.unsqueeze(1)
    hardest_pos = (d * same.float()).max(1).values
    hardest_neg = d.masked_fill(same, float("inf")).min(1).values
    return torch.relu(hardest_pos - hardest_neg + margin).mean()


def pk_batch(P=12, K=4):
    cs = random.sample(range(N_INTENT), P)
    qs = [q for c in cs for q in random.sample(gallery[c], K)]
    return qs, torch.tensor(cs).repeat_interleave(K)


@torch.no_grad()
def nearest_neighbour_accuracy(net):
    net.eval()
    g = [(q, c) for c in gallery for q in gallery[c]]
    p = [(q, c) for c in probes for q in probes[c]]
    G, P = net([q for q, _ in g]), net([q for q, _ in p])
    hit = torch.cdist(P, G).argmin(1)
    acc = sum(g[h][1] == c for h, (_, c) in zip(hit.tolist(), p)) / len(p)
    net.train()
    return acc


net = QueryEncoder(V_CORE + V_FILL + 1)
optim = torch.optim.Adam(net.parameters(), lr=3e-3)
print("untrained recall@1 %.3f" % nearest_neighbour_accuracy(net))
running = []
for it in range(1, 601):
    qs, y = pk_batch()
    loss = batch_hard(net(qs), y)
    optim.zero_grad()
    loss.backward()
    optim.step()
    running.append(loss.item())
    if it % 100 == 0:
        print("iter %4d  loss %.4f  recall@1 %.3f" % (it, sum(running) / len(running), nearest_neighbour_accuracy(net)))
        running = []
print("recall@1 on held-out queries: %.3f (chance %.3f)" % (nearest_neighbour_accuracy(net), 1 / N_INTENT))
