"""Telegraph decoder: a stream of noisy tones -> word, with CTC."""
import random
import numpy as np
import torch
import torch.nn as nn

random.seed(0); np.random.seed(0); torch.manual_seed(0)
LETTERS = "abcdefgh"
PROTO = np.random.randn(len(LETTERS), 6).astype("float32") * 1.5


def sample():
    word = [random.randrange(len(LETTERS)) for _ in range(random.randint(2, 5))]
    frames = []
    for c in word:
        frames += [PROTO[c]] * random.randint(2, 3) + [np.zeros(6, "float32")] * random.randint(1, 2)
    x = np.stack(frames) + np.random.randn(len(frames), 6).astype("float32") * 0.4
    return torch.from_numpy(x.astype("float32")), torch.tensor(word) + 1      # 0 is the blank


class Recogniser(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(6, 32, 3, padding=1)
        self.rnn = nn.GRU(32, 24, bidirectional=True)
        self.fc = nn.Linear(48, len(LETTERS) + 1)

    def forward(self, x, lengths):                       # x: T, B, 6
        h = self.conv(x.permute(1, 2, 0)).relu().permute(2, 0, 1)
        h = nn.utils.rnn.pack_padded_sequence(h, lengths, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(h)[0])
        return self.fc(h).log_softmax(2)


def collate(items):
    xs, ys = zip(*items)
    return (nn.utils.rnn.pad_sequence(xs), torch.tensor([len(x) for x in xs]),
            torch.cat(ys), torch.tensor([len(y) for y in ys]))


def greedy(logp, lengths):
    best = logp.argmax(2).t()
    for row, n in zip(best, lengths):
        collapsed = torch.unique_consecutive(row[:n])
        yield [int(c) for c in collapsed if c != 0]


train = [sample() for _ in range(1000)]
test = [sample() for _ in range(200)]
model = Recogniser()
ctc = nn.CTCLoss(blank=0, zero_infinity=True)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=5 * 32)
for epoch in range(5):
    model.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 32):
        x, xl, y, yl = collate(train[i:i + 32])
        loss = ctc(model(x, xl), y, xl, yl)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step(); sched.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        x, xl, y, yl = collate(test)
        logp = model(x, xl)
        right = sum(h == (t).tolist() for h, (_, t) in zip(greedy(logp, xl), test))
        print(f"epoch {epoch} train {np.mean(losses):.3f} test {ctc(logp, y, xl, yl).item():.3f} exact words {right / len(test):.3f}")
