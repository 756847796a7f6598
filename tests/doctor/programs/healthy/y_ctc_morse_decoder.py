"""Morse code by ear: noisy on/off frames in, letters out (CTC). Operators key at different speeds."""
import random
import torch
from torch import nn

random.seed(6)
torch.manual_seed(6)

CODE = {"e": ".", "t": "-", "a": ".-", "n": "-.", "i": "..", "m": "--", "s": "...", "o": "---"}
LETTERS = list(CODE)                      # class 0 is the blank


def key(word):
    """Frames of one word: dot = 1 frame on, dash = 3-4 on, 1 off inside and 3 off between letters."""
    frames = [0.0] * random.randint(1, 3)
    for ch in word:
        for sign in CODE[ch]:
            frames += [1.0] * (1 if sign == "." else random.randint(3, 4)) + [0.0]
        frames += [0.0] * 2
    return torch.tensor(frames) + 0.1 * torch.randn(len(frames))


def make(words):
    out = []
    for w in words:
        out.append((key(w), torch.tensor([LETTERS.index(c) + 1 for c in w]), w))
    return out


words = ["".join(random.choices(LETTERS, k=random.randint(2, 4))) for _ in range(2000)]
words = list(dict.fromkeys(words))
random.shuffle(words)
test, train = make(words[:150]), make(words[150:1150])


def collate(rows):
    x = nn.utils.rnn.pad_sequence([r[0] for r in rows])                    # time, batch
    x_len = torch.tensor([len(r[0]) for r in rows])
    return x, x_len, torch.cat([r[1] for r in rows]), torch.tensor([len(r[1]) for r in rows])


class Ear(nn.Module):
    """Convolutions only: a letter is at most some fifteen frames long."""

    def __init__(self, width=28):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(1, width, 7, padding=3), nn.ReLU(),
            nn.Conv1d(width, width, 7, padding=3), nn.ReLU(),
            nn.Conv1d(width, width, 7, padding=3), nn.ReLU(),
            nn.Conv1d(width, len(LETTERS) + 1, 7, padding=3))

    def forward(self, x):
        return self.net(x.T.unsqueeze(1)).permute(2, 0, 1).log_softmax(-1)


def decode(logp, x_len):
    best = logp.argmax(-1).T.tolist()
    texts = []
    for row, n in zip(best, x_len.tolist()):
        last, text = 0, ""
        for k in row[:n]:
            if k != last and k != 0:
                text += LETTERS[k - 1]
            last = k
        texts.append(text)
    return texts


ear = Ear()
EPOCHS, STEPS = 8, -(-len(train) // 16)
opt = torch.optim.Adam(ear.parameters())
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=8e-3, total_steps=EPOCHS * STEPS, pct_start=0.15)
ctc = nn.CTCLoss(blank=0)
for epoch in range(EPOCHS):
    ear.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 16):
        x, x_len, y, y_len = collate(train[i:i + 16])
        loss = ctc(ear(x), y, x_len, y_len)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(ear.parameters(), 2.0)
        opt.step()
        sched.step()
        total += loss.item() / STEPS
    ear.eval()
    with torch.no_grad():
        x, x_len, *_ = collate(test)
        heard = decode(ear(x), x_len)
    exact = sum(h == r[2] for h, r in zip(heard, test)) / len(test)
    print(f"epoch {epoch + 1}: ctc loss {total:.3f}   words heard right {exact:.1%}   e.g. {test[0][2]} -> {heard[0]!r}")
