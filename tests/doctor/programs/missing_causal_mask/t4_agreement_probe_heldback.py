"""Targeted syntactic evaluation: does a small Transformer LM agree verb and subject across an attractor?"""
import math
import random
from dataclasses import dataclass

import torch
from torch import nn

DET, PREP = ["the", "some"], ["near", "behind", "with"]
NOUNS = ["dog", "cat", "pilot", "farmer", "author", "nurse", "guard", "child", "poet", "judge", "clerk", "guest"]
VERBS = ["smile", "run", "sleep", "laugh", "wait", "sing", "leave", "cough"]
TRANS = ["see", "like", "help", "know"]
ADV = ["often", "quietly", "today", "again", "here"]


def plural(n):
    return {"child": "children"}.get(n, n + "s")


@dataclass
class Hparams:
    dim: int = 32
    heads: int = 2
    layers: int = 2
    lr: float = 4e-3
    batch: int = 64
    epochs: int = 12
    seed: int = 1


def noun(rng):
    n, sg = rng.choice(NOUNS), rng.random() < 0.5
    return (n if sg else plural(n)), sg


def sentence(rng):
    subj, sg = noun(rng)
    words = [rng.choice(DET), subj]
    other = None
    if rng.random() < 0.75:
        att, other = noun(rng)
        if rng.random() < 0.6:
            words += [rng.choice(PREP), rng.choice(DET), att]
        else:
            verb = rng.choice(TRANS)
            words += ["that", rng.choice(DET), att, verb + "s" if other else verb]
    verb = rng.choice(VERBS)
    pos = len(words)
    words += [verb + "s" if sg else verb, rng.choice(ADV), "."]
    return tuple(words), pos, sg, other


class CausalLM(nn.Module):
    def __init__(self, vocab, hp, max_len=12):
        super().__init__()
        self.tok = nn.Embedding(vocab, hp.dim, padding_idx=0)
        self.pos = nn.Embedding(max_len, hp.dim)
        layer = nn.TransformerEncoderLayer(hp.dim, hp.heads, 4 * hp.dim, dropout=0.0, batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, hp.layers, enable_nested_tensor=False)
        self.out = nn.Linear(hp.dim, vocab)

    def forward(self, x):
        t = x.size(1)
        h = self.tok(x) + self.pos.weight[:t]
        # fault:
        h = self.body(h, src_key_padding_mask=x == 0)
        # mended:
        #future = torch.ones(t, t, dtype=torch.bool).triu(1)
        #h = self.body(h, mask=future, src_key_padding_mask=x == 0)
        # end
        return self.out(h)


def lm_loss(model, x):
    return nn.functional.cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten(), ignore_index=0)


@torch.no_grad()
def agreement(model, items, w2i):
    """The prefix up to the verb is given; the right form of the verb must win against the wrong one."""
    right = {"none": [0, 0], "same": [0, 0], "attractor": [0, 0]}
    sg_ids = torch.tensor([w2i[v + "s"] for v in VERBS])
    pl_ids = torch.tensor([w2i[v] for v in VERBS])
    for words, pos, sg, other in items:
        prefix = torch.tensor([[1] + [w2i[w] for w in words[:pos]]])
        p = model(prefix)[0, -1].softmax(-1)
        kind = "none" if other is None else "same" if other == sg else "attractor"
        right[kind][0] += int((p[sg_ids].sum() > p[pl_ids].sum()).item() == sg)
        right[kind][1] += 1
    return {k: a / b for k, (a, b) in right.items()}


def main(hp=Hparams()):
    rng = random.Random(hp.seed)
    torch.manual_seed(hp.seed)
    pool = {}
    while len(pool) < 2400:
        s = sentence(rng)
        pool[s[0]] = s
    pool = list(pool.values())
    w2i = {w: i + 2 for i, w in enumerate(sorted({w for s in pool for w in s[0]} | set(VERBS)))}
    encode = lambda s: torch.tensor([1] + [w2i[w] for w in s[0]])
    pad = lambda part: nn.utils.rnn.pad_sequence([encode(s) for s in part], batch_first=True)
    train, test = pool[:2000], pool[2000:]
    model = CausalLM(len(w2i) + 2, hp)
    opt = torch.optim.AdamW(model.parameters(), lr=hp.lr)
    steps = hp.epochs * math.ceil(len(train) / hp.batch)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, hp.lr, total_steps=steps)
    for epoch in range(1, hp.epochs + 1):
        model.train()
        rng.shuffle(train)
        total = 0.0
        for i in range(0, len(train), hp.batch):
            loss = lm_loss(model, pad(train[i:i + hp.batch]))
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            total += loss.item() * len(train[i:i + hp.batch])
        if epoch % 3 == 0:
            model.eval()
            with torch.no_grad():
                ppl = math.exp(lm_loss(model, pad(test)))
            print(f"epoch {epoch:2d}  train ppl {math.exp(total / len(train)):.2f}  test ppl {ppl:.2f}")
    print("agreement:", {k: round(v, 3) for k, v in agreement(model, test, w2i).items()})


if __name__ == "__main__":
    main()
