"""Call transcripts: each line of the dialogue becomes one vector, a GRU reads the lines. Outcome: sold or not."""
import random
from typing import List, Tuple

import numpy as np
import torch
from torch import nn, Tensor

random.seed(31)
torch.manual_seed(31)

Dialogue = List[List[str]]
YES = "yes interested sounds good tell more perfect when start send contract agree".split()
NO = "no busy expensive already have stop calling not need bye later".split()
TALK = ("hello this is from company about your plan the a we offer month with per and new phone line price "
        "year support for you today can i do it our what team speak is that").split()


def dialogue() -> Tuple[Dialogue, int]:
    y = random.randint(0, 1)
    lines = []
    for _ in range(random.randint(4, 6)):
        n = random.randint(4, 9)
        line = random.choices(TALK, k=n)
        if random.random() < 0.8:
            side = YES if (random.random() < 0.85) == bool(y) else NO
            line[random.randrange(n)] = random.choice(side)
        lines.append(line)
    return lines, y


class LineEncoder(nn.Module):
    def __init__(self, vocab: dict, dim: int):
        super().__init__()
        self.vocab = vocab
        self.table = nn.EmbeddingBag(len(vocab), dim, mode="mean")

    def forward(self, lines: Dialogue) -> Tensor:
        ids = [torch.tensor([self.vocab[w] for w in l]) for l in lines]
        starts = np.cumsum([0] + [len(i) for i in ids[:-1]])
        return self.table(torch.cat(ids), torch.as_tensor(starts))


class TranscriptModel(nn.Module):
    def __init__(self, vocab: dict, dim: int = 6, hidden: int = 24):
        super().__init__()
        self.lines = LineEncoder(vocab, dim)
        self.norm = nn.LayerNorm(dim)
        self.reader = nn.GRU(dim, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, batch: List[Dialogue]) -> Tensor:
        flat = self.lines([l for d in batch for l in d])
        parts = flat.split([len(d) for d in batch])
        # fault:
        arrays = [p.detach().numpy() for p in parts]
        padded = torch.zeros(len(batch), max(map(len, arrays)), flat.size(1))
        for k, a in enumerate(arrays):
            padded[k, :len(a)] = torch.from_numpy(a)
        # mended:
        # padded = nn.utils.rnn.pad_sequence(list(parts), batch_first=True)
        # end
        lengths = torch.tensor([len(d) for d in batch])
        packed = nn.utils.rnn.pack_padded_sequence(self.norm(padded), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.reader(packed)
        return self.out(h[-1]).squeeze(-1)


def main():
    data = [dialogue() for _ in range(1900)]
    train, test = data[:1500], data[1500:]
    vocab = {w: i for i, w in enumerate(sorted(set(YES + NO + TALK)))}
    model = TranscriptModel(vocab)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    criterion = nn.BCEWithLogitsLoss()

    def accuracy(part):
        model.eval()
        with torch.no_grad():
            z = model([d for d, _ in part])
        return ((z > 0).numpy() == np.array([y for _, y in part])).mean()

    for epoch in range(6):
        model.train()
        random.shuffle(train)
        seen = []
        for i in range(0, len(train), 50):
            chunk = train[i:i + 50]
            loss = criterion(model([d for d, _ in chunk]), torch.tensor([float(y) for _, y in chunk]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen.append(loss.item())
        print(f"epoch {epoch}: loss {np.mean(seen):.4f} train {accuracy(train[:500]):.3f} test {accuracy(test):.3f}")


if __name__ == "__main__":
    main()
