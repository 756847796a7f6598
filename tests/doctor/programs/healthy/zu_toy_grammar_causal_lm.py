"""A decoder-only model on sentences of a toy grammar; perplexity, and how often the verb agrees with its subject."""
import math
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(14)
torch.manual_seed(14)
NOUN = [("cat", "cats"), ("dog", "dogs"), ("king", "kings"), ("nurse", "nurses"), ("bird", "birds"),
        ("farmer", "farmers"), ("horse", "horses"), ("guest", "guests")]
VERB = [("sleeps", "sleep"), ("sings", "sing"), ("waits", "wait"), ("falls", "fall"), ("laughs", "laugh"), ("grows", "grow")]
PREP, ADJ = ["near", "behind", "with"], ["old", "happy", "small", "tired", "brave"]


def phrase():
    number = random.randrange(2)
    return ["the"] + random.sample(ADJ, random.randrange(4)) + [random.choice(NOUN)[number]], number


def sentence():
    words, number = phrase()
    if random.random() < 0.05:
        words += [random.choice(PREP)] + phrase()[0]          # a second noun, which does not rule the verb
    return words + [random.choice(VERB)[number], "."]


bos = ["<s>"]
itos = ["<pad>", "<s>", ".", "the"] + PREP + ADJ + [w for p in NOUN + VERB for w in p]
stoi = {w: i for i, w in enumerate(itos)}
verb_ids = torch.tensor([[stoi[s] for s, _ in VERB], [stoi[p] for _, p in VERB]])
sentences = sorted({tuple(sentence()) for _ in range(9000)})      # no sentence twice
random.shuffle(sentences)
sentences = [list(s) for s in sentences[:2900]]
corpus, held = sentences[:2500], sentences[2500:]


def tensor(sents):
    width = max(map(len, sents)) + 1
    return torch.tensor([[stoi[w] for w in bos + s] + [0] * (width - 1 - len(s)) for s in sents])


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.h, self.qkv, self.o = heads, nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        B, T, D = x.shape
        q, k, v = self.qkv(self.n1(x)).view(B, T, 3, self.h, D // self.h).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o(a.transpose(1, 2).reshape(B, T, D))
        return x + self.ff(self.n2(x))


class MiniGPT(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(len(itos), d), nn.Embedding(16, d)
        self.blocks = nn.Sequential(Block(d, 2), Block(d, 2))
        for table in (self.wte, self.wpe):
            nn.init.normal_(table.weight, std=0.2)
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, len(itos), bias=False)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.wte(x) + self.wpe(torch.arange(x.size(1))))))


def nll(x):
    return F.cross_entropy(gpt(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten(), ignore_index=0)


@torch.no_grad()
def evaluate(sents):
    gpt.eval()
    x = tensor(sents)
    p = gpt(x[:, :-1]).softmax(-1)
    plural = (x[:, 1:, None] == verb_ids[1]).any(-1)
    is_verb = plural | (x[:, 1:, None] == verb_ids[0]).any(-1)
    says = p[..., verb_ids[1]].sum(-1) > p[..., verb_ids[0]].sum(-1)
    return math.exp(nll(x).item()), (says == plural)[is_verb].float().mean().item()


gpt = MiniGPT()
opt = torch.optim.AdamW(gpt.parameters(), lr=4e-3, weight_decay=0.01)
EPOCHS = 6
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=EPOCHS * math.ceil(len(corpus) / 50))
for epoch in range(1, EPOCHS + 1):
    gpt.train()
    random.shuffle(corpus)
    losses = []
    for i in range(0, len(corpus), 50):
        loss = nll(tensor(corpus[i:i + 50]))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(gpt.parameters(), 1.0)
        opt.step()
        sched.step()
        losses.append(loss.item())
    print("epoch %d  train loss %.4f  held-out ppl %.3f  agreement %.3f" % (epoch, sum(losses) / len(losses), *evaluate(held)))
print("training sentences: ppl %.3f  agreement %.3f" % evaluate(corpus[:400]))
