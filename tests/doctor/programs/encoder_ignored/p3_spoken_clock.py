# seq2seq on spoken times: "twenty past seven in the evening" -> 1 9 : 2 0
# based on the translation tutorial, but with teacher forcing in one go
import itertools
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(0)
torch.manual_seed(0)

HOURS = "one two three four five six seven eight nine ten eleven twelve".split()
MINS = {"five past": 5, "ten past": 10, "quarter past": 15, "twenty past": 20, "twenty five past": 25, "half past": 30,
        "twenty five to": -25, "twenty to": -20, "quarter to": -15, "ten to": -10, "five to": -5, "exactly": 0}
PARTS = {"in the morning": 0, "in the afternoon": 12}
LEAD = ["", "it is", "meet me at", "the train leaves at", "wake up at", "about"]


def make(m, h, p, lead):
    hour = HOURS.index(h) + 1
    total = ((hour % 12) + PARTS[p]) * 60 + MINS[m]
    total %= 24 * 60
    return (lead + " " + m + " " + h + " " + p).split(), list("%02d:%02d" % divmod(total, 60))


clock = list(itertools.product(MINS, HOURS, PARTS))
random.shuffle(clock)
test_clock, train_clock = clock[:48], clock[48:]
train_pairs = [make(*c, lead) for c in train_clock for lead in LEAD]
test_pairs = [make(*c, lead) for c in test_clock for lead in LEAD[:4]]
random.shuffle(train_pairs)

PAD, SOS, EOS = 0, 1, 2
src_vocab = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in train_pairs for w in s}))}
trg_vocab = {c: i + 3 for i, c in enumerate("0123456789:")}
back = {i: c for c, i in trg_vocab.items()}


def tensors(pairs):
    L = max(len(s) for s, _ in pairs)
    src = torch.zeros(len(pairs), L, dtype=torch.long)
    trg = torch.zeros(len(pairs), 7, dtype=torch.long)
    lens = []
    for i, (s, t) in enumerate(pairs):
        src[i, :len(s)] = torch.tensor([src_vocab[w] for w in s])
        trg[i] = torch.tensor([SOS] + [trg_vocab[c] for c in t] + [EOS])
        lens.append(len(s))
    return src, torch.tensor(lens), trg


HID = 64


class EncoderRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(src_vocab) + 1, 24, padding_idx=PAD)
        self.gru = nn.GRU(24, HID, batch_first=True)

    def forward(self, x, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lens, batch_first=True, enforce_sorted=False)
        return self.gru(packed)[1]


class DecoderRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(14, 16)
        self.gru = nn.GRU(16, HID, batch_first=True)
        self.out = nn.Linear(HID, 14)

    def forward(self, y, hidden):
        o, hidden = self.gru(self.embedding(y), hidden)
        return self.out(o), hidden


encoder = EncoderRNN()
decoder = DecoderRNN()
opt = torch.optim.Adam(list(encoder.parameters()) + list(decoder.parameters()), lr=4e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 9, 0.3)


def first_hidden(src, lens):
    encoder_hidden = encoder(src, lens)
    # fault:
    decoder_hidden = torch.zeros_like(encoder_hidden)
    # mended:
    #decoder_hidden = encoder_hidden
    # end
    return decoder_hidden


def greedy(src, lens):
    encoder.eval(), decoder.eval()
    with torch.no_grad():
        hidden = first_hidden(src, lens)
        tok = torch.full((len(src), 1), SOS)
        res = []
        for _ in range(6):
            logits, hidden = decoder(tok, hidden)
            tok = logits.argmax(-1)
            res.append(tok)
    return torch.cat(res, 1)


S, SL, T = tensors(train_pairs)
s, sl, t = tensors(test_pairs)
print(len(S), "train pairs", len(s), "test pairs")
for epoch in range(14):
    encoder.train(), decoder.train()
    perm, tot = torch.randperm(len(S)), 0.0
    for i in range(0, len(perm), 32):
        b = perm[i:i + 32]
        logits, _ = decoder(T[b, :-1], first_hidden(S[b], SL[b]))
        loss = F.cross_entropy(logits.reshape(-1, 14), T[b, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    sched.step()
    if epoch % 4 == 3:
        print("epoch %d loss %.4f exact %.3f" % (epoch, tot / len(S), (greedy(s, sl) == t[:, 1:]).all(1).float().mean()))

hyp = greedy(s, sl)
for k in range(3):
    print(" ".join(test_pairs[k][0]), "->", "".join(back.get(i, "") for i in hyp[k].tolist()))
print("exact match train %.3f" % (greedy(S, SL) == T[:, 1:]).all(1).float().mean())
print("exact match test %.3f" % (hyp == t[:, 1:]).all(1).float().mean())
