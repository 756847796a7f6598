"""Assignment 3: topic of a shopping/reading list from GloVe vectors.

usage: python v8_topic_lists.py --epochs 25 --lr 0.005
"""
import argparse
import gzip
import os
import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

TOPICS = {
    "food": "bread rice milk cheese meat chicken beef fish egg eggs sugar salt butter fruit apple corn wheat coffee tea wine beer potatoes chocolate cream soup tomatoes garlic lemon juice vegetables sauce pepper cake beans flour pork",
    "sport": "football soccer baseball basketball tennis golf hockey cricket rugby boxing volleyball swimming cycling racing league coach stadium goalkeeper striker championship quarterback pitcher innings wrestling skating tournament referee touchdown defender midfielder",
    "health": "doctor hospital patient patients cancer disease surgery medicine drug nurse blood heart liver brain virus infection vaccine symptoms pain diabetes kidney lung clinic treatment therapy diagnosed aids flu transplant physician",
    "money": "bank loan mortgage stock shares bond bonds dollar euro currency interest investor investors profit debt tax market trading fund funds credit finance earnings revenue inflation deficit budget yen rates",
    "music": "song album guitar piano band singer concert jazz rock opera drums orchestra songs lyrics pop bass symphony musician composer vocals choir musicians soundtrack rap albums",
    "travel": "airport flight hotel train plane passengers airline bus station tourist tourists ticket pilot aircraft airlines trip travel rail cruise ferry resort flights jet taxi runway boeing highway bridge tunnel",
    "war": "army soldier soldiers troops tank missile missiles bomb weapons war military gun guns navy rebels battle forces attack fighters enemy commander rockets infantry artillery invasion militia ammunition rifles combat warfare",
    "tech": "computer software internet google microsoft web website users computers server database network digital device apple intel phone mobile wireless pc hardware programming chip chips online devices video",
}


def read_glove(path):
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            w, *vals = line.rstrip().split(" ")
            words.append(w)
            rows.append(np.array(vals, dtype=np.float32))
    return words, np.stack(rows)


def make_lists(pools, n, rng, size=4):
    lists = set()
    names = list(TOPICS)
    while len(lists) < n:
        k = rng.randrange(len(names))
        lists.add((tuple(rng.sample(pools[names[k]], size)), k))
    lists = sorted(lists)
    rng.shuffle(lists)
    return lists


class ListClassifier(nn.Module):
    def __init__(self, n_words, dim, n_topics):
        super().__init__()
        self.word_vectors = nn.Embedding(n_words, dim)
        self.word_vectors.weight.requires_grad = False
        self.head = nn.Sequential(nn.Linear(dim, 32), nn.Tanh(), nn.Dropout(0.2), nn.Linear(32, n_topics))

    def forward(self, x):
        return self.head(self.word_vectors(x).mean(dim=1))


def run_epoch(model, loader, loss_fn, optim=None):
    model.train(optim is not None)
    good = seen = loss_sum = 0
    with torch.set_grad_enabled(optim is not None):
        for x, y in loader:
            out = model(x)
            loss = loss_fn(out, y)
            if optim is not None:
                optim.zero_grad()
                loss.backward()
                optim.step()
            good += (out.argmax(1) == y).sum().item()
            loss_sum += loss.item() * len(y)
            seen += len(y)
    return loss_sum / seen, good / seen


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default=os.environ["WORDFIT_DATA"])
    ap.add_argument("--epochs", type=int, default=25)
    ap.add_argument("--lr", type=float, default=5e-3)
    ap.add_argument("--seed", type=int, default=11)
    args = ap.parse_args()
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)

    words, matrix = read_glove(os.path.join(args.data, "vectors", "glove.6B.50d.top10361.txt.gz"))
    stoi = {w: i for i, w in enumerate(words)}

    used = [w for s in TOPICS.values() for w in s.split()]
    train_pool, test_pool = {}, {}
    for name, s in TOPICS.items():
        ws = [w for w in s.split() if used.count(w) == 1]
        rng.shuffle(ws)
        cut = int(0.65 * len(ws))
        train_pool[name], test_pool[name] = ws[:cut], ws[cut:]

    def tensors(lists):
        return TensorDataset(torch.tensor([[stoi[w] for w in ws] for ws, _ in lists]), torch.tensor([k for _, k in lists]))

    train_dl = DataLoader(tensors(make_lists(train_pool, 1200, rng)), batch_size=64, shuffle=True)
    test_dl = DataLoader(tensors(make_lists(test_pool, 400, rng)), batch_size=200)

    model = ListClassifier(len(words), matrix.shape[1], len(TOPICS))
    # fault:
    model.load_state_dict({"embedding.weight": torch.from_numpy(matrix)}, strict=False)
    # mended:
    #model.load_state_dict({"word_vectors.weight": torch.from_numpy(matrix)}, strict=False)
    # end
    optim = torch.optim.Adam(model.head.parameters(), lr=args.lr)
    loss_fn = nn.CrossEntropyLoss()
    for ep in range(1, args.epochs + 1):
        tr = run_epoch(model, train_dl, loss_fn, optim)
        te = run_epoch(model, test_dl, loss_fn)
        if ep % 5 == 0:
            print(f"[{ep:2d}] train loss {tr[0]:.3f} acc {tr[1]:.3f} | new words: loss {te[0]:.3f} acc {te[1]:.3f}")
    print(f"accuracy on lists of new words: {te[1]:.3f}")


if __name__ == "__main__":
    main()
