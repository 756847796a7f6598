# Re-implementation of the "outcome of a study" classifier (3-way: improves / no effect / harms)
# Transformer encoder written out with einsum, learned positions, [CLS] readout.
import math
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 7
random.seed(SEED)
torch.manual_seed(SEED)

TOPICS = "parsing tagging translation retrieval summarisation speech dialogue ranking alignment clustering".split()
NOUNS = "corpus model encoder baseline lexicon grammar dataset benchmark annotator pipeline tokenizer decoder".split()
VERBS = "describe study revisit analyse examine collect release compare".split()
ADJ = "large small multilingual sparse neural statistical noisy recent simple deep".split()
OUTCOME = {
    0: "improves boosts raises helps strengthens increases".split(),
    1: "matches equals preserves maintains leaves keeps".split(),
    2: "hurts degrades lowers damages weakens decreases".split(),
}
R = random.choice


def abstract(label):
    s = []
    for _ in range(random.randint(2, 4)):
        s += ["we", R(VERBS), "a", R(ADJ), R(NOUNS), "for", R(TOPICS), "."]
    s += ["our", R(ADJ), R(NOUNS), R(OUTCOME[label]), R(TOPICS), "scores", "."]
    return s


def make(n):
    ys = [random.randrange(3) for _ in range(n)]
    return [(abstract(y), y) for y in ys]


train, heldout = make(1500), make(400)
stoi = {"<pad>": 0, "[CLS]": 1, "<unk>": 2}
for words, _ in train:
    for w in words:
        stoi.setdefault(w, len(stoi))

# fault:
MAX_LEN = 16
# mended:
# MAX_LEN = 48
# end


def collate(rows):
    seqs = [[1] + [stoi.get(w, 2) for w in ws][: MAX_LEN - 1] for ws, _ in rows]
    T = max(map(len, seqs))
    x = torch.tensor([s + [0] * (T - len(s)) for s in seqs])
    return x, torch.tensor([y for _, y in rows])


class Block(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.wqkv = nn.Parameter(torch.randn(3, h, d, d // h) / math.sqrt(d))
        self.wo = nn.Parameter(torch.randn(h, d // h, d) / math.sqrt(d))
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x, keep):
        q, k, v = torch.einsum("btd,xhde->xbhte", self.ln1(x), self.wqkv)
        a = torch.einsum("bhte,bhse->bhts", q, k) / math.sqrt(q.size(-1))
        a = a.masked_fill(~keep[:, None, None, :], -1e9).softmax(-1)
        x = x + torch.einsum("bhts,bhse,hed->btd", a, v, self.wo)
        return x + self.ff(self.ln2(x))


class Encoder(nn.Module):
    def __init__(self, V, d=32, h=4, n_layers=1):
        super().__init__()
        self.tok = nn.Embedding(V, d, padding_idx=0)
        self.pos = nn.Parameter(0.02 * torch.randn(64, d))
        self.blocks = nn.ModuleList(Block(d, h) for _ in range(n_layers))
        self.norm = nn.LayerNorm(d)
        self.cls = nn.Linear(d, 3)

    def forward(self, x):
        keep = x != 0
        e = self.tok(x) + self.pos[: x.size(1)]
        for b in self.blocks:
            e = b(e, keep)
        return self.cls(self.norm(e[:, 0]))


net = Encoder(len(stoi))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
epochs, bs = 5, 32
total = epochs * math.ceil(len(train) / bs)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 20, 0.5 * (1 + math.cos(math.pi * s / total)) + 0.02))


@torch.no_grad()
def accuracy(rows):
    net.eval()
    x, y = collate(rows)
    return (net(x).argmax(-1) == y).float().mean().item()


for ep in range(epochs):
    net.train()
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), bs):
        x, y = collate(train[i:i + bs])
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        tot += loss.item() * len(y)
    print(f"ep {ep} loss {tot / len(train):.4f} held-out acc {accuracy(heldout):.3f}")
print("train acc", round(accuracy(train), 3), "held-out acc", round(accuracy(heldout), 3))
