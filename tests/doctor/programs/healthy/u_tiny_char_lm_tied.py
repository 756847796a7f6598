"""
Character LM over made-up place names; GRU, input and output table tied, stateless rows.
Reports bits per character and a few samples. The source is a random grammar, so the entropy has a floor well above 0.
"""
import math
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

g = torch.Generator().manual_seed(77)
torch.manual_seed(77)
START = ["north", "south", "upper", "old", "saint", "great", "little"]
MID = ["wood", "stone", "ash", "brook", "fox", "king", "bell", "mill", "hart", "crow", "oak", "marsh", "elm", "salt"]
END = ["ton", "ham", "bury", "ford", "field", "well", "worth", "bridge", "by", "stead"]
SUF = ["", "", " on sea", " green", " cross", " heath"]


def pick(seq):
    return seq[torch.randint(len(seq), (1,), generator=g).item()]


def name():
    s = pick(MID) + pick(END) + pick(SUF)
    if torch.rand(1, generator=g) < 0.6:
        s = pick(START) + " " + s
    return s


names = list(dict.fromkeys(name() for _ in range(2300)))
n_val = 300
val, train = names[:n_val], names[n_val:]
alphabet = "\n" + "".join(sorted(set("".join(names))))       # row 0 ends (and begins) a name
PADDING = len(alphabet)                                       # a row of its own after the alphabet
code = {c: i for i, c in enumerate(alphabet)}


def encode(batch):
    full = [torch.tensor([0] + [code[c] for c in n] + [0]) for n in batch]
    full = pad_sequence(full, batch_first=True, padding_value=PADDING)
    return full[:, :-1], full[:, 1:]


class CharLM(nn.Module):
    def __init__(self, n, dim=48):
        super().__init__()
        self.chars = nn.Embedding(n + 1, dim, padding_idx=n)
        nn.init.normal_(self.chars.weight[:n], std=0.2)
        self.gru = nn.GRU(dim, dim, batch_first=True)
        self.out = nn.Linear(dim, n, bias=True)
        self.n = n

    def forward(self, x, state=None):
        y, state = self.gru(self.chars(x), state)
        return y @ self.chars.weight[:self.n].t() + self.out.bias, state


class TiedCharLM(CharLM):
    def __init__(self, n, dim=48):
        super().__init__(n, dim)
        del self.out
        self.bias = nn.Parameter(torch.zeros(n))

    def forward(self, x, state=None):
        y, state = self.gru(self.chars(x), state)
        return nn.functional.linear(y, self.chars.weight[:self.n], self.bias), state


lm = TiedCharLM(len(alphabet))
xent = nn.CrossEntropyLoss(ignore_index=PADDING, reduction="sum")
opt = torch.optim.RMSprop(lm.parameters(), lr=5e-3)


@torch.no_grad()
def bpc(part):
    lm.eval()
    x, y = encode(part)
    return xent(lm(x)[0].flatten(0, 1), y.flatten()).item() / (y != PADDING).sum().item() / math.log(2)


for ep in range(5):
    for grp in opt.param_groups:
        grp["lr"] = 5e-3 * 0.6 ** ep
    lm.train()
    order = torch.randperm(len(train), generator=g).tolist()
    for i in range(0, len(order), 32):
        x, y = encode([train[j] for j in order[i:i + 32]])
        loss = xent(lm(x)[0].flatten(0, 1), y.flatten()) / (y != PADDING).sum()
        lm.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(lm.parameters(), 0.5)
        opt.step()
    print(f"epoch {ep}  bits/char train {bpc(train[:400]):.3f}  val {bpc(val):.3f}  (uniform {math.log2(len(alphabet)):.2f})")

lm.eval()
with torch.no_grad():
    for _ in range(4):
        x, h, s = torch.zeros(1, 1, dtype=torch.long), None, ""
        while len(s) < 40:
            z, h = lm(x, h)
            c = torch.multinomial(z[0, -1].softmax(0), 1, generator=g)
            if c.item() == 0:
                break
            s += alphabet[c.item()]
            x = c.view(1, 1)
        print("  sample:", s)
