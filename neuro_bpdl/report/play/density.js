/** log p(x, h) of Eq 7 with a flat prior on the top layer, in nats, from what the integers predict. */
"use strict";

/** {reconstruction, latent, total} of the network's state: x under g_1(h_1), and Σ log p(h_l | h_{l+1}). */
function objective(network) {
  let reconstruction = 0;
  let latent = 0;
  network.projections.forEach((projection, index) => {
    if (!projection.down) return;
    const term = logConditional(network, index);
    if (projection.target === 0) reconstruction += term;
    else latent += term;
  });
  return { reconstruction, latent, total: reconstruction + latent };
}

/** log N(h_{l-1}; g_l(h_l), σ²), normaliser included. */
function logConditional(network, index) {
  const { source, target, post } = network.projections[index];
  const { high } = network.populations[target];
  const variance = network.spec.variance[target];
  const mean = predicted(network, index, network.soma[source], network.bits);
  const states = network.rates(target);
  let squares = 0;
  for (let i = 0; i < post; i++) squares += (states[i] - (mean[i] * high) / network.spec.widths.payload) ** 2;
  return -0.5 * (squares / variance + post * Math.log(2 * Math.PI * variance));
}

/** The payloads that a branch predicts from values with so many fraction bits. */
function predicted(network, index, values, bits) {
  const rate = new Int32Array(network.projections[index].post);
  network.project(index, values, bits, rate);
  network.predict(index, rate, rate);
  return rate;
}

/** The picture from layer l down, without inference: g_1(… g_l(h_l)), as payloads. */
function mappedDown(network, layer) {
  let values = network.soma[layer];
  let bits = network.bits;
  for (let below = layer - 1; below >= 0; below--) {
    const index = network.projections.findIndex((one) => one.down && one.source === below + 1 && one.target === below);
    values = predicted(network, index, values, bits);
    bits = 0;
  }
  return values;
}
