/** The picture that a visitor draws, and how values become pixels. */
"use strict";

const BRUSH = 1.1; // pixels
const LEVELS = 127;

/** The picture: pixel values 0…1, and which of them are missing. */
class Paper {
  constructor(canvas, shape, changed) {
    [this.height, this.width] = shape;
    this.canvas = canvas;
    this.changed = changed;
    this.pixels = new Float64Array(this.height * this.width);
    this.missing = new Uint8Array(this.pixels.length);
    this.cursor = null;
    canvas.width = this.width;
    canvas.height = this.height;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => event.buttons && this.stroke(event));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => canvas.matches(":focus-visible") && this.move(0, 0));
    canvas.addEventListener("blur", () => { this.cursor = null; this.show(); });
  }

  set(pixels) {
    this.pixels = Float64Array.from(pixels);
    this.missing.fill(0);
    this.show();
  }

  press(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.last = null;
    this.stroke(event);
  }

  stroke(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.width - 0.5;
    const y = ((event.clientY - box.top) / box.height) * this.height - 0.5;
    const from = this.last || { x, y };
    const pieces = Math.max(1, Math.ceil(2 * Math.hypot(x - from.x, y - from.y)));
    for (let k = 1; k <= pieces; k++) this.dab(from.x + ((x - from.x) * k) / pieces, from.y + ((y - from.y) * k) / pieces);
    this.last = { x, y };
    this.show();
    this.changed();
  }

  /** A round spot of ink with a soft edge. */
  dab(x, y, ink = 1) {
    for (let row = Math.max(0, Math.floor(y - 2)); row < Math.min(this.height, y + 3); row++) {
      for (let column = Math.max(0, Math.floor(x - 2)); column < Math.min(this.width, x + 3); column++) {
        const cover = Math.min(1, Math.max(0, BRUSH + 0.5 - Math.hypot(row - y, column - x)));
        const at = row * this.width + column;
        if (cover === 0) continue;
        this.pixels[at] = ink ? Math.max(this.pixels[at], cover) : this.pixels[at] * (1 - cover);
        this.missing[at] = 0;
      }
    }
  }

  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (way) {
      this.move(...way);
      if (event.shiftKey) this.ink(1);
    } else if (event.key === " ") this.ink(1);
    else if (event.key === "Backspace" || event.key === "Delete") this.ink(0);
    else return;
    event.preventDefault();
  }

  move(x, y) {
    const at = this.cursor || { x: this.width >> 1, y: this.height >> 1 };
    this.cursor = {
      x: Math.min(Math.max(at.x + x, 0), this.width - 1),
      y: Math.min(Math.max(at.y + y, 0), this.height - 1),
    };
    this.show();
  }

  ink(ink) {
    if (this.cursor === null) this.move(0, 0);
    this.dab(this.cursor.x, this.cursor.y, ink);
    this.show();
    this.changed();
  }

  /** Hide a half: "left", "right", "top" or "bottom". */
  erase(half) {
    const hidden = {
      left: (row, column) => column < this.width / 2,
      right: (row, column) => column >= this.width / 2,
      top: (row) => row < this.height / 2,
      bottom: (row) => row >= this.height / 2,
    }[half];
    for (let at = 0; at < this.pixels.length; at++) {
      this.missing[at] = hidden(Math.floor(at / this.width), at % this.width) ? 1 : 0;
    }
    this.show();
  }

  /** What LOAD takes: missing pixels start from ``start`` and are marked as -1 - value. */
  rates(start) {
    return this.pixels.map((value, at) => (this.missing[at] ? -1 - start[at] : value));
  }

  show(values = this.pixels, marked = true) {
    paint(this.canvas, values, this.width, this.height, marked ? this.missing : null, this.cursor);
  }
}

/** Values 0…1 as grey pixels; marked ones orange, the cursor outlined in blue. */
function paint(canvas, values, width, height, marked, cursor) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let at = 0; at < width * height; at++) {
    const grey = at < values.length ? Math.round(255 * Math.min(Math.max(values[at], 0), 1)) : 0;
    const colour = marked && marked[at] ? [237, 140, 89] : [grey, grey, grey];
    image.data.set([...colour, at < values.length ? 255 : 0], 4 * at);
  }
  if (cursor) image.data.set([60, 130, 230, 255], 4 * (cursor.y * width + cursor.x));
  context.putImageData(image, 0, 0);
}
