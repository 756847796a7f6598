"""Ticket routing from agent votes: the model learns the share of agents that chose each queue."""
import argparse
import logging

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(level=logging.INFO, format="%(name)s | %(message)s")
log = logging.getLogger("router")

QUEUES = {
    "billing": "invoice charge refund card vat receipt overpaid payment".split(),
    "access": "password login locked reset mfa token sso account".split(),
    "network": "vpn wifi proxy latency dns firewall timeout cable".split(),
    "hardware": "laptop screen battery dock keyboard mouse printer fan".split(),
    "shipping": "parcel courier delivery tracking address label customs late".split(),
    "contract": "renewal seat licence quote terms upgrade discount tier".split(),
    "data": "export csv dashboard report sync duplicate import column".split(),
    "mobile": "android ios app crash push tablet camera update".split(),
}
FILLER = "please hi the my since yesterday again cannot help thanks still team we our after".split()


def make_tickets(n: int, rng: np.random.Generator) -> tuple[list[list[str]], np.ndarray]:
    names = list(QUEUES)
    texts, votes = [], np.zeros((n, len(names)), dtype=np.float32)
    for i in range(n):
        a, b = rng.choice(len(names), size=2, replace=False)
        share = rng.uniform(0.0, 0.5)
        words = []
        for _ in range(rng.integers(8, 18)):
            if rng.random() < 0.35:
                words.append(str(rng.choice(FILLER)))
            else:
                words.append(str(rng.choice(QUEUES[names[b if rng.random() < share else a]])))
        texts.append(words)
        kinds = np.array([sum(w in QUEUES[q] for w in words) for q in names], dtype=float) + 0.15
        votes[i] = rng.multinomial(9, kinds / kinds.sum()) + 0.05
    return texts, votes / votes.sum(1, keepdims=True)


class Router(nn.Module):
    def __init__(self, vocab_size: int, n_queues: int, dim: int = 32) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(vocab_size, dim, mode="mean")
        self.ff = nn.Sequential(nn.Linear(dim, 32), nn.GELU(), nn.Dropout(0.1), nn.Linear(32, n_queues))

    def forward(self, flat: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        return self.ff(self.bag(flat, offsets))


def to_bag(rows: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    flat = torch.tensor([t for r in rows for t in r])
    lengths = torch.tensor([0] + [len(r) for r in rows[:-1]])
    return flat, lengths.cumsum(0)


def objective(logits: torch.Tensor, votes: torch.Tensor) -> torch.Tensor:
    # fault:
    return F.kl_div(F.softmax(logits, dim=-1), votes, reduction="batchmean")
    # mended:
    #return F.kl_div(F.log_softmax(logits, dim=-1), votes, reduction="batchmean")
    # end


def report(model: Router, rows: list[list[int]], votes: np.ndarray) -> dict[str, float]:
    model.eval()
    with torch.no_grad():
        probs = model(*to_bag(rows)).softmax(-1).double().numpy()
    divergence = (votes * (np.log(votes) - np.log(probs + 1e-12))).sum(1).mean()
    # share of the vote mass that the prediction gets right
    overlap = np.minimum(votes, probs).sum(1).mean()
    top1 = (probs.argmax(1) == votes.argmax(1)).mean()
    return {"divergence": float(divergence), "overlap": float(overlap), "top1": float(top1)}


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=14)
    ap.add_argument("--lr", type=float, default=4e-3)
    ap.add_argument("--batch", type=int, default=50)
    ap.add_argument("--seed", type=int, default=9)
    args = ap.parse_args()
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    texts, votes = make_tickets(3000, rng)
    vocab = {w: i for i, w in enumerate(sorted({w for t in texts for w in t}))}
    rows = [[vocab[w] for w in t] for t in texts]
    cut = 2400
    model = Router(len(vocab), len(QUEUES))
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    target = torch.from_numpy(votes)
    for epoch in range(args.epochs):
        model.train()
        perm = rng.permutation(cut)
        running = []
        for s in range(0, cut, args.batch):
            idx = perm[s : s + args.batch]
            loss = objective(model(*to_bag([rows[i] for i in idx])), target[torch.from_numpy(idx)])
            opt.zero_grad()
            loss.backward()
            opt.step()
            running.append(loss.item())
        if epoch % 3 == 2:
            log.info("epoch %d loss %.4f %s", epoch, np.mean(running),
                     {k: round(v, 3) for k, v in report(model, rows[cut:], votes[cut:]).items()})
    log.info("train    %s", report(model, rows[:cut], votes[:cut]))
    log.info("held-out %s", report(model, rows[cut:], votes[cut:]))


if __name__ == "__main__":
    main()
