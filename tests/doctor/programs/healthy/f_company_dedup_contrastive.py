"""
Company name matching. Two spellings of one company should lie close, all others far away.
In-batch negatives, learnt temperature, character CNN. Evaluated on companies that were never trained on:
each dirty name must find its clean name among all clean names (recall@1, MRR).
"""
import random
import string
import sys

import numpy as np
import torch
import torch.nn.functional as F

R = random.Random(21)
torch.manual_seed(21)

ALPHABET = {c: i + 1 for i, c in enumerate(string.ascii_lowercase + string.digits + " .&-")}
ONSET = "b c d f g h k l m n p r s t v w br cl dr gr pl st tr".split()
NUCLEUS = "a e i o u ai eo".split()
CODA = ["", "", "n", "r", "s", "x", "l", "ck"]
BRANCH = "systems foods logistics capital energy software textiles motors pharma media steel travel".split()
FORMS = {"limited": "ltd", "incorporated": "inc.", "corporation": "corp", "company": "co", "holding": "hldg"}


def stem():
    return "".join(R.choice(ONSET) + R.choice(NUCLEUS) + R.choice(CODA) for _ in range(R.choice([2, 2, 3])))


class Company:
    def __init__(self):
        self.parts = [stem()] + ([stem()] if R.random() < .4 else []) + [R.choice(BRANCH)]
        self.form = R.choice(list(FORMS))

    @property
    def clean(self):
        return " ".join(self.parts + [self.form])

    def dirty(self):
        p = list(self.parts)
        if R.random() < .3:
            p[-1] = p[-1][:R.randint(3, 4)] + "."
        if R.random() < .15 and len(p) == 3:
            p[0], p[1] = p[1], p[0]
        name = " & ".join(p[:2]) + " " + p[2] if len(p) == 3 and R.random() < .4 else " ".join(p)
        for _ in range(R.choice([0, 1, 1, 2])):
            k = R.randrange(len(name) - 1)
            name = R.choice([name[:k] + name[k + 1:], name[:k] + R.choice(string.ascii_lowercase) + name[k:],
                             name[:k] + name[k + 1] + name[k] + name[k + 2:]])
        return name + R.choice(["", " " + FORMS[self.form], " " + self.form])


def to_ids(names):
    rows = [torch.tensor([ALPHABET[c] for c in n]) for n in names]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


class NameEncoder(torch.nn.Module):
    def __init__(self, channels=40, out=48):
        super().__init__()
        self.chars = torch.nn.Embedding(len(ALPHABET) + 1, 16, padding_idx=0)
        self.convs = torch.nn.ModuleList([torch.nn.Conv1d(16, channels, k) for k in (2, 3, 4)])
        self.proj = torch.nn.Linear(3 * channels, out)
        self.log_scale = torch.nn.Parameter(torch.tensor(2.3))

    def forward(self, ids):
        x, lengths = self.chars(ids).transpose(1, 2), (ids > 0).sum(1)
        pooled = []
        for conv in self.convs:
            h = conv(x)
            inside = torch.arange(h.shape[2]) <= (lengths - conv.kernel_size[0])[:, None]
            pooled.append(h.masked_fill(~inside[:, None], -1e4).amax(2))
        return F.normalize(self.proj(torch.relu(torch.cat(pooled, 1))), dim=1)


def info_nce(a, b, scale):
    logits = scale * a @ b.T
    target = torch.arange(len(a))
    return .5 * (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target))


@torch.no_grad()
def retrieval(model, companies, seed):
    model.eval()
    R.seed(seed)
    sims = model(to_ids([c.dirty() for c in companies])) @ model(to_ids([c.clean for c in companies])).T
    rank = (sims > sims.diagonal()[:, None]).sum(1) + 1
    return (rank == 1).float().mean().item(), (1 / rank).mean().item()


def main():
    companies = list({c.clean: c for c in (Company() for _ in range(1700))}.values())
    dev, train = companies[:400], companies[400:]
    model = NameEncoder()
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    steps = 3 * (len(train) // 64)
    sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=steps)
    print("untrained: recall@1 %.3f mrr %.3f" % retrieval(model, dev, 1))
    for epoch in range(3):
        R.seed(100 + epoch)
        R.shuffle(train)
        model.train()
        losses = []
        for k in range(0, len(train) - 63, 64):
            batch = train[k:k + 64]
            loss = info_nce(model(to_ids([c.dirty() for c in batch])), model(to_ids([c.clean for c in batch])),
                            model.log_scale.clamp(max=4.).exp())
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            losses.append(loss.item())
        print(f"epoch {epoch}: info-nce {np.mean(losses):.4f} scale {model.log_scale.exp().item():.1f} "
              + "recall@1 %.3f mrr %.3f" % retrieval(model, dev, 1))
    print("train sample recall@1 %.3f mrr %.3f" % retrieval(model, train[:400], 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
