/**
 * A network of images and labels in floating point: the equations of neuro_bpdl/theory (maps, inference, joint,
 * sampling), one image at a time. No document, no window.
 */
"use strict";

const CURVES = {
  sigmoid: (z) => 0.5 * (1 + Math.tanh(0.5 * z)),
  softplus: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
  tanh: Math.tanh,
};

class FloatNetwork {
  /** @param spec what neuro_bpdl.report.play.floats.playable_joint returns; @param integers all matrices, flat */
  constructor(spec, integers) {
    let at = 0;
    const read = (one) => ({ ...one, integers: integers.subarray(at, (at += one.scale.length * one.columns)) });
    this.spec = spec;
    this.up = spec.up.map(read); // F_1 … F_L, then F_y
    this.down = spec.down.map(read); // G_1 … G_L, then G_y
    this.draws = read(spec.draws); // of p(h_L), one in a row
    this.depth = spec.layers.length - 2;
  }

  /** W v + b. */
  net({ integers, columns, scale, bias }, values) {
    return Float64Array.from(scale, (unit, row) => {
      let sum = 0;
      for (let i = 0, at = row * columns; i < columns; i++, at++) sum += integers[at] * values[i];
      return unit * sum + bias[row];
    });
  }

  /** φ of layer l; the last is the label population's. */
  rate(layer, nets) {
    const { name, knots, steeper, high } = this.spec.layers.at(layer);
    if (name in CURVES) return nets.map(CURVES[name]);
    const value = (z) => steeper.reduce((sum, slope, k) => sum + slope * Math.max(z - knots[k], 0), 0);
    return nets.map((z) => Math.min(Math.max(value(z), 0), high));
  }

  /** f_l(h_{l-1}). */
  f(layer, below) {
    return this.rate(layer, this.net(this.up[layer - 1], below));
  }

  /** g_l(h_l). */
  g(layer, above) {
    return this.rate(layer - 1, this.net(this.down[layer - 1], above));
  }

  /** [x, f_1(x), f_2(f_1(x)), …, h_L]. */
  upward(x) {
    const h = [x];
    for (let layer = 1; layer <= this.depth; layer++) h.push(this.f(layer, h[layer - 1]));
    return h;
  }

  /** The picture that h_L maps down to: g_1(… g_L(h_L)). */
  downward(top) {
    let values = top;
    for (let layer = this.depth; layer > 0; layer--) values = this.g(layer, values);
    return values;
  }

  /** The label population's net inputs after one pass up. */
  nets(x) {
    return Array.from(this.net(this.down[this.depth], this.upward(x)[this.depth]));
  }

  /** f_y(y), what a label makes of the top. */
  fromLabel(label) {
    return this.rate(this.depth, this.net(this.up[this.depth], label));
  }

  /** f_y(y) - f_y(g_y(h_L)): Eq 12 for the label. */
  labelScore(label, top) {
    const reflected = this.fromLabel(this.rate(-1, this.net(this.down[this.depth], top)));
    return this.fromLabel(label).map((rate, i) => rate - reflected[i]);
  }

  /** The state after one inference step, the picture and the label clamped. */
  step(h, label) {
    const moved = this.spec.order === "sequential" ? h : [...h];
    for (let layer = this.depth; layer > 0; layer--) moved[layer] = this.moved(layer, h, label);
    return moved;
  }

  /** h_l += δ [f_l(h_{l-1}) - f_l(g_l(h_l))] + α [g_{l+1}(h_{l+1}) - h_l], and at the top λ times the label's score. */
  moved(layer, h, label) {
    const { delta, alpha, weight } = this.spec;
    const here = h[layer];
    const atTop = layer === this.depth;
    const [data, reflected] = [this.f(layer, h[layer - 1]), this.f(layer, this.g(layer, here))];
    const other = atTop ? this.labelScore(label, here) : this.g(layer + 1, h[layer + 1]);
    const { low, high } = this.spec.layers[layer];
    return here.map((rate, i) => {
      const pulled = atTop ? weight * other[i] : alpha[layer - 1] * (other[i] - rate);
      return Math.min(Math.max(rate + delta * (data[i] - reflected[i]) + pulled, low), high ?? Infinity);
    });
  }

  /** GENERATE with a label clamped: yields the picture that the top maps down to, and g_1(h_1) after every step. */
  *drawn(top, label) {
    const told = new Float64Array(this.spec.layers.at(-1).size);
    told[label] = 1;
    let x = this.downward(top);
    yield x;
    for (let round = 0; round < this.spec.rounds; round++) {
      let h = this.upward(x);
      for (let step = 0; step < this.spec.steps; step++) {
        h = this.step(h, told);
        yield (x = this.g(1, h[1]));
      }
    }
  }

  /** One of the page's draws of p(h_L). */
  draw(row) {
    const { integers, columns, scale } = this.draws;
    return Float64Array.from(integers.subarray(row * columns, (row + 1) * columns), (one) => one * scale[row]);
  }

  /** One of a few draws, as of p(h_L|y): by log p(y|h_L) of the picture it maps down to, and Gumbel's noise. */
  chosen(label, rows, random) {
    const score = (row) => {
      const nets = this.nets(this.downward(this.draw(row)));
      const top = Math.max(...nets);
      const all = top + Math.log(nets.reduce((sum, net) => sum + Math.exp(net - top), 0));
      return nets[label] - all - Math.log(-Math.log(1 - random()));
    };
    const scores = rows.map(score);
    return rows[scores.indexOf(Math.max(...scores))];
  }
}
