# product search with typos: query tower / title tower, hashed character trigrams, in-batch softmax
import random, zlib
import torch
import torch.nn.functional as F

random.seed(1); torch.manual_seed(1)
BUCKETS, DIM, BATCH = 4096, 48, 64
CON, VOW = "bdfgklmnprstvz", "aeiou"


def brand():
    return "".join(random.choice(CON) + random.choice(VOW) for _ in range(3))


KINDS = "kettle toaster lamp chair table drill saw mixer fan heater clock radio mirror shelf carpet".split()
COLOURS = "black white red green blue silver".split()


def typo(s):
    i = random.randrange(len(s))
    return random.choice([s[:i] + s[i + 1:], s[:i] + random.choice(CON) + s[i + 1:], s[:i] + s[i] + s[i:]])


def product():
    b, k, c = brand(), random.choice(KINDS), random.choice(COLOURS)
    title = f"{b} {k} {c} {random.choice(['new', 'sale', 'pack', 'with warranty'])}"
    parts = [typo(b), k] if random.random() < 0.6 else [b, typo(k)]
    if random.random() < 0.5:
        parts.append(c)
    random.shuffle(parts)
    return " ".join(parts), title


def grams(s):
    s = f"#{s.replace(' ', '#')}#"
    return [zlib.crc32(s[i:i + 3].encode()) % BUCKETS for i in range(len(s) - 2)]


def bag(texts):
    flat, off = [], []
    for t in texts:
        off.append(len(flat))
        flat += grams(t)
    return torch.tensor(flat), torch.tensor(off)


pairs = [product() for _ in range(4400)]
train, test = pairs[:4000], pairs[4000:]
q_emb = torch.nn.EmbeddingBag(BUCKETS, DIM, mode="sum")
t_emb = torch.nn.EmbeddingBag(BUCKETS, DIM, mode="sum")
t_emb.load_state_dict(q_emb.state_dict())      # same start, then they part
log_scale = torch.nn.Parameter(torch.tensor(2.0))
opt = torch.optim.Adam([*q_emb.parameters(), *t_emb.parameters(), log_scale], lr=0.005)


def tower(emb, texts):
    return F.normalize(emb(*bag(texts)), dim=1)


@torch.no_grad()
def recall(rows, k=1):
    sim = tower(q_emb, [q for q, _ in rows]) @ tower(t_emb, [t for _, t in rows]).T
    hit = sim.topk(k, 1).indices == torch.arange(len(rows))[:, None]
    return hit.any(1).float().mean().item()


print(f"untrained: R@1 {recall(test):.3f} of {len(test)} titles")
for ep in range(3):
    random.shuffle(train)
    tot = n = 0
    for i in range(0, len(train) - BATCH + 1, BATCH):
        q, t = zip(*train[i:i + BATCH])
        sim = log_scale.exp().clamp(max=50) * tower(q_emb, q) @ tower(t_emb, t).T
        gold = torch.arange(BATCH)
        loss = (F.cross_entropy(sim, gold) + F.cross_entropy(sim.T, gold)) / 2
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item(); n += 1
    print(f"ep {ep} loss {tot / n:.3f} scale {log_scale.exp():.1f} R@1 train {recall(train[:400]):.3f} test {recall(test):.3f} R@5 {recall(test, 5):.3f}")
