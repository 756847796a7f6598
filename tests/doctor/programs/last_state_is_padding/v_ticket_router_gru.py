# coding: utf-8
# Roteador de chamados: decide o setor (financeiro / técnico / entrega / vendas) a partir do texto.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(0)
torch.manual_seed(0)

SETORES = {
    "financeiro": "boleto fatura cobrança estorno pagamento juros cartão reembolso".split(),
    "tecnico": "erro tela senha travou instalar aplicativo servidor login".split(),
    "entrega": "pacote correio atraso rastreio endereço transportadora frete caixa".split(),
    "vendas": "preço desconto plano orçamento catálogo contrato upgrade promoção".split(),
}
COMUNS = ("bom dia por favor preciso de ajuda com o meu caso desde ontem ninguém responde "
          "obrigado espero retorno urgente já liguei duas vezes não resolveu e a").split()
nomes = list(SETORES)


def gera():
    alvo = random.randrange(4)
    # a maioria dos chamados é curta; alguns são desabafos
    n = random.randint(4, 10) if random.random() < 0.93 else random.randint(40, 90)
    frase = [random.choice(COMUNS) for _ in range(n)]
    for _ in range(1 + n // 8):
        frase[random.randrange(n)] = random.choice(SETORES[nomes[alvo]])
    return frase, alvo


dados = [gera() for _ in range(2400)]
treino, teste = dados[:2000], dados[2000:]
itos = ["<pad>", "<unk>"] + sorted({w for f, _ in treino for w in f})
stoi = {w: i for i, w in enumerate(itos)}


def lote(linhas):
    tam = [len(f) for f, _ in linhas]
    x = torch.zeros(len(linhas), max(tam), dtype=torch.long)
    for k, (f, _) in enumerate(linhas):
        x[k, :len(f)] = torch.tensor([stoi.get(w, 1) for w in f])
    return x, torch.tensor(tam), torch.tensor([a for _, a in linhas])


class Rede(nn.Module):
    def __init__(self, v, e=24, h=32):
        super().__init__()
        self.emb = nn.Embedding(v, e, padding_idx=0)
        self.gru = nn.GRU(e, h, batch_first=True)
        self.saida = nn.Linear(h, 4)

    def forward(self, x, tam):
        y, _ = self.gru(self.emb(x))
        # fault:
        ultimo = y[:, -1]
        # mended:
        # ultimo = y[torch.arange(len(x)), tam - 1]
        # end
        return self.saida(ultimo)


rede = Rede(len(itos))
otim = torch.optim.Adam(rede.parameters(), lr=5e-3)
for epoca in range(5):
    rede.train()
    random.shuffle(treino)
    soma = 0
    for i in range(0, len(treino), 50):
        x, tam, alvo = lote(treino[i:i + 50])
        perda = F.cross_entropy(rede(x, tam), alvo)
        otim.zero_grad()
        perda.backward()
        otim.step()
        soma += perda.item()
    rede.eval()
    with torch.no_grad():
        x, tam, alvo = lote(teste)
        certo = (rede(x, tam).argmax(-1) == alvo).float().mean()
    print("época %d perda %.3f acerto no teste %.3f" % (epoca + 1, soma / 40, certo))
