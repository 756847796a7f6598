"""Which variable goes here?  Rank the names in scope for a hole in a line of code (listwise softmax over the candidates).

Batches of 8 with 4 accumulation steps, a checkpoint after half of the run from which a new process could go on (here: a new
model and a new optimiser, to show that nothing is lost).
"""
import random
import torch
from torch import nn
import torch.nn.functional as F

PAD = 0
PIECES = "n num count idx index i len size name user file path url list items data map dict err msg log buf out in tmp val key row col node tree".split()
KIND = {p: k for k, ps in enumerate([PIECES[:8], PIECES[8:13], PIECES[13:18], PIECES[18:25], PIECES[25:]]) for p in ps}
CONTEXT = [["range", "for", "+=", "<", "len"], ["open", "join", "str", "strip", "f-string"], ["append", "sorted", "in", "zip", "[]"], ["print", "write", "raise", "flush", "warn"], ["get", "return", "lookup", "visit", "parent"]]
GLUE = ["(", ")", ":", "=", "if", "else", ",", ".", "self", "not"]
vocab = {w: i + 1 for i, w in enumerate(dict.fromkeys(PIECES + [c for cs in CONTEXT for c in cs] + GLUE))}


def example(r):
    k = r.randrange(5)
    own = [p for p in PIECES if KIND[p] == k]
    other = [p for p in PIECES if KIND[p] != k]
    line = r.sample(CONTEXT[k], r.randint(1, 2)) + r.choices(GLUE, k=r.randint(2, 6))
    r.shuffle(line)
    gold = [r.choice(own)] + ([r.choice(PIECES)] if r.random() < 0.5 else [])
    cands = [[r.choice(other)] + ([r.choice(other)] if r.random() < 0.5 else []) for _ in range(r.randint(2, 7))]
    if r.random() < 0.12:
        gold, cands[0] = cands[0], gold                       # programmers are not always logical
    at = r.randrange(len(cands) + 1)
    cands.insert(at, gold)
    return line, cands, at


def tensorize(part):
    B, C = len(part), max(len(c) for _, c, _ in part)
    line = torch.full((B, max(len(l) for l, _, _ in part)), PAD)
    cand = torch.full((B, C, 2), PAD)
    for b, (l, cs, _) in enumerate(part):
        line[b, :len(l)] = torch.tensor([vocab[w] for w in l])
        for j, c in enumerate(cs):
            cand[b, j, :len(c)] = torch.tensor([vocab[p] for p in c])
    return line, cand, torch.tensor([a for *_, a in part])


class Ranker(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.e = nn.Embedding(len(vocab) + 1, d, padding_idx=PAD)
        self.q = nn.Linear(d, d)
        self.k = nn.Linear(d, d)

    def mean(self, x):
        m = (x != PAD).unsqueeze(-1)
        return (self.e(x) * m).sum(-2) / m.sum(-2).clamp(min=1)

    def forward(self, line, cand):
        s = (self.k(self.mean(cand)) @ self.q(self.mean(line)).unsqueeze(-1)).squeeze(-1) / 4
        return s.masked_fill((cand == PAD).all(-1), -1e9)


def new():
    m = Ranker()
    return m, torch.optim.NAdam(m.parameters(), lr=6e-3)


@torch.no_grad()
def judge(model, data):
    line, cand, at = tensorize(data)
    s = model(line, cand)
    rank = (s > s.gather(1, at[:, None])).sum(1) + 1
    return F.cross_entropy(s, at).item(), (rank == 1).float().mean().item(), (1 / rank.float()).mean().item()


if __name__ == "__main__":
    torch.manual_seed(404)
    r = random.Random(404)
    train, dev = [example(r) for _ in range(4000)], [example(r) for _ in range(700)]
    guess = sum(1 / len(c) for _, c, _ in dev) / len(dev)
    print(f"train {len(train)} dev {len(dev)} accuracy of a guess {guess:.3f}")
    model, opt = new()
    updates, run, micro = 0, 0.0, 0
    for epoch in range(4):
        if epoch == 2:
            torch.save({"model": model.state_dict(), "opt": opt.state_dict(), "updates": updates}, "ckpt.pt")
            model, opt = new()
            ck = torch.load("ckpt.pt")
            model.load_state_dict(ck["model"]); opt.load_state_dict(ck["opt"])
            print(f"resumed at update {ck['updates']}")
        r.shuffle(train)
        for k in range(0, len(train), 8):
            line, cand, at = tensorize(train[k:k + 8])
            loss = F.cross_entropy(model(line, cand), at) / 4
            loss.backward()
            run += loss.item(); micro += 1
            if micro % 4 == 0:
                opt.step()
                opt.zero_grad()
                updates += 1
        l, a, mrr = judge(model, dev)
        print(f"epoch {epoch} updates {updates} loss {run / 125:.4f} dev loss {l:.4f} top-1 {a:.4f} MRR {mrr:.4f}")
        run = 0.0
