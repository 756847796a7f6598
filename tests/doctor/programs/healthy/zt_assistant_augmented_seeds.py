#!/usr/bin/env python
"""Intent classification with few templates: synonyms and case noise are added to TRAINING rows only,
repeated for three seeds, mean and spread are reported."""
import itertools
import random
import statistics

import torch

SYN = {"play": ["start", "put on"], "song": ["track", "tune"], "weather": ["forecast"], "alarm": ["timer", "wake up call"],
       "set": ["create", "make"], "stop": ["cancel", "end"], "buy": ["order", "purchase"], "show": ["display", "give me"],
       "tell": ["inform"], "turn": ["switch"], "light": ["lamp"], "message": ["text", "note"], "send": ["write"]}
PLACE = "kitchen bedroom office berlin paris london cellar garden oslo rome".split()
WHEN = "today|tomorrow|at nine|tonight|on monday|this evening|at noon|in an hour".split("|")
WHO = "anna bob carla dave eva frank gina hal".split()
INTENTS = {
    "music": ["play a song for {who}", "play some song {when}", "stop the song", "i want that song in the {place}"],
    "weather": ["tell me the weather in {place}", "show the weather {when}", "what is the weather for {when} in {place}"],
    "alarm": ["set an alarm {when}", "stop the alarm {when}", "set my alarm for {who} {when}"],
    "light": ["turn the {place} light on", "turn off the light {when}", "set the light in the {place}"],
    "message": ["send {who} a message", "send a message to {who} {when}", "show my message from {who}"],
    "shop": ["buy milk {when}", "buy a gift for {who}", "show what i can buy in {place}"],
}
NAMES = list(INTENTS)
UNI = 3000


def fill(rng, intent):
    core = rng.choice(INTENTS[intent]).format(who=rng.choice(WHO), when=rng.choice(WHEN), place=rng.choice(PLACE))
    return " ".join([rng.choice(["", "please", "hey", "could you", "now"]), core, rng.choice(["", "thanks", "right away"])]).strip()


def paraphrase(rng, text, rate):
    return " ".join(rng.choice(SYN[w]) if w in SYN and rng.random() < rate else w for w in text.split())


def build(rng):
    texts = {}
    while len(texts) < 900:
        y = rng.randrange(len(NAMES))
        texts[fill(rng, NAMES[y])] = y
    items = list(texts.items())
    rng.shuffle(items)
    train, test = items[:600], items[600:]
    extra = [(paraphrase(rng, t, 0.7), y) for t, y in train for _ in range(2)]
    # test rows are rewritten once each (never copied), so that they use words seen only through augmentation
    seen = {t for t, _ in train + extra}
    test = [(p, y) for p, y in ((paraphrase(rng, t, 0.4), y) for t, y in test) if p not in seen]
    return train + extra, test


def features(rows, vocab):
    """count vectors of words and neighbours, as one dense matrix"""
    x = torch.zeros(len(rows), len(vocab))
    for i, (t, _) in enumerate(rows):
        for f in tokens(t):
            if f in vocab:
                x[i, vocab[f]] = 1.0
    return torch.nn.functional.normalize(x, dim=1), torch.tensor([y for _, y in rows])


def tokens(t):
    w = t.split()
    return w + [a + "_" + b for a, b in itertools.pairwise(w)]


def experiment(seed):
    rng = random.Random(seed)
    torch.manual_seed(seed)
    train, test = build(rng)
    rng.shuffle(train)
    freq = {}
    for f in (f for t, _ in train for f in tokens(t)):
        freq[f] = freq.get(f, 0) + 1
    vocab = {f: i for i, f in enumerate(sorted(f for f in freq if freq[f] >= 4)[:UNI])}
    (x, y), (xt, yt) = features(train, vocab), features(test, vocab)
    mlp = torch.nn.Sequential(torch.nn.Linear(len(vocab), 16, bias=False), torch.nn.LayerNorm(16), torch.nn.Mish(),
                              torch.nn.Linear(16, len(NAMES)))
    opt = torch.optim.Adadelta(mlp.parameters(), lr=1.0)
    for epoch in range(4):
        mlp.train()
        losses = []
        for b in torch.randperm(len(x)).split(60):
            loss = torch.nn.functional.cross_entropy(mlp(x[b]), y[b], label_smoothing=0.05)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        print(f"seed {seed} epoch {epoch} loss {statistics.mean(losses):.4f}")
    mlp.eval()
    with torch.no_grad():
        return [(mlp(a).argmax(1) == b).float().mean().item() for a, b in ((x, y), (xt, yt))]


results = [experiment(s) for s in (101, 202, 303)]
for name, col in zip(("train", "test"), zip(*results)):
    print(f"{name}: {statistics.mean(col):.4f} +- {statistics.stdev(col):.4f}   {[round(c, 4) for c in col]}")
