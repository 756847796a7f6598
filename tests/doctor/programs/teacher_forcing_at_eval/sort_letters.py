"""Sort the letters of a word: nn.Transformer on fixed-length strings. Reports wrong letters on the test set."""
import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--length", type=int, default=9)
parser.add_argument("--steps", type=int, default=260)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--lr", type=float, default=3e-3)
args = parser.parse_args([])
torch.manual_seed(3)
BOS, V = 26, 27


class Sorter(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        self.place = nn.Embedding(args.length, d)
        self.body = nn.Transformer(d, 4, 1, 1, 96, dropout=0.0, batch_first=True)
        self.out = nn.Linear(d, V)

    def forward(self, src, prefix):
        t = prefix.size(1)
        mask = nn.Transformer.generate_square_subsequent_mask(t)
        y = self.emb(prefix) + self.place(torch.arange(t))
        return self.out(self.body(self.emb(src), y, tgt_mask=mask))


def strings(n):
    x = torch.randint(0, 26, (n, args.length))
    return x, x.sort(1).values


def with_bos(y):
    return torch.cat([torch.full((len(y), 1), BOS), y[:, :-1]], 1)


@torch.no_grad()
def evaluate(model, src, ref):
    model.eval()
    # fault:
    out = model(src, with_bos(ref)).argmax(-1)
    # mended:
    # prefix = torch.full((len(src), 1), BOS)
    # for _ in range(args.length):
    #     nxt = model(src, prefix[:, -args.length :]).argmax(-1)[:, -1:]
    #     prefix = torch.cat([prefix, nxt], 1)
    # out = prefix[:, 1:]
    # end
    model.train()
    return (out != ref).float().mean().item()


train_x, train_y = strings(6000)
test_x, test_y = strings(300)
model = Sorter()
opt = torch.optim.Adam(model.parameters(), lr=args.lr, betas=(0.9, 0.98))
sched = torch.optim.lr_scheduler.OneCycleLR(opt, args.lr, total_steps=args.steps)
for step in range(args.steps):
    i = torch.randint(0, len(train_x), (args.batch,))
    logits = model(train_x[i], with_bos(train_y[i]))
    loss = nn.functional.cross_entropy(logits.reshape(-1, V), train_y[i].reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if (step + 1) % 65 == 0:
        print(f"step {step + 1} loss {loss.item():.4f} test letter errors {evaluate(model, test_x, test_y):.4f}")
