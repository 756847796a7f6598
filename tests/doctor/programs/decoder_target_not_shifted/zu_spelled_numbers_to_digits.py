"""
Toy translation: "three thousand and forty two" -> "3 0 4 2"
GRU encoder, GRU decoder (after the well known seq2seq tutorial, but batched).
"""
import random, time
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(3)
torch.manual_seed(3)

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()

def spell(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000:
        return [ONES[n // 100], "hundred"] + (["and"] + spell(n % 100) if n % 100 else [])
    rest = n % 1000
    return spell(n // 1000) + ["thousand"] + ((["and"] if rest < 100 else []) + spell(rest) if rest else [])

SRC_PAD = 0
PAD, SOS, EOS = 0, 1, 2
src_vocab = {w: i + 1 for i, w in enumerate(sorted(set(ONES + TENS[2:] + ["hundred", "thousand", "and"])))}
DIG = 3                                      # digit d has the id DIG + d

def make_pair(n):
    return [src_vocab[w] for w in spell(n)], [SOS] + [DIG + int(c) for c in str(n)] + [EOS]

numbers = random.sample(range(10000), 3400)
train_pairs = [make_pair(n) for n in numbers[:3000]]
test_pairs = [make_pair(n) for n in numbers[3000:]]

def pad(rows):
    width = max(map(len, rows))
    return torch.tensor([r + [0] * (width - len(r)) for r in rows])

class EncoderRNN(nn.Module):
    def __init__(self, n_in, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_in, hidden, padding_idx=SRC_PAD)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)

    def forward(self, src):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(src), (src != SRC_PAD).sum(1), batch_first=True, enforce_sorted=False)
        return self.gru(packed)[1]

class DecoderRNN(nn.Module):
    def __init__(self, n_out, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_out, hidden, padding_idx=PAD)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, n_out)

    def forward(self, tokens, state):
        h, state = self.gru(F.relu(self.embedding(tokens)), state)
        return self.out(h), state

HID = 64
encoder = EncoderRNN(len(src_vocab) + 1, HID)
decoder = DecoderRNN(DIG + 10, HID)
optimizer = torch.optim.Adam(list(encoder.parameters()) + list(decoder.parameters()), lr=5e-3)
EPOCHS, BATCH = 6, 100
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.5e-2, total_steps=EPOCHS * len(train_pairs) // BATCH)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)

@torch.no_grad()
def translate(src, max_len=6):
    encoder.eval(); decoder.eval()
    state = encoder(src)
    token = torch.full((len(src), 1), SOS)
    result = [[] for _ in range(len(src))]
    done = [False] * len(src)
    for _ in range(max_len):
        logits, state = decoder(token, state)
        token = logits.argmax(-1)
        for i, t in enumerate(token[:, 0].tolist()):
            if t == EOS:
                done[i] = True
            elif not done[i]:
                result[i].append(t - DIG)
    return result

def exact(pairs):
    hyp = translate(pad([s for s, _ in pairs]))
    return sum(h == [t - DIG for t in ref[1:-1]] for h, (_, ref) in zip(hyp, pairs)) / len(pairs)

t0 = time.time()
for epoch in range(1, EPOCHS + 1):
    encoder.train(); decoder.train()
    random.shuffle(train_pairs)
    loss_sum = 0
    for i in range(0, len(train_pairs), BATCH):
        chunk = train_pairs[i:i + BATCH]
        src, tgt = pad([s for s, _ in chunk]), pad([t for _, t in chunk])
        # fault:
        logits, _ = decoder(tgt[:, 1:], encoder(src))
        # mended:
        # logits, _ = decoder(tgt[:, :-1], encoder(src))
        # end
        loss = criterion(logits.flatten(0, 1), tgt[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(list(encoder.parameters()) + list(decoder.parameters()), 1.0)
        optimizer.step()
        scheduler.step()
        loss_sum += loss.item()
    print(f"{time.time() - t0:5.1f}s epoch {epoch} loss {loss_sum * BATCH / len(train_pairs):.4f}")
print(f"exact match: train {exact(train_pairs[:400]):.3f}, held-out {exact(test_pairs):.3f}")
for n, out in zip(numbers[3000:3004], translate(pad([s for s, _ in test_pairs[:4]]))):
    print(" ".join(spell(n)), "->", out)
