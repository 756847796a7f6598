# Game chat moderation, several flags per line.  Works on characters, since players disguise words.
import argparse, logging, random, time
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import f1_score

FLAGS = ["insult", "spam", "cheat_sale", "spoiler"]
SEEDS = {"insult": ["noob", "trash", "loser", "idiot"], "spam": ["followme", "subscribe", "giveaway", "clickhere"],
         "cheat_sale": ["aimbot", "wallhack", "goldshop", "boosting"], "spoiler": ["endboss", "finalscene", "hedies", "traitor"]}
CHAT = "gg nice lets go mid top wait heal me push now who has the key brb one more round good game run left ok lol bad luck".split()
LEET = {"o": "0", "i": "1", "e": "3", "a": "4", "s": "5"}
ALPHABET = "\0 abcdefghijklmnopqrstuvwxyz0123456789"


def disguise(word, rng):
    return "".join(LEET[c] if c in LEET and rng.random() < .2 else c for c in word)


def line(rng):
    on = [rng.random() < .3 for _ in FLAGS]
    words = rng.choices(CHAT, k=rng.randint(2, 6))
    for flag, o in zip(FLAGS, on):
        if o:
            words.insert(rng.randrange(len(words) + 1), disguise(rng.choice(SEEDS[flag]), rng))
    return " ".join(words), [float(o) for o in on]


class CharCNN(nn.Module):
    def __init__(self, n_flags, d=12, ch=32, widths=(4, 6)):
        super().__init__()
        self.lookup = nn.Embedding(len(ALPHABET), d, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(d, ch, w) for w in widths)
        self.out = nn.Linear(ch * len(widths), n_flags)

    def forward(self, chars):
        x = self.lookup(chars).transpose(1, 2)
        feats = []
        for conv in self.convs:
            c = torch.relu(conv(x))
            # windows that begin on padding don't count
            keep = (chars[:, : c.size(2)] != 0).unsqueeze(1)
            feats.append(c.masked_fill(~keep, 0.).amax(2))
        return self.out(torch.cat(feats, 1))


class ModerationTrainer:
    def __init__(self, args):
        self.args = args
        self.log = logging.getLogger("moderation")
        self.net = CharCNN(len(FLAGS))
        self.opt = torch.optim.AdamW(self.net.parameters(), lr=args.lr, weight_decay=1e-3)
        self.sched = torch.optim.lr_scheduler.ExponentialLR(self.opt, .75)

    @staticmethod
    def tensorise(rows):
        L = max(len(t) for t, _ in rows) + 6       # room for the widest window after the last character
        x = torch.zeros(len(rows), L, dtype=torch.long)
        for i, (t, _) in enumerate(rows):
            x[i, : len(t)] = torch.tensor([ALPHABET.index(c) for c in t])
        return {"chars": x, "flags": torch.tensor([y for _, y in rows])}

    def run(self, train, dev):
        for e in range(self.args.epochs):
            t0 = time.process_time()
            random.shuffle(train)
            self.net.train()
            losses = []
            for k in range(0, len(train), self.args.batch):
                b = self.tensorise(train[k: k + self.args.batch])
                self.opt.zero_grad(set_to_none=True)
                loss = nn.functional.binary_cross_entropy_with_logits(self.net(b["chars"]), b["flags"])
                loss.backward()
                self.opt.step()
                losses.append(loss.item())
            self.sched.step()
            self.log.info("epoch %d  loss %.4f  %.1fs", e + 1, np.mean(losses), time.process_time() - t0)
        for name, part in (("train", train), ("dev", dev)):
            print(name, {k: round(float(v), 3) for k, v in zip(FLAGS, self.predict(part))})

    def predict(self, rows):
        self.net.eval()
        b = self.tensorise(rows)
        with torch.inference_mode():
            hard = torch.sigmoid(self.net(b["chars"])) > .5
        return f1_score(b["flags"].numpy(), hard.numpy(), average=None)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--lr", type=float, default=6e-3)
    ap.add_argument("--epochs", type=int, default=6)
    ap.add_argument("--batch", type=int, default=48)
    args = ap.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", datefmt="%H:%M:%S")
    random.seed(5); torch.manual_seed(5)
    rng = random.Random(17)
    uniq = sorted({l[0]: l for l in (line(rng) for _ in range(2500))}.values())
    rng.shuffle(uniq)
    ModerationTrainer(args).run(uniq[400:], uniq[:400])


if __name__ == "__main__":
    main()
