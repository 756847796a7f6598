# Native or borrowed?  4-fold ensemble of hashed n-gram models; each fold keeps a running average of its weights.
import copy, random, zlib
import torch
from torch import nn

random.seed(99); torch.manual_seed(99)
NATIVE = (["wald", "stein", "hof", "berg", "feld", "brun", "holz", "wind", "korn", "licht"], ["er", "lich", "ung", "heit", "el", "chen"])
LOAN = (["nat", "stat", "form", "lokal", "port", "trad", "funkt", "sens", "mot", "lect"], ["ion", "al", "ität", "ment", "eur", "ismus"])
GLUE = ["a", "e", "i", "o", "u", "be", "ge", "an", "re", "ma", "ko", "ti", "lu", "se"]


def word():
    y = int(random.random() < .4)
    stems, ends = (LOAN if y else NATIVE)
    if random.random() < .12: ends = (NATIVE if y else LOAN)[1]           # hybrids
    w = random.choice(GLUE) + random.choice(stems) + random.choice(GLUE + [""]) + random.choice(ends)
    if random.random() < .4:
        k = random.randrange(len(w)); w = w[:k] + random.choice("abdegiklmnorstu") + w[k + 1:]
    return w, y


pool = sorted({w: y for w, y in (word() for _ in range(2600))}.items())
random.shuffle(pool)
final, rest = pool[:400], pool[400:]
B = 1 << 11


def feats(ws):
    flat, off = [], []
    for w in ws:
        off.append(len(flat))
        w = f"<{w}>"
        flat += [zlib.crc32(w[i:i + n].encode()) % B for n in (2, 3) for i in range(len(w) - n + 1)]
    return torch.tensor(flat), torch.tensor(off)


def new_model():
    m = nn.ModuleDict({"bag": nn.EmbeddingBag(B, 10, mode="mean"), "drop": nn.Dropout(.2), "out": nn.Linear(10, 2)})
    nn.init.normal_(m["bag"].weight, std=.3)
    return m


def logits(m, ws):
    return m["out"](m["drop"](m["bag"](*feats(ws))))


def accuracy(p, part):
    return (p.argmax(1) == torch.tensor([y for _, y in part])).float().mean().item()


votes = 0
for fold in range(4):
    dev, trn = rest[fold::4], [p for k, p in enumerate(rest) if k % 4 != fold]
    net = new_model()
    ema = copy.deepcopy(net).requires_grad_(False).eval()
    opt = torch.optim.Adam(net.parameters(), lr=2e-2)
    crit = nn.CrossEntropyLoss(label_smoothing=.05)
    for ep in range(3):
        net.train()
        random.shuffle(trn)
        for i in range(0, len(trn), 64):
            ws, ys = zip(*trn[i:i + 64])
            loss = crit(logits(net, ws), torch.tensor(ys))
            opt.zero_grad(); loss.backward(); opt.step()
            with torch.no_grad():
                for a, p in zip(ema.parameters(), net.parameters()):
                    a.lerp_(p, .1)
    with torch.no_grad():
        p_dev, p_trn = logits(ema, [w for w, _ in dev]), logits(ema, [w for w, _ in trn])
        votes = votes + logits(ema, [w for w, _ in final]).softmax(1)
    print(f"fold {fold}: train {accuracy(p_trn, trn):.3f}  dev {accuracy(p_dev, dev):.3f}")
print(f"ensemble on the final set: {accuracy(votes, final):.3f}   (majority {sum(1 - y for _, y in final) / len(final):.3f})")
