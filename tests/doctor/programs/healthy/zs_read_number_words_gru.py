# reads "four thousand two hundred and seven" and writes 4207: one softmax per decimal place on top of a packed GRU
import torch, random
from torch import nn
from torch.nn.utils.rnn import pack_sequence

random.seed(99); torch.manual_seed(99)
ONES = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split()
TENS = 'x x twenty thirty forty fifty sixty seventy eighty ninety'.split()

def words(n):
    if n < 20: return [ONES[n]]
    if n < 100: return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000:
        rest = words(n % 100) if n % 100 else []
        return [ONES[n // 100], 'hundred'] + (['and'] + rest if rest else [])
    rest = words(n % 1000) if n % 1000 else []
    if rest and n % 1000 < 100: rest = ['and'] + rest
    return words(n // 1000) + ['thousand'] + rest

itos = sorted({w for n in range(10000) for w in words(n)})
stoi = {w: i for i, w in enumerate(itos)}
numbers = random.sample(range(10000), 3500)
train, test = numbers[:3000], numbers[3000:]

def digits(n): return [n // 1000, n // 100 % 10, n // 10 % 10, n % 10]
def make(ns):
    # no padding anywhere: sequences are packed, enforce_sorted takes care of the order
    return pack_sequence([torch.tensor([stoi[w] for w in words(n)]) for n in ns], enforce_sorted=False), torch.tensor([digits(n) for n in ns])

class Reader(nn.Module):
    def __init__(self, V):
        super().__init__()
        self.emb = nn.Embedding(V, 20)
        self.gru = nn.GRU(20, 64)
        self.heads = nn.ModuleList(nn.Linear(64, 10) for _ in range(4))
    def forward(self, packed):
        e = nn.utils.rnn.PackedSequence(self.emb(packed.data), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        _, h = self.gru(e)               # h is back in the order of the batch
        return [head(h[0]) for head in self.heads]

net = Reader(len(itos))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
EPOCHS, BS = 6, 60
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1, (s + 1) / 20) * max(0.02, 1 - s / (EPOCHS * len(train) / BS)))

def exact(ns):
    net.eval()
    with torch.no_grad():
        x, y = make(ns)
        p = torch.stack([o.argmax(1) for o in net(x)], 1)
    return (p == y).all(1).float().mean().item(), (p == y).float().mean(0).tolist()

for ep in range(EPOCHS):
    net.train(); random.shuffle(train); tot = 0
    for i in range(0, len(train), BS):
        x, y = make(train[i:i + BS])
        loss = sum(nn.functional.cross_entropy(o, y[:, k]) for k, o in enumerate(net(x)))
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), 0.5)
        opt.step(); sched.step()
        tot += loss.item()
    acc, per = exact(test)
    print(f'{ep} loss {tot / (len(train) / BS):.3f} exact: train {exact(train[:500])[0]:.3f} test {acc:.3f} | places ' + ' '.join(f'{p:.2f}' for p in per))
for n in test[:4]:
    with torch.no_grad(): guess = [o.argmax(1).item() for o in net(make([n])[0])]
    print(' '.join(words(n)), '->', ''.join(map(str, guess)))
