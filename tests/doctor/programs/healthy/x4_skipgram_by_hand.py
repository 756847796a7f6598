# Skip-gram with negative sampling, gradients written out by hand (course notes, lexical semantics, week 5).
# No autograd at all: two tensors, index_add_, and a learning rate that falls linearly as in word2vec.c
import random
import torch

random.seed(3); torch.manual_seed(3)
torch.set_grad_enabled(False)

FIELDS, PER_FIELD, DIM, NEG, WINDOW = 10, 20, 16, 5, 2
words = [f"f{k}w{i}" for k in range(FIELDS) for i in range(PER_FIELD)]
function_words = ["the", "of", "a", "to", "in", "and"]
vocab = {w: i for i, w in enumerate(words + function_words)}
field = torch.tensor([i // PER_FIELD for i in range(len(words))])


def sentence():
    k = random.randrange(FIELDS)
    out = []
    for _ in range(8):
        if random.random() < .25:
            out.append(vocab[random.choice(function_words)])
        elif random.random() < .1:
            out.append(random.randrange(len(words)))
        else:
            out.append(k * PER_FIELD + random.randrange(PER_FIELD))
    return out


corpus = [sentence() for _ in range(2500)]
freq = torch.zeros(len(vocab))
for s in corpus:
    for w in s:
        freq[w] += 1
noise = freq ** .75

pairs = torch.tensor([(s[i], s[j]) for s in corpus for i in range(len(s))
                      for j in range(max(0, i - WINDOW), min(len(s), i + WINDOW + 1)) if i != j])
print(len(pairs), "pairs")

inp = (torch.rand(len(vocab), DIM) - .5) / DIM
out = torch.zeros(len(vocab), DIM)


def neighbours_in_field(k=5):
    e = inp[:len(words)]
    e = e / e.norm(dim=1, keepdim=True)
    sim = e @ e.T
    sim.fill_diagonal_(-2)
    return (field[sim.topk(k).indices] == field[:, None]).float().mean().item()


BATCH, EPOCHS, LR = 64, 3, 0.1
print(f"start: {neighbours_in_field():.3f} of the five nearest words are of the same field (chance 0.095)")
step, steps = 0, EPOCHS * len(pairs) // BATCH
for epoch in range(EPOCHS):
    loss_sum = 0.
    for b in pairs[torch.randperm(len(pairs))].split(BATCH):
        lr = LR * max(1 - step / steps, 1e-3); step += 1
        c, o = b[:, 0], b[:, 1]
        targets = torch.cat([o[:, None], torch.multinomial(noise, len(b) * NEG, replacement=True).view(-1, NEG)], 1)
        truth = torch.zeros(targets.shape); truth[:, 0] = 1
        h, t = inp[c], out[targets]
        p = torch.sigmoid(torch.bmm(t, h.unsqueeze(2)).squeeze(2))
        loss_sum -= torch.where(truth > 0, p, 1 - p).clamp_min(1e-7).log().sum().item()
        g = p - truth                                                 # d loss / d score
        grad_h = (g.unsqueeze(2) * t).sum(1)
        grad_t = g.unsqueeze(2) * h.unsqueeze(1)
        inp.index_add_(0, c, grad_h, alpha=-lr)
        out.index_add_(0, targets.view(-1), grad_t.view(-1, DIM), alpha=-lr)
    print(f"epoch {epoch}: loss per pair {loss_sum / len(pairs):.3f}, same field {neighbours_in_field():.3f}")
