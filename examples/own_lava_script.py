"""Three layers of your own in Lava: your rule, your images, Lava's Monitor, a plot.

    python examples/own_lava_script.py [fixed]      (Lava installed; writes own_lava_script.png)
"""

import sys

import neuro_bpdl.processes as bio  # isort: skip (before lava: from Python 3.11 on one of its modules needs help)
import numpy as np
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.io.source import RingBuffer
from lava.proc.monitor.process import Monitor
from matplotlib.figure import Figure

from neuro_bpdl.data import load

SIZES, IMAGES = (64, 20, 8), 30
OWN_RULE = "2^-1*x0*x1*y1 - 2^-1*x0*x1*y2 - 2^-5*x0*y1*w"  # S_pre · V̇, and a weight decays where V̇ rises


def main(arithmetic: str = "float") -> None:
    rng, rule = np.random.default_rng(0), OWN_RULE if arithmetic == "float" else None  # in fixed point: ours, on tags
    layers = [bio.Layer(shape=(n,), index=i, sizes=SIZES) for i, n in enumerate(SIZES)]
    for low, high in ((0, 1), (1, 2)):
        up, down = ((SIZES[high], SIZES[low] + 1), (SIZES[low], SIZES[high] + 1))
        F = bio.PlasticDense(weights=rng.uniform(-0.2, 0.2, up), rule=rule, name=f"F_{high}")
        G = bio.PlasticDense(weights=rng.uniform(-0.2, 0.2, down), rule=rule, name=f"G_{high}")
        bio.connect(layers[low], F, layers[high], "up")
        bio.connect(layers[high], G, layers[low], "down")

    period, images = layers[0].period, load("digits").x_train[:IMAGES]
    levels = images if arithmetic == "float" else np.rint(images * 127).astype(int)
    source = RingBuffer(data=np.repeat(levels, period, axis=0).T)  # an image stays for a presentation
    source.s_out.connect(layers[0].image_in)

    probes = {"soma": (layers[1].soma, Monitor()), "swing": (layers[0].apical_swing, Monitor())}
    for var, monitor in probes.values():
        monitor.probe(var, IMAGES * period)
    tag = {"float": "floating_pt", "fixed": "fixed_pt"}[arithmetic]
    try:
        source.run(condition=RunSteps(num_steps=IMAGES * period), run_cfg=Loihi2SimCfg(select_tag=tag))
        seen = {name: next(iter(monitor.get_data().values()))[var.name] for name, (var, monitor) in probes.items()}
    finally:
        source.stop()

    error = np.abs(seen["swing"][period - 1 :: period]).mean(axis=1)  # V̇ of the pixels: image minus reconstruction
    figure = Figure(figsize=(9, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(seen["soma"][-2 * period :, :8], drawstyle="steps-post")
    left.set(title="h₁ over two presentations", xlabel="time step", ylabel="soma")
    right.plot(error, ".-")
    right.set(title="What the pixels' synapses have left to learn", xlabel="image", ylabel="mean |V̇|")
    figure.savefig("own_lava_script.png")
    first, last = error[:3].mean(), error[-3:].mean()
    print(f"Lava {arithmetic}, seed 0, digits: mean |V̇| of pixels {first:.3g}, later {last:.3g}")


if __name__ == "__main__":  # Lava starts processes: without this guard every child would run the script again
    main(*sys.argv[1:])
