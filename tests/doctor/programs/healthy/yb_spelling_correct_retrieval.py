# Spelling correction as retrieval: a small char CNN puts noisy spellings near their dictionary word.
# In-batch softmax over the whole lexicon; the lexicon itself is encoded by the same net at each step.
import random
import numpy as np
import torch

LEXICON = """january february march april may june july august september october november december monday tuesday
wednesday thursday friday saturday sunday receipt invoice balance payment transfer account address delivery customer
support refund discount shipping warranty password username calendar schedule meeting appointment restaurant breakfast
dinner kitchen bathroom bedroom hospital doctor medicine pharmacy station airport luggage passport ticket government
parliament election minister president language grammar sentence paragraph dictionary necessary separate definitely
occurrence accommodate embarrass committee beginning believe achieve weird neighbour rhythm vacuum column""".split()
ALPHA = "abcdefghijklmnopqrstuvwxyz"
KEYS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
near = {c: [r[j] for j in (i - 1, i + 1) if 0 <= j < len(r)] for r in KEYS for i, c in enumerate(r)}
rnd = random.Random(6)
torch.manual_seed(6)


def typo(w):
    w = list(w)
    for _ in range(1 if len(w) < 7 else rnd.choice([1, 1, 2])):
        i, op = rnd.randrange(len(w)), rnd.random()
        if op < .25 and len(w) > 3:
            del w[i]
        elif op < .5:
            w.insert(i, rnd.choice(near[w[i]]))
        elif op < .75:
            w[i] = rnd.choice(near[w[i]])
        elif i + 1 < len(w):
            w[i], w[i + 1] = w[i + 1], w[i]
        else:
            w.append(w[-1])
    return "".join(w)


# a misspelling that could be a train row must not be asked in the test
seen = {}
while len(seen) < 2900:
    y = rnd.randrange(len(LEXICON))
    t = typo(LEXICON[y])
    if t not in LEXICON:
        seen.setdefault(t, y)
pairs = list(seen.items())
rnd.shuffle(pairs)
train, test = pairs[:2400], pairs[2400:]
WIDTH = max(len(w) for w in list(seen) + LEXICON) + 2


def chars(strings):
    out = np.zeros((len(strings), WIDTH), dtype=np.int64)
    for row, s in zip(out, strings):
        row[:len(s) + 2] = [27] + [ALPHA.index(c) + 1 for c in s] + [28]
    return torch.from_numpy(out)


class CharNet(torch.nn.Module):
    def __init__(self, d=12, f=48):
        super().__init__()
        self.c = torch.nn.Embedding(29, d, padding_idx=0)
        self.k2 = torch.nn.Conv1d(d, f, 2, bias=False)
        self.k3 = torch.nn.Conv1d(d, f, 3, bias=False)
        self.proj = torch.nn.Linear(2 * f, 48)

    def forward(self, ids):
        x = self.c(ids).transpose(1, 2)
        # no bias: windows made of padding alone give exactly 0, relu keeps everything else at 0 or more
        h = torch.cat([torch.relu(k(x)).amax(-1) for k in (self.k2, self.k3)], 1)
        return torch.nn.functional.normalize(self.proj(h), dim=1)


net = CharNet()
scale = torch.nn.Parameter(torch.tensor(2.3))          # log of the inverse temperature, learned as in CLIP
opt = torch.optim.AdamW([{"params": net.parameters()}, {"params": [scale], "weight_decay": 0.}], lr=8e-3, weight_decay=1e-2)
EPOCHS, BS = 5, 60
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: max(0.02, 1 - s / (EPOCHS * len(train) / BS)))
LEX, xt, yt = chars(LEXICON), chars([t for t, _ in train]), torch.tensor([y for _, y in train])
xv, yv = chars([t for t, _ in test]), torch.tensor([y for _, y in test])


def recall(x, y, k=1):
    with torch.no_grad():
        top = (net(x) @ net(LEX).t()).topk(k, dim=1).indices
        return (top == y[:, None]).any(1).float().mean().item()


for e in range(EPOCHS):
    tot = 0.
    for ix in torch.randperm(len(yt)).split(BS):
        logits = scale.clamp(max=4.6).exp() * net(xt[ix]) @ net(LEX).t()
        loss = torch.nn.functional.cross_entropy(logits, yt[ix], label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        tot += loss.item() * len(ix)
    print(f"{e}: loss {tot / len(yt):.3f} temp {1 / scale.exp().item():.3f} corrected: train {recall(xt, yt):.3f} test {recall(xv, yv):.3f} (top 3: {recall(xv, yv, 3):.3f})")
for t, y in test[:5]:
    with torch.no_grad():
        print(t, "->", LEXICON[(net(chars([t])) @ net(LEX).t()).argmax().item()], f"({LEXICON[y]})")
