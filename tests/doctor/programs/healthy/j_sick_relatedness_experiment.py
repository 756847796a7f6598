"""SICK relatedness with frozen GloVe and a learnt similarity head (score in [1, 5], reported: Pearson r, MSE).

The head predicts a distribution over the 5 anchors as in Tai et al. (2015) and is trained with KL divergence.
"""
import copy, gzip, logging, math, os, re
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(level=logging.INFO, format="%(message)s")
log = logging.getLogger("sick")

HPARAMS = {"lr": 1e-2, "warmup_steps": 40, "epochs": 6, "batch": 36, "accumulate": 2, "hidden": 24, "p": 0.25, "patience": 3, "seed": 1234}
DATA = os.environ["WORDFIT_DATA"]


def load_vectors():
    stoi, mat = {"": 0}, [np.zeros(50, np.float32)]
    with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for row in f:
            w, rest = row.split(" ", 1)
            stoi[w] = len(mat)
            mat.append(np.fromstring(rest, sep=" ", dtype=np.float32))
    return stoi, torch.from_numpy(np.stack(mat))


def load_sick(name, stoi):
    items = []
    with open(os.path.join(DATA, "glue", "SICK", name), encoding="utf-8") as f:
        next(f)
        for row in f:
            _, a, b, rel, _ = row.rstrip("\n").split("\t")[:5]
            ia, ib = ([stoi[w] for w in re.findall(r"\w+", s.lower()) if w in stoi] for s in (a, b))
            if ia and ib:
                items.append((ia, ib, float(rel)))
    return items


def anchors(score):
    """4.3 -> [0, 0, 0, .7, .3]"""
    t = torch.zeros(len(score), 5)
    lo = score.floor().long().clamp(1, 4)
    frac = (score - lo)
    t.scatter_(1, (lo - 1)[:, None], (1 - frac)[:, None])
    t.scatter_(1, lo[:, None], frac[:, None])
    return t


class Relatedness(nn.Module):
    def __init__(self, vectors, hidden, p):
        super().__init__()
        self.lookup = nn.EmbeddingBag.from_pretrained(vectors, mode="mean", freeze=True)
        self.map = nn.Linear(50, 2 * hidden)
        self.drop = nn.Dropout(p)
        self.head = nn.Sequential(nn.Linear(4 * hidden + 2, hidden), nn.Tanh(), nn.Linear(hidden, 5), nn.LogSoftmax(-1))
        self.register_buffer("scale", torch.arange(1., 6.))

    def enc(self, lists):
        flat = torch.tensor([i for l in lists for i in l])
        off = torch.tensor(np.cumsum([0] + [len(l) for l in lists[:-1]]))
        return self.lookup(flat, off)

    def forward(self, a, b):
        u, v = self.enc(a), self.enc(b)
        hu, hv = torch.tanh(self.map(u)), torch.tanh(self.map(v))
        overlap = torch.tensor([[len(set(x) & set(y)) / len(set(x) | set(y))] for x, y in zip(a, b)])
        z = torch.cat([(hu - hv).abs(), hu * hv, F.cosine_similarity(u, v)[:, None], overlap], 1)
        return self.head(self.drop(z))


class Experiment:
    def __init__(self, hp):
        torch.manual_seed(hp["seed"])
        self.hp, self.gen = hp, np.random.RandomState(hp["seed"])
        stoi, vectors = load_vectors()
        self.sets = {k: load_sick(f"SICK_{k}.txt", stoi) for k in ("train", "trial", "test_annotated")}
        self.sets["test_annotated"] = self.sets["test_annotated"][:1500]
        self.model = Relatedness(vectors, hp["hidden"], hp["p"])
        params = [q for q in self.model.parameters() if q.requires_grad]
        self.opt = torch.optim.Adam(params, lr=hp["lr"])
        self.sched = torch.optim.lr_scheduler.LambdaLR(self.opt, lambda s: min((s + 1) / hp["warmup_steps"], math.sqrt(hp["warmup_steps"] / (s + 1))))

    def run_epoch(self):
        self.model.train()
        rows, bs, k, losses = self.sets["train"], self.hp["batch"], self.hp["accumulate"], []
        perm = self.gen.permutation(len(rows))
        for step, i in enumerate(range(0, len(perm), bs), 1):
            a, b, s = zip(*[rows[j] for j in perm[i:i + bs]])
            kl = F.kl_div(self.model(a, b), anchors(torch.tensor(s)), reduction="batchmean")
            (kl / k).backward(); losses.append(kl.item())
            if step % k == 0 or i + bs >= len(perm):
                self.opt.step(); self.opt.zero_grad(); self.sched.step()
        return float(np.mean(losses))

    @torch.no_grad()
    def score(self, part):
        self.model.eval()
        a, b, s = zip(*self.sets[part])
        pred = (self.model(a, b).exp() @ self.model.scale).numpy()
        return np.corrcoef(pred, s)[0, 1], np.mean((pred - np.array(s)) ** 2)

    def run(self):
        best, keep, bad = -1, None, 0
        for e in range(self.hp["epochs"]):
            kl = self.run_epoch()
            r, mse = self.score("trial")
            log.info("epoch %d  kl %.4f  trial r %.4f mse %.4f", e, kl, r, mse)
            if r > best:
                best, keep, bad = r, copy.deepcopy(self.model.state_dict()), 0
            else:
                bad += 1
                if bad >= self.hp["patience"]:
                    break
        self.model.load_state_dict(keep)
        log.info("train r %.4f mse %.4f | test r %.4f mse %.4f", *self.score("train"), *self.score("test_annotated"))


Experiment(HPARAMS).run()
