"""Inference steps a second of the network in a report's page, in a headless Chromium.

    python benchmarks/page_speed.py [--layers 200,64] [--seconds 5]

A network as it is before learning infers the first test images of mnist-mini, 15 steps each, one after the other.
Prints the steps a second of the kernel alone, and with what the page computes besides after every step: log p(x, h) and
the pictures that the layers draw. The clock is the browser's own.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from neuro_bpdl.data import load
from neuro_bpdl.parameters import initial_parameters
from neuro_bpdl.report.play.integers import playable
from neuro_bpdl.report.play.packing import unpacked
from neuro_bpdl.report.play.section import script_text
from neuro_bpdl.spec import InferenceSpec, NetworkSpec, PlasticitySpec

OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--dump-dom")
IMAGES = 20
TIMED = """
const { spec, weights, images, seconds } = JSON.parse(document.getElementById("data").textContent);
const network = new FixedNetwork(spec, Int16Array.from(weights));
function stepsPerSecond(more) {
  let steps = 0;
  const begun = performance.now();
  for (let k = 0; performance.now() - begun < 1000 * seconds; k++) {
    for (const { record } of network.present("settle", network.feed(images[k % images.length], 0))) {
      if (record === null) continue;
      steps += record > 0 ? 1 : 0;
      if (more) { objective(network); spec.populations.forEach((_, layer) => layer && mappedDown(network, layer)); }
    }
  }
  return steps / ((performance.now() - begun) / 1000);
}
stepsPerSecond(true);
document.body.textContent = JSON.stringify({ kernel: stepsPerSecond(false), page: stepsPerSecond(true) });
"""


def page(sizes: tuple[int, ...], seconds: float) -> str:
    """A page that computes while it is read, so that the browser's clock is the real one."""
    params = initial_parameters(NetworkSpec.of(sizes), 0)
    spec = playable(params, (InferenceSpec(),) * 3, PlasticitySpec(learning_rate=0.02))
    images = load("mnist-mini").test[:IMAGES].astype(float).tolist()
    data = {"spec": spec, "weights": unpacked(spec["weights"]).tolist(), "images": images, "seconds": seconds}
    code = "\n".join([script_text("kernel.js"), script_text("density.js"), TIMED])
    return (f'<!DOCTYPE html><meta charset="utf-8"><body><script type="application/json" id="data">{json.dumps(data)}'
            f"</script><script>{code}</script>")  # fmt: skip


def timed(browser: str, text: str) -> Any:
    """What the page has left."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "page.html"
        file.write_text(text, encoding="utf-8")
        command = [browser, *OPTIONS, f"--user-data-dir={name}/profile", file.as_uri()]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    found = re.search(r"<body>(\{.*?\})</body>", shown, re.DOTALL)
    assert found is not None, shown[-500:]
    return json.loads(html.unescape(found[1]))


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", default="200,64")
    parser.add_argument("--seconds", type=float, default=5)
    given = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    sizes = (784, *map(int, given.layers.split(",")))
    rate = timed(browser, page(sizes, given.seconds))
    version = subprocess.run([browser, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{'-'.join(map(str, sizes))}, {version}, headless: {rate['kernel']:.0f} steps a second, "
          f"{rate['page']:.0f} with log p(x, h) and the layers' pictures")  # fmt: skip


if __name__ == "__main__":
    main()
