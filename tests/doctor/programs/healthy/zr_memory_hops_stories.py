# End-to-end memory network, two hops, on tiny stories in the manner of bAbI ("where is X?")
import random
import torch
import torch.nn.functional as F

random.seed(8)
torch.manual_seed(8)
PEOPLE = ["mary", "john", "sandra", "daniel"]
PLACES = ["kitchen", "garden", "office", "hallway", "bathroom", "bedroom"]
VERBS = ["went to", "moved to", "walked to", "ran to"]


def story():
    n = random.randint(2, 6)
    lines, where = [], {}
    for _ in range(n):
        who, place = random.choice(PEOPLE), random.choice(PLACES)
        where[who] = place
        lines.append(f"{who} {random.choice(VERBS)} the {place}".split())
    asked = random.choice(sorted(where))
    return lines, ["where", "is", asked], PLACES.index(where[asked])


vocab = {}
for w in PEOPLE + PLACES + "went moved walked ran to the where is".split():
    vocab[w] = len(vocab) + 1
V, S, W = len(vocab) + 1, 6, 5


def batchify(items):
    mem = torch.zeros(len(items), S, W, dtype=torch.long)
    q = torch.zeros(len(items), 3, dtype=torch.long)
    for i, (lines, query, _) in enumerate(items):
        for j, sent in enumerate(reversed(lines)):             # slot 0 is the most recent sentence
            mem[i, j, :len(sent)] = torch.tensor([vocab[w] for w in sent])
        q[i] = torch.tensor([vocab[w] for w in query])
    return mem, q, torch.tensor([a for *_, a in items])


D = 20
P = {   # functional on purpose: a dictionary of tensors, adjacent weight tying as in the paper
    "A": torch.randn(V, D) * 0.1, "C1": torch.randn(V, D) * 0.1, "C2": torch.randn(V, D) * 0.1,
    "TA": torch.randn(S, D) * 0.1, "TC1": torch.randn(S, D) * 0.1, "TC2": torch.randn(S, D) * 0.1,
    "out": torch.randn(D, len(PLACES)) * 0.1,
}
for t in P.values():
    t.requires_grad_(True)


def bag(table, ids):
    return (table[ids] * (ids > 0).unsqueeze(-1)).sum(-2)


def answer(mem, q):
    real = (mem > 0).any(-1)                                   # (B, S)
    u = bag(P["A"], q)
    for key_t, key_p, val_t, val_p in (("A", "TA", "C1", "TC1"), ("C1", "TC1", "C2", "TC2")):
        keys, vals = bag(P[key_t], mem) + P[key_p], bag(P[val_t], mem) + P[val_p]
        att = torch.einsum("bsd,bd->bs", keys, u).masked_fill(~real, float("-inf")).softmax(1)
        u = u + torch.einsum("bs,bsd->bd", att, vals)
    return u @ P["out"], att


unique = {}
while len(unique) < 5500:
    s = story()
    unique[str(s[:2])] = s
pool = list(unique.values())
train, test = pool[:5000], pool[5000:]
mem, q, y = batchify(train)
tm, tq, ty = batchify(test)
opt = torch.optim.Adam(P.values(), lr=1e-2)
for epoch in range(8):
    order, total, right = torch.randperm(len(y)), 0.0, 0
    for k in range(0, len(y), 100):
        b = order[k:k + 100]
        logits, _ = answer(mem[b], q[b])
        loss = F.cross_entropy(logits, y[b])
        grads = torch.autograd.grad(loss, list(P.values()))
        norm = torch.sqrt(sum(g.square().sum() for g in grads))
        for t, g in zip(P.values(), grads):
            t.grad = g * torch.clamp(10.0 / (norm + 1e-6), max=1.0)   # written over each time, nothing to zero
        opt.step()
        total += loss.item() * len(b)
        right += (logits.argmax(1) == y[b]).sum().item()
    if epoch >= 4:
        opt.param_groups[0]["lr"] *= 0.5
    with torch.no_grad():
        logits, att = answer(tm, tq)
    print(f"epoch {epoch + 1} loss {total / len(y):.4f} acc {right / len(y):.3f}  test loss {F.cross_entropy(logits, ty).item():.4f} "
          f"acc {(logits.argmax(1) == ty).float().mean().item():.3f}")
print("attention of the last hop in the first test story:", [round(a, 2) for a in att[0].tolist()])
print("  " + " | ".join(" ".join(s) for s in reversed(test[0][0])), "?", test[0][1][2], "->", PLACES[logits[0].argmax()])
