"""Tags the fields of syslog lines (time, host, service, level, user, address, free text)."""
import logging
import random
from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

logging.basicConfig(level=logging.INFO, format="%(levelname)s - %(message)s")
logger = logging.getLogger("tagger")

TAGS = ["<pad>", "O", "HOST", "SERVICE", "USER", "PEER"]
SERVICES = ["sshd", "cron", "nginx", "postfix", "kernel", "docker", "vault", "kafka", "redis", "etcd"]
PEOPLE = ["anna", "bob", "carla", "dimitri", "eve", "farid", "gita", "hugo", "ines", "jon", "kofi", "lena"]
SITES = ["fra", "ams", "nyc", "sin", "gru", "lhr"]
ROLES = ["web", "db", "mq", "proxy", "build"]


@dataclass(frozen=True)
class TrainConfig:
    lines: int = 2600
    held_out: int = 500
    batch_size: int = 32
    learning_rate: float = 1e-3
    # fault:
    max_steps: int = 30
    # mended:
    #max_steps: int = 420
    # end
    log_every: int = 10
    dim: int = 32
    hidden: int = 48
    seed: int = 1234


def line(rng: random.Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
    host, peer = (f"{rng.choice(SITES)}-{rng.choice(ROLES)}{rng.randint(1, 9)}" for _ in range(2))
    service, user = rng.choice(SERVICES), rng.choice(PEOPLE)
    template = rng.choice([
        "H S : session opened for U from P",
        "H S : session closed for U",
        "H S : connection from P refused",
        "S on H : user U unknown at P",
        "relay P to H via S done",
        "H lost P while S was starting",
        "U restarted S on H",
        "S : timeout after retry with P on H for U",
        "H S : S exited , U notified",
        "audit U moved S from P to H",
    ])
    fill = {"H": (host, "HOST"), "S": (service, "SERVICE"), "U": (user, "USER"), "P": (peer, "PEER")}
    pairs = [fill.get(part, (part, "O")) for part in template.split()]
    if rng.random() < 0.5:
        pairs.insert(0, (rng.choice(["warn", "info", "error"]), "O"))
    return tuple(w for w, _ in pairs), tuple(t for _, t in pairs)


class Tagger(nn.Module):
    def __init__(self, vocab: int, cfg: TrainConfig) -> None:
        super().__init__()
        self.tok = nn.Embedding(vocab, cfg.dim, padding_idx=0)
        self.lstm = nn.LSTM(cfg.dim, cfg.hidden, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(2 * cfg.hidden, len(TAGS))

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(self.tok(ids), lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.out(self.drop(hidden))


class Corpus:
    def __init__(self, rows, vocab: dict[str, int]) -> None:
        self.ids = [torch.tensor([vocab.get(w, 1) for w in words]) for words, _ in rows]
        self.tags = [torch.tensor([TAGS.index(t) for t in tags]) for _, tags in rows]

    def batch(self, index: list[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        lengths = torch.tensor([len(self.ids[i]) for i in index])
        return (pad_sequence([self.ids[i] for i in index], batch_first=True), lengths,
                pad_sequence([self.tags[i] for i in index], batch_first=True))


@torch.no_grad()
def entity_f1(model: Tagger, corpus: Corpus) -> tuple[float, float]:
    model.eval()
    ids, lengths, gold = corpus.batch(list(range(len(corpus.ids))))
    pred = model(ids, lengths)[..., 1:].argmax(-1) + 1
    real = gold > 0
    hit = (real & (pred == gold) & (gold > 1)).sum().item()
    found, wanted = (real & (pred > 1)).sum().item(), (gold > 1).sum().item()
    f1 = 2 * hit / max(found + wanted, 1)
    return f1, (pred == gold)[real].float().mean().item()


def main() -> None:
    cfg = TrainConfig()
    logger.info("config %s", asdict(cfg))
    rng = random.Random(cfg.seed)
    torch.manual_seed(cfg.seed)
    rows = sorted({line(rng) for _ in range(cfg.lines)})
    rng.shuffle(rows)
    train_rows, held_rows = rows[cfg.held_out :], rows[: cfg.held_out]
    words = sorted({w for ws, _ in train_rows for w in ws})
    vocab = {w: i + 2 for i, w in enumerate(words)}
    train, held = Corpus(train_rows, vocab), Corpus(held_rows, vocab)
    logger.info("%d training lines, %d held out, %d words", len(train_rows), len(held_rows), len(vocab))
    model = Tagger(len(vocab) + 2, cfg)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.learning_rate)
    criterion = nn.CrossEntropyLoss(ignore_index=0)
    step, queue = 0, []
    while step < cfg.max_steps:
        if len(queue) < cfg.batch_size:
            queue = rng.sample(range(len(train_rows)), len(train_rows))
        index, queue = queue[: cfg.batch_size], queue[cfg.batch_size :]
        model.train()
        ids, lengths, tags = train.batch(index)
        loss = criterion(model(ids, lengths).transpose(1, 2), tags)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        if step % cfg.log_every == 0 and (step <= 60 or step % 60 == 0):
            logger.info("step %d loss %.4f", step, loss.item())
    logger.info("train    entity f1 %.3f token accuracy %.3f", *entity_f1(model, train))
    logger.info("held-out entity f1 %.3f token accuracy %.3f", *entity_f1(model, held))


if __name__ == "__main__":
    main()
