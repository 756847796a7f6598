"""Will a support chat be escalated? Event streams of the chat widget."""
from dataclasses import dataclass
import torch
import torch.nn.functional as F

EVENTS = ["<pad>", "open", "type", "idle", "scroll", "attach", "bot_reply", "faq_click", "faq_close", "rate_ok",
          "rate_bad", "ask_human", "repeat_question", "thanks", "resolve_click", "caps_message", "tab_switch",
          "return", "login", "search", "link_click", "copy", "zoom", "language_switch", "mute"]
ID = {e: i for i, e in enumerate(EVENTS)}
ROUTINE = [ID[e] for e in EVENTS if e not in
           ("<pad>", "rate_ok", "rate_bad", "ask_human", "repeat_question", "thanks", "resolve_click", "caps_message")]
ANGRY = [ID[e] for e in ("rate_bad", "ask_human", "repeat_question", "caps_message")]
CALM = [ID[e] for e in ("rate_ok", "thanks", "resolve_click")]


@dataclass(frozen=True)
class Setup:
    n_train: int = 1400
    n_test: int = 400
    # fault:
    max_events: int = 16
    # mended:
    #max_events: int = 48
    # end
    width: int = 20
    channels: int = 40
    batch: int = 60
    epochs: int = 6
    lr: float = 4e-3
    seed: int = 8


def streams(n, g):
    def r(lo, hi):
        return int(torch.randint(lo, hi, (1,), generator=g))
    for _ in range(n):
        length = r(26, 49)
        s = [ROUTINE[r(0, len(ROUTINE))] for _ in range(length)]
        y = r(0, 2)
        side, other = (ANGRY, CALM) if y else (CALM, ANGRY)
        for _ in range(r(2, 4)):
            s[r(length - 8, length)] = side[r(0, len(side))]
        if r(0, 5) == 0:
            s[length - 9] = other[r(0, len(other))]
        yield s, y


def tensorise(rows, limit):
    x = torch.zeros(len(rows), limit, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        s = s[:limit]
        x[i, : len(s)] = torch.tensor(s)
    return x, torch.tensor([float(y) for _, y in rows])


def init(cfg, g):
    def w(*shape, fan):
        return (torch.randn(*shape, generator=g) * (2 / fan) ** 0.5).requires_grad_()
    return {"ev": (torch.randn(len(EVENTS), cfg.width, generator=g) * 0.3).requires_grad_(),
            "k": w(cfg.channels, cfg.width, 3, fan=3 * cfg.width), "kb": torch.zeros(cfg.channels, requires_grad=True),
            "o": w(cfg.channels, fan=cfg.channels), "ob": torch.zeros((), requires_grad=True)}


def logit(p, x):
    real = (x > 0).unsqueeze(1)
    e = p["ev"][x].transpose(1, 2) * real
    h = F.relu(F.conv1d(e, p["k"], p["kb"], padding=1))
    h = h.masked_fill(~real, 0).amax(-1)
    return h @ p["o"] + p["ob"]


def accuracy(p, x, y):
    with torch.no_grad():
        return ((logit(p, x) > 0).float() == y).float().mean().item()


def main(cfg=Setup()):
    g = torch.Generator().manual_seed(cfg.seed)
    rows = list(streams(cfg.n_train + cfg.n_test, g))
    xtr, ytr = tensorise(rows[: cfg.n_train], cfg.max_events)
    xte, yte = tensorise(rows[cfg.n_train :], cfg.max_events)
    p = init(cfg, g)
    opt = torch.optim.Adam(p.values(), lr=cfg.lr, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, cfg.epochs)
    for ep in range(cfg.epochs):
        tot = 0.0
        for b in torch.randperm(len(ytr), generator=g).split(cfg.batch):
            loss = F.binary_cross_entropy_with_logits(logit(p, xtr[b]), ytr[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(b)
        sched.step()
        print(f"epoch {ep} loss {tot / len(ytr):.4f} test {accuracy(p, xte, yte):.3f}")
    print(f"train {accuracy(p, xtr, ytr):.3f} test {accuracy(p, xte, yte):.3f} base {yte.mean():.3f}")


if __name__ == "__main__":
    main()
