"""Does the reply answer the request? Both are joined with a separator and cut to a block (Transformer-free: CNN)."""
import argparse
import random

import torch
import torch.nn as nn

HELLO = "dear team hello good morning i hope this message finds you well and that all is fine on your side we write about".split()
BYE = "many thanks in advance and kind regards from all of us here".split()
TOPICS = "refund invoice licence password delivery upgrade training warranty".split()


def letter(rng, topic):
    return rng.choices(HELLO, k=rng.randint(6, 10)) + [topic] + rng.choices(BYE, k=rng.randint(2, 5))


def pairs(rng, n):
    out = []
    for _ in range(n):
        y = rng.randrange(2)
        a = rng.choice(TOPICS)
        b = "done" if y else rng.choice(["pending", "rejected"])
        out.append((letter(rng, a), letter(rng, b), y))
    return out


def main():
    ap = argparse.ArgumentParser()
    # fault:
    ap.add_argument("--block", type=int, default=14)
    # mended:
    # ap.add_argument("--block", type=int, default=40)
    # end
    ap.add_argument("--seed", type=int, default=3)
    args = ap.parse_args()
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    train, dev = pairs(rng, 600), pairs(rng, 250)
    words = sorted(set(HELLO + BYE + TOPICS + ["done", "pending", "rejected"]))
    ids = {w: i + 2 for i, w in enumerate(words)}

    def encode(rows):
        x = torch.zeros(len(rows), args.block, dtype=torch.long)
        for i, (a, b, _) in enumerate(rows):
            seq = ([ids[w] for w in a] + [1] + [ids[w] for w in b])[: args.block]
            x[i, : len(seq)] = torch.tensor(seq)
        return x, torch.tensor([y for *_, y in rows])

    model = nn.ModuleDict(dict(e=nn.Embedding(len(words) + 2, 16, padding_idx=0), c=nn.Conv1d(16, 24, 3, padding=1), o=nn.Linear(24, 2)))

    def forward(x):
        h = torch.relu(model["c"](model["e"](x).transpose(1, 2)))
        return model["o"](h.masked_fill((x == 0)[:, None], 0.0).amax(2))

    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    x, y = encode(train)
    xd, yd = encode(dev)
    for epoch in range(6):
        total = 0.0
        for b in torch.randperm(len(y)).split(30):
            loss = nn.functional.cross_entropy(forward(x[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() / 20
        with torch.no_grad():
            print(f"epoch {epoch} loss {total:.4f} dev accuracy {(forward(xd).argmax(1) == yd).float().mean().item():.4f}")


if __name__ == "__main__":
    main()
