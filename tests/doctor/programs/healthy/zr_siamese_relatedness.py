"""SICK relatedness, siamese: both sentences go through one tower on top of frozen GloVe vectors."""
import csv, gzip, os
import numpy as np
import torch
import torch.nn.functional as F


def pearsonr(p, y):
    return np.corrcoef(p, y)[0, 1]


def spearmanr(p, y):
    return pearsonr(np.argsort(np.argsort(p)), np.argsort(np.argsort(y)))


D = os.environ["WORDFIT_DATA"]
torch.manual_seed(2024)


def sick(split):
    with open(f"{D}/glue/SICK/SICK_{split}.txt", encoding="utf-8", newline="") as f:
        for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield r["sentence_A"].lower().split(), r["sentence_B"].lower().split(), float(r["relatedness_score"])


data = {s: list(sick(s)) for s in ("train", "trial", "test_annotated")}
need = {w for rows in data.values() for a, b, _ in rows for w in a + b}
vec = {}
with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, rest = line.split(" ", 1)
        if word in need:
            vec[word] = np.array(rest.split(), dtype=np.float32)
itos = ["<pad>"] + sorted(vec)
stoi = {w: i for i, w in enumerate(itos)}
table = torch.tensor(np.stack([np.zeros(50, np.float32)] + [vec[w] for w in itos[1:]]))
tokens = [w for rows in data.values() for a, b, _ in rows for w in a + b]
print(f"{sum(w in vec for w in tokens) / len(tokens):.1%} of the words have a vector, the others are skipped")


def ids(toks):
    return torch.tensor([stoi[w] for w in toks if w in stoi] or [stoi["the"]])


pad = lambda xs: torch.nn.utils.rnn.pad_sequence(xs, batch_first=True)
packed = {s: (pad([ids(a) for a, _, _ in rows]), pad([ids(b) for _, b, _ in rows]), torch.tensor([y for *_, y in rows]))
          for s, rows in data.items()}


class Tower(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("table", table)                       # never trained, on purpose
        self.gate = torch.nn.Parameter(torch.zeros(len(itos), 1))  # but each word may learn its weight
        self.proj = torch.nn.Linear(50, 50, bias=False)
        torch.nn.init.eye_(self.proj.weight)

    def forward(self, x):
        m = (x > 0).unsqueeze(2)
        w = F.softplus(self.gate[x]) * m
        return self.proj((w * self.table[x]).sum(1) / w.sum(1))


class Pair(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.tower = Tower()
        self.head = torch.nn.Sequential(torch.nn.Linear(101, 12), torch.nn.Tanh(), torch.nn.Dropout(0.2), torch.nn.Linear(12, 1))

    def forward(self, a, b):
        u, v = self.tower(a), self.tower(b)
        c = F.cosine_similarity(u, v, dim=1).unsqueeze(1)
        return 3 + self.head(torch.cat([(u - v).abs(), u * v, 3 * c], 1)).squeeze(1)


net = Pair()
opt = torch.optim.AdamW([{"params": [net.tower.gate], "lr": 1e-2, "weight_decay": 0.0},
                         {"params": [p for n, p in net.named_parameters() if not n.endswith("gate")], "lr": 2e-3}],
                        weight_decay=0.2)
A, B, Y = packed["train"]


@torch.no_grad()
def score(split):
    net.eval()
    a, b, y = packed[split]
    p = net(a, b)
    return pearsonr(p, y), spearmanr(p, y), F.mse_loss(p, y).item()


for epoch in range(6):
    net.train()
    losses = []
    for i in torch.randperm(len(Y)).split(64):
        a, b = (A[i], B[i]) if torch.rand(()) < 0.5 else (B[i], A[i])      # the measure is symmetric
        loss = F.mse_loss(net(a, b), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    for gr in opt.param_groups:
        gr["lr"] *= 0.75
    print("epoch {}  mse {:.3f}  trial r {:.3f} rho {:.3f} mse {:.3f}".format(epoch + 1, np.mean(losses), *score("trial")))
print("train r {:.3f} rho {:.3f} mse {:.3f}".format(*score("train")))
print("test  r {:.3f} rho {:.3f} mse {:.3f}".format(*score("test_annotated")), " variance of the test scores %.3f" % packed["test_annotated"][2].var())
