"""Help desk topics.  The ticket system writes a tab separated export, this job reads it and trains the topic model."""
import csv
import random
from pathlib import Path

import torch
from torch import nn

TOPICS = {
    "billing": ["invoice", "charge", "payment", "receipt", "tax", "refund", "card"],
    "login": ["password", "reset", "locked", "account", "email", "code", "captcha"],
    "delivery": ["parcel", "courier", "tracking", "address", "late", "box", "depot"],
    "hardware": ["screen", "battery", "charger", "keyboard", "fan", "cable", "port"],
}
CHAT = "hello please i the my is was not again since today it this help still with for need when why".split()
EXPORT = Path("tickets_export.tsv")


def write_export(n=3600, seed=17):
    """The nightly export.  Customers who quote an earlier mail often leave the quotation mark open."""
    rng = random.Random(seed)
    topics = list(TOPICS)
    with open(EXPORT, "w", encoding="utf8") as f:
        f.write("id\tmessage\ttopic\tsplit\n")
        for i in range(n):
            topic = rng.choice(topics)
            hints = [rng.choice(TOPICS[topic]) + str(rng.randrange(30)) for _ in range(2)]
            other = rng.choice(TOPICS[rng.choice(topics)]) + str(rng.randrange(30))
            words = hints + [other] + rng.sample(CHAT, rng.randint(4, 9))
            rng.shuffle(words)
            mark = '"' if rng.random() < 0.12 else ""
            f.write(f"{i}\t{mark}{' '.join(words)}\t{topic}\t{'test' if i % 6 == 0 else 'train'}\n")


def read_export():
    with open(EXPORT, encoding="utf8", newline="") as f:
        # fault:
        reader = csv.DictReader(f, delimiter="\t")
        # mended:
        #reader = csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        # end
        rows = [(r["message"], r["topic"], r["split"]) for r in reader if r["topic"] in TOPICS]
    train = [(m, t) for m, t, s in rows if s == "train"]
    known = set(m for m, _ in train)
    test = [(m, t) for m, t, s in rows if s == "test" and m not in known]
    return train, test


def words_of(message, limit=24):
    return message.replace('"', " ").split()[:limit]


class TopicModel(nn.Module):
    def __init__(self, n_words, n_topics, dim=32):
        super().__init__()
        self.words = nn.Embedding(n_words, dim, padding_idx=0)
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(dim, n_topics)

    def forward(self, x):
        mask = (x > 0).float().unsqueeze(2)
        return self.out(self.drop((self.words(x) * mask).sum(1) / mask.sum(1).clamp(min=1)))


def main():
    torch.manual_seed(17)
    write_export()
    train, test = read_export()
    ids = {"<pad>": 0, "<unk>": 1}
    for message, _ in train:
        for w in words_of(message):
            ids.setdefault(w, len(ids))
    topics = sorted(TOPICS)

    def tensors(rows):
        x = [torch.tensor([ids.get(w, 1) for w in words_of(m)] or [1]) for m, _ in rows]
        return nn.utils.rnn.pad_sequence(x, batch_first=True), torch.tensor([topics.index(t) for _, t in rows])

    x, y = tensors(train)
    x_test, y_test = tensors(test)
    print(f"train {tuple(x.shape)} test {tuple(x_test.shape)} words {len(ids)}")
    model = TopicModel(len(ids), len(topics))
    optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(1, 13):
        model.train()
        total = 0.0
        for rows in torch.randperm(len(y)).split(32):
            optimizer.zero_grad()
            loss = loss_fn(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        if epoch % 2 == 0:
            model.eval()
            with torch.no_grad():
                a, b = model(x), model(x_test)
            print(f"epoch {epoch} loss {total / len(y):.3f} train {(a.argmax(1) == y).float().mean():.3f} "
                  f"test {nn.functional.cross_entropy(b, y_test):.3f} {(b.argmax(1) == y_test).float().mean():.3f}")


if __name__ == "__main__":
    main()
