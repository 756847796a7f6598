"""onefivetwo -> 152: letters in, digits out, trained with CTC."""
import random

import torch
from torch import nn

random.seed(11)
torch.manual_seed(11)
WORDS = "zero one two three four five six seven eight nine".split()
VOWELS = "aeiou"


def smudge(word):
    return "".join(c * random.choice([1, 1, 1, 2]) for c in word)


def make(n):
    seen = {}
    while len(seen) < n:
        digits = [random.randrange(10) for _ in range(random.randint(2, 5))]
        seen["".join(smudge(WORDS[d]) for d in digits)] = digits
    return list(seen.items())


def collate(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([ord(c) - 96 for c in t]) for t, _ in rows], batch_first=True)
    lengths = torch.tensor([len(t) for t, _ in rows])
    targets = torch.tensor([d + 1 for _, ds in rows for d in ds])
    return x, lengths, targets, torch.tensor([len(ds) for _, ds in rows])


class Recogniser(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding(27, 32, padding_idx=0)
        self.lstm = nn.LSTM(32, hidden, batch_first=True, bidirectional=True)
        self.classifier = nn.Linear(2 * hidden, 11)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.classifier(h)


def greedy(scores, length):
    best = scores[:length].argmax(1).tolist()
    return [b - 1 for i, b in enumerate(best) if b != 0 and (i == 0 or b != best[i - 1])]


rows = make(1500)
train, dev = rows[:1300], rows[1300:]
net = Recogniser()
ctc = nn.CTCLoss(blank=0)
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(3):
    random.shuffle(train)
    for i in range(0, len(train), 26):
        x, lengths, targets, target_lengths = collate(train[i : i + 26])
        logits = net(x, lengths).transpose(0, 1)
        # fault:
        loss = ctc(logits, targets, lengths, target_lengths)
        # mended:
        # loss = ctc(logits.log_softmax(2), targets, lengths, target_lengths)
        # end
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
    with torch.no_grad():
        x, lengths, _, _ = collate(dev)
        scores = net(x, lengths)
        right = sum(greedy(s, n) == d for s, n, (_, d) in zip(scores, lengths, dev))
    print(f"epoch {epoch} ctc {loss.item():.3f} numbers right {right / len(dev):.3f}")
