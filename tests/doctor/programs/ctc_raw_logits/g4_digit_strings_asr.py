"""Toy recogniser for spoken digit strings: filter bank frames in, phone strings out (conv front end + CTC)."""
import numpy as np
import torch
from torch import nn

np.random.seed(42)
torch.manual_seed(42)
PHONES = ["-", "w", "ah", "n", "t", "uw", "th", "r", "iy", "f", "ao", "s", "ih", "k",
          "ay", "v", "eh", "ey", "z", "ow"]             # 0: blank
LEX = {"one": "w ah n", "two": "t uw", "three": "th r iy", "four": "f ao r", "six": "s ih k s",
       "five": "f ay v", "seven": "s eh v ah n", "eight": "ey t", "nine": "n ay n", "zero": "z iy r ow"}
BANDS = 20
spectra = np.random.randn(len(PHONES), BANDS) * 1.2


def utter():
    words = np.random.choice(list(LEX), np.random.randint(1, 4))
    phones = [PHONES.index(p) for w in words for p in LEX[w].split()]
    frames = []
    for p in phones:
        dur = np.random.randint(2, 5)
        frames.append(spectra[p] * np.random.uniform(.8, 1.2) + 1.5 * np.random.randn(dur, BANDS))
        frames.append(1.2 * np.random.randn(np.random.randint(0, 2), BANDS))
    return torch.tensor(np.concatenate(frames), dtype=torch.float32), torch.tensor(phones)


corpus = [utter() for _ in range(1000)]
train_set, test_set = corpus[:880], corpus[880:]


def batchify(utts):
    xs, ys = zip(*utts)
    xlen = torch.tensor([len(x) for x in xs])
    ylen = torch.tensor([len(y) for y in ys])
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), xlen, torch.cat(ys), ylen


class Recogniser(nn.Module):
    def __init__(self):
        super().__init__()
        self.front = nn.Sequential(nn.Conv1d(BANDS, 48, 5, padding=2), nn.ReLU(),
                                   nn.Conv1d(48, 48, 3, padding=1), nn.ReLU())
        self.phone = nn.Linear(48, len(PHONES))

    def forward(self, frames):                      # (B, T, bands) -> (T, B, phones)
        h = self.front(frames.transpose(1, 2))
        return self.phone(h.permute(2, 0, 1))


def edit(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, prev + (x != y))
    return d[-1]


@torch.no_grad()
def phone_error_rate(model, utts):
    model.eval()
    x, xlen, _, _ = batchify(utts)
    best = model(x).argmax(-1).T
    wrong = total = 0
    for path, n, (_, ref) in zip(best, xlen, utts):
        path = torch.unique_consecutive(path[:n])
        wrong += edit(path[path != 0].tolist(), ref.tolist())
        total += len(ref)
    return wrong / total


model = Recogniser()
ctc = nn.CTCLoss(blank=0)
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
print("utterances:", len(train_set), "frames:", sum(len(x) for x, _ in train_set))
for epoch in range(1, 6):
    model.train()
    perm = np.random.permutation(len(train_set))
    losses = []
    for k in range(0, len(perm), 20):
        x, xlen, y, ylen = batchify([train_set[i] for i in perm[k:k + 20]])
        # fault:
        scores = model(x)
        # mended:
        # scores = model(x).log_softmax(-1)
        # end
        loss = ctc(scores, y, xlen, ylen)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch}  ctc first batch {losses[0]:7.3f} mean {np.mean(losses):7.3f} last {losses[-1]:7.3f}  PER test {phone_error_rate(model, test_set):.3f}")
print("PER train", round(phone_error_rate(model, train_set[:120]), 3))
