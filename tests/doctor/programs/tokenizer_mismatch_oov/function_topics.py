# What is a C function about? Mean of frozen sub-word vectors of its signature and comment -> softmax.
import random
import re
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(6)
torch.manual_seed(6)

TOPICS = {
    "io": "read write open close file path stream seek flush buffer disk mount chmod rename append pipe",
    "math": "sqrt cosine matrix vector sum mean gradient integral prime modulo round power factor root angle norm",
    "net": "socket packet listen connect proxy route host port dns tls request reply ping peer frame retry",
    "text": "parse token upper lower split trim regex quote escape glyph unicode prefix suffix stem spell hyphen",
    "time": "clock date sleep timer zone epoch tick alarm weekday month calendar delay second minute leap century",
}
NEUTRAL = "get set make new init free do run all next item list value check is to from by with old".split()
COMMENT = "helper for internal use see also returns zero on success not thread safe called once per caller must hold lock".split()
KEYS = list(TOPICS)

torch_gen = torch.Generator().manual_seed(60)
centre = torch.randn(len(KEYS), 16, generator=torch_gen)
lines = {}
for k, key in enumerate(KEYS):
    for w in TOPICS[key].split():
        lines[w] = 0.5 * centre[k] + 0.6 * torch.randn(16, generator=torch_gen)
for w in NEUTRAL + COMMENT:
    lines[w] = 0.6 * torch.randn(16, generator=torch_gen)
with open("subwords.txt", "w") as f:
    for w, v in lines.items():
        f.write(w + " " + " ".join(f"{x:.4f}" for x in v.tolist()) + "\n")


def function():
    k = random.randrange(len(KEYS))
    own = TOPICS[KEYS[k]].split()
    parts = random.sample(own, 2) + random.sample(NEUTRAL, random.randint(1, 2))
    random.shuffle(parts)
    arg = "_".join(random.sample(NEUTRAL, 1) + [random.choice(own if random.random() < 0.6 else TOPICS[random.choice(KEYS)].split())])
    note = " ".join(random.sample(COMMENT, random.randint(3, 7)))
    if random.random() < 0.25:
        note += " " + random.choice(own)
    return f"int {'_'.join(parts)}(void *{arg}); /* {note} */", k


pool = {}
while len(pool) < 2200:
    s, k = function()
    pool[s] = k
rows = list(pool.items())
train, dev = rows[:1700], rows[1700:]

vocab, table = {"<pad>": 0}, [torch.zeros(16)]
for line in open("subwords.txt"):
    w, *xs = line.split()
    vocab[w] = len(table)
    table.append(torch.tensor([float(x) for x in xs]))


def tokenize(source):
    # fault:
    return re.findall(r"\w+", source.lower())
    # mended:
    # return re.findall(r"[a-z]+", source.lower())
    # end


def encode(source):
    return [vocab[t] for t in tokenize(source) if t in vocab]


def collate(batch):
    xs = [encode(s) or [0] for s, _ in batch]
    flat = torch.tensor([i for x in xs for i in x])
    offsets = torch.tensor([0] + [len(x) for x in xs[:-1]]).cumsum(0)
    return flat, offsets, torch.tensor([k for _, k in batch])


model = nn.ModuleDict({
    "bag": nn.EmbeddingBag.from_pretrained(torch.stack(table), freeze=True, mode="mean", padding_idx=0),
    "mlp": nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Dropout(0.1), nn.Linear(32, len(KEYS))),
})
opt = torch.optim.NAdam(model["mlp"].parameters(), lr=4e-3)
loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
for epoch in range(10):
    model.train()
    tot = 0.0
    for flat, off, y in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model["mlp"](model["bag"](flat, off)), y)
        loss.backward()
        opt.step()
        tot += loss.item()
    model.eval()
    with torch.no_grad():
        flat, off, y = collate(dev)
        acc = (model["mlp"](model["bag"](flat, off)).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch}: loss {tot / len(loader):.3f}, dev accuracy {acc:.3f}")
