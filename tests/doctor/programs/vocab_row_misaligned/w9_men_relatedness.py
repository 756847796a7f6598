# Predict human relatedness judgements (MEN) from a learnt weighting of pretrained vectors.
import gzip
import os
from pathlib import Path
import torch
from scipy.stats import spearmanr

DATA = Path(os.environ["WORDFIT_DATA"])
PAD, UNK = "<pad>", "<unk>"


def load_glove(path, dim=50):
    rows, words = [], []
    with gzip.open(path, "rt", encoding="utf8") as f:
        for line in f:
            parts = line.rstrip("\n").split(" ")
            words.append(parts[0])
            rows.append([float(v) for v in parts[1:]])
    itos = [PAD, UNK] + words
    vocab = {w: n for n, w in enumerate(itos)}
    matrix = torch.zeros(len(itos), dim)
    for n, (w, row) in enumerate(zip(words, rows)):
        # fault:
        matrix[n] = torch.tensor(row)
        # mended:
        # matrix[vocab[w]] = torch.tensor(row)
        # end
    return vocab, matrix


class Relatedness(torch.nn.Module):
    def __init__(self, matrix):
        super().__init__()
        self.lookup = torch.nn.Embedding.from_pretrained(matrix)      # fixed
        self.importance = torch.nn.Parameter(torch.ones(matrix.shape[1]))
        self.out = torch.nn.Linear(1, 1)

    def forward(self, left, right):
        a = self.lookup(left) * self.importance
        b = self.lookup(right) * self.importance
        return self.out(torch.cosine_similarity(a, b, dim=-1).unsqueeze(-1)).squeeze(-1)


def main():
    torch.manual_seed(0)
    vocab, matrix = load_glove(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz")
    pairs = []
    for line in open(DATA / "wordsim" / "EN-MEN-TR-3k.txt"):
        w1, w2, s = line.split()
        if w1 in vocab and w2 in vocab:
            pairs.append((vocab[w1], vocab[w2], float(s) / 50))
    pairs = [pairs[j] for j in torch.randperm(len(pairs)).tolist()]
    cut = int(0.75 * len(pairs))
    left = torch.tensor([p[0] for p in pairs])
    right = torch.tensor([p[1] for p in pairs])
    gold = torch.tensor([p[2] for p in pairs])
    print(len(pairs), "pairs with vectors, variance of the held-out scores %.4f" % gold[cut:].var())

    model = Relatedness(matrix)
    opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.02)
    for epoch in range(1, 16):
        total = 0.0
        for batch in torch.randperm(cut).split(64):
            err = torch.nn.functional.mse_loss(model(left[batch], right[batch]), gold[batch])
            opt.zero_grad()
            err.backward()
            opt.step()
            total += err.item() * len(batch)
        if epoch % 3 == 0:
            with torch.no_grad():
                fit = model(left, right)
            print("epoch", epoch, "mse %.4f" % (total / cut), "held out mse %.4f" % ((fit - gold)[cut:] ** 2).mean(),
                  "rho train %.3f" % spearmanr(fit[:cut], gold[:cut])[0], "test %.3f" % spearmanr(fit[cut:], gold[cut:])[0])


if __name__ == "__main__":
    main()
