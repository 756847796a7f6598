"""Number words -> digits, a port of the Keras "lstm seq2seq" example (encoder/decoder with teacher forcing)."""
import numpy as np
import torch
from torch import nn

np.random.seed(11)
torch.manual_seed(11)

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()


def say(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000:
        return [ONES[n // 100], "hundred"] + (say(n % 100) if n % 100 else [])
    return say(n // 1000) + ["thousand"] + (say(n % 1000) if n % 1000 else [])


numbers = np.random.permutation(np.arange(1, 10000))[:4000]
input_texts = [say(int(n)) for n in numbers]
target_texts = ["\t" + str(n) + "\n" for n in numbers]      # tab = start, newline = stop

input_token_index = {w: i + 1 for i, w in enumerate(sorted({w for t in input_texts for w in t}))}
target_token_index = {c: i + 1 for i, c in enumerate("\t\n0123456789")}
reverse_target = {i: c for c, i in target_token_index.items()}
max_enc = max(map(len, input_texts))
max_dec = max(map(len, target_texts))

enc = np.zeros((len(numbers), max_enc), dtype="int64")
dec = np.zeros((len(numbers), max_dec), dtype="int64")
for i, (a, b) in enumerate(zip(input_texts, target_texts)):
    enc[i, :len(a)] = [input_token_index[w] for w in a]
    dec[i, :len(b)] = [target_token_index[c] for c in b]
enc_len = torch.tensor([len(t) for t in input_texts])
enc, dec = torch.from_numpy(enc), torch.from_numpy(dec)

# fault:
decoder_input_data = dec[:, 1:]
# mended:
# decoder_input_data = dec[:, :-1]
# end
decoder_target_data = dec[:, 1:]
n_test = 500

latent = 64


class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.src = nn.Embedding(len(input_token_index) + 1, 32, padding_idx=0)
        self.tgt = nn.Embedding(len(target_token_index) + 1, 16, padding_idx=0)
        self.encoder = nn.GRU(32, latent, batch_first=True)
        self.decoder = nn.GRU(16, latent, batch_first=True)
        self.dense = nn.Linear(latent, len(target_token_index) + 1)

    def encode(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.src(x), lengths, batch_first=True, enforce_sorted=False)
        return self.encoder(packed)[1]

    def decode(self, y, h):
        o, h = self.decoder(self.tgt(y), h)
        return self.dense(o), h

    def forward(self, x, lengths, y):
        return self.decode(y, self.encode(x, lengths))[0]


def predict(model, x, lengths):
    model.eval()
    with torch.no_grad():
        h = model.encode(x, lengths)
        cur = torch.full((len(x), 1), target_token_index["\t"])
        outs = []
        for _ in range(max_dec - 1):
            logits, h = model.decode(cur, h)
            cur = logits.argmax(-1)
            outs.append(cur)
    res = []
    for row in torch.cat(outs, 1).tolist():
        s = "".join(reverse_target.get(i, "?") for i in row)
        res.append(s.split("\n")[0])
    return res


model = Seq2Seq()
optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
epochs, batch = 5, 50
sched = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=epochs * ((len(enc) - n_test) // batch))
loss_fn = nn.CrossEntropyLoss(ignore_index=0)
for epoch in range(epochs):
    model.train()
    perm = torch.randperm(len(enc) - n_test) + n_test
    tot = k = 0
    for s in range(0, len(perm), batch):
        ix = perm[s:s + batch]
        out = model(enc[ix], enc_len[ix], decoder_input_data[ix])
        loss = loss_fn(out.flatten(0, 1), decoder_target_data[ix].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step(); sched.step()
        tot += loss.item(); k += 1
    print("Epoch %d/%d - loss: %.4f" % (epoch + 1, epochs, tot / k))
for name, a, b in (("train", n_test, 2 * n_test), ("test", 0, n_test)):
    pred = predict(model, enc[a:b], enc_len[a:b])
    print(name, "exact match: %.3f" % np.mean([p == str(n) for p, n in zip(pred, numbers[a:b])]))
for t, p in list(zip(input_texts, pred))[:3]:
    print(" ".join(t), "->", p)
