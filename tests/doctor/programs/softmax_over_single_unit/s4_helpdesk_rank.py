"""Helpdesk: rank knowledge-base articles for a ticket (pointwise relevance, hits@1 and MRR)."""
import argparse
import random

import torch
import torch.nn as nn

TOPICS = {
    "vpn": "vpn tunnel remote gateway token disconnect certificate network client split",
    "mail": "mail inbox outlook attachment spam calendar mailbox forward signature folder",
    "print": "printer paper toner jam tray queue duplex scan driver cartridge",
    "account": "password login locked reset account expired username credentials unlock mfa",
    "laptop": "laptop battery charger keyboard screen fan dock hinge touchpad webcam",
    "phone": "phone handset voicemail extension dial headset ringing transfer call conference",
    "storage": "disk quota drive share backup restore archive folderpath sync permission",
    "erp": "invoice order ledger posting purchase vendor approval cost booking supplier",
    "hr": "holiday payslip leave timesheet contract overtime salary absence onboarding benefits",
    "web": "browser page cookie cache certificateerror popup bookmark tab intranet proxy",
}
FILLER = "please help since today again still my the cannot does not work urgent office user when after".split()


class Texts:
    def __init__(self, rng):
        self.rng = rng
        self.topics = {k: v.split() for k, v in TOPICS.items()}
        words = sorted({w for v in self.topics.values() for w in v} | set(FILLER))
        self.index = {w: i + 1 for i, w in enumerate(words)}

    def make(self, topic, n_topic, n_filler):
        w = self.rng.sample(self.topics[topic], n_topic) + self.rng.sample(FILLER, n_filler)
        self.rng.shuffle(w)
        return [self.index[x] for x in w]

    def ticket(self, topic):
        return self.make(topic, self.rng.randint(2, 3), 5)

    def article(self, topic):
        return self.make(topic, 5, 3)


def flat(lists):
    offsets, pos = [], 0
    for s in lists:
        offsets.append(pos)
        pos += len(s)
    return torch.tensor([i for s in lists for i in s]), torch.tensor(offsets)


class Ranker(nn.Module):
    def __init__(self, n_words, dim=32):
        super().__init__()
        self.words = nn.EmbeddingBag(n_words, dim, mode="mean")
        self.score = nn.Sequential(nn.Linear(3 * dim, 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 1))

    def forward(self, tickets, articles):
        q = self.words(*flat(tickets))
        d = self.words(*flat(articles))
        s = self.score(torch.cat([q * d, (q - d).abs(), q + d], dim=1))
        # fault:
        return torch.softmax(s, dim=1).squeeze(1)
        # mended:
        #return torch.sigmoid(s).squeeze(1)
        # end


def ranking_metrics(model, lists):
    model.eval()
    hits, rr = 0, 0.0
    with torch.no_grad():
        for ticket, candidates, gold in lists:
            s = model([ticket] * len(candidates), candidates).tolist()
            order = sorted(range(len(s)), key=lambda i: -s[i])
            rank = order.index(gold) + 1
            hits += rank == 1
            rr += 1 / rank
    return hits / len(lists), rr / len(lists)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--pairs", type=int, default=4000)
    ap.add_argument("--epochs", type=int, default=7)
    ap.add_argument("--candidates", type=int, default=5)
    ap.add_argument("--seed", type=int, default=5)
    args = ap.parse_args()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    texts, names = Texts(rng), list(TOPICS)

    pairs, used = [], set()
    for i in range(args.pairs):
        t = rng.choice(names)
        other = t if i % 2 == 0 else rng.choice([n for n in names if n != t])
        q = texts.ticket(t)
        used.add(tuple(q))
        pairs.append((q, texts.article(other), float(i % 2 == 0)))

    lists = []
    while len(lists) < 250:
        t = rng.choice(names)
        q = texts.ticket(t)
        if tuple(q) in used:
            continue
        tops = rng.sample([n for n in names if n != t], args.candidates - 1)
        gold = rng.randrange(args.candidates)
        tops.insert(gold, t)
        lists.append((q, [texts.article(n) for n in tops], gold))

    model = Ranker(len(texts.index) + 1)
    bce = nn.BCELoss()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(args.epochs):
        model.train()
        rng.shuffle(pairs)
        total = 0.0
        for b in range(0, len(pairs), 64):
            q, d, y = zip(*pairs[b:b + 64])
            loss = bce(model(q, d), torch.tensor(y))
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        h, mrr = ranking_metrics(model, lists)
        print(f"epoch {epoch:2d}  bce {total / len(pairs):.4f}  hits@1 {h:.3f}  mrr {mrr:.3f}")


if __name__ == "__main__":
    main()
