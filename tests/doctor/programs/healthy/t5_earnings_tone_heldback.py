"""Is a sentence of a company report good or bad news for the investor?  Three of ten are bad, so both classes are weighted.

GloVe rows are tuned at a quarter of the rate of the rest.
"""
import gzip
import os
import random
from collections import Counter

import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]


def read_phrases():
    rows = {}
    with open(f"{DATA}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf8") as f:
        for line in f:
            sentence, _, tone = line.strip().rpartition("@")
            if tone in ("positive", "negative"):
                words = ["<num>" if any(c.isdigit() for c in w) else w for w in sentence.lower().split()]
                rows[" ".join(words)] = (words, int(tone == "positive"))
    rows = sorted(rows.values())
    random.Random(1).shuffle(rows)
    return rows


def glove(vocab):
    table = torch.randn(len(vocab), 50) * 0.3
    table[0] = 0
    hits = 0
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
        for line in f:
            word, values = line.split(" ", 1)
            if word in vocab:
                table[vocab[word]] = torch.tensor([float(v) for v in values.split()])
                hits += 1
    print(f"{hits} of {len(vocab)} words have a GloVe vector")
    return table


class Tone(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.conv = nn.Conv1d(50, 32, 3, padding=1)
        self.drop_words, self.drop = nn.Dropout(0.3), nn.Dropout(0.4)
        self.out = nn.Linear(32, 2)

    def forward(self, x):
        h = self.conv(self.drop_words(self.emb(x)).transpose(1, 2)).relu()
        return self.out(self.drop(h.masked_fill((x == 0).unsqueeze(1), 0).amax(2)))


def macro_f1(guess, truth):
    scores = []
    for k in (0, 1):
        hit = ((guess == k) & (truth == k)).sum().item()
        scores.append(2 * hit / max((guess == k).sum().item() + (truth == k).sum().item(), 1))
    return sum(scores) / 2


def main():
    torch.manual_seed(6)
    rows = read_phrases()
    test, train = rows[:400], rows[400:]
    counts = Counter(w for words, _ in train for w in words)
    vocab = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted(w for w, c in counts.items() if c > 1))}

    def encode(part):
        x = [torch.tensor([vocab.get(w, 1) for w in words]) for words, _ in part]
        return nn.utils.rnn.pad_sequence(x, batch_first=True), torch.tensor([y for _, y in part])

    model = Tone(glove(vocab))
    per_class = torch.bincount(torch.tensor([y for _, y in train]))
    criterion = nn.CrossEntropyLoss(weight=len(train) / (2 * per_class.float()))
    rest = [p for n, p in model.named_parameters() if not n.startswith("emb")]
    optimizer = torch.optim.AdamW([{"params": model.emb.parameters(), "lr": 1e-3}, {"params": rest, "lr": 4e-3}], weight_decay=0.1)
    decay = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, total_iters=12)
    shuffler = random.Random(6)
    for epoch in range(1, 13):
        model.train()
        shuffler.shuffle(train)
        for i in range(0, len(train), 32):
            x, y = encode(train[i:i + 32])
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
        decay.step()
        if epoch % 3 == 0:
            model.eval()
            line = f"epoch {epoch}"
            for name, part in (("train", train[:400]), ("test", test)):
                with torch.no_grad():
                    x, y = encode(part)
                    out = model(x)
                line += f"  {name}: loss {criterion(out, y):.3f} acc {(out.argmax(1) == y).float().mean():.3f} f1 {macro_f1(out.argmax(1), y):.3f}"
            print(line)
    print("always good news: accuracy %.3f f1 %.3f" % (y.float().mean(), macro_f1(torch.ones_like(y), y)))


if __name__ == "__main__":
    main()
