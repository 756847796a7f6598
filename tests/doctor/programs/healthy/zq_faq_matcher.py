"""Match a user's question to one of our FAQ entries: shared word encoder, cosine, softmax with a learned temperature."""
import itertools
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

ACTIONS = {"cancel": ["cancel", "stop", "end", "quit"], "change": ["change", "modify", "edit", "update"], "pay": ["pay", "settle", "transfer"],
           "find": ["find", "locate", "see"], "share": ["share", "give", "send"], "renew": ["renew", "extend", "prolong"]}
THINGS = {"subscription": ["subscription", "plan", "membership"], "address": ["address", "street", "location"], "invoice": ["invoice", "bill"],
          "ticket": ["ticket", "seat", "booking"], "password": ["password", "passcode"], "licence": ["licence", "permit"], "gift card": ["voucher", "gift", "coupon"]}
FRAMES = ["how do i {a} my {t}", "can i {a} the {t} online", "please {a} my {t}", "i need to {a} a {t} today", "what must i do to {a} this {t}",
          "{t} {a} how", "is it possible to {a} my old {t}"]
FAQS = list(itertools.product(ACTIONS, THINGS))          # 42 entries


@dataclass
class Example:
    query: list
    faq: int


def build(rng):
    data = []
    for k, (a, t) in enumerate(FAQS):
        for frame in FRAMES:
            for va in ACTIONS[a]:
                for vt in THINGS[t]:
                    data.append(Example(frame.format(a=va, t=vt).split(), k))
    rng.shuffle(data)
    return data


class Encoder(nn.Module):
    def __init__(self, n_words, dim):
        super().__init__()
        self.words = nn.EmbeddingBag(n_words, dim, mode="sum")
        self.gate = nn.Linear(dim, dim)

    def forward(self, flat, offsets):
        s = self.words(flat, offsets)
        return F.normalize(s + torch.tanh(self.gate(s)), dim=-1)


class Matcher(nn.Module):
    def __init__(self, n_words, dim=32):
        super().__init__()
        self.encoder = Encoder(n_words, dim)
        self.log_scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, query, faqs):
        return self.log_scale.exp() * self.encoder(*query) @ self.encoder(*faqs).t()


def pack(texts, vocab):
    ids = [[vocab[w] for w in t if w in vocab] for t in texts]
    lens = torch.tensor([0] + [len(i) for i in ids[:-1]])
    return torch.tensor(list(itertools.chain.from_iterable(ids))), lens.cumsum(0)


@torch.no_grad()
def recall(model, data, faqs, vocab):
    model.eval()
    scores = model(pack([e.query for e in data], vocab), faqs)
    gold = torch.tensor([e.faq for e in data])
    rank = (scores > scores.gather(1, gold[:, None])).sum(1)
    return (rank < 1).float().mean().item(), (rank < 3).float().mean().item(), (1 / (rank + 1.0)).mean().item()


def main():
    rng = random.Random(1)
    torch.manual_seed(1)
    data = build(rng)[:2200]
    train, test = data[:1700], data[1700:]
    faq_texts = [("how to " + a + " your " + t).split() for a, t in FAQS]
    vocab = {}
    for words in faq_texts + [e.query for e in train]:
        for w in words:
            vocab.setdefault(w, len(vocab))
    faqs = pack(faq_texts, vocab)
    model = Matcher(len(vocab))
    opt = torch.optim.Adam([{"params": model.encoder.parameters(), "lr": 0.008}, {"params": [model.log_scale], "lr": 0.02}])
    for epoch in range(5):
        model.train()
        rng.shuffle(train)
        total = 0.0
        for k in range(0, len(train), 34):
            part = train[k:k + 34]
            loss = F.cross_entropy(model(pack([e.query for e in part], vocab), faqs), torch.tensor([e.faq for e in part]))
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(part) / len(train)
        print("epoch %d loss %.4f scale %.1f  R@1 %.3f R@3 %.3f MRR %.3f" % (epoch, total, model.log_scale.exp().item(), *recall(model, test, faqs, vocab)))
        for g in opt.param_groups:
            g["lr"] *= 0.6
    print("train R@1 %.3f" % recall(model, train, faqs, vocab)[0])


if __name__ == "__main__":
    main()
