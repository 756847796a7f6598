"""Seq2seq toy from the tutorial: digits -> number in words. ("4 0 7" -> "four hundred seven")"""
import random

import torch
import torch.nn as nn
from torch import optim

random.seed(8)
torch.manual_seed(8)

PAD, SOS, EOS = 0, 1, 2
MAX_LENGTH = 18
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000:
        return [ONES[n // 100], "hundred"] + (in_words(n % 100) if n % 100 else [])
    return in_words(n // 1000) + ["thousand"] + (in_words(n % 1000) if n % 1000 else [])


class Lang:
    def __init__(self):
        self.word2index = {"<pad>": PAD, "<sos>": SOS, "<eos>": EOS}

    def index(self, word):
        return self.word2index.setdefault(word, len(self.word2index))

    def __len__(self):
        return len(self.word2index)


numbers = random.sample(range(1, 10000), 2400)
digit_lang, word_lang = Lang(), Lang()
src = torch.zeros(len(numbers), 4, dtype=torch.long)
tgt = torch.full((len(numbers), MAX_LENGTH), PAD)
for row, n in enumerate(numbers):
    src[row] = torch.tensor([digit_lang.index(c) for c in "%04d" % n])
    ids = [word_lang.index(w) for w in in_words(n)] + [EOS]
    tgt[row, :len(ids)] = torch.tensor(ids)
train_src, train_tgt = src[:2000], tgt[:2000]
test_src, test_tgt = src[2000:], tgt[2000:]


class EncoderRNN(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n, hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)

    def forward(self, x):
        return self.gru(self.embedding(x))


class AttnDecoderRNN(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n, hidden, padding_idx=PAD)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)
        self.out = nn.Linear(2 * hidden, n)

    def forward(self, y, hidden, enc):
        h, hidden = self.gru(self.embedding(y), hidden)
        att = torch.softmax(h @ enc.transpose(1, 2), dim=-1)
        return self.out(torch.cat([h, att @ enc], dim=-1)), hidden


encoder, decoder = EncoderRNN(len(digit_lang), 40), AttnDecoderRNN(len(word_lang), 40)
opt = optim.Adam(list(encoder.parameters()) + list(decoder.parameters()), lr=0.008)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
#criterion = nn.CrossEntropyLoss(ignore_index=PAD)
# end


def token_accuracy(pred, gold):
    # fault:
    return (pred == gold).float().mean().item()
    # mended:
    #return (pred == gold)[gold != PAD].float().mean().item()
    # end


@torch.no_grad()
def translate(x):
    encoder.eval(); decoder.eval()
    enc, hidden = encoder(x)
    y = torch.full((len(x), 1), SOS)
    done = torch.zeros(len(x), dtype=torch.bool)
    result = torch.full((len(x), MAX_LENGTH), PAD)
    for t in range(MAX_LENGTH):
        logits, hidden = decoder(y, hidden, enc)
        y = logits[:, -1:].argmax(-1)
        result[:, t] = y[:, 0].masked_fill(done, PAD)
        done |= y[:, 0] == EOS
        if done.all():
            break
    return result


for epoch in range(1, 9):
    encoder.train(); decoder.train()
    total = 0.0
    for idx in torch.randperm(len(train_src)).split(50):
        x, y = train_src[idx], train_tgt[idx]
        y_in = torch.cat([torch.full((len(y), 1), SOS), y[:, :-1]], dim=1)
        enc, hidden = encoder(x)
        logits, _ = decoder(y_in, hidden, enc)
        loss = criterion(logits.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    if epoch % 2 == 0:
        out = translate(test_src)
        exact = (out == test_tgt).all(1).float().mean().item()
        print(f"epoch {epoch:2d} loss {total / len(train_src):.4f} test token acc {token_accuracy(out, test_tgt):.3f} whole number right {exact:.3f}")
