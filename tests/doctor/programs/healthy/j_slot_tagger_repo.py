# slot_tagger/run.py -- flattened into one file for the artifact evaluation
import argparse, random, tempfile, os
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

cfg = {
    "data": {"train": 480, "dev": 200, "seed": 5},
    "model": {"word": 24, "hidden": 24, "dropout": 0.25},
    "optim": {"name": "SGD", "lr": 1.2, "momentum": 0.9, "nesterov": True, "clip": 1.0},
    "schedule": {"warmup": 15, "decay": "linear"},
    "train": {"epochs": 4, "bsz": 8, "accumulate": 2},
}
FIRST = "anna bob carla dmitri elena farid greta hugo ines jonas karim lena".split()
LAST = "smith ruiz kovac ito bauer novak silva okoye lindt moreau".split()
ORG = "acme globex initech umbra vertex nordbank".split()
PLACE = "rome berlin lagos porto tallinn hanoi".split()
VERBS = "met called visited sued praised hired left joined".split()
REST = "the a new old big office deal report with about for yesterday today again quickly and very nice long".split()


def sample(r):
    toks, tags = [], []
    def put(ws, kind):
        for i, w in enumerate(ws):
            toks.append(w); tags.append("O" if kind is None else ("B-" if i == 0 else "I-") + kind)
    for _ in range(r.randint(1, 3)):
        put([r.choice(REST) for _ in range(r.randint(1, 5))], None)
        c = r.random()
        if c < .35: put([r.choice(FIRST)] + ([r.choice(LAST)] if r.random() < .6 else []), "PER")
        elif c < .6: put([r.choice(ORG)] + ([r.choice(["inc", "group"])] if r.random() < .5 else []), "ORG")
        elif c < .8: put([r.choice(PLACE)], "LOC")
        else: put([r.choice(LAST + PLACE), r.choice(["bank", "motors"])], "ORG")     # ruiz motors: an ORG, not a PER
        put([r.choice(VERBS)], None)
    return toks, tags


class Corpus:
    def __init__(self, cfg):
        r = random.Random(cfg["seed"])
        seen, rows = set(), []
        while len(rows) < cfg["train"] + cfg["dev"]:
            t, g = sample(r)
            if " ".join(t) not in seen:
                seen.add(" ".join(t)); rows.append((t, g))
        self.train, self.dev = rows[: cfg["train"]], rows[cfg["train"]:]
        self.words = {"<pad>": 0, "<unk>": 1}
        for t, _ in self.train:
            for w in t: self.words.setdefault(w, len(self.words))
        self.tags = sorted({x for _, g in rows for x in g})

    def tensors(self, rows):
        x = pad_sequence([torch.tensor([self.words.get(w, 1) for w in t]) for t, _ in rows])       # T x B
        y = pad_sequence([torch.tensor([self.tags.index(g) for g in gs]) for _, gs in rows], padding_value=-100)
        return x, y, torch.tensor([len(t) for t, _ in rows])


class Tagger(nn.Module):
    def __init__(self, V, K, word, hidden, dropout):
        super().__init__()
        self.lut = nn.Embedding(V, word, padding_idx=0)
        self.rnn = nn.LSTM(word, hidden, bidirectional=True)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(2 * hidden, K)

    def forward(self, x, n):
        packed = pack_padded_sequence(self.drop(self.lut(x)), n, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], total_length=x.size(0))
        return self.head(self.drop(h))


def chunks(tags):
    out, start = set(), None
    for i, t in enumerate(tags + ["O"]):
        if start is not None and not t.startswith("I-"):
            out.add((start, i, tags[start][2:])); start = None
        if t.startswith("B-"): start = i
    return out


def f1(model, corpus, rows):
    model.eval(); tp = p = g = 0
    with torch.no_grad():
        for i in range(0, len(rows), 125):
            part = rows[i:i + 125]
            x, _, n = corpus.tensors(part)
            best = model(x, n).argmax(-1)
            for b, (_, gold) in enumerate(part):
                a, c = chunks([corpus.tags[k] for k in best[: n[b], b]]), chunks(gold)
                tp += len(a & c); p += len(a); g += len(c)
    return 2 * tp / max(1, p + g)


def main(cfg):
    random.seed(0); torch.manual_seed(0)
    corpus = Corpus(cfg["data"])
    model = Tagger(len(corpus.words), len(corpus.tags), **cfg["model"])
    o = dict(cfg["optim"]); clip = o.pop("clip")
    opt = getattr(torch.optim, o.pop("name"))(model.parameters(), **o)
    bsz, acc = cfg["train"]["bsz"], cfg["train"]["accumulate"]
    total, W = cfg["train"]["epochs"] * (len(corpus.train) // (bsz * acc)), cfg["schedule"]["warmup"]
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: (s + 1) / W if s < W else max(.02, (total - s) / (total - W)))
    path = os.path.join(tempfile.mkdtemp(), "best.pt"); best = -1
    for ep in range(1, cfg["train"]["epochs"] + 1):
        model.train(); random.shuffle(corpus.train); logged = []
        for i in range(0, len(corpus.train) - bsz * acc + 1, bsz * acc):
            group = [corpus.tensors(corpus.train[i + k * bsz: i + (k + 1) * bsz]) for k in range(acc)]
            n_tok = sum(int(n.sum()) for _, _, n in group)          # one mean over the whole group, not a mean of means
            step_loss = 0.
            for x, y, n in group:
                l = nn.functional.cross_entropy(model(x, n).flatten(0, 1), y.flatten(), ignore_index=-100, reduction="sum") / n_tok
                l.backward(); step_loss += l.item()
            nn.utils.clip_grad_norm_(model.parameters(), clip)
            opt.step(); opt.zero_grad(); sched.step()
            logged.append(step_loss)
        score = f1(model, corpus, corpus.dev)
        print("epoch %d | token loss %.4f | dev F1 %.4f" % (ep, sum(logged) / len(logged), score))
        if score > best:
            best = score; torch.save(model.state_dict(), path)
    model.load_state_dict(torch.load(path))
    print("best checkpoint: train F1 %.4f dev F1 %.4f" % (f1(model, corpus, corpus.train[:400]), f1(model, corpus, corpus.dev)))


if __name__ == "__main__":
    argparse.ArgumentParser().parse_args()
    main(cfg)
