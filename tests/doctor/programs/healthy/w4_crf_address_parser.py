# Linear-chain CRF over a window encoder: parse addresses. "main" may be a street or a town, numbers may be house, flat or postcode.
import random
import torch
import torch.nn as nn

random.seed(31); torch.manual_seed(31)
LAB = ["NO", "STREET", "FLAT", "TOWN", "CODE", "SEP"]
NAMES = "washington lincoln chester lancaster york oxford bedford warwick stafford durham".split()
NUM = [str(n) for n in range(1, 60)]

def address():
    street = [(random.choice(NUM), "NO"), (random.choice(NAMES), "STREET")]
    if random.random() < .6: street.append((random.choice(["street", "road", "lane"]), "STREET"))
    flat = [("flat", "SEP"), (random.choice(NUM), "FLAT")] if random.random() < .5 else []
    town = [(random.choice(NAMES), "TOWN")]
    if random.random() < .3: town.insert(0, (random.choice(["new", "east"]), "TOWN"))
    code = [(random.choice(NUM), "CODE"), (random.choice(NUM), "CODE")] if random.random() < .7 else []
    return (flat + street if random.random() < .5 else street + flat) + [(",", "SEP")] + town + code

data = [address() for _ in range(2400)]
w2i = {w: i + 1 for i, w in enumerate(sorted({w for a in data for w, _ in a}))}
train, test = data[:2000], data[2000:]

def tensors(part):
    T = max(map(len, part))
    x = torch.zeros(len(part), T, dtype=torch.long); y = torch.zeros_like(x); m = torch.zeros(len(part), T, dtype=torch.bool)
    for r, a in enumerate(part):
        n = len(a)
        x[r, :n] = torch.tensor([w2i[w] for w, _ in a]); y[r, :n] = torch.tensor([LAB.index(l) for _, l in a]); m[r, :n] = True
    return x, y, m

class CRFTagger(nn.Module):
    def __init__(self, L=len(LAB)):
        super().__init__()
        self.e = nn.Embedding(len(w2i) + 1, 12, padding_idx=0)
        self.conv = nn.Conv1d(12, 32, 3, padding=1)
        self.em = nn.Linear(32, L)
        self.A = nn.Parameter(torch.zeros(L, L))      # A[i, j]: from i to j
        self.start = nn.Parameter(torch.zeros(L))

    def emit(self, x):
        return self.em(torch.relu(self.conv(self.e(x).transpose(1, 2))).transpose(1, 2))

    def nll(self, x, y, m):
        em = self.emit(x)
        gold = self.start[y[:, 0]] + em[:, 0].gather(1, y[:, :1])[:, 0]
        alpha = self.start + em[:, 0]
        for t in range(1, x.size(1)):
            on = m[:, t]
            step = self.A[y[:, t - 1], y[:, t]] + em[:, t].gather(1, y[:, t:t + 1])[:, 0]
            gold = gold + step * on
            new = torch.logsumexp(alpha.unsqueeze(2) + self.A, 1) + em[:, t]
            alpha = torch.where(on.unsqueeze(1), new, alpha)
        return (torch.logsumexp(alpha, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, x):                              # one sentence, no padding
        em = self.emit(x[None])[0]
        v, back = self.start + em[0], []
        for t in range(1, len(x)):
            best, arg = (v.unsqueeze(1) + self.A).max(0)
            v = best + em[t]; back.append(arg)
        path = [v.argmax().item()]
        for arg in reversed(back):
            path.append(arg[path[-1]].item())
        return path[::-1]

def whole(part):
    model.eval(); tok = n = sent = 0
    for a in part:
        p = [LAB[i] for i in model.viterbi(torch.tensor([w2i[w] for w, _ in a]))]
        g = [l for _, l in a]
        tok += sum(i == j for i, j in zip(p, g)); n += len(g); sent += p == g
    return tok / n, sent / len(part)

model = CRFTagger()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    model.train(); random.shuffle(train); s = 0
    for k in range(0, len(train), 40):
        loss = model.nll(*tensors(train[k:k + 40]))
        opt.zero_grad(); loss.backward(); opt.step(); s += loss.item()
    print("epoch %d nll %.4f  test tokens %.3f whole addresses %.3f" % (epoch, s / 50, *whole(test)))
print("train: tokens %.3f whole addresses %.3f" % whole(train[:300]))
