/** Runs every picture of every mode and leaves one checksum per record and layer in the page. */
"use strict";

/** FNV-1a over 32-bit numbers. */
function checksum(values) {
  let hash = 2166136261;
  for (const value of values) hash = Math.imul(hash ^ value, 16777619);
  return hash >>> 0;
}

async function main() {
  const { spec, feeds } = JSON.parse(document.getElementById("data").textContent);
  const network = new FixedNetwork(spec, await unpacked(spec.weights));
  const result = { checksums: {}, densities: [] };
  for (const [mode, pictures] of Object.entries(feeds)) {
    const { fed } = spec.programs[mode];
    result.checksums[mode] = pictures.map((rates) => {
      const records = [];
      for (const { record } of network.present(mode, network.feed(rates, fed))) {
        if (record === null) continue;
        records.push(network.soma.map(checksum));
        if (mode === "settle") result.densities.push(objective(network).total);
      }
      return records;
    });
  }
  document.body.textContent = JSON.stringify(result);
}

main().catch((error) => (document.body.textContent = String(error)));
