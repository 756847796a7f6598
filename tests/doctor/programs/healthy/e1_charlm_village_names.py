# char-level language model of (invented) Turkish village names, GRU, with sampling at the end
import math, random
import torch
import torch.nn as nn

torch.manual_seed(4); random.seed(4)
FRONT, BACK = "eiöü", "aıou"
ONSET = ["k", "g", "t", "d", "s", "y", "b", "m", "ç", "v"]
TAIL = {"f": ["köy", "tepe", "dere", "pınar", "viran"], "b": ["kaya", "bağ", "ova", "dağ", "burun"]}


def name():
    kind = random.choice("fb")
    vowels = FRONT if kind == "f" else BACK
    s = ""
    for _ in range(random.choice([1, 2, 2, 3])):
        s += random.choice(ONSET) + random.choice(vowels) + random.choice(["", "", "r", "l", "n"])
    return s + random.choice(TAIL[kind])


names = set()
while len(names) < 2600:
    names.add(name())
names = sorted(names)
random.shuffle(names)
train, dev = names[:2200], names[2200:]
chars = ["_", "^", "$"] + sorted(set("".join(train)))
c2i = {c: i for i, c in enumerate(chars)}


def tensorise(batch):
    rows = [[1] + [c2i[c] for c in n] + [2] for n in batch]
    T = max(map(len, rows))
    t = torch.tensor([r + [0] * (T - len(r)) for r in rows])
    return t[:, :-1], t[:, 1:]


class CharGRU(nn.Module):
    def __init__(self, n, d=24, h=96):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.rnn = nn.GRU(d, h, batch_first=True)
        self.out = nn.Linear(h, n)

    def forward(self, x, state=None):
        y, state = self.rnn(self.emb(x), state)
        return self.out(y), state


lm = CharGRU(len(chars))
opt = torch.optim.Adam(lm.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.75)
loss_fn = nn.CrossEntropyLoss(ignore_index=0)


@torch.no_grad()
def bits_per_char(data):
    lm.eval()
    nll = count = 0
    for i in range(0, len(data), 200):
        x, y = tensorise(data[i:i + 200])
        logits, _ = lm(x)
        n = (y != 0).sum().item()
        nll += loss_fn(logits.flatten(0, 1), y.flatten()).item() * n
        count += n
    return nll / count / math.log(2)


print(f"{len(train)} names, {len(chars)} symbols, uniform {math.log2(len(chars)):.2f} bits")
for epoch in range(1, 9):
    lm.train()
    random.shuffle(train)
    for i in range(0, len(train), 40):
        x, y = tensorise(train[i:i + 40])
        logits, _ = lm(x)
        loss = loss_fn(logits.reshape(-1, len(chars)), y.reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        opt.step()
    sched.step()
    print(f"epoch {epoch}: bits/char train {bits_per_char(train[:400]):.3f} dev {bits_per_char(dev):.3f}")

lm.eval()
with torch.no_grad():
    for _ in range(5):
        x, state, s = torch.tensor([[1]]), None, ""
        while len(s) < 20:
            logits, state = lm(x, state)
            k = torch.multinomial(torch.softmax(logits[0, -1], -1), 1).item()
            if k == 2:
                break
            s += chars[k]
            x = torch.tensor([[k]])
        print("  sample:", s)
