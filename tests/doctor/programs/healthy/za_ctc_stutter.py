"""CTC in sixty lines: a stuttering keyboard repeats keys and mixes in noise, read what was meant."""
import torch
import torch.nn as nn
import torch.nn.functional as F

gen = torch.Generator().manual_seed(8)
torch.manual_seed(8)
LETTERS = "abcdefgh"
BLANK = 0                       # letters are 1..8, in the recording 9 is the noise key


def record(n):
    xs, ys, xl, yl = [], [], [], []
    for _ in range(n):
        L = int(torch.randint(3, 6, (1,), generator=gen))
        word = torch.randint(1, 9, (L,), generator=gen)
        x = []
        for c in word.tolist():
            x += [9] * int(torch.randint(1, 3, (1,), generator=gen))
            x += [c] * int(torch.randint(1, 4, (1,), generator=gen))
        xs.append(torch.tensor(x))
        ys.append(word)
        xl.append(len(x))
        yl.append(L)
    return nn.utils.rnn.pad_sequence(xs), torch.cat(ys), torch.tensor(xl), torch.tensor(yl), [y.tolist() for y in ys]


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 16, padding_idx=0)
        self.rnn = nn.GRU(16, 24, bidirectional=True)
        self.out = nn.Linear(48, 9)

    def forward(self, x, lens):                                    # x: (time, batch)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0])
        return F.log_softmax(self.out(h), dim=-1)


def best_path(logp, lens):
    words = []
    for b, n in enumerate(lens.tolist()):
        path = logp[:n, b].argmax(-1).tolist()
        words.append([p for i, p in enumerate(path) if p != BLANK and (i == 0 or path[i - 1] != p)])
    return words


train, dev = [record(32) for _ in range(30)], record(200)
net = Reader()
ctc = nn.CTCLoss(blank=BLANK)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(3):
    net.train()
    tot = 0.0
    for k in torch.randperm(len(train)).tolist():
        x, y, xl, yl, _ = train[k]
        loss = ctc(net(x, xl), y, xl, yl)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        x, y, xl, yl, gold = dev
        said = best_path(net(x, xl), xl)
    exact = sum(a == b for a, b in zip(said, gold)) / len(gold)
    print(f"epoch {epoch + 1}: ctc {tot / len(train):.3f}  whole words right {exact:.3f}")
print("".join(LETTERS[i - 1] for i in said[0]), "<-", "".join(LETTERS[i - 1] for i in gold[0]))
