# Next-token model of spelled-out numbers, input and output table are one matrix (Press & Wolf). Batches are rows of a stream.
import math, random
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0); rnd = random.Random(0)
ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    if n < 20: return [ONES[n - 1]]
    if n < 100: return [TENS[n // 10 - 2]] + (spell(n % 10) if n % 10 else [])
    if n < 1000: return [ONES[n // 100 - 1], "hundred"] + (["and"] + spell(n % 100) if n % 100 else [])
    return spell(n // 1000) + ["thousand"] + (spell(n % 1000) if n % 1000 else [])


def counting_line(held=False):
    "counts up by a step: 'seven nine eleven .'"
    a, s, k = rnd.randint(1, 300), rnd.choice([1, 2, 10]), rnd.randint(3, 4)
    while (a % 7 == s % 5) != held:            # these starts are kept for validation
        a = rnd.randint(1, 300)
    out = []
    for i in range(k):
        out += spell(a + i * s) + [","]
    out[-1] = "."
    return out


itos = ONES + TENS + ["hundred", "and", "thousand", ",", "."]
stoi = {w: i for i, w in enumerate(itos)}
def stream(n, held=False): return torch.tensor([stoi[w] for _ in range(n) for w in counting_line(held)])


def rows(ids, bsz):
    n = len(ids) // bsz
    return ids[:n * bsz].view(bsz, n).t().contiguous()          # (time, batch)


train, valid = rows(stream(2600), 32), rows(stream(300, True), 32)


class TiedGRU(nn.Module):
    def __init__(self, V, d=32):
        super().__init__()
        self.table = nn.Embedding(V, d)
        nn.init.normal_(self.table.weight, std=d ** -.5)
        self.gru = nn.GRU(d, 2 * d)
        self.down = nn.Linear(2 * d, d)
        self.bias = nn.Parameter(torch.zeros(V))

    def forward(self, x, h):
        o, h = self.gru(self.table(x), h)
        return F.linear(self.down(o), self.table.weight, self.bias), h


net = TiedGRU(len(itos))
BPTT, EPOCHS = 25, 5
steps = EPOCHS * math.ceil((len(train) - 1) / BPTT)
opt = torch.optim.Adam(net.parameters(), lr=1.5e-2, betas=(.9, .99))
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps, eta_min=1e-4)
print(sum(p.numel() for p in net.parameters()), "parameters,", train.numel(), "training tokens")


def chunks(data):
    for t in range(0, len(data) - 1, BPTT):
        k = min(BPTT, len(data) - 1 - t)
        yield data[t:t + k], data[t + 1:t + 1 + k]


@torch.no_grad()
def perplexity(data):
    net.eval(); h, tot, n = None, 0., 0
    for x, y in chunks(data):
        o, h = net(x, h)
        tot += F.cross_entropy(o.flatten(0, 1), y.flatten(), reduction="sum").item(); n += y.numel()
    net.train()
    return math.exp(tot / n)


freq = torch.bincount(train.flatten(), minlength=len(itos)).float() + 1
print("unigram perplexity %.1f" % math.exp(-(freq / freq.sum()).log()[valid.flatten()].mean()))
for ep in range(1, EPOCHS + 1):
    h = None
    for x, y in chunks(train):
        o, h = net(x, h)
        h = h.detach()              # truncated back-propagation
        loss = F.cross_entropy(o.flatten(0, 1), y.flatten())
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); sched.step()
    print("epoch %d  train ppl %.2f  valid ppl %.2f" % (ep, perplexity(train), perplexity(valid)))

ids = [stoi["ten"], stoi[","], stoi["fifteen"], stoi[","]]
net.eval()
with torch.no_grad():
    o, h = net(torch.tensor(ids).unsqueeze(1), None)
    for _ in range(6):
        ids.append(o[-1, 0].argmax().item())
        o, h = net(torch.tensor([[ids[-1]]]), h)
print(" ".join(itos[i] for i in ids))
