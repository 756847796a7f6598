# Mixture of experts over help-desk requests. Four product lines; the same complaint word means a different
# department for each product line, so one expert per product line is a sensible thing for the gate to find.
import math, random
import torch
from torch import nn

random.seed(3); torch.manual_seed(3)

PRODUCTS = {
    "router": ["router", "wifi", "modem", "antenna"], "phone": ["phone", "sim", "handset", "ringtone"],
    "tv": ["tv", "remote", "channel", "decoder"], "cloud": ["cloud", "backup", "folder", "upload"],
}
COMPLAINTS = ["broken", "slow", "expensive", "missing", "noisy"]
FILL = "hello please my the is again since monday and i can not very still it for help".split()
DEPTS = ["tech", "billing", "logistics"]
rule = {(p, c): (i + j * (i + 1)) % 3 for i, p in enumerate(PRODUCTS) for j, c in enumerate(COMPLAINTS)}


def request():
    p = random.choice(list(PRODUCTS)); c = random.choice(COMPLAINTS)
    words = random.choices(PRODUCTS[p], k=random.randint(1, 3)) + [c] + random.choices(FILL, k=random.randint(2, 7))
    random.shuffle(words)
    return words, rule[p, c]


vocab = {w: i for i, w in enumerate(sorted(set(sum(PRODUCTS.values(), []) + COMPLAINTS + FILL)))}
rows, held = [request() for _ in range(3000)], [request() for _ in range(600)]
seen = {tuple(w) for w, _ in rows}
held = [r for r in held if tuple(r[0]) not in seen]


def pack(rs):
    flat = torch.tensor([vocab[w] for r in rs for w in r[0]])
    lens = torch.tensor([len(r[0]) for r in rs])
    return flat, torch.cat([torch.zeros(1, dtype=torch.long), lens.cumsum(0)[:-1]]), torch.tensor([r[1] for r in rs])


class MoE(nn.Module):
    def __init__(self, n_experts=4, d=24, h=24):
        super().__init__()
        self.words = nn.EmbeddingBag(len(vocab), d, mode="sum")
        self.gate = nn.Linear(d, n_experts)
        self.w1 = nn.Parameter(torch.randn(n_experts, d, h) / math.sqrt(d))
        self.b1 = nn.Parameter(torch.zeros(n_experts, 1, h))
        self.w2 = nn.Parameter(torch.randn(n_experts, h, len(DEPTS)) / math.sqrt(h))

    def forward(self, flat, offs):
        x = self.words(flat, offs)
        g = self.gate(x).softmax(-1)                                     # (B, E)
        top, which = g.topk(2, dim=-1)                                   # only the two best experts speak
        sparse = torch.zeros_like(g).scatter(1, which, top)
        sparse = sparse / sparse.sum(1, keepdim=True)
        h = torch.relu(torch.einsum("bd,edh->ebh", x, self.w1) + self.b1)
        y = torch.bmm(h, self.w2)                                        # (E, B, C)
        out = torch.einsum("be,ebc->bc", sparse, y)
        load = torch.zeros_like(g).scatter(1, which, 1.0).mean(0)        # share of rows an expert gets
        balance = g.shape[1] * (load.detach() * g.mean(0)).sum() / 2
        return out, balance, load


net = MoE()
opt = torch.optim.AdamW(net.parameters(), lr=8e-3, weight_decay=1e-3)
ce = nn.CrossEntropyLoss()
for ep in range(1, 9):
    net.train(); random.shuffle(rows); s = a = 0.0; loads = torch.zeros(4)
    for k in range(0, len(rows), 50):
        f, o, t = pack(rows[k:k + 50])
        out, bal, load = net(f, o)
        loss = ce(out, t) + 0.02 * bal
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item(); a += (out.argmax(1) == t).float().mean().item(); loads += load.detach()
    n = len(rows) / 50
    net.eval()
    with torch.no_grad():
        f, o, t = pack(held)
        acc = (net(f, o)[0].argmax(1) == t).float().mean().item()
    print("epoch %d loss %.4f train %.3f held-out %.3f loads %s" % (ep, s / n, a / n, acc, [round(v / n, 2) for v in loads.tolist()]))
