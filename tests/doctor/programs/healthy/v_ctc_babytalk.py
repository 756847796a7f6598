# CTC: repeated-frame "speech" of letters -> text. Jeder Buchstabe dauert 2 bis 4 Rahmen.
import random
import torch
import torch.nn as nn

random.seed(2); torch.manual_seed(2)
ABC = "abcdefgh"
proto = torch.randn(len(ABC) + 1, 10)                 # row 0: silence


def utterance():
    word = [random.randint(1, len(ABC)) for _ in range(random.randint(3, 5))]
    frames = [0]
    for c in word:
        frames += [c] * random.randint(2, 4) + [0] * random.randint(1, 2)
    x = proto[torch.tensor(frames)]
    return x + 0.5 * torch.randn_like(x), word


def pack(batch):
    xs, ys = zip(*batch)
    xl = torch.tensor([len(x) for x in xs]); yl = torch.tensor([len(y) for y in ys])
    return nn.utils.rnn.pad_sequence(xs), xl, torch.tensor(sum(ys, [])), yl


train = [utterance() for _ in range(640)]
dev = [utterance() for _ in range(150)]

net = nn.Sequential(nn.Conv1d(10, 40, 3, padding=1), nn.ReLU(), nn.Conv1d(40, len(ABC) + 1, 3, padding=1))
ctc = nn.CTCLoss(blank=0, zero_infinity=True)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)


def logp(x):                                           # (T, B, F) -> (T, B, C)
    return net(x.permute(1, 2, 0)).permute(2, 0, 1).log_softmax(-1)


def greedy(lp, xl):
    res = []
    for b, n in enumerate(xl.tolist()):
        path = lp[:n, b].argmax(-1).tolist()
        res.append([c for i, c in enumerate(path) if c and (i == 0 or c != path[i - 1])])
    return res


def edit(a, b):
    d = list(range(len(b) + 1))
    for i, p in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, q in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, prev + (p != q))
    return d[-1]


for ep in range(10):
    random.shuffle(train)
    net.train()
    s = []
    for i in range(0, len(train), 32):
        x, xl, y, yl = pack(train[i:i + 32])
        loss = ctc(logp(x), y, xl, yl)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        s.append(loss.item())
    if ep % 3 == 0:
        net.eval()
        with torch.no_grad():
            x, xl, y, yl = pack(dev)
            lp = logp(x)
            dl = ctc(lp, y, xl, yl).item()
        hyp = greedy(lp, xl)
        cer = sum(edit(h, w) for h, (_, w) in zip(hyp, dev)) / sum(len(w) for _, w in dev)
        print(f"Epoche {ep + 1}: ctc {sum(s) / len(s):.3f} dev ctc {dl:.3f} Zeichenfehler {cer:.3f}")
