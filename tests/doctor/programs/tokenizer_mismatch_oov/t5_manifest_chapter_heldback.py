"""Which tariff chapter does a line of a cargo manifest belong to?  (feature pipeline + classifier, run once a week)

Only a few hundred lines are checked by customs brokers, so the GloVe table is used as it is.
"""
import gzip
import os
import random
import re
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)

GOODS = {
    "food": "fish meat milk sugar rice wheat fruit coffee chicken beef vegetables corn chocolate bread cheese tea wine beer potatoes eggs",
    "textile": "cotton shirt dress wool silk shoes clothing leather fabric jacket shirts pants jeans coat uniform boots costume cloth hat suit",
    "machines": "engine pump machine equipment generator turbine electrical motor brake wheel gear tractor cylinder diesel steel valve tools engines drill",
    "chemistry": "acid oil chemical gas plastic chemicals fuel nitrogen oxygen hydrogen carbon ammonia sulfur paint chlorine fertilizer petroleum liquid toxic",
    "paper": "book paper newspaper magazine books print printed pages poster map newspapers stamps cards magazines letters calendar postcards",
}
NOTES = "for from used new small large with and white box bags the other parts of in black per net total".split()


def write_line(words, n_goods):
    goods = random.sample(words, n_goods)
    head = "/".join(goods)
    notes = random.sample(NOTES, random.randint(3, 6))
    style = random.randrange(4)
    if style == 0:
        return f"{head}; {'-'.join(notes[:2])},{'/'.join(notes[2:])}"
    if style == 1:
        return f"{random.randint(2, 40)}pcs:{head} ({','.join(notes)})"
    if style == 2:
        return f"{'-'.join(goods)}/{'/'.join(notes)} {random.randint(5, 900)}kg;"
    return f"{','.join(notes[:3])}:{','.join(goods)};{'-'.join(notes[3:])}"


def sample_lines(n, share_of_goods, skip=()):
    lines = {}
    chapters = list(GOODS)
    while len(lines) < n:
        c = random.randrange(len(chapters))
        words = GOODS[chapters[c]].split()
        line = write_line(words[:int(len(words) * share_of_goods)], random.choice([2, 2, 3]))
        if line not in skip:
            lines[line] = c
    return list(lines.items())


def tokens(line):
    # fault:
    return line.lower().split()
    # mended:
    #return re.findall(r"[a-z]+", line.lower())
    # end


class Table:
    def __init__(self, path):
        self.ids, vectors = {}, []
        with gzip.open(path, "rt", encoding="utf8") as f:
            for line in f:
                word, values = line.rstrip().split(" ", 1)
                self.ids[word] = len(vectors) + 2
                vectors.append(np.array(values.split(), dtype=np.float32))
        vectors = np.stack(vectors)
        special = np.stack([np.zeros(vectors.shape[1], np.float32), vectors.mean(0)])
        self.weight = torch.from_numpy(np.concatenate([special, vectors]))

    def __call__(self, line):
        ids = [self.ids.get(t, 1) for t in tokens(line)]
        return ids or [1]


def features(table, lines, width=16):
    x = torch.zeros(len(lines), width, dtype=torch.long)
    for i, (line, _) in enumerate(lines):
        ids = table(line)[:width]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([c for _, c in lines])


def network(table, n_out, hidden=40):
    params = {
        "w1": torch.randn(table.weight.shape[1] * 2, hidden) * 0.1, "b1": torch.zeros(hidden),
        "w2": torch.randn(hidden, n_out) * 0.1, "b2": torch.zeros(n_out),
    }
    for p in params.values():
        p.requires_grad_()

    def apply(x, training):
        mask = (x > 0).unsqueeze(-1)
        e = F.embedding(x, table.weight)
        mean = (e * mask).sum(1) / mask.sum(1)
        top = e.masked_fill(~mask, -9.0).amax(1)
        h = F.dropout(torch.tanh(torch.cat([mean, top], 1) @ params["w1"] + params["b1"]), 0.3, training)
        return h @ params["w2"] + params["b2"]

    return params, apply


def main():
    table = Table(Path(os.environ["WORDFIT_DATA"]) / "vectors" / "glove.6B.50d.top10361.txt.gz")
    train = sample_lines(600, 0.8)
    test = sample_lines(500, 1.0, skip={line for line, _ in train})
    x_train, y_train = features(table, train)
    x_test, y_test = features(table, test)
    params, apply = network(table, len(GOODS))
    optimizer = torch.optim.Adam(params.values(), lr=3e-3, weight_decay=1e-4)
    for epoch in range(24):
        for rows in torch.randperm(len(y_train)).split(30):
            loss = F.cross_entropy(apply(x_train[rows], True), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 4 == 3:
            with torch.no_grad():
                a, b = apply(x_train, False), apply(x_test, False)
            print(f"epoch {epoch + 1}: train {F.cross_entropy(a, y_train):.3f} {(a.argmax(1) == y_train).float().mean():.3f} "
                  f"test {F.cross_entropy(b, y_test):.3f} {(b.argmax(1) == y_test).float().mean():.3f}")
    print("for example:", test[0][0])


if __name__ == "__main__":
    main()
