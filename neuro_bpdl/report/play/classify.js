/** What a visitor does with a network that has labels: draw, and see what the picture is taken for. */
"use strict";

const SAY_AFTER = 400; // ms: a screen reader hears the answer once a stroke has ended

class Namer {
  constructor(data, network) {
    this.data = data;
    this.network = network;
    this.part = (name) => document.getElementById(`play-${name}`);
    this.paper = new Paper(this.part("paper"), data.shape, () => this.named());
    this.part("clear").addEventListener("click", () => this.blank());
    this.part("picture").addEventListener("change", (event) => this.choose(Number(event.target.value)));
    this.choose(0);
    document.getElementById("play").dataset.ready = "yes";
  }

  choose(index) {
    this.paper.set(this.data.pictures[index].map((level) => level / LEVELS));
    const truth = this.data.truth[index];
    this.named(truth === undefined ? "" : ` It is labelled ${truth}.`);
  }

  blank() {
    this.paper.set(new Float64Array(this.paper.pixels.length));
    this.shares = null;
    this.show([]);
    this.say("Blank. Draw a picture.");
  }

  /** The picture runs up once; the label population's net inputs are read. */
  nets(pixels) {
    const { fed } = this.data.network.programs.classify;
    for (const _ of this.network.present("classify", this.network.feed(pixels, fed)));
    return Array.from(this.network.soma.at(-1), (net) => net * this.data.network.net_unit);
  }

  named(more = "") {
    this.shares = softmax(this.nets(this.paper.pixels));
    this.show(this.shares);
    const best = this.shares.indexOf(Math.max(...this.shares));
    clearTimeout(this.later);
    this.later = setTimeout(() => this.say(`Taken for ${best}: ${percent(this.shares[best])}.${more}`), SAY_AFTER);
  }

  show(shares) {
    const best = Math.max(...shares);
    for (let k = 0; k < this.data.classes; k++) {
      const share = shares[k] ?? 0;
      this.part(`bar${k}`).style.width = percent(share);
      this.part(`bar${k}`).className = share === best ? "best" : "";
      this.part(`share${k}`).textContent = shares.length ? percent(share) : "–";
    }
  }

  say(text) {
    clearTimeout(this.later);
    this.part("said").textContent = text;
  }
}

function softmax(nets) {
  const top = Math.max(...nets);
  const raised = nets.map((net) => Math.exp(net - top));
  const sum = raised.reduce((a, b) => a + b);
  return raised.map((one) => one / sum);
}

const percent = (share) => `${(100 * share).toFixed(1)}%`;
