"""hyphenate.py - where may a Finnish-looking word be broken at the end of a line?

For each letter: 1 if a hyphen may stand before it, 0 if not.  A small convolutional net over letters; the rules
(a break before every consonant + vowel, and between certain vowels) must be found from examples.
"""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

random.seed(1827)
torch.manual_seed(1827)

CONS, VOW = "hjklmnprstvd", "aeiouyäö"
LETTERS = {c: i + 1 for i, c in enumerate(CONS + VOW)}       # 0 is the filler
DIPHTHONGS = {"ai", "ei", "oi", "ui", "yi", "äi", "öi", "au", "eu", "iu", "ou", "ie", "uo", "yö", "äy", "öy"}


def coin_word():
    w = ""
    for _ in range(random.randint(2, 5)):
        w += random.choice(CONS) if random.random() < .9 else ""
        v = random.choice(VOW)
        w += v + random.choice(["", "", v, random.choice(VOW)])
        w += random.choice(["", "", "", "n", "s", "l", "t"])
    return w


def breaks(w):
    out = [0] * len(w)
    for i in range(1, len(w)):
        if w[i] in VOW and w[i - 1] in CONS and i >= 2:
            out[i - 1] = 1
        elif w[i] in VOW and w[i - 1] in VOW and w[i] != w[i - 1] and w[i - 1:i + 1] not in DIPHTHONGS:
            out[i] = 1
    return out


words = set()
while len(words) < 3600:
    words.add(coin_word())
words = sorted(words)
random.shuffle(words)
train_words, test_words = words[:3000], words[3000:]

# fault:
FILL, loss_of = 0, nn.CrossEntropyLoss(ignore_index=0)
# mended:
# FILL, loss_of = -100, nn.CrossEntropyLoss(ignore_index=-100)
# end


def batch(ws):
    x = pad_sequence([torch.tensor([LETTERS[c] for c in w]) for w in ws], batch_first=True)
    y = pad_sequence([torch.tensor(breaks(w)) for w in ws], batch_first=True, padding_value=FILL)
    return x, y


class Hyphenator(nn.Module):
    def __init__(self, width=16, hidden=48):
        super().__init__()
        self.letters = nn.Embedding(len(LETTERS) + 1, width, padding_idx=0)
        self.look = nn.Conv1d(width, hidden, 5, padding=2)
        self.mix = nn.Conv1d(hidden, hidden, 1)
        self.out = nn.Conv1d(hidden, 2, 1)

    def forward(self, x):
        h = F.relu(self.look(self.letters(x).transpose(1, 2)))
        return self.out(F.relu(self.mix(h)))                  # (words, 2, letters)


net = Hyphenator()
adam = torch.optim.Adam(net.parameters(), 4e-3)
for rnd in range(6):
    random.shuffle(train_words)
    losses = []
    for k in range(0, len(train_words), 60):
        x, y = batch(train_words[k:k + 60])
        loss = loss_of(net(x), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    print(f"round {rnd}  loss {sum(losses) / len(losses):.4f}")


def hyphenate(w):
    with torch.no_grad():
        tags = net(batch([w])[0])[0].argmax(0).tolist()
    return "".join(("-" if t else "") + c for c, t in zip(w, tags)), tags


net.eval()
letters = right = whole = 0
for w in test_words:
    _, tags = hyphenate(w)
    gold = breaks(w)
    right += sum(a == b for a, b in zip(tags, gold))
    letters += len(w)
    whole += tags == gold
print("letters right: %.3f   words right: %.3f" % (right / letters, whole / len(test_words)))
for w in test_words[:4]:
    print("  ", w, hyphenate(w)[0])
