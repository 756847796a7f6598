"""Two optimisers: SparseAdam for the word table, plain Adam for the dense rest."""
import random
import torch
import torch.nn as nn


def make_corpus(rng, n, n_topics=6, words_per_topic=60, n_common=300):
    topical = [["t%d_%d" % (t, k) for k in range(words_per_topic)] for t in range(n_topics)]
    common = ["c%d" % k for k in range(n_common)]
    docs, labels = [], []
    for _ in range(n):
        t = rng.randrange(n_topics)
        length = rng.randint(12, 40)
        doc = []
        for _ in range(length):
            r = rng.random()
            if r < 0.22:
                doc.append(rng.choice(topical[t]))
            elif r < 0.28:
                doc.append(rng.choice(topical[rng.randrange(n_topics)]))
            else:
                doc.append(rng.choice(common))
        docs.append(doc)
        labels.append(t)
    return docs, labels


class DeskModel(nn.Module):
    def __init__(self, n_words, dim, n_out):
        super().__init__()
        self.words = nn.EmbeddingBag(n_words, dim, mode="mean", sparse=True)
        self.head = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, n_out))
        nn.init.normal_(self.words.weight, std=0.1)

    def forward(self, flat, offsets):
        return self.head(self.words(flat, offsets))


def to_bags(docs):
    flat, offsets = [], []
    for d in docs:
        offsets.append(len(flat))
        flat.extend(d)
    return torch.tensor(flat), torch.tensor(offsets)


def score(model, docs, labels):
    model.eval()
    with torch.no_grad():
        guess = model(*to_bags(docs)).argmax(1)
    return (guess == torch.tensor(labels)).float().mean().item()


def main():
    rng = random.Random(17)
    torch.manual_seed(17)
    docs, labels = make_corpus(rng, 4000)
    cut = 3200
    ids = {}
    for d in docs[:cut]:
        for w in d:
            ids.setdefault(w, len(ids))
    docs = [[ids[w] for w in d if w in ids] for d in docs]

    model = DeskModel(len(ids), 20, 6)
    opts = [torch.optim.SparseAdam(list(model.words.parameters()), lr=0.006),
            torch.optim.Adam(model.head.parameters(), lr=0.006)]
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)

    for epoch in range(4):
        order = list(range(cut))
        rng.shuffle(order)
        model.train()
        seen, total = 0, 0.0
        while order:
            take, order = order[:64], order[64:]
            loss = loss_fn(model(*to_bags([docs[i] for i in take])), torch.tensor([labels[i] for i in take]))
            for o in opts:
                o.zero_grad(set_to_none=True)
            loss.backward()
            for o in opts:
                o.step()
            total += loss.item() * len(take)
            seen += len(take)
        print("epoch", epoch, "loss %.3f" % (total / seen), "train acc %.3f" % score(model, docs[:cut], labels[:cut]),
              "test acc %.3f" % score(model, docs[cut:], labels[cut:]))


main()
