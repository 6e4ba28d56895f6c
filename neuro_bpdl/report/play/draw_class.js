/** What a visitor does with a network that has learned images and labels: classify, and have a class drawn. */
"use strict";

const PAUSE = 120; // ms between two states

class Drawer extends Namer {
  constructor(data, network) {
    super(data, network);
    this.random = generator(1);
    this.part("make").addEventListener("click", () => this.draw(Number(this.part("class").value)));
  }

  nets(pixels) {
    return this.network.nets(pixels);
  }

  /** Whatever a visitor does to the picture ends the drawing of another. */
  named(more) {
    this.drawing = null;
    super.named(more);
  }

  blank() {
    this.drawing = null;
    super.blank();
  }

  /** h_L as of p(h_L|y), mapped down, then rounds of GENERATE with the label clamped. */
  async draw(label) {
    const mine = (this.drawing = {});
    const { candidates } = this.data;
    const rows = Array.from({ length: candidates }, () => Math.floor(this.random() * this.network.draws.scale.length));
    this.row = this.network.chosen(label, rows, this.random);
    const pause = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : PAUSE;
    this.say(`Drawing a picture of class ${label}.`);
    for (const picture of this.network.drawn(this.network.draw(this.row), label)) {
      if (this.drawing !== mine) return;
      this.paper.set(picture);
      if (pause) await new Promise((next) => setTimeout(next, pause));
    }
    if (this.drawing === mine) this.named(` It was drawn as class ${label}.`);
  }
}
