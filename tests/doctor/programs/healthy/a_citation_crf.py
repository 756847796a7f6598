"""Fields of citations with a linear-chain CRF written by hand over bare tensors (forward algorithm, Viterbi)."""
import random
import torch

random.seed(40); torch.manual_seed(40)
TAGS = ["AUTH", "YEAR", "TITLE", "VENUE", "PAGES"]
LAST = "Smith Chen Kaya Müller Rossi Tanaka Lopez Green Young Field Hill".split()
ADJ = "deep sparse fast green young learned neural robust open hidden".split()
NOUN = "parsing field translation memory hill embeddings grammar speech alignment search".split()
VENUE = [["ACL"], ["Computational", "Linguistics"], ["Journal", "of", "Speech"], ["EMNLP"], ["Neural", "Computation"], ["TACL"], ["Memory", "and", "Cognition"]]
LINK = "of for with in and".split()


def cite():
    t, g = [], []
    def add(ws, tag): t.extend(ws); g.extend([TAGS.index(tag)] * len(ws))
    for _ in range(random.randint(1, 3)):
        add([random.choice(LAST), random.choice("ABCDEFG") + "."], "AUTH")
    year = [str(random.randint(1985, 2020))]
    if random.random() < .6: add(year, "YEAR"); late = False
    else: late = True
    title = [random.choice(ADJ), random.choice(NOUN)]
    for _ in range(random.randint(0, 2)): title += [random.choice(LINK), random.choice(ADJ), random.choice(NOUN)]
    add([title[0].capitalize()] + [w.capitalize() if random.random() < .3 else w for w in title[1:]], "TITLE")
    add(random.choice(VENUE), "VENUE")
    if random.random() < .7: add([str(random.randint(1, 2000)), "-", str(random.randint(1, 2030))], "PAGES")
    if late: add(year, "YEAR")
    return tuple(t), tuple(g)


data = {}
while len(data) < 1500:
    t, g = cite(); data[t] = g
data = list(data.items()); random.shuffle(data)
train, dev = data[:1200], data[1200:]


def norm(w):
    if w.isdigit(): return "<4digits>" if len(w) == 4 else "<digits>"
    return w


vocab = {"<pad>": 0, "<unk>": 1}
for t, _ in train:
    for w in t: vocab.setdefault(norm(w), len(vocab))
V, K, D, H = len(vocab), len(TAGS), 16, 32
E = torch.randn(V, D) * 0.3
E[0] = 0
W1 = torch.randn(3 * D, H) * (2 / (3 * D)) ** 0.5
b1 = torch.zeros(H)
W2 = torch.randn(H, K) * H ** -0.5
trans = torch.randn(K, K) * 0.05          # trans[i, j]: from i to j
start = torch.zeros(K)
params = [E, W1, b1, W2, trans, start]
for p in params: p.requires_grad_()


def tensors(rows):
    n = max(len(t) for t, _ in rows)
    x, y = torch.zeros(len(rows), n, dtype=torch.long), torch.zeros(len(rows), n, dtype=torch.long)
    for i, (t, g) in enumerate(rows):
        x[i, :len(t)] = torch.tensor([vocab.get(norm(w), 1) for w in t]); y[i, :len(t)] = torch.tensor(g)
    return x, y, x != 0


def emissions(x):
    e = E[x] * (x != 0).unsqueeze(-1)
    z = torch.zeros_like(e[:, :1])
    win = torch.cat([torch.cat([z, e[:, :-1]], 1), e, torch.cat([e[:, 1:], z], 1)], -1)
    return torch.tanh(win @ W1 + b1) @ W2


def nll(x, y, m):
    em = emissions(x)
    mf = m.float()
    alpha = start + em[:, 0]
    gold = start[y[:, 0]] + em[:, 0].gather(1, y[:, :1]).squeeze(1)
    for t in range(1, x.size(1)):
        nxt = torch.logsumexp(alpha.unsqueeze(2) + trans, 1) + em[:, t]
        alpha = torch.where(m[:, t:t + 1], nxt, alpha)
        gold = gold + mf[:, t] * (trans[y[:, t - 1], y[:, t]] + em[:, t].gather(1, y[:, t:t + 1]).squeeze(1))
    return (torch.logsumexp(alpha, 1) - gold).mean()


@torch.no_grad()
def viterbi(x, m):
    em, back = emissions(x), []
    s = start + em[:, 0]
    for t in range(1, x.size(1)):
        best, arg = (s.unsqueeze(2) + trans).max(1)
        keep = m[:, t:t + 1]
        back.append(torch.where(keep, arg, torch.arange(K).expand_as(arg)))
        s = torch.where(keep, best + em[:, t], s)
    path = [s.argmax(1)]
    for arg in reversed(back):
        path.append(arg.gather(1, path[-1].unsqueeze(1)).squeeze(1))
    return torch.stack(path[::-1], 1)


opt = torch.optim.Adam(params, lr=0.01)
xd, yd, md = tensors(dev)
share = torch.bincount(yd[md]).max().item() / md.sum().item()
for epoch in range(5):
    random.shuffle(train); tot = 0.
    for i in range(0, len(train), 30):
        loss = nll(*tensors(train[i:i + 30]))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    p = viterbi(xd, md)
    ok = (p == yd) | ~md
    print(f"{epoch} nll {tot / 40:.3f} token acc {ok[md].float().mean():.4f} (commonest tag {share:.3f}) whole citations {ok.all(1).float().mean():.3f}")
print("strongest transitions", [(TAGS[i], TAGS[trans[i].argmax()]) for i in range(K)])
