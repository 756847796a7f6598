"""Swipe keyboard decoder: the keys that the finger passes -> the word.  Convolutions + CTC."""
import copy
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

torch.manual_seed(5)
random.seed(5)

ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
POS = {c: (r, i + 0.4 * r) for r, row in enumerate(ROWS) for i, c in enumerate(row)}
NEAR = {c: [d for d in POS if d != c and abs(POS[c][0] - POS[d][0]) <= 1 and abs(POS[c][1] - POS[d][1]) < 1.3] for c in POS}
LETTERS = sorted(POS)
ID = {c: i + 1 for i, c in enumerate(LETTERS)}        # 0 is the blank (and the padding of the input)


def word():
    w = ""
    for _ in range(random.randint(2, 3)):
        w += random.choice("bdfgklmnprstvz") + random.choice("aeiou")
    if random.random() < 0.4:
        w += random.choice("nrst")
    return w


def swipe(w):
    frames = []
    for c in w:
        for _ in range(random.randint(2, 4)):
            frames.append(c if random.random() < 0.88 else random.choice(NEAR[c]))
    return [ID[c] for c in frames]


words = set()
while len(words) < 2200:
    words.add(word())
words = sorted(words)
random.shuffle(words)
data = [(torch.tensor(swipe(w)), torch.tensor([ID[c] for c in w])) for w in words]
train, valid = data[:1900], data[1900:]


class Decoder(nn.Module):
    def __init__(self, d=48, h=96):
        super().__init__()
        self.keys = nn.Embedding(len(ID) + 1, d, padding_idx=0)
        self.conv1 = nn.Conv1d(d, h, 5, padding=2)
        self.conv2 = nn.Conv1d(h, h, 5, padding=2)
        self.proj = nn.Linear(h, len(ID) + 1)

    def forward(self, frames):
        m = (frames > 0).unsqueeze(1)
        z = torch.relu(self.conv1(self.keys(frames).transpose(1, 2))) * m
        z = torch.relu(self.conv2(z)) * m
        return self.proj(z.transpose(1, 2))


def batchify(rows, size, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), size):
        xs, ys = zip(*rows[i:i + size])
        yield (pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]),
               torch.cat(ys), torch.tensor([len(y) for y in ys]))


def ctc(scores, x_len, y, y_len):
    # (B, T, C) -> (T, B, C) as CTCLoss wants it
    # fault:
    log_probs = scores.transpose(0, 1)
    # mended:
    # log_probs = scores.transpose(0, 1).log_softmax(2)
    # end
    return nn.functional.ctc_loss(log_probs, y, x_len, y_len, blank=0, zero_infinity=True)


def edit(a, b):
    prev = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        cur = [i]
        for j, y in enumerate(b, 1):
            cur.append(min(prev[j] + 1, cur[-1] + 1, prev[j - 1] + (x != y)))
        prev = cur
    return prev[-1]


def check(net):
    net.eval()
    loss, errors, chars, n = 0.0, 0, 0, 0
    with torch.no_grad():
        for x, xl, y, yl in batchify(valid, 100, False):
            out = net(x)
            loss += ctc(out, xl, y, yl).item()
            n += 1
            gold = y.split(yl.tolist())
            for row, length, g in zip(out.argmax(2), xl.tolist(), gold):
                path = torch.unique_consecutive(row[:length])
                errors += edit(path[path > 0].tolist(), g.tolist())
                chars += len(g)
    net.train()
    return loss / n, errors / chars


net = Decoder()
opt = torch.optim.SGD(net.parameters(), lr=0.15, momentum=0.9)
best, best_loss = None, float("inf")
for epoch in range(6):
    seen = 0.0
    for k, (x, xl, y, yl) in enumerate(batchify(train, 64, True), 1):
        loss = ctc(net(x), xl, y, yl)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        seen += loss.item()
    vloss, cer = check(net)
    if vloss < best_loss:
        best_loss, best = vloss, copy.deepcopy(net.state_dict())
    if epoch % 2 == 1 or epoch == 0:
        print(f"epoch {epoch + 1}: train {seen / k:.3f}  valid {vloss:.3f}  char error {cer:.3f}")
net.load_state_dict(best)
print(f"best model: valid loss {best_loss:.3f}, character error rate {check(net)[1]:.3f}")
