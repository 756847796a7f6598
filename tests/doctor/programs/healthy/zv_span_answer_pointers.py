"""Find the answer span in a generated passage: start and end pointers, padding gets -inf before the softmax."""
import random, torch
from torch import nn, Tensor

RNG = random.Random(8); torch.manual_seed(8)
NAMES = "anna boris clara david elif farid greta hugo ines jonas kim lena".split()
KEYS = {"born": "in", "works": "at", "likes": "the", "owns": "a", "visited": "old"}
THINGS = "river tower market garden bridge museum station castle lake forest harbour school".split()
ADJ = "red small quiet northern famous cheap".split()


def passage():
    who = RNG.sample(NAMES, RNG.randint(2, 3))
    toks, facts = [], []
    for w in who:
        for k in RNG.sample(sorted(KEYS), RNG.randint(1, 2)):
            toks += [w, k, KEYS[k]]
            ans = RNG.sample(ADJ, RNG.randint(0, 2)) + [RNG.choice(THINGS)]
            facts.append((w, k, len(toks), len(toks) + len(ans) - 1))
            toks += ans + ["."]
    w, k, s, e = RNG.choice(facts)
    return ["what", k, w, "?"], toks, s, e


raw = [passage() for _ in range(1900)]
itos = ["<pad>"] + sorted({t for q, p, *_ in raw for t in q + p})
stoi = {t: i for i, t in enumerate(itos)}


class Reader(nn.Module):
    def __init__(self, d: int = 32):
        super().__init__()
        self.e = nn.Embedding(len(itos), d, padding_idx=0)
        self.ctx = nn.Sequential(nn.Conv1d(3 * d, 64, 7, padding=3), nn.ReLU(), nn.Conv1d(64, 64, 3, padding=1), nn.ReLU())
        self.ptr = nn.Linear(64, 2)
        self.q = nn.Linear(2 * d, 2 * d)

    def forward(self, q: Tensor, p: Tensor):
        pe = self.e(p)
        keys = self.q(self.e(q[:, 1:3]).flatten(1)).view(len(q), 2, -1)      # verb and name of the question
        x = torch.cat([pe, pe * keys[:, :1], pe * keys[:, 1:]], -1)
        h = self.ctx(x.transpose(1, 2)).transpose(1, 2)
        logits = self.ptr(h).masked_fill((p == 0).unsqueeze(-1), float("-inf"))
        return logits.unbind(-1)


def tensors(rows):
    T = max(len(r[1]) for r in rows)
    q = torch.tensor([[stoi[t] for t in r[0]] for r in rows])
    p = torch.tensor([[stoi[t] for t in r[1]] + [0] * (T - len(r[1])) for r in rows])
    return q, p, torch.tensor([r[2] for r in rows]), torch.tensor([r[3] for r in rows])


def best_span(s: Tensor, e: Tensor, longest: int = 4):
    joint = s.log_softmax(1)[:, :, None] + e.log_softmax(1)[:, None, :]
    ok = torch.ones(joint.shape[1:]).triu().tril(longest - 1).bool()
    flat = joint.masked_fill(~ok, float("-inf")).flatten(1).argmax(1)
    return flat // s.size(1), flat % s.size(1)


@torch.no_grad()
def exact_match(rows):
    reader.eval()
    q, p, s, e = tensors(rows)
    a, b = best_span(*reader(q, p))
    return ((a == s) & (b == e)).float().mean().item()


dev, fit = raw[:400], raw[400:]
reader = Reader()
optim = torch.optim.NAdam(reader.parameters(), lr=4e-3)
nll = nn.CrossEntropyLoss()
N_EPOCH = 3
cos = torch.optim.lr_scheduler.CosineAnnealingLR(optim, N_EPOCH)
for epoch in range(N_EPOCH):
    reader.train(); RNG.shuffle(fit); total = 0.0
    for k in range(0, len(fit), 50):
        q, p, s, e = tensors(fit[k:k + 50])
        ls, le = reader(q, p)
        loss = (nll(ls, s) + nll(le, e)) / 2
        optim.zero_grad(); loss.backward(); optim.step()
        total += loss.item() * len(q)
    cos.step()
    print(f"{epoch}: loss {total / len(fit):.4f}  exact match dev {exact_match(dev):.3f}")
print(f"exact match: fit {exact_match(fit[:400]):.3f}, dev {exact_match(dev):.3f}")
