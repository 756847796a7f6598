"""Sequence-to-sequence from scratch, part 2: reading numbers aloud.

The encoder reads the digits of a number, the decoder writes the number in words:
    4 0 7 2  ->  four thousand seventy two
"""
import random

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

torch.manual_seed(3)
random.seed(3)

PAD, BOS, EOS = 0, 1, 2
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
WORDS = ["<pad>", "<s>", "</s>"] + ONES + TENS + ["hundred", "thousand"]
WORD_ID = {w: i for i, w in enumerate(WORDS)}
MAX_WORDS = 9


def spell(n):
    words = []
    if n >= 1000:
        words += [ONES[n // 1000], "thousand"]
        n %= 1000
    if n >= 100:
        words += [ONES[n // 100], "hundred"]
        n %= 100
    if n >= 20:
        words.append(TENS[n // 10 - 2])
        n %= 10
    if n > 0:
        words.append(ONES[n])
    return words


def encode_pair(n):
    source = [int(d) + 1 for d in str(n)]
    target = [WORD_ID[w] for w in spell(n)]
    # fault:
    return torch.tensor(source), torch.tensor(target)
    # mended:
    #return torch.tensor(source), torch.tensor(target + [EOS])
    # end


def collate(batch):
    sources, targets = zip(*batch)
    lengths = torch.tensor([len(s) for s in sources])
    source = pad_sequence(sources, batch_first=True, padding_value=0)
    target = pad_sequence(targets, batch_first=True, padding_value=PAD)
    start = torch.full((len(batch), 1), BOS)
    decoder_input = torch.cat([start, target[:, :-1]], dim=1)
    return source, lengths, decoder_input, target


class Encoder(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embed = nn.Embedding(11, 24, padding_idx=0)
        self.gru = nn.GRU(24, hidden, batch_first=True)

    def forward(self, source, lengths):
        packed = pack_padded_sequence(self.embed(source), lengths, batch_first=True, enforce_sorted=False)
        _, state = self.gru(packed)
        return state


class Decoder(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embed = nn.Embedding(len(WORDS), 24, padding_idx=PAD)
        self.gru = nn.GRU(24, hidden, batch_first=True)
        self.out = nn.Linear(hidden, len(WORDS))

    def forward(self, tokens, state):
        output, state = self.gru(self.embed(tokens), state)
        return self.out(output), state


class NumberReader(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.encoder = Encoder(hidden)
        self.decoder = Decoder(hidden)

    def forward(self, source, lengths, decoder_input):
        logits, _ = self.decoder(decoder_input, self.encoder(source, lengths))
        return logits

    @torch.no_grad()
    def read(self, number):
        source = torch.tensor([[int(d) + 1 for d in str(number)]])
        state = self.encoder(source, torch.tensor([source.size(1)]))
        token, words = torch.tensor([[BOS]]), []
        for _ in range(MAX_WORDS):
            logits, state = self.decoder(token, state)
            token = logits.argmax(dim=-1)
            if token.item() == EOS:
                break
            words.append(WORDS[token.item()])
        return words


numbers = random.sample(range(1, 10000), 2500)
train_numbers, test_numbers = numbers[:2350], numbers[2350:]
loader = DataLoader([encode_pair(n) for n in train_numbers], batch_size=64, shuffle=True, collate_fn=collate)
model = NumberReader()
epochs = 12
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=epochs * len(loader))

for epoch in range(1, epochs + 1):
    model.train()
    running = 0.0
    for source, lengths, decoder_input, target in loader:
        logits = model(source, lengths, decoder_input)
        loss = F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        running += loss.item()
    if epoch % 3 == 0:
        print(f"epoch {epoch:2d} loss {running / len(loader):.4f}")

model.eval()
answers = [(n, model.read(n)) for n in test_numbers]
for n, words in answers[:4]:
    print(n, "->", " ".join(words))
print("exact match on new numbers:", sum(words == spell(n) for n, words in answers) / len(answers))
