"""Decode Morse code from a noisy envelope: 1-d convolutions, CTC, greedy collapse, letter error rate."""
import numpy as np
import torch
import torch.nn as nn

CODE = {"E": ".", "T": "-", "A": ".-", "N": "-.", "I": "..", "S": "...", "O": "---", "R": ".-."}
LETTERS = sorted(CODE)                  # class 0 is the blank
random_state = np.random.RandomState(1)
torch.manual_seed(1)
torch.set_num_threads(1)


def signal(word):
    out = [0] * random_state.randint(1, 3)
    for ch in word:
        for s in CODE[ch]:
            out += [1] * (1 if s == "." else 3) + [0]
        out += [0, 0]
    return np.array(out, dtype="f4") + random_state.randn(len(out)).astype("f4") * .12


def dataset(n, banned=()):
    words = set()
    while len(words) < n:
        w = "".join(random_state.choice(LETTERS, random_state.randint(2, 6)))
        if w not in banned:
            words.add(w)
    return sorted(words)


def pack(words):
    sig = [signal(w) for w in words]
    lens = [len(s) for s in sig]
    x = np.zeros((len(sig), 1, max(lens)), "f4")
    for i, s in enumerate(sig):
        x[i, 0, :len(s)] = s
    tgt = torch.tensor([LETTERS.index(c) + 1 for w in words for c in w])
    return torch.from_numpy(x), torch.tensor(lens), tgt, torch.tensor([len(w) for w in words])


class Net(nn.Module):
    def __init__(self, ch=32):
        super().__init__()
        self.c1 = nn.Conv1d(1, ch, 5, padding=2)
        self.c2 = nn.Conv1d(ch, ch, 9, stride=2, padding=4)
        self.c3 = nn.Conv1d(ch, ch, 5, padding=2)
        self.head = nn.Conv1d(ch, len(LETTERS) + 1, 1)

    def forward(self, x, lens):
        keep = (torch.arange(x.shape[2])[None] < lens[:, None]).unsqueeze(1)
        h = torch.relu(self.c1((x - .3) * 2 * keep)) * keep
        keep = keep[:, :, ::2]
        h = torch.relu(self.c2(h)) * keep
        h = torch.relu(self.c3(h)) * keep
        return self.head(h).permute(2, 0, 1).log_softmax(-1)      # T, N, C


def greedy(logp, lens):
    ids = logp.argmax(-1).T
    texts = []
    for row, n in zip(ids.tolist(), lens.tolist()):
        prev, s = 0, ""
        for k in row[:n]:
            if k != prev and k:
                s += LETTERS[k - 1]
            prev = k
        texts.append(s)
    return texts


def edit(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        p, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            p, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, p + (x != y))
    return d[-1]


train = dataset(1200)
test = dataset(150, set(train))
fixed = pack(test)
net, ctc = Net(), nn.CTCLoss(blank=0, zero_infinity=False)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
epochs = 5
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=epochs * 60, pct_start=.2)


def ler(words, batch):
    with torch.no_grad():
        hyp = greedy(net(batch[0], batch[1]), (batch[1] + 1) // 2)
    return sum(edit(h, w) for h, w in zip(hyp, words)) / sum(map(len, words)), hyp


for epoch in range(epochs):
    random_state.shuffle(train)
    run = 0.
    for i in range(0, len(train), 20):
        x, lens, tgt, tl = pack(train[i:i + 20])     # fresh noise each time
        loss = ctc(net(x, lens), tgt, (lens + 1) // 2, tl)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.)
        opt.step(); sched.step()
        run += loss.item() / 60
    print(f"epoch {epoch} ctc {run:.3f} letter error rate {ler(test, fixed)[0]:.3f}")
e, hyp = ler(test, fixed)
print("words right", np.mean([h == w for h, w in zip(hyp, test)]), "e.g.", list(zip(test, hyp))[:4])
print("train ler", round(ler(train[:150], pack(train[:150]))[0], 4))
