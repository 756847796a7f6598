# Few-shot intents for the shop bot: prototypical network, trained in episodes, judged on intents it has never met.
import numpy as np, torch
r = np.random.default_rng(3); torch.manual_seed(3)
V, D, N_INT = 400, 60, 150
topic = r.normal(size=(V, 8))                                   # hidden meaning of the words
word_vec = torch.tensor(topic @ r.normal(size=(8, D)) * .4 + r.normal(size=(V, D)) * .5, dtype=torch.float32)
intents = r.normal(size=(N_INT, 8))
def utterances(k, n):
    p = np.exp(1.3 * topic @ intents[k] / np.linalg.norm(intents[k])); p /= p.sum()
    return [r.choice(V, int(r.integers(4, 9)), p=p) for _ in range(n)]
bank = [utterances(k, 24) for k in range(N_INT)]
seen, new = range(0, 120), range(120, 150)
feats = torch.stack([torch.stack([word_vec[u].mean(0) for u in us]) for us in bank])     # (intent, utterance, D)
enc = torch.nn.Sequential(torch.nn.Linear(D, 32), torch.nn.ReLU(), torch.nn.Linear(32, 8))
opt = torch.optim.Adam(enc.parameters(), lr=3e-3)
def episode(pool, ways=5, shots=5, queries=8):
    ks = r.choice(list(pool), ways, replace=False)
    pick = np.stack([r.permutation(24)[:shots + queries] for _ in ks])
    z = enc(feats[torch.tensor(ks)[:, None], torch.tensor(pick)])
    proto, q = z[:, :shots].mean(1), z[:, shots:].reshape(ways * queries, -1)
    logit = -torch.cdist(q, proto) ** 2
    y = torch.arange(ways).repeat_interleave(queries)
    return torch.nn.functional.cross_entropy(logit, y), (logit.argmax(1) == y).float().mean().item()
for block in range(6):
    enc.train(); ls = []
    for _ in range(60):
        loss, _ = episode(seen)
        opt.zero_grad(); loss.backward(); opt.step(); ls.append(loss.item())
    enc.eval()
    with torch.no_grad():
        a = np.mean([episode(seen)[1] for _ in range(40)]); b = np.mean([episode(new)[1] for _ in range(60)])
    print(f"block {block} loss {np.mean(ls):.3f} accuracy 5-way: known intents {a:.3f}, new intents {b:.3f}")
