"""Topic of a code line (plot, files, strings, numeric, network).  Vectors of identifier words from a code search index."""
import random, re
import numpy as np
import torch
import torch.nn as nn

random.seed(40); np.random.seed(40); torch.manual_seed(40)
TOPICS = ["plot", "files", "strings", "numeric", "network"]
D = 25
stem = lambda: "".join(random.choice("bcdfghklmnprstw") + random.choice("aeiou") for _ in range(random.randint(1, 3)))
lex = [sorted({stem() for _ in range(90)}) for _ in TOPICS]
neutral = "self data x i n value item result obj ctx args tmp out get set make run new".split()
topic_of = {}
for k, ws in enumerate(lex):
    for w in ws:
        if w not in neutral:
            topic_of.setdefault(w, k)
lex = [[w for w in topic_of if topic_of[w] == k] for k in range(len(TOPICS))]

proto = np.random.randn(len(TOPICS), D) * 0.4
with open("identifiers.vec", "w") as f:
    for w, k in topic_of.items():
        f.write(w + " " + " ".join(f"{v:.4f}" for v in proto[k] + 0.4 * np.random.randn(D)) + "\n")
    for w in neutral:
        f.write(w + " " + " ".join(f"{v:.4f}" for v in 0.4 * np.random.randn(D)) + "\n")


def pick(k):
    r = random.random()
    return random.choice(lex[k]) if r < .5 else random.choice(neutral) if r < .85 else random.choice(lex[random.randrange(5)])


def code(k):
    ident = lambda: "_".join(pick(k) for _ in range(random.randint(1, 3)))
    form = random.choice(["{0} = {1}.{2}({3})", "for {0} in {1}.{2}({3}):", "{0}.{1}({2}, {3})", "return {0}({1}[{2}], {3})",
                          "if {0}.{1} != {2}: {3}()", "with {0}({1}) as {2}: {2}.{3}()", "{0} += {1}[{2}].{3}"])
    return form.format(ident(), ident(), ident(), ident())


def tokenize(line):
    # fault:
    return line.split()
    # mended:
    # return re.findall(r"[a-z]+", line)
    # end


rows = []
for _ in range(4200):
    k = random.randrange(5)
    rows.append((tokenize(code(k)), k))
train, dev = rows[:3600], rows[3600:]

vec = {}
for line in open("identifiers.vec"):
    w, *v = line.split(" ")
    vec[w] = [float(a) for a in v]
itos = ["<pad>", "<unk>"] + list(vec)
stoi = {w: i for i, w in enumerate(itos)}
weight = torch.tensor([[0.0] * D, np.mean(list(vec.values()), 0).tolist()] + list(vec.values()), dtype=torch.float32)


class Topic(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weight, padding_idx=0)        # stays as it is
        self.up = nn.Linear(D, 40)
        self.out = nn.Linear(40, len(TOPICS))

    def forward(self, x):
        h = torch.tanh(self.up(self.emb(x)))
        m = (x > 0).unsqueeze(-1)
        return self.out((h * m).sum(1) / m.sum(1))


def collate(b):
    T = max(len(t) for t, _ in b)
    return torch.tensor([[stoi.get(w, 1) for w in t] + [0] * (T - len(t)) for t, _ in b]), torch.tensor([k for _, k in b])


net = Topic()
opt = torch.optim.SGD([net.up.weight, net.up.bias, net.out.weight, net.out.bias], lr=0.3, momentum=0.9)
loader = torch.utils.data.DataLoader(train, batch_size=48, shuffle=True, collate_fn=collate)
for epoch in range(8):
    tot = 0.0
    for x, y in loader:
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    with torch.no_grad():
        x, y = collate(dev)
        print(f"epoch {epoch}  train loss {tot / len(train):.4f}  dev acc {(net(x).argmax(1) == y).float().mean().item():.3f}")
