# seq2seq: "quarter past seven" -> 0 7 : 1 5.  GRU encoder, GRU decoder, greedy decoding. Follows the classic tutorial.
import random
import torch
from torch import nn, optim

random.seed(10); torch.manual_seed(10)
N = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()


def number(n):
    return N[n] if n < 20 else ("twenty" if n < 30 else "thirty" if n < 40 else "forty" if n < 50 else "fifty") + (" " + N[n % 10] if n % 10 else "")


def say(h, m):
    if m == 30 and random.random() < .5: return f"half past {number(h)}"
    if m == 15 and random.random() < .5: return f"quarter past {number(h)}"
    if random.random() < .3 and m: return f"{number(m)} past {number(h)}"
    if m == 0: return f"{number(h)} sharp"
    return f"{number(h)} {number(m)}"


LEAD = ["", "at ", "it is ", "meet me at ", "around ", "the train leaves at ", "not before ", "dinner is at "]
times = [(h, m) for h in range(1, 24) for m in range(0, 60)]
random.shuffle(times)
def pairs(ts, k): return [((random.choice(LEAD) + say(h, m)).split(), f"{h:02d}:{m:02d}") for h, m in ts for _ in range(k)]


train_pairs, test_pairs = pairs(times[200:], 2), pairs(times[:200], 1)       # the times of the test are not in training
src_vocab = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in train_pairs + test_pairs for w in s}))}
TGT = "<go> <end> 0 1 2 3 4 5 6 7 8 9 :".split()
GO, END = 0, 1


def encode(batch):
    lens = torch.tensor([len(s) for s, _ in batch])
    src = torch.zeros(len(batch), int(lens.max()), dtype=torch.long)
    for i, (s, _) in enumerate(batch):
        src[i, :len(s)] = torch.tensor([src_vocab[w] for w in s])
    tgt = torch.tensor([[TGT.index(c) for c in t] + [END] for _, t in batch])     # always five signs
    return src, lens, tgt


class Encoder(nn.Module):
    def __init__(self, n, d, h):
        super().__init__()
        self.embedding = nn.Embedding(n, d, padding_idx=0)
        self.gru = nn.GRU(d, h, batch_first=True)

    def forward(self, src, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(src), lens, batch_first=True, enforce_sorted=False)
        return self.gru(packed)[1]


class Decoder(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.embedding = nn.Embedding(len(TGT), d)
        self.gru = nn.GRU(d, h, batch_first=True)
        self.out = nn.Linear(h, len(TGT))

    def forward(self, tokens, hidden):
        # fault:
        output, hidden = self.gru(self.embedding(tokens))
        # mended:
        # output, hidden = self.gru(self.embedding(tokens), hidden)
        # end
        return self.out(output), hidden


HID = 72
encoder, decoder = Encoder(len(src_vocab) + 1, 24, HID), Decoder(16, HID)
params = list(encoder.parameters()) + list(decoder.parameters())
optimizer = optim.Adam(params, lr=8e-3)
scheduler = optim.lr_scheduler.MultiStepLR(optimizer, [3, 4], gamma=0.3)
criterion = nn.CrossEntropyLoss()


@torch.no_grad()
def exact(batch):
    encoder.eval(); decoder.eval()
    src, lens, tgt = encode(batch)
    hidden, tok = encoder(src, lens), torch.full((len(batch), 1), GO)
    # the whole prefix is run again for every sign, it is short
    for _ in range(tgt.size(1)):
        logits, _h = decoder(tok, hidden)
        tok = torch.cat([tok, logits[:, -1:].argmax(-1)], 1)
    good = (tok[:, 1:] == tgt)
    return good.all(1).float().mean().item(), good.float().mean().item()


for epoch in range(1, 6):
    encoder.train(); decoder.train()
    random.shuffle(train_pairs)
    total = 0.
    for i in range(0, len(train_pairs), 32):
        src, lens, tgt = encode(train_pairs[i:i + 32])
        inp = torch.cat([torch.full((len(tgt), 1), GO), tgt[:, :-1]], 1)
        logits, _ = decoder(inp, encoder(src, lens))
        loss = criterion(logits.reshape(-1, len(TGT)), tgt.reshape(-1))
        optimizer.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(params, 1.)
        optimizer.step()
        total += loss.item() * len(tgt)
    scheduler.step()
    print("epoch %d loss %.4f  exact test %.3f  signs right %.3f" % (epoch, total / len(train_pairs), *exact(test_pairs)))
print("exact on 300 training rows %.3f" % exact(train_pairs[:300])[0])
