"""Writes pytorch_case.json: what PyTorch makes of three observations with the weights of gmc_model_test.ts, in float64.

    python pytorch_case.py
"""
import json, pathlib, sys

import torch

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parents[1] / "bench" / "pytorch"))
from m3ixup import GMC, gmc_loss, m3ixup_loss


def scatter(shape, phase):
    """Numbers in [-1, 1] that look random and need no generator."""
    i = torch.arange(torch.Size(shape).numel(), dtype=torch.float64)
    return (2 * ((torch.sin(12.9898 * (i + 1) + 78.233 * phase) * 43758.5453) % 1) - 1).reshape(shape)


def fill(model):
    state = {name: tensor for name, tensor in model.state_dict().items() if not name.endswith("num_batches_tracked")}
    for phase, name in enumerate(sorted(state)):
        tensor = state[name]
        if tensor.dim() > 1:
            value = 2.5 * scatter(tensor.shape, phase) / tensor[0].numel() ** 0.5  # so that samples stay apart
        elif name.endswith(("running_var", "weight")):
            value = 1 + 0.3 * scatter(tensor.shape, phase)
        else:
            value = 0.1 * scatter(tensor.shape, phase)
        state[name] = value.float().double()  # as Braid holds it
    model.load_state_dict(state, strict=False)


def start():
    model = GMC().double()
    fill(model)
    return model.train()


def embeddings(model):
    return [[round(x, 8) for x in z.flatten().tolist()] for z in [*model.alone(observation), model.together(observation)]]


def gradients(loss):
    """Of each parameter the length, and the product with scattered numbers, which sees the place of every entry."""
    model = start()
    value = loss(model)
    value.backward()
    found = {name: [parameter.grad.norm().item(), (parameter.grad * scatter(parameter.shape, 0)).sum().item()]
             for name, parameter in model.named_parameters()}
    return {"value": value.item(), "gradients": found}


shapes = {"image": (3, 28, 28, 1), "sound": (3, 32, 128, 1), "trajectory": (3, 200)}  # channels last, as Braid has them
inputs = {name: scatter(shape, phase).float().double() for phase, (name, shape) in enumerate(shapes.items())}
inputs = {name: x.permute(0, 3, 1, 2) if x.dim() == 4 else x for name, x in inputs.items()}
observation = list(inputs.values())
draws = {"permutation": torch.tensor([2, 0, 1]), "lambda": torch.tensor(0.3, dtype=torch.float64),
         "initialWeights": torch.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]], dtype=torch.float64)}

model = start()
with torch.no_grad():
    case = {"evaluation": embeddings(model.eval()), "training": embeddings(model.train())}
case["running"] = {name: tensor.tolist() for name, tensor in model.state_dict().items() if "sound_processor" in name
                   and "running" in name}
case["gmc"] = gradients(lambda model: gmc_loss(model, inputs, {}))
case["inputs"] = gradients(lambda model: m3ixup_loss(model, inputs, draws))
case["features"] = gradients(lambda model: m3ixup_loss(model, inputs, draws, "features"))


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.8g}")
    if isinstance(value, dict):
        return {name: rounded(entry) for name, entry in value.items()}
    return [rounded(entry) for entry in value] if isinstance(value, list) else value


(here / "pytorch_case.json").write_text(json.dumps(rounded(case), indent=0).replace("\n", " ") + "\n")
