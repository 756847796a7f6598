import argparse
import torch
from torch import nn

# BERT in miniature: masked words of "A verb B" facts over a fixed world, tied output layer, learned positions.
ap = argparse.ArgumentParser()
ap.add_argument("--steps", type=int, default=320)
ap.add_argument("--bsz", type=int, default=64)
ap.add_argument("--lr", type=float, default=4e-3)
ap.add_argument("--d", type=int, default=32)
args = ap.parse_args()
g = torch.Generator().manual_seed(6)
torch.manual_seed(6)

# word ids: 0 [MASK], 1 [CLS], kinds 0..5: 6 nouns, 3 verbs, 3 adjectives each
KINDS, NOUN, VERB, ADJ = 6, 2, 2 + 36, 2 + 36 + 18
V = ADJ + 18


def sentences(n):
    k = torch.randint(KINDS, (n,), generator=g)
    r = lambda m: torch.randint(m, (n,), generator=g)
    subj, adj, verb = NOUN + 6 * k + r(6), ADJ + 3 * k + r(3), VERB + 3 * k + r(3)
    obj = NOUN + 6 * ((k + 1) % KINDS) + r(6)
    adj2 = ADJ + 3 * ((k + 1) % KINDS) + r(3)
    return torch.stack([torch.ones(n, dtype=torch.long), adj, subj, verb, adj2, obj], 1)


def kind_of(w):
    return torch.where(w < VERB, (w - NOUN) // 6, torch.where(w < ADJ, (w - VERB) // 3 + 10, (w - ADJ) // 3 + 20))


def corrupt(x):
    pick = torch.rand(x.shape, generator=g) < 0.25
    pick[:, 0] = False
    pick[torch.arange(len(x)), torch.randint(1, x.size(1), (len(x),), generator=g)] = True      # one at least
    u = torch.rand(x.shape, generator=g)
    y = torch.where(pick, x, torch.full_like(x, -100))
    inp = torch.where(pick & (u < 0.8), torch.zeros_like(x), x)
    inp = torch.where(pick & (u > 0.9), torch.randint(2, V, x.shape, generator=g), inp)
    return inp, y


class MiniBert(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.tok, self.pos = nn.Embedding(V, d), nn.Embedding(6, d)
        nn.init.normal_(self.tok.weight, std=0.2)
        nn.init.normal_(self.pos.weight, std=0.2)
        self.body = nn.TransformerEncoderLayer(d, 2, 2 * d, dropout=0.0, batch_first=True, norm_first=True)
        self.ln = nn.LayerNorm(d)
        self.head = nn.Linear(d, V)
        self.head.weight = self.tok.weight

    def forward(self, x):
        return self.head(self.ln(self.body(self.tok(x) + self.pos.weight)))


train, dev = sentences(6000), sentences(500)
seen = {tuple(r) for r in train.tolist()}
dev = torch.tensor([r for r in dev.tolist() if tuple(r) not in seen])
dev_in, dev_y = corrupt(dev)
net = MiniBert(args.d)
ce = nn.CrossEntropyLoss(ignore_index=-100)
opt = torch.optim.AdamW(net.parameters(), lr=args.lr, betas=(0.9, 0.98), weight_decay=0.01)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 40, max(0.0, (args.steps - s) / (args.steps - 40))))
print("vocabulary", V, "train", len(train), "dev", len(dev))


def evaluate(inp, y):
    net.eval()
    with torch.no_grad():
        out = net(inp)
        m = y != -100
        same = (kind_of(out.argmax(-1)[m]) == kind_of(y[m])).float().mean().item()
        return ce(out.flatten(0, 1), y.flatten()).item(), same


run = 0.0
for step in range(args.steps):
    net.train()
    inp, y = corrupt(train[torch.randint(len(train), (args.bsz,), generator=g)])
    loss = ce(net(inp).flatten(0, 1), y.flatten())
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    sched.step()
    run += loss.item()
    if (step + 1) % 80 == 0:
        print("step %d loss %.3f dev loss %.3f right group %.3f" % (step + 1, run / 80, *evaluate(dev_in, dev_y)))
        run = 0.0
print("train sample: loss %.3f right group %.3f" % evaluate(*corrupt(train[:500])))
