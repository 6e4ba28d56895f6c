/**
 * The fixed-point network in plain JavaScript: it interprets the same rows as
 * neuro_bpdl/kernels/fixed/compiled.py and is equal to it to the bit.
 * No document, no window: it runs in a page, a worker or a shell.
 */
"use strict";

const STATE = -1;

class FixedNetwork {
  /** @param spec what neuro_bpdl.report.play.integers.playable returns; @param weights all matrices, flat int16 */
  constructor(spec, weights) {
    this.spec = spec;
    this.bits = spec.widths.fraction;
    this.half = 1 << (this.bits - 1);
    this.populations = spec.populations.map((one) => ({ ...one, table: Int32Array.from(one.table) }));
    let at = 0;
    this.projections = spec.projections.map((one) => {
      const matrix = weights.subarray(at, (at += one.pre * one.post));
      return { ...one, matrix, payload: new Int32Array(one.pre) };
    });
    const blank = (size) => new Int32Array(size);
    this.soma = this.populations.map((one) => blank(one.size));
    this.drive = this.populations.map((one) => blank(one.size));
    this.missing = this.populations.map((one) => new Uint8Array(one.size));
    this.held = this.projections.map((one) => blank(one.post));
    this.current = this.projections.map((one) => blank(one.post));
    this.run = null;
  }

  /** Rates (negative: missing, as -1 - rate) as LOAD takes them; ties go to the even payload, as in numpy. */
  feed(rates, population) {
    const scale = this.spec.widths.payload / this.populations[population].high;
    const payload = (rate) => Math.min(Math.max(nearestEven(rate * scale), 0), this.spec.widths.payload);
    return Int32Array.from(rates, (rate) => (rate < 0 ? -1 - payload(-1 - rate) : payload(rate)));
  }

  /** A soma state as rates. */
  rates(population) {
    const unit = this.populations[population].high / this.spec.widths.soma;
    return Float64Array.from(this.soma[population], (state) => state * unit);
  }

  /** One presentation, time step by time step: yields {step, record, moved} after each. */
  *present(mode, feed) {
    this.run = { ...this.spec.programs[mode], feed };
    for (let step = 0; step < this.run.steps.length; step++) {
      let record = null;
      let moved = false;
      for (const [op, subject, argument] of this.run.steps[step]) {
        const name = this.spec.ops[op];
        if (name === "RECORD") record = subject;
        else if (name in FixedNetwork.ACTS) FixedNetwork.ACTS[name](this, subject, argument);
        else throw new Error(`this page has no operation ${name}`);
        moved = moved || ["LOAD", "ADOPT", "FILL", "MOVE"].includes(name);
      }
      yield { step, record, moved };
    }
  }

  /** rate = table[(A + offset) >> shift], the index kept inside the table. */
  predict(projection, current, rate) {
    const { offset, shift, target } = this.projections[projection];
    const { table } = this.populations[target];
    const last = table.length - 1;
    for (let i = 0; i < rate.length; i++) {
      rate[i] = table[Math.min(Math.max((current[i] + offset) >> shift, 0), last)];
    }
  }

  /** Σ_pre weights[pre] · payload[pre]; silent units cost nothing. */
  project(projection, values, bits, out) {
    const { matrix, pre, post, payload, source } = this.projections[projection];
    const half = bits ? 1 << (bits - 1) : 0;
    for (let i = 0; i < pre - 1; i++) payload[i] = (values[i] + half) >> bits;
    payload[pre - 1] = this.populations[source].loud;
    out.fill(0);
    for (let i = 0; i < pre; i++) {
      const sent = payload[i];
      if (sent === 0) continue;
      for (let o = 0, at = i * post; o < post; o++, at++) out[o] += Math.imul(matrix[at], sent);
    }
  }
}

/** difference · mantissa · 2^-shift, ties away from zero. */
function stepped(difference, mantissa, shift) {
  const size = (Math.imul(Math.abs(difference), mantissa) + ((1 << shift) >> 1)) >> shift;
  return difference < 0 ? -size : size;
}

function nearestEven(value) {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** One function a row, named as in neuro_bpdl/description/operations.py. */
FixedNetwork.ACTS = {
  LOAD(network, population, column) {
    const { feed, free } = network.run;
    const isFree = free.includes(population);
    for (let i = 0; i < network.soma[population].length; i++) {
      const value = feed[column + i];
      network.missing[population][i] = isFree && value < 0 ? 1 : 0;
      network.soma[population][i] = (isFree && value < 0 ? -1 - value : value) << network.bits;
    }
  },
  HOLD(network, projection) {
    network.predict(projection, network.current[projection], network.held[projection]);
  },
  ADOPT(network, projection) {
    const { target } = network.projections[projection];
    network.held[projection].forEach((rate, i) => (network.soma[target][i] = rate << network.bits));
  },
  FILL(network, projection) {
    const { target } = network.projections[projection];
    network.held[projection].forEach((rate, i) => {
      if (network.missing[target][i]) network.soma[target][i] = rate << network.bits;
    });
  },
  SCORE(network, projection) {
    const { target } = network.projections[projection];
    const reflected = network.current[projection];
    network.predict(projection, reflected, reflected);
    const [mantissa, shift] = network.run.delta;
    network.held[projection].forEach((rate, i) => {
      network.drive[target][i] += stepped((rate - reflected[i]) << network.bits, mantissa, shift);
    });
  },
  PULL(network, projection) {
    const { target } = network.projections[projection];
    const [mantissa, shift] = network.run.alpha[target];
    network.held[projection].forEach((rate, i) => {
      network.drive[target][i] += stepped((rate << network.bits) - network.soma[target][i], mantissa, shift);
    });
  },
  MOVE(network, population) {
    const soma = network.soma[population];
    const drive = network.drive[population];
    for (let i = 0; i < soma.length; i++) {
      soma[i] = Math.min(Math.max(soma[i] + drive[i], 0), network.spec.widths.soma);
      drive[i] = 0;
    }
  },
  READ(network, projection) {
    const { target } = network.projections[projection];
    const limit = network.spec.widths.net;
    network.current[projection].forEach((net, i) => {
      network.soma[target][i] = Math.min(Math.max(net, -limit), limit);
    });
  },
  SEND(network, projection, argument) {
    const { source } = network.projections[projection];
    if (argument === STATE) network.project(projection, network.soma[source], network.bits, network.current[projection]);
    else network.project(projection, network.held[argument], 0, network.current[projection]);
  },
};
