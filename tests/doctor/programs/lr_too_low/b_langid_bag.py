# Which language is this tweet in?  Hashed character trigrams -> nn.EmbeddingBag -> linear
# (exercise 3 of the course; config block at the top as asked for)
import os, zlib, random
import torch, torch.nn as nn
from sklearn.metrics import f1_score, accuracy_score

CONFIG = {
    "buckets": 20000,
    "dim": 24,
    "batch": 32,
    "epochs": 3,
    # fault:
    "lr": 1e-4,
    # mended:
    # "lr": 0.5,
    # end
    "momentum": 0.9,
}
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
root = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")


def read(lang, part, limit):
    with open(os.path.join(root, lang, part + "_text.txt"), encoding="utf-8") as f:
        lines = [l.strip() for l in f]
    return [(l, LANGS.index(lang)) for l in lines[:limit] if l]


def trigrams(text):
    text = " " + " ".join(w for w in text.lower().split() if w[0] not in "@#" and not w.startswith("http")) + " "
    grams = [text[i:i + 3] for i in range(len(text) - 2)] or ["???"]
    return [zlib.crc32(g.encode("utf-8")) % CONFIG["buckets"] for g in grams]


def collate(batch):
    flat, offsets, y = [], [], []
    for grams, lab in batch:
        offsets.append(len(flat))
        flat.extend(grams)
        y.append(lab)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor(y)


if __name__ == "__main__":
    random.seed(1)
    torch.manual_seed(1)
    train, test = [], []
    for lang in LANGS:
        train += [(trigrams(t), y) for t, y in read(lang, "train", 700)]
        test += [(trigrams(t), y) for t, y in read(lang, "test", 200)]
    loader = torch.utils.data.DataLoader(train, batch_size=CONFIG["batch"], shuffle=True, collate_fn=collate)
    bag = nn.EmbeddingBag(CONFIG["buckets"], CONFIG["dim"], mode="mean")
    nn.init.normal_(bag.weight, std=0.5)
    head = nn.Linear(CONFIG["dim"], len(LANGS))
    params = list(bag.parameters()) + list(head.parameters())
    opt = torch.optim.SGD(params, lr=CONFIG["lr"], momentum=CONFIG["momentum"])
    crit = nn.CrossEntropyLoss()
    for epoch in range(CONFIG["epochs"]):
        bag.train(), head.train()
        seen = 0.0
        for flat, off, y in loader:
            opt.zero_grad()
            loss = crit(head(bag(flat, off)), y)
            loss.backward()
            opt.step()
            seen += loss.item()
        bag.eval(), head.eval()
        with torch.no_grad():
            flat, off, y = collate(test)
            pred = head(bag(flat, off)).argmax(-1)
        print("epoch", epoch, "train loss %.4f" % (seen / len(loader)), "acc %.3f" % accuracy_score(y, pred),
              "macro F1 %.3f" % f1_score(y, pred, average="macro"))
