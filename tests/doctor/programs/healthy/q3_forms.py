"""What is a word: city, country, noun, plural, adverb ...? A small head over published GloVe vectors, which stay fixed."""
import gzip
import os
from pathlib import Path
import torch
from torch import nn

ROOT = Path(os.environ["WORDFIT_DATA"])
KINDS = {  # section of the analogy file -> (kind of the first word, kind of the second)
    "gram1-adjective-to-adverb": (None, "adverb"),
    "gram3-comparative": (None, "comparative"),
    "gram6-nationality-adjective": ("country", "nationality"),
    "gram7-past-tense": ("participle", "past"),
    "gram8-plural": ("noun", "plural"),
    "capital-world": ("city", None),
    "city-in-state": ("city", None),
}


def read_kinds(path):
    kinds, section = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(":"):
            section = KINDS.get(line[2:])
        elif section:
            for word, kind in zip(line.lower().split(), section * 2):
                if kind:
                    kinds.setdefault(word, set()).add(kind)
    return {w: k.pop() for w, k in kinds.items() if len(k) == 1}


def read_vectors(path, words):
    index, rows = {}, []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w, _, vals = line.partition(" ")
            if w in words:
                index[w] = len(rows)
                rows.append([float(v) for v in vals.split()])
    return index, torch.tensor(rows)


class MaxNormLinear(nn.Module):
    """linear layer on unit-length inputs with a learned scale"""

    def __init__(self, d_in, d_out):
        super().__init__()
        self.w = nn.Parameter(torch.randn(d_in, d_out) / d_in ** 0.5)
        self.scale = nn.Parameter(torch.tensor(8.0))
        self.b = nn.Parameter(torch.zeros(d_out))

    def forward(self, x):
        return self.scale * nn.functional.normalize(x, dim=-1, eps=1e-6) @ self.w + self.b


class Head(nn.Module):
    def __init__(self, table, n_out):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(table, freeze=True)
        self.drop = nn.Dropout(0.4)
        self.out = MaxNormLinear(table.size(1), n_out)

    def forward(self, ids):
        return self.out(self.drop(self.table(ids)))


@torch.no_grad()
def score(model, ids, y):
    model.eval()
    z = model(ids)
    return nn.functional.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()


def main(epochs=20, batch=16):
    torch.manual_seed(2)
    kinds = read_kinds(ROOT / "wordsim" / "analogy" / "questions-words.txt")
    index, table = read_vectors(ROOT / "vectors" / "glove.6B.50d.top10361.txt.gz", kinds)
    names, words = sorted(set(kinds.values())), sorted(index)
    ids = torch.tensor([index[w] for w in words])
    y = torch.tensor([names.index(kinds[w]) for w in words])
    order = torch.randperm(len(words))
    fit, probe = order.split([int(0.7 * len(words)), len(words) - int(0.7 * len(words))])
    model = Head(table, len(names))
    opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-2, weight_decay=0.1)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    print(f"{len(fit)} words to fit, {len(probe)} to probe, {len(names)} kinds, "
          f"largest {torch.bincount(y[probe]).max().item() / len(probe):.3f}")
    for ep in range(epochs):
        model.train()
        total = 0.0
        for b in torch.randperm(len(fit)).split(batch):
            b = fit[b]
            loss = nn.functional.cross_entropy(model(ids[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(b)
        sched.step()
        if ep % 4 == 3:
            print(f"epoch {ep} loss {total / len(fit):.3f} probe loss %.3f accuracy %.3f" % score(model, ids[probe], y[probe]))
    print("fit   loss %.3f accuracy %.3f" % score(model, ids[fit], y[fit]))
    print("probe loss %.3f accuracy %.3f" % score(model, ids[probe], y[probe]))


if __name__ == "__main__":
    main()
