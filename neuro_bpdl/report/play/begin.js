/** From the numbers in the page to a network that a visitor plays with. */
"use strict";

/** The numbers that neuro_bpdl.report.play.packing.packed has packed. */
async function unpacked(text) {
  const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = planes.length / 2;
  return Int16Array.from({ length: count }, (_, i) => {
    const counted = planes[i] | (planes[count + i] << 8);
    return (counted >> 1) ^ -(counted & 1);
  });
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
