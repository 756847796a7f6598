# 把阿拉伯数字读成中文：编码器-解码器小练习
import random
import torch
import torch.nn as nn

random.seed(8)
torch.manual_seed(8)

CN = "零一二三四五六七八九"
PAD, BOS, EOS = 0, 1, 2
src_tok = {d: i + 1 for i, d in enumerate("0123456789")}
tgt_list = ["<pad>", "<s>", "</s>"] + list(CN + "十百")
tgt_tok = {c: i for i, c in enumerate(tgt_list)}
MAXLEN = 10


def read(n):
    """100..999"""
    a, b, c = n // 100, n // 10 % 10, n % 10
    s = CN[a] + "百"
    if b:
        s += CN[b] + "十"
    elif c:
        s += "零"
    if c:
        s += CN[c]
    return s


nums = list(range(100, 1000))
random.shuffle(nums)
train_nums, test_nums = nums[:780], nums[780:]


def encode_target(n):
    ids = [tgt_tok[c] for c in read(n)]
    # fault:
    return ids
    # mended:
    # return ids + [EOS]
    # end


def batchify(ns):
    src = torch.tensor([[src_tok[d] for d in str(n)] for n in ns])
    tg = [encode_target(n) for n in ns]
    L = max(map(len, tg))
    inp = torch.full((len(ns), L), PAD)
    out = torch.full((len(ns), L), PAD)
    for i, t in enumerate(tg):
        inp[i, 0] = BOS
        inp[i, 1:len(t)] = torch.tensor(t[:-1])
        out[i, :len(t)] = torch.tensor(t)
    return src, inp, out


class Seq2Seq(nn.Module):
    def __init__(self, H=64):
        super().__init__()
        self.es = nn.Embedding(11, 16)
        self.et = nn.Embedding(len(tgt_list), 16, padding_idx=PAD)
        self.enc = nn.GRU(16, H, batch_first=True)
        self.dec = nn.GRU(16, H, batch_first=True)
        self.proj = nn.Linear(H, len(tgt_list))

    def forward(self, src, inp):
        _, h = self.enc(self.es(src))
        y, _ = self.dec(self.et(inp), h)
        return self.proj(y)

    @torch.no_grad()
    def translate(self, src):
        _, h = self.enc(self.es(src))
        tok = torch.full((len(src), 1), BOS)
        pieces = []
        for _ in range(MAXLEN):
            y, h = self.dec(self.et(tok), h)
            tok = self.proj(y).argmax(-1)
            pieces.append(tok)
        res = []
        for row in torch.cat(pieces, 1).tolist():
            if EOS in row:
                row = row[:row.index(EOS)]
            res.append("".join(tgt_list[k] for k in row))
        return res


model = Seq2Seq()
optim = torch.optim.Adam(model.parameters(), lr=8e-3)
loss_fn = nn.CrossEntropyLoss(ignore_index=PAD)
for epoch in range(1, 17):
    model.train()
    random.shuffle(train_nums)
    acc_loss, k = 0.0, 0
    for i in range(0, len(train_nums), 39):
        src, inp, out = batchify(train_nums[i:i + 39])
        logits = model(src, inp)
        loss = loss_fn(logits.flatten(0, 1), out.flatten())
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optim.step()
        acc_loss += loss.item(); k += 1
    if epoch % 4 == 0:
        model.eval()
        hyp = model.translate(batchify(test_nums)[0])
        exact = sum(h == read(n) for h, n in zip(hyp, test_nums)) / len(test_nums)
        print(f"epoch {epoch} loss {acc_loss / k:.4f} exact match {exact:.3f}  e.g. {test_nums[0]} -> {hyp[0]}")
