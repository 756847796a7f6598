# Multi-label: genres of a film from its plot words. GloVe start, label attention, BCE, micro-F1; resumes from a checkpoint.
import gzip, os, random
import numpy as np
import torch
import torch.nn as nn

random.seed(55); torch.manual_seed(55)
GENRE = {
    "crime": "detective murder gang heist police mafia".split(),
    "romance": "love kiss wedding affair letter heart".split(),
    "scifi": "robot planet alien laser spaceship clone".split(),
    "war": "soldier trench general bomb army battle".split(),
    "comedy": "joke clumsy prank roommate silly parody".split(),
}
FILL = "a young man woman finds the old house in city after years with his her friend must and two who family night story".split()
G = list(GENRE)


def film():
    gs = [g for g in G if random.random() < 0.3] or [random.choice(G)]
    plot = [w for g in gs for w in random.sample(GENRE[g], random.randint(1, 3))]
    if random.random() < 0.2:
        plot.append(random.choice(GENRE[random.choice(G)]))
    plot += random.choices(FILL, k=random.randint(5, 14))
    random.shuffle(plot)
    return plot, [float(g in gs) for g in G]


films = [film() for _ in range(1800)]
train, dev = films[:1500], films[1500:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for p, _ in train for w in p}))}

glove = {}
with gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.rstrip().split(" ", 1)
        if w in vocab:
            glove[w] = np.array(v.split(" "), dtype=np.float32)
sigma = np.stack(list(glove.values())).std()
table = torch.randn(len(vocab) + 1, 50) * float(sigma)
for w, v in glove.items():
    table[vocab[w]] = torch.from_numpy(v)
table[0] = 0
print(f"{len(glove)} of {len(vocab)} words have a GloVe vector")


def collate(rows):
    n = max(len(p) for p, _ in rows)
    ids = torch.tensor([[vocab[w] for w in p] + [0] * (n - len(p)) for p, _ in rows])
    return ids, torch.tensor([y for _, y in rows])


class LabelAttention(nn.Module):
    """one learnt query per genre attends to the words of the plot"""

    def __init__(self, table):
        super().__init__()
        d = table.size(1)
        self.emb = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.query = nn.Parameter(torch.randn(len(G), d) * d ** -0.5)
        self.value = nn.Parameter(torch.randn(len(G), d) * d ** -0.5)
        self.bias = nn.Parameter(torch.zeros(len(G)))
        self.drop = nn.Dropout(0.2)

    def forward(self, ids):
        e = self.drop(self.emb(ids))
        att = (e @ self.query.t()).masked_fill((ids == 0).unsqueeze(2), float("-inf")).softmax(1)   # B, T, G
        pooled = att.transpose(1, 2) @ e                                                       # B, G, d
        return (pooled * self.value).sum(-1) + self.bias


model = LabelAttention(table)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 2, 0.4)
bce = nn.BCEWithLogitsLoss()
dl = torch.utils.data.DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)


def micro_f1(rows):
    model.eval()
    with torch.no_grad():
        x, y = collate(rows)
        p = (model(x) > 0).float()
    tp = (p * y).sum().item()
    return 2 * tp / (p.sum().item() + y.sum().item())


def run(first, last):
    for ep in range(first, last):
        model.train()
        tot = 0.0
        for x, y in dl:
            opt.zero_grad()
            loss = bce(model(x), y)
            loss.backward()
            opt.step()
            tot += loss.item()
        sched.step()
        print(f"epoch {ep + 1} loss {tot / len(dl):.4f} micro-F1 train {micro_f1(train):.3f} dev {micro_f1(dev):.3f}")
        torch.save({"epoch": ep + 1, "model": model.state_dict(), "opt": opt.state_dict(), "sched": sched.state_dict()}, "last.pt")


run(0, 3)
ck = torch.load("last.pt")                 # second session: go on where the first one stopped
model.load_state_dict(ck["model"]); opt.load_state_dict(ck["opt"]); sched.load_state_dict(ck["sched"])
print("resumed at epoch", ck["epoch"])
run(ck["epoch"], 7)
