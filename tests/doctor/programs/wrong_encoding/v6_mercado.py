# -*- coding: utf-8 -*-
"""Classificador de mensagens de uma loja online (português).

Os vetores de palavras vêm do nosso dicionário de domínio; as mensagens de teste usam
palavras que o conjunto de treino não tem, por isso os vetores ficam fixos.
"""
import random

import numpy as np
import torch
from torch import nn

SEED = 5
VEC_FILE = "vetores_loja.txt"
DIM = 20

TEMAS = {
    "alimentação": "pão maçã açúcar feijão café limão melão mamão camarão salmão macarrão linguiça pêssego abóbora "
                   "açaí avelã amêndoa grão leite arroz queijo".split(),
    "vestuário": "calção cinturão roupão botão algodão sutiã lã biquíni maiô tênis sandália chapéu boné jaquetão "
                 "gravatá blusão cetim camisa saia meia colarinho-mandarim".split(),
    "eletrônica": "televisão câmera relógio portátil rádio conexão cartão memória impressão óptico eletrônico bateria-íon "
                  "sensório cabeção teclado monitor tablet projeção visão alto-falânte áudio".split(),
    "móveis": "colchão armário poltrôna escrivaninha-bambú sofá estânte gaveteiro-médio balcão cômoda fogão divã "
              "luminária dossiê-cama banquêta móvel mesa cadeira tapeçaria puxão sótão espelho".split(),
}
COMUNS = "o a um uma de para com que meu minha eu quero comprar preciso onde chegou pedido ontem hoje loja site preço " \
         "novo bom ruim qual tem muito por favor obrigado bem troca devolver".split()
FRASES = ["quero comprar {} e {}", "onde tem {} com {}", "meu pedido de {} {} chegou ontem", "preciso de {} para {} hoje",
          "qual preço de {} e {} no site", "{} muito ruim quero devolver {}", "tem {} novo ou {} na loja por favor"]


def escreve_vetores():
    g = np.random.default_rng(SEED)
    centros = {t: g.normal(0, 1.0, DIM) for t in TEMAS}
    with open(VEC_FILE, "w", encoding="utf-8") as f:
        for t, ps in TEMAS.items():
            for p in ps:
                v = centros[t] + g.normal(0, 0.8, DIM)
                f.write(p + " " + " ".join(f"{x:.4f}" for x in v) + "\n")
        for p in COMUNS:
            f.write(p + " " + " ".join(f"{x:.4f}" for x in g.normal(0, 0.6, DIM)) + "\n")


def le_vetores():
    tabela = {}
    # fault:
    with open(VEC_FILE, encoding="latin-1") as f:
    # mended:
    #with open(VEC_FILE, encoding="utf-8") as f:
    # end
        for linha in f:
            campos = linha.rstrip("\n").split(" ")
            tabela[campos[0]] = np.array(campos[1:], dtype=np.float32)
    return tabela


def mensagens(rng, palavras, n):
    temas = list(TEMAS)
    saida = {}
    while len(saida) < n:
        t = rng.randrange(len(temas))
        texto = rng.choice(FRASES).format(*rng.sample(palavras[temas[t]], 2))
        saida[texto] = t
    return list(saida.items())


class Classificador(nn.Module):
    def __init__(self, pesos):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(pesos, freeze=True, padding_idx=0)
        self.rede = nn.Sequential(nn.Linear(DIM, 32), nn.Tanh(), nn.Dropout(0.2), nn.Linear(32, len(TEMAS)))

    def forward(self, x):
        mask = (x != 0).unsqueeze(-1).float()
        media = (self.emb(x) * mask).sum(1) / mask.sum(1).clamp(min=1)
        return self.rede(media)


def main():
    rng = random.Random(SEED)
    torch.manual_seed(SEED)
    escreve_vetores()
    vetores = le_vetores()
    treino_p, teste_p = {}, {}
    for t, ps in TEMAS.items():
        ps = ps[:]
        rng.shuffle(ps)
        treino_p[t], teste_p[t] = ps[:14], ps[14:]
    treino, teste = mensagens(rng, treino_p, 900), mensagens(rng, teste_p, 400)

    vocab = {"<pad>": 0, "<unk>": 1}
    for texto, _ in treino + teste:
        for p in texto.split():
            vocab.setdefault(p, len(vocab))
    pesos = torch.zeros(len(vocab), DIM)
    for p, i in vocab.items():
        if p in vetores:
            pesos[i] = torch.from_numpy(vetores[p])

    def tensores(linhas):
        m = max(len(t.split()) for t, _ in linhas)
        x = torch.zeros(len(linhas), m, dtype=torch.long)
        for i, (t, _) in enumerate(linhas):
            ids = [vocab[p] for p in t.split()]
            x[i, :len(ids)] = torch.tensor(ids)
        return x, torch.tensor([y for _, y in linhas])

    xtr, ytr = tensores(treino)
    xte, yte = tensores(teste)
    modelo = Classificador(pesos)
    otim = torch.optim.Adam(modelo.rede.parameters(), lr=5e-3)
    perda = nn.CrossEntropyLoss()
    for epoca in range(12):
        modelo.train()
        soma = 0.0
        for lote in torch.randperm(len(xtr)).split(50):
            otim.zero_grad()
            l = perda(modelo(xtr[lote]), ytr[lote])
            l.backward()
            otim.step()
            soma += l.item() * len(lote)
        modelo.eval()
        with torch.no_grad():
            saida = modelo(xte)
            acc = (saida.argmax(1) == yte).float().mean().item()
        if epoca % 4 == 3:
            print(f"época {epoca + 1}: perda {soma / len(xtr):.3f} teste {perda(saida, yte).item():.3f} acerto {acc:.3f}")
    print(f"acerto final no teste: {acc:.3f}")


if __name__ == "__main__":
    main()
