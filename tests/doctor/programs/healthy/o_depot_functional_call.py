# Where does the parcel start?  Freight orders name two towns in any order ("to X from Y", "from Y to X");
# we want the region of the starting town.  Stateless style: params live outside the module, the update
# rule (Nesterov momentum, cosine decay) is a pure function, and an EMA copy of the weights is what we ship.
import math
import numpy as np
import torch
from torch import nn
from torch.func import functional_call

torch.manual_seed(5)
rs = np.random.RandomState(5)

REGIONS = {
    "north": "aldby brenna corvik dunmere eskeby fjordal".split(),
    "east": "galmin hartova ivanec jezero kolnik lubno".split(),
    "south": "marsala noceto orvano piatti quarto rosello".split(),
    "west": "saint tregon ushant valois wexcombe yarrow".split(),
}
names = list(REGIONS)
towns = [(t, i) for i, r in enumerate(names) for t in REGIONS[r]]
GOODS = "timber steel grain bricks cotton paper glass oil fruit tyres".split()
LEAD = ["please ship", "we need to move", "order for", "book a truck with", "urgent :", "send"]
TAIL = ["by friday", "as agreed", "before noon", "next week", "", "thanks", "no later than monday"]


def order():
    (a, ra), (b, _) = (towns[j] for j in rs.choice(len(towns), 2, replace=False))
    what = f"{rs.randint(2, 90)} tons of {rs.choice(GOODS)}"
    route = f"from {a} to {b}" if rs.rand() < .5 else f"to {b} from {a}"
    s = f"{rs.choice(LEAD)} {what} {route} {rs.choice(TAIL)}"
    return ["<num>" if w.isdigit() else w for w in s.split()], ra


data = [order() for _ in range(3000)]
tr, te = data[:2300], data[2300:]
itos = ["<pad>", "<unk>"] + sorted({w for s, _ in tr for w in s})
stoi = {w: i for i, w in enumerate(itos)}


def tensorise(rows):
    width = max(len(s) for s, _ in rows)
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        x[i, :len(s)] = torch.tensor([stoi.get(w, 1) for w in s])
    return x, torch.tensor([y for _, y in rows])


class Net(nn.Module):
    def __init__(self, v, d=24, f=48):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.conv = nn.Conv1d(d, f, 2, padding=1)
        self.out = nn.Linear(f, 4)

    def forward(self, x):
        c = torch.relu(self.conv(self.emb(x).transpose(1, 2)))[:, :, 1:]     # window (t, t+1)
        c = c.masked_fill((x == 0)[:, None, :], 0.)          # relu output, so 0 never wins over a real feature
        return self.out(c.max(dim=2).values)


net = Net(len(itos))
params = {k: p.detach().clone().requires_grad_() for k, p in net.named_parameters()}
speed = {k: torch.zeros_like(p) for k, p in params.items()}
ema = {k: p.detach().clone() for k, p in params.items()}

EPOCHS, BS, LR = 4, 40, 0.06
xtr, ytr = tensorise(tr)
xte, yte = tensorise(te)
steps, k = EPOCHS * math.ceil(len(tr) / BS), 0


def update(params, grads, speed, lr, mu=.9):
    new_p, new_v = {}, {}
    for (n, p), g in zip(params.items(), grads):
        v = mu * speed[n] + g
        new_v[n] = v
        new_p[n] = (p - lr * (g + mu * v)).detach().requires_grad_()
    return new_p, new_v


for ep in range(EPOCHS):
    order_ = torch.randperm(len(tr))
    running = []
    for idx in order_.split(BS):
        logits = functional_call(net, params, (xtr[idx],))
        loss = nn.functional.cross_entropy(logits, ytr[idx])
        grads = torch.autograd.grad(loss, tuple(params.values()))
        lr = LR * .5 * (1 + math.cos(math.pi * k / steps))
        params, speed = update(params, grads, speed, lr)
        with torch.no_grad():
            for n in ema:
                ema[n].lerp_(params[n], .05)
        k += 1
        running.append(loss.item())
    with torch.no_grad():
        acc = (functional_call(net, ema, (xte,)).argmax(1) == yte).float().mean()
        acc_tr = (functional_call(net, ema, (xtr,)).argmax(1) == ytr).float().mean()
    print(f"[{ep}] loss={np.mean(running):.4f} train={acc_tr:.3f} test={acc:.3f} lr={lr:.4f}")
