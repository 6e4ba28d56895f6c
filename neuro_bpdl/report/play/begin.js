/** From the numbers in the page to a network that a visitor plays with. */
"use strict";

/** Unpack base64 of deflated little-endian int16. */
async function unpacked(text) {
  const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const view = new DataView(await new Response(stream).arrayBuffer());
  return Int16Array.from({ length: view.byteLength / 2 }, (_, i) => view.getInt16(2 * i, true));
}

/** A visitor's means on a network of the page's numbers; a browser that cannot compute it says so. */
async function begin(Visit, Network) {
  try {
    const data = JSON.parse(document.getElementById("play-data").textContent);
    window.visit = new Visit(data, new Network(data.network, await unpacked(data.network.weights)));
  } catch (error) {
    document.getElementById("play-said").textContent = `This browser cannot run the network: ${error.message}`;
  }
}
