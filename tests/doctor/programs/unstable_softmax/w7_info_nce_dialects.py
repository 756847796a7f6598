# InfoNCE between the two halves of a parallel corpus. Two "dialects": every word of A has one or two words in B,
# word order is lost, some words are dropped. Encoders are summed embeddings (order does not matter here).
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(11)
torch.manual_seed(11)
VOCAB, DIM, BATCH, EPOCHS = 120, 32, 100, 6

lexicon = {w: [VOCAB - w, VOCAB + w][:random.choice([1, 2])] for w in range(1, VOCAB)}   # 0 is padding


def pair():
    a = [random.randrange(1, VOCAB) for _ in range(random.randint(8, 14))]
    b = [random.choice(lexicon[w]) for w in a if random.random() < 0.85] or [lexicon[a[0]][0]]
    random.shuffle(b)
    return torch.tensor(a), torch.tensor(b)


def corpus(n):
    left, right = zip(*[pair() for _ in range(n)])
    return pad_sequence(left, batch_first=True), pad_sequence(right, batch_first=True)


class Encoder(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.table = nn.Embedding(size, DIM, padding_idx=0)
        with torch.no_grad():
            self.table.weight.mul_(0.5)

    def forward(self, ids):
        return self.table(ids).sum(1)        # row 0 is zero and stays so


def info_nce(za, zb):
    scores = za @ zb.t()
    # fault:
    e = torch.exp(scores)
    p = e.diag() / e.sum(1)
    return -torch.log(p).mean()
    # mended:
    # return (torch.logsumexp(scores, 1) - scores.diag()).mean()
    # end


def retrieval(fa, fb, a, b):
    with torch.no_grad():
        found = (fa(a) @ fb(b).t()).argmax(1)
    return (found == torch.arange(len(a))).float().mean().item()


A, B = corpus(6000)
A_dev, B_dev = corpus(400)
enc_a, enc_b = Encoder(VOCAB), Encoder(2 * VOCAB)
params = [*enc_a.parameters(), *enc_b.parameters()]
optimizer = torch.optim.Adam(params, lr=1e-2)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
print("chance: %.4f   before: %.4f" % (1 / 400, retrieval(enc_a, enc_b, A_dev, B_dev)))

for epoch in range(1, EPOCHS + 1):
    perm, seen = torch.randperm(len(A)), 0.0
    for i in perm.split(BATCH):
        optimizer.zero_grad()
        loss = info_nce(enc_a(A[i]), enc_b(B[i]))
        loss.backward()
        optimizer.step()
        seen += loss.item()
    schedule.step()
    print("epoch %d   InfoNCE %.4f   R@1 train[:400] %.3f   R@1 dev %.3f" % (
        epoch, seen / (len(A) // BATCH), retrieval(enc_a, enc_b, A[:400], B[:400]), retrieval(enc_a, enc_b, A_dev, B_dev)))
