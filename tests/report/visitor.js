/** Clicks through the section and leaves in the page what a visitor would have seen. */
"use strict";

const said = (start) => new Promise((done) => {
  const element = document.getElementById("play-said");
  const watch = () => (element.textContent.startsWith(start) ? done(element.textContent) : setTimeout(watch, 20));
  watch();
});
const click = (name) => document.getElementById(`play-${name}`).click();
const ink = () => Array.from(visit.paper.pixels);

async function look() {
  const seen = { errors: [] };
  window.addEventListener("error", (event) => seen.errors.push(event.message));
  await said("Test image 1");
  click("settle");
  seen.settled = await said("Settled");
  seen.settledCurve = [...visit.curve.values];
  seen.original = ink();
  click("erase");
  seen.hidden = visit.paper.missing.reduce((sum, one) => sum + one, 0);
  click("fill");
  await said("Filled in");
  seen.filled = ink();
  click("dream");
  await said("A picture nobody");
  seen.dreamt = ink();
  click("clear");
  const paper = document.getElementById("play-paper");
  paper.focus();
  for (const key of [" ", "ArrowRight", " ", "ArrowDown", " "]) {
    paper.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  }
  seen.drawn = ink();
  for (let k = 0; k < 3; k++) click("step");
  seen.steps = document.getElementById("play-step-number").textContent;
  return seen;
}

look().then((seen) => (document.body.textContent = JSON.stringify(seen)),
             (error) => (document.body.textContent = JSON.stringify({ errors: [String(error)] })));
