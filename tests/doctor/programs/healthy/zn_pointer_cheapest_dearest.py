"""
Pointer network.  Input: a shopping list of (shop, product, price) rows in random order, 4 to 9 of them.
Output: first a pointer to the cheapest row, then one to the dearest row.
"""
import math
import torch
from torch import nn, Tensor


def sample(n: int, gen: torch.Generator) -> dict[str, Tensor]:
    length = torch.randint(4, 10, (n,), generator=gen)
    price = torch.stack([torch.randperm(60, generator=gen)[:9] for _ in range(n)])
    word = torch.randint(0, 40, (n, 9), generator=gen)
    hole = torch.arange(9)[None] >= length[:, None]
    lo = price.masked_fill(hole, 10 ** 6).argmin(1)
    hi = price.masked_fill(hole, -1).argmax(1)
    return {"word": word.masked_fill(hole, 40), "price": price.masked_fill(hole, 60), "hole": hole,
            "answer": torch.stack([lo, hi], 1)}


class PointerNet(nn.Module):
    def __init__(self, dim: int = 32) -> None:
        super().__init__()
        self.word = nn.Embedding(41, dim, padding_idx=40)
        self.price = nn.Embedding(61, dim, padding_idx=60)
        self.enc = nn.Sequential(nn.Linear(dim, dim), nn.Tanh(), nn.Linear(dim, dim))
        self.cell = nn.GRUCell(dim, dim)
        self.go = nn.Parameter(torch.randn(dim) / math.sqrt(dim))
        self.keys, self.query = nn.Linear(dim, dim), nn.Linear(dim, dim, bias=False)
        self.v = nn.Linear(dim, 1, bias=False)

    def forward(self, batch: dict[str, Tensor], teach: bool) -> Tensor:
        mem = self.enc(self.word(batch["word"]) + self.price(batch["price"]))
        real = (~batch["hole"]).unsqueeze(-1)
        state = (mem * real).sum(1) / real.sum(1)
        inp, logits = self.go.expand(len(mem), -1), []
        keys = self.keys(mem)
        for step in range(2):
            state = self.cell(inp, state)
            score = self.v(torch.tanh(keys + self.query(state).unsqueeze(1))).squeeze(-1)
            score = score.masked_fill(batch["hole"], float("-inf"))
            logits.append(score)
            pick = batch["answer"][:, step] if teach else score.argmax(1)
            inp = mem[torch.arange(len(mem)), pick]
        return torch.stack(logits, 1)


def evaluate(net: PointerNet, data: dict[str, Tensor]) -> tuple[float, float]:
    net.eval()
    with torch.no_grad():
        hit = net(data, teach=False).argmax(2).eq(data["answer"])
    net.train()
    return hit[:, 0].float().mean().item(), hit[:, 1].float().mean().item()


def main() -> None:
    torch.manual_seed(0)
    gen = torch.Generator().manual_seed(99)
    train, held_out = sample(4000, gen), sample(500, gen)
    net = PointerNet()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    epochs = 8
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    for epoch in range(epochs):
        seen = 0.0
        for rows in torch.randperm(4000).split(80):
            batch = {k: t[rows] for k, t in train.items()}
            logits = net(batch, teach=True)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), batch["answer"].flatten())
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            seen += loss.item() * len(rows)
        sched.step()
        (a, b), (c, d) = evaluate(net, train), evaluate(net, held_out)
        print(f"epoch {epoch + 1}  loss {seen / 4000:.3f}  train {a:.3f}/{b:.3f}  held out cheapest {c:.3f} dearest {d:.3f}")


if __name__ == "__main__":
    main()
