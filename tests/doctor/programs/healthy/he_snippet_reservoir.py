"""Echo-state reader: which language is a line of code written in?

The recurrent part is random and stays so (spectral radius 0.9, sparse); only the readout is trained.
"""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(55)
torch.manual_seed(55)
NAMES = "count total user item node left right path data buf index key value name line size result table price temp".split()
LANGS = ["python", "c", "sql", "js", "shell"]


def snippet(k):
    a, b, c = random.sample(NAMES, 3)
    n = random.randint(0, 99)
    return random.choice([
        [f"def {a}({b}, {c}=None):", f"for {a} in range({n}):", f"{a} = [{b} for {b} in {c}]", f"if {a} is not {b}:", f"return {a}.{b}({c})", f"with open({a}) as {b}:"],
        [f"int {a} = {b}->{c};", f"for (int i = 0; i < {n}; i++)", f"char *{a}[{n}];", f"if (!{a}) return -{n};", f"memcpy({a}, {b}, sizeof({c}));", f"#define {a.upper()} {n}"],
        [f"SELECT {a} FROM {b} WHERE {c} > {n};", f"INSERT INTO {a} ({b}) VALUES ({n});", f"UPDATE {a} SET {b} = {n};", f"JOIN {a} ON {b} = {c}", f"GROUP BY {a} HAVING {b} > {n}", f"DROP TABLE {a};"],
        [f"const {a} = ({b}) => {c};", f"let {a} = {b} === {n};", f"{a}.map({b} => {b}.{c});", f"console.log({a}, {n});", f"function {a}({b}) {{", f"var {a} = {b} || {{}};"],
        [f"echo ${a} | grep {b}", f"export {a.upper()}=${b}", f"for {a} in $({b}); do", f"if [ -z ${a} ]; then", f"cat {a}.txt > {b}.log", f"sed -i s/{a}/{b}/ {c}.sh"],
    ][k])


pool = {}
while len(pool) < 4200:
    k = random.randrange(len(LANGS))
    pool.setdefault(snippet(k), k)
rows = list(pool.items())
random.shuffle(rows)
train, test = rows[:3600], rows[3600:]
chars = {c: i + 1 for i, c in enumerate(sorted({c for s, _ in train for c in s}))}


class Reservoir(nn.Module):
    def __init__(self, n_in, size=200, radius=0.9, leak=0.5):
        super().__init__()
        w = torch.randn(size, size) * (torch.rand(size, size) < 0.1)
        w *= radius / torch.linalg.eigvals(w).abs().max()
        self.register_buffer("w", w)
        self.register_buffer("w_in", torch.randn(n_in, size) * 0.6)
        self.leak = leak

    @torch.no_grad()
    def forward(self, x):
        h = torch.zeros(x.size(0), self.w.size(0))
        acc, top = torch.zeros_like(h), torch.full_like(h, -1.0)
        live = (x != 0).float()
        for t in range(x.size(1)):
            new = (1 - self.leak) * h + self.leak * torch.tanh(self.w_in[x[:, t]] + h @ self.w)
            m = live[:, t:t + 1]
            h = m * new + (1 - m) * h
            acc += m * h
            top = torch.where(m > 0, torch.maximum(top, h), top)
        return torch.cat([h, acc / live.sum(1, keepdim=True), top], 1)


def tensors(rows):
    n = max(len(s) for s, _ in rows)
    return torch.tensor([[chars.get(c, 0) for c in s] + [0] * (n - len(s)) for s, _ in rows]), torch.tensor([k for _, k in rows])


reader = Reservoir(len(chars) + 1)
xs, ys = tensors(train)
xt, yt = tensors(test)
states, states_t = torch.cat([reader(p) for p in xs.split(600)]), reader(xt)
mean, std = states.mean(0), states.std(0) + 1e-6
states, states_t = (states - mean) / std, (states_t - mean) / std

readout = nn.Linear(states.size(1), len(LANGS))
opt = torch.optim.SGD(readout.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=1e-3)
print("states", tuple(states.shape), "trained parameters", sum(p.numel() for p in readout.parameters()))
for epoch in range(1, 13):
    for idx in torch.randperm(len(ys)).split(60):
        opt.zero_grad()
        loss = F.cross_entropy(readout(states[idx]), ys[idx])
        loss.backward()
        opt.step()
    if epoch % 3 == 0:
        with torch.no_grad():
            print("epoch %2d loss %.4f train %.3f test %.3f" % (epoch, loss.item(), (readout(states).argmax(1) == ys).float().mean(), (readout(states_t).argmax(1) == yt).float().mean()))
