"""Read Morse code from a stream of key states (CTC): frames of on/off levels -> letters.  Dilated CNN, no recurrence."""
import copy
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(3)
torch.manual_seed(3)
MORSE = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - "
                 "..- ...- .-- -..- -.-- --..".split()))
LETTERS = sorted(MORSE)
BLANK = 0


def key(word):
    f = []
    for ch in word:
        for s in MORSE[ch]:
            f += [1] * (1 if s == "." else 3) + [0]
        f += [0, 0]
    return [x if random.random() > 0.004 else 1 - x for x in f]


def sample():
    w = "".join(random.choices(LETTERS, k=3))
    return key(w), w


def collate(rows):
    lens = torch.tensor([len(f) for f, _ in rows])
    x = torch.full((len(rows), int(lens.max())), 2)
    for i, (f, _) in enumerate(rows):
        x[i, :len(f)] = torch.tensor(f)
    y = [LETTERS.index(c) + 1 for _, w in rows for c in w]
    return x, lens, torch.tensor(y), torch.tensor([len(w) for _, w in rows])


class Reader(nn.Module):
    def __init__(self, h=48):
        super().__init__()
        self.emb = nn.Embedding(3, 8, padding_idx=2)
        self.c1 = nn.Conv1d(8, h, 5, padding=2)
        self.c2 = nn.Conv1d(h, h, 5, padding=4, dilation=2)
        self.c3 = nn.Conv1d(h, h, 5, padding=8, dilation=4)
        self.norm = nn.LayerNorm(h)
        self.out = nn.Linear(h, len(LETTERS) + 1, bias=False)

    def forward(self, x):
        live = (x != 2).unsqueeze(1).float()
        h = torch.relu(self.c1(self.emb(x).transpose(1, 2))) * live
        h = (h + torch.relu(self.c2(h))) * live
        h = h + torch.relu(self.c3(h))
        return self.out(self.norm(h.transpose(1, 2)))


def greedy(scores, lens):
    words = []
    for path, n in zip(scores.argmax(-1).tolist(), lens.tolist()):
        last, w = BLANK, ""
        for s in path[:n]:
            if s != BLANK and s != last:
                w += LETTERS[s - 1]
            last = s
        words.append(w)
    return words


model = Reader()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
words = {}
while len(words) < 2800:
    frames, w = sample()
    words[w] = frames
data = [(f, w) for w, f in words.items()]
train, dev = data[:2500], data[2500:]


def ctc(x, xl, y, yl):
    scores = model(x).transpose(0, 1)
    # fault:
    return F.ctc_loss(scores, y, xl, yl, blank=BLANK, zero_infinity=True)
    # mended:
    # return F.ctc_loss(scores.log_softmax(-1), y, xl, yl, blank=BLANK, zero_infinity=True)
    # end


EPOCHS, PATIENCE = 9, 4
best, kept, waited = float("inf"), None, 0
dx, dxl, dy, dyl = collate(dev)
for epoch in range(EPOCHS + 1):
    if epoch:
        random.shuffle(train)
        for i in range(0, len(train), 25):
            loss = ctc(*collate(train[i:i + 25]))
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
    with torch.no_grad():
        dev_loss = ctc(dx, dxl, dy, dyl).item()
        guess = greedy(model(dx), dxl)
    hit = sum(w == g for w, (_, g) in zip(guess, dev)) / len(dev)
    print(f"epoch {epoch} dev loss {dev_loss:.3f} words right {hit:.3f}  e.g. {dev[0][1]} -> {guess[0][:12]}")
    if dev_loss < best:
        best, kept, waited = dev_loss, copy.deepcopy(model.state_dict()), 0
    else:
        waited += 1
        if waited == PATIENCE:
            break
model.load_state_dict(kept)
with torch.no_grad():
    guess = greedy(model(dx), dxl)
print("best dev loss %.3f, words right with the kept weights %.3f" % (best, sum(w == g for w, (_, g) in zip(guess, dev)) / len(dev)))
