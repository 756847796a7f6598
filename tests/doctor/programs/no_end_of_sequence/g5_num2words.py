"""
Seq2Seq homework 3 - spell out numbers ("4072" -> "four thousand seventy two")
Encoder/decoder GRU with dot attention, greedy decoding, exact match on held out numbers.
"""
import random
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(0)
torch.manual_seed(0)

PAD, SOS, EOS = 0, 1, 2
UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    out = []
    if n >= 1000:
        out += [UNITS[n // 1000], "thousand"]
        n %= 1000
    if n >= 100:
        out += [UNITS[n // 100], "hundred"]
        n %= 100
    if n >= 20:
        out.append(TENS[n // 10])
        n %= 10
    if n > 0:
        out.append(UNITS[n])
    return out


src_vocab = {c: i + 3 for i, c in enumerate("0123456789")}
tgt_words = UNITS[1:] + TENS[2:] + ["hundred", "thousand"]
tgt_vocab = {w: i + 3 for i, w in enumerate(tgt_words)}
id2word = {i: w for w, i in tgt_vocab.items()}

numbers = random.sample(range(1, 10000), 3300)
train_nums, test_nums = numbers[:3000], numbers[3000:]


def encode_src(n):
    return [src_vocab[c] for c in str(n)] + [EOS]


def encode_tgt(n):
    ids = [tgt_vocab[w] for w in spell(n)]
    # fault:
    return ids
    # mended:
    #return ids + [EOS]
    # end


def pad_batch(seqs):
    m = max(map(len, seqs))
    return torch.tensor([s + [PAD] * (m - len(s)) for s in seqs])


class Encoder(nn.Module):
    def __init__(self, vocab, emb, hid):
        super().__init__()
        self.embedding = nn.Embedding(vocab, emb, padding_idx=PAD)
        self.gru = nn.GRU(emb, hid, batch_first=True)

    def forward(self, src):
        lengths = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(src), lengths, batch_first=True, enforce_sorted=False)
        out, h = self.gru(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        return out, h


class AttnDecoder(nn.Module):
    def __init__(self, vocab, emb, hid):
        super().__init__()
        self.embedding = nn.Embedding(vocab, emb, padding_idx=PAD)
        self.gru = nn.GRU(emb, hid, batch_first=True)
        self.out = nn.Linear(2 * hid, vocab)

    def forward(self, tokens, h, enc_out, src_mask):
        q, h = self.gru(self.embedding(tokens), h)
        score = q @ enc_out.transpose(1, 2)
        score = score.masked_fill(~src_mask.unsqueeze(1), float("-inf"))
        ctx = F.softmax(score, dim=-1) @ enc_out
        return self.out(torch.cat([q, ctx], -1)), h


encoder = Encoder(13, 24, 56)
decoder = AttnDecoder(len(tgt_vocab) + 3, 24, 56)
params = list(encoder.parameters()) + list(decoder.parameters())
optimizer = torch.optim.Adam(params, lr=6e-3)
N_EPOCHS, BATCH = 12, 64
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=8e-3, total_steps=N_EPOCHS * ((len(train_nums) + BATCH - 1) // BATCH))


def train_step(nums):
    src = pad_batch([encode_src(n) for n in nums])
    tgt = pad_batch([encode_tgt(n) for n in nums])
    dec_in = torch.cat([torch.full((len(nums), 1), SOS), tgt[:, :-1]], 1)
    enc_out, h = encoder(src)
    logits, _ = decoder(dec_in, h, enc_out, src != PAD)
    loss = F.cross_entropy(logits.flatten(0, 1), tgt.flatten(), ignore_index=PAD)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(params, 1.0)
    optimizer.step()
    scheduler.step()
    return loss.item()


@torch.no_grad()
def translate(nums, max_steps=10):
    encoder.eval(), decoder.eval()
    src = pad_batch([encode_src(n) for n in nums])
    enc_out, h = encoder(src)
    tok = torch.full((len(nums), 1), SOS)
    steps = []
    for _ in range(max_steps):
        logits, h = decoder(tok, h, enc_out, src != PAD)
        tok = logits.argmax(-1)
        steps.append(tok)
    results = []
    for row in torch.cat(steps, 1).tolist():
        row = row[:row.index(EOS)] if EOS in row else row
        results.append([id2word.get(i, "?") for i in row])
    encoder.train(), decoder.train()
    return results


t0 = time.time()
for epoch in range(N_EPOCHS):
    random.shuffle(train_nums)
    losses = [train_step(train_nums[i:i + BATCH]) for i in range(0, len(train_nums), BATCH)]
    if epoch % 2 == 1:
        hyp = translate(test_nums)
        em = sum(h == spell(n) for h, n in zip(hyp, test_nums)) / len(test_nums)
        print(f"epoch {epoch + 1} loss {sum(losses) / len(losses):.4f} exact match {em:.3f} ({time.time() - t0:.1f}s)")

for n in test_nums[:5]:
    print(n, "->", " ".join(translate([n])[0]))
print(f"held out exact match: {em:.3f}")
