/** What a visitor does with the network: draw, settle, erase and fill in, dream. */
"use strict";

const PAUSE = { slow: 450, usual: 120, none: 0 };

/** One line of numbers as an SVG of the chart's size. */
class Curve {
  constructor(svg) {
    this.svg = svg;
    this.values = [];
  }

  clear() {
    this.values = [];
    this.svg.innerHTML = "";
  }

  add(value) {
    this.values.push(value);
    const [low, high] = [Math.min(...this.values), Math.max(...this.values)];
    const span = high - low || 1;
    const last = Math.max(this.values.length - 1, 1);
    const x = (k) => 62 + (k / last) * 248;
    const y = (one) => 112 - ((one - low) / span) * 94;
    const points = this.values.map((one, k) => `${x(k).toFixed(1)},${y(one).toFixed(1)}`).join(" ");
    const label = (at, one) => `<text x="54" y="${at}" text-anchor="end">${one.toFixed(0)}</text>`;
    this.svg.innerHTML =
      `<line x1="62" y1="112" x2="310" y2="112"></line>${label(116, low)}${low === high ? "" : label(22, high)}` +
      `<polyline points="${points}"></polyline><circle cx="${x(this.values.length - 1)}" cy="${y(value)}" r="3.5"></circle>` +
      `<text x="310" y="130" text-anchor="end">${this.values.length - 1}</text><text x="62" y="130">0</text>`;
  }
}

class Player {
  constructor(data, network) {
    this.network = network;
    this.data = data;
    this.part = (name) => document.getElementById(`play-${name}`);
    this.paper = new Paper(this.part("paper"), data.shape, () => this.stop());
    this.curve = new Curve(this.part("curve"));
    this.presentation = null;
    this.random = generator(1);
    this.wire();
    this.choose(0);
    document.getElementById("play").dataset.ready = "yes";
  }

  wire() {
    const on = (name, act) => this.part(name).addEventListener("click", act);
    on("settle", () => this.play("settle"));
    on("step", () => this.one());
    on("erase", () => this.erase());
    on("fill", () => this.play("fill"));
    on("clear", () => this.blank());
    on("dream", () => this.play("dream"));
    this.part("dream").disabled = this.data.network.prior === null;
    this.part("picture").addEventListener("change", (event) => this.choose(Number(event.target.value)));
  }

  choose(index) {
    this.stop();
    this.paper.set(this.data.pictures[index].map((level) => level / LEVELS));
    this.say(`Test image ${index + 1}. Settle it, or erase a half of it.`);
    this.quiet();
  }

  blank() {
    this.stop();
    this.paper.set(new Float64Array(this.paper.pixels.length));
    this.say("Blank. Draw a picture, then settle it.");
    this.quiet();
  }

  /** Forget what the layers held before. */
  quiet() {
    this.curve.clear();
    this.network.soma.forEach((one) => one.fill(0));
    this.showLayers(false);
    this.part("step-number").textContent = "–";
    this.part("density").textContent = "–";
  }

  erase() {
    this.stop();
    const half = this.part("half").value;
    this.paper.erase(half);
    this.say(`The ${half} half is hidden (orange). Fill it in.`);
  }

  begin(mode) {
    this.stop();
    if (mode === "fill" && !this.paper.missing.some(Boolean)) this.paper.erase(this.part("half").value);
    if (mode === "dream") this.paper.missing.fill(0);
    const { fed } = this.data.network.programs[mode];
    const rates = mode === "dream" ? this.drawn() : this.paper.rates(mode === "fill" ? this.data.mean : this.paper.pixels);
    this.curve.clear();
    this.mode = mode;
    this.presentation = this.network.present(mode, this.network.feed(rates, fed));
  }

  /** h_L from its prior, inside the range of the layer. */
  drawn() {
    const { mean, std } = this.data.network.prior;
    const { high } = this.network.populations.at(-1);
    return mean.map((middle, i) => Math.min(Math.max(middle + std[i] * normal(this.random), 0), high));
  }

  /** Go on to the next state worth seeing; false at the end. */
  advance() {
    for (;;) {
      const { value, done } = this.presentation.next();
      if (done) return false;
      // At its end a presentation writes g_1(h_1) over x: that is no state of the picture that was given.
      if (this.mode === "settle" && value.step === this.network.run.steps.length - 1) continue;
      if (value.record !== null || (this.mode === "dream" && value.moved)) return this.look(value);
    }
  }

  /** Before the top layer has been mapped down there is no state of all layers to judge. */
  look({ record }) {
    if (this.mode === "dream" && record === 0) this.curve.clear();
    return true;
  }

  one() {
    if (this.presentation === null) this.begin(this.paper.missing.some(Boolean) ? "fill" : "settle");
    if (this.advance()) this.showState();
    else this.finish();
  }

  async play(mode) {
    this.begin(mode);
    const mine = this.presentation;
    const pause = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : PAUSE[this.part("pace").value];
    while (this.presentation === mine && this.advance()) {
      this.showState();
      if (pause) await new Promise((next) => setTimeout(next, mode === "dream" ? pause / 2 : pause));
    }
    if (this.presentation === mine) this.finish();
  }

  stop() {
    this.presentation = null;
  }

  finish() {
    const values = this.curve.values;
    const [first, last] = [values[0], values.at(-1)].map((one) => one.toFixed(0));
    const said = {
      settle: `Settled: log p(x, h) went from ${first} to ${last} nats.`,
      fill: "Filled in.",
      dream: "A picture nobody has drawn. Settle it, erase a half of it, or dream again.",
    }[this.mode];
    const x = this.network.rates(0);
    if (this.mode === "dream") this.paper.set(x);
    if (this.mode === "fill") { this.paper.pixels = Float64Array.from(x); this.paper.missing.fill(0); this.paper.show(); }
    this.say(said);
    this.stop();
  }

  showState() {
    const { total, reconstruction, latent } = objective(this.network);
    this.curve.add(total);
    this.part("step-number").textContent = String(this.curve.values.length - 1);
    this.part("density").textContent =
      `${total.toFixed(1)} nats (log p(x | h₁) ${reconstruction.toFixed(1)}, latent ${latent.toFixed(1)})`;
    if (this.mode !== "settle") this.paper.show(this.network.rates(0), false);
    this.showLayers(true);
  }

  showLayers(live) {
    const { width, height } = this.paper;
    const unit = this.network.populations[0].high / LEVELS;
    for (let layer = 1; layer < this.network.soma.length; layer++) {
      const { size, high } = this.network.populations[layer];
      const columns = Math.ceil(Math.sqrt(size * 1.6));
      const rates = this.network.rates(layer).map((rate) => rate / high);
      paint(this.part(`h${layer}`), rates, columns, Math.ceil(size / columns), null, null);
      const down = live ? mappedDown(this.network, layer) : new Int32Array(width * height);
      paint(this.part(`down${layer}`), Float64Array.from(down, (payload) => payload * unit), width, height, null, null);
    }
  }

  say(text) {
    this.part("said").textContent = text;
  }
}
