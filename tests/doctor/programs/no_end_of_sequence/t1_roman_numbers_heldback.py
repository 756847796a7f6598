"""Chapter 7 exercise: teach a small encoder-decoder to write Roman numerals.

1994 -> M CM XC IV, read digit by digit, written letter by letter.
"""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(12)
torch.manual_seed(12)

PAD, SOS, EOS = 0, 1, 2
LETTERS = {c: i + 3 for i, c in enumerate("IVXLCDM")}
BACK = {i: c for c, i in LETTERS.items()}
MAX_LEN = 18


def to_roman(n):
    out = ""
    for value, letters in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
                           (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while n >= value:
            out += letters
            n -= value
    return out


class Numerals(Dataset):
    def __init__(self, numbers):
        self.numbers = list(numbers)

    def __len__(self):
        return len(self.numbers)

    def __getitem__(self, i):
        n = self.numbers[i]
        digits = [int(d) for d in f"{n:04d}"]
        letters = [LETTERS[c] for c in to_roman(n)]
        # fault:
        target = [SOS] + letters
        # mended:
        #target = [SOS] + letters + [EOS]
        # end
        return torch.tensor(digits), torch.tensor(target)


def collate(batch):
    digits = torch.stack([d for d, _ in batch])
    target = nn.utils.rnn.pad_sequence([t for _, t in batch], batch_first=True, padding_value=PAD)
    return digits, target


class Encoder(nn.Module):
    """One vector for each digit at each place."""

    def __init__(self, size):
        super().__init__()
        self.digit = nn.Embedding(40, size)
        self.mix = nn.Linear(4 * size, size)

    def forward(self, digits):
        places = digits + torch.arange(4) * 10
        vectors = self.digit(places)
        return vectors, torch.tanh(self.mix(vectors.flatten(1))).unsqueeze(0)


class Decoder(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.letter = nn.Embedding(len(LETTERS) + 3, size, padding_idx=PAD)
        self.gru = nn.GRU(size, size, batch_first=True)
        self.ask = nn.Linear(size, size)
        self.out = nn.Sequential(nn.Linear(2 * size, size), nn.ReLU(), nn.Linear(size, len(LETTERS) + 3))

    def forward(self, letters, vectors, state):
        hidden, state = self.gru(self.letter(letters), state)
        weights = torch.softmax(self.ask(hidden) @ vectors.transpose(1, 2), dim=-1)
        return self.out(torch.cat([hidden, weights @ vectors], dim=-1)), state


encoder, decoder = Encoder(64), Decoder(64)
params = list(encoder.parameters()) + list(decoder.parameters())
optimizer = torch.optim.Adam(params, lr=4e-3)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)

numbers = random.sample(range(1, 4000), 3999)
train_numbers, test_numbers = numbers[:3300], numbers[3300:]
loader = DataLoader(Numerals(train_numbers), batch_size=64, shuffle=True, collate_fn=collate)


@torch.no_grad()
def write(batch_of_numbers):
    encoder.eval(), decoder.eval()
    digits = torch.tensor([[int(d) for d in f"{n:04d}"] for n in batch_of_numbers])
    vectors, state = encoder(digits)
    token = torch.full((len(digits), 1), SOS)
    written, open_rows = [""] * len(digits), [True] * len(digits)
    for _ in range(MAX_LEN):
        logits, state = decoder(token, vectors, state)
        token = logits[:, -1].argmax(-1, keepdim=True)
        for r, t in enumerate(token.flatten().tolist()):
            if t == EOS:
                open_rows[r] = False
            if open_rows[r]:
                written[r] += BACK.get(t, "?")
        if not any(open_rows):
            break
    return written


def exact(batch_of_numbers):
    answers = write(batch_of_numbers)
    return sum(a == to_roman(n) for a, n in zip(answers, batch_of_numbers)) / len(answers)


for epoch in range(1, 10):
    encoder.train(), decoder.train()
    total = 0.0
    for digits, target in loader:
        vectors, state = encoder(digits)
        logits, _ = decoder(target[:, :-1], vectors, state)
        loss = criterion(logits.flatten(0, 1), target[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        optimizer.step()
        total += loss.item()
    if epoch % 3 == 0:
        print(f"epoch {epoch:2d}  loss {total / len(loader):.4f}  written exactly: {exact(test_numbers):.3f}")

for n, answer in zip(test_numbers[:4], write(test_numbers[:4])):
    print(n, answer, "should be", to_roman(n))
print(f"exact match: train {exact(train_numbers[:700]):.3f}, test {exact(test_numbers):.3f}")
