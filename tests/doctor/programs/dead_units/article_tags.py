"""Article tagger: rare topic tags on newswire-like notes.  Output prior as in the focal-loss paper."""
import math
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

TAGS = ["grain", "crude", "gold", "sugar", "coffee", "copper", "cotton", "rubber", "tin", "cocoa"]
VERBS = "said rose fell offers trade price market export week company output report tonnes would last year".split()


class NoteSampler:
    def __init__(self, seed):
        self.rnd = random.Random(seed)

    def note(self):
        tags = [k for k in range(len(TAGS)) if self.rnd.random() < 0.07]
        toks = self.rnd.choices(VERBS, k=self.rnd.randint(6, 12))
        for k in tags:
            toks += ["%s%d" % (TAGS[k][:3], self.rnd.randint(0, 11)) for _ in range(self.rnd.randint(1, 3))]
        if self.rnd.random() < 0.15:
            toks.append("%s%d" % (self.rnd.choice(TAGS)[:3], self.rnd.randint(0, 11)))
        self.rnd.shuffle(toks)
        return toks, tags

    def take(self, n):
        return [self.note() for _ in range(n)]


class Tagger(nn.Module):
    def __init__(self, n_words, dim=32, hidden=64, prior=0.07):
        super().__init__()
        self.prior = prior
        self.embedding = nn.EmbeddingBag(n_words, dim, mode="sum", padding_idx=0)
        self.hidden1 = nn.Linear(dim, hidden)
        self.hidden2 = nn.Linear(hidden, hidden)
        self.classifier = nn.Linear(hidden, len(TAGS))
        self.apply(self._init_weights)

    def _init_weights(self, module):
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            # fault:
            nn.init.constant_(module.bias, -math.log((1 - self.prior) / self.prior))
            # mended:
            # out = module.out_features == len(TAGS)
            # nn.init.constant_(module.bias, -math.log((1 - self.prior) / self.prior) if out else 0.0)
            # end
        elif isinstance(module, nn.EmbeddingBag):
            nn.init.normal_(module.weight, std=0.1)
            with torch.no_grad():
                module.weight[0].zero_()

    def forward(self, ids):
        h = F.relu(self.hidden1(self.embedding(ids)))
        h = F.relu(self.hidden2(h))
        return self.classifier(h)


def tensors(rows, vocab):
    width = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), width, dtype=torch.long)
    y = torch.zeros(len(rows), len(TAGS))
    for i, (toks, tags) in enumerate(rows):
        x[i, :len(toks)] = torch.tensor([vocab.get(w, 0) for w in toks])
        y[i, tags] = 1.0
    return x, y


def main():
    torch.manual_seed(1987)
    train, dev = NoteSampler(1).take(4000), NoteSampler(2).take(800)
    vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in t}))}
    x, y = tensors(train, vocab)
    xd, yd = tensors(dev, vocab)
    model = Tagger(len(vocab) + 1)
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    print("positives per note %.2f, rows without a tag %.2f" % (yd.sum(1).mean(), (yd.sum(1) == 0).float().mean()))
    for epoch in range(10):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(x)).split(40):
            loss = F.binary_cross_entropy_with_logits(model(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        model.eval()
        with torch.no_grad():
            p = (model(xd) > 0).float()
        tp = (p * yd).sum().item()
        f1 = 2 * tp / max(1.0, (p.sum() + yd.sum()).item())
        print("epoch %2d loss %.4f dev F1 %.3f" % (epoch + 1, total / len(x), f1))


main()
