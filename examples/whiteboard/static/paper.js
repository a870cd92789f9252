// The paper: what is drawn, and the part of it that the window shows.
//
// A stroke is `{ id, pen: { colour, width }, points: [[x, y]] }` in the board's units. A piece that comes is drawn on top of what is there;
// everything is drawn anew only when the view moves, or when a stroke goes.

const COLOURS = ["#20242f", "#3b6cff", "#e5484d", "#2b9a4b", "#f08c00", "#8250df", "#0c8fa3", "#d6407f"];
const SETTLES = 150; // ms after the last piece
const GRID = 40; // units between the dots
const ZOOM = [0.1, 4];
const MARGIN = { x: 60, top: 90, bottom: 130 }; // pixels that the tools cover

class Paper {
  strokes = new Set();
  side = 8000;
  /** The board's point in the window's upper left corner, and pixels per unit. */
  view = { x: 0, y: 0, scale: 1 };
  /** Called when the view has moved. */
  moved = () => {};
  #canvas;
  #pen;
  #drawn = true;
  #settling = 0;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#pen = canvas.getContext("2d");
    addEventListener("resize", () => this.#look(this.view));
    this.fit();
  }

  // ---------------------------------------------------------------- what is drawn

  show(strokes) {
    this.strokes = new Set(strokes);
    this.fit();
  }

  add(stroke) {
    this.strokes.add(stroke);
    this.#within(() => this.#draw(stroke, 0));
  }

  extend(stroke, points) {
    const from = stroke.points.length;
    stroke.points.push(...points);
    this.#within(() => this.#draw(stroke, from));
    // Drawn in one go it has no seams between its pieces.
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#redraw(), SETTLES);
  }

  find(id) {
    for (const stroke of this.strokes) if (stroke.id === id) return stroke;
  }

  remove(stroke) {
    if (this.strokes.delete(stroke)) this.#redraw();
  }

  clear() {
    this.strokes.clear();
    this.#redraw();
  }

  // ---------------------------------------------------------------- the view

  /** A place in the window as one on the board. */
  toBoard(x, y) {
    const onBoard = (n) => Math.min(this.side, Math.max(0, Math.round(n)));
    return [onBoard(this.view.x + x / this.view.scale), onBoard(this.view.y + y / this.view.scale)];
  }

  toWindow([x, y]) {
    return [(x - this.view.x) * this.view.scale, (y - this.view.y) * this.view.scale];
  }

  pan(dx, dy) {
    const { x, y, scale } = this.view;
    this.#look({ x: x - dx / scale, y: y - dy / scale, scale });
  }

  /** Around a place in the window, which stays where it is. */
  zoom(factor, x, y) {
    const scale = Math.min(ZOOM[1], Math.max(ZOOM[0], this.view.scale * factor));
    const still = [this.view.x + x / this.view.scale, this.view.y + y / this.view.scale];
    this.#look({ x: still[0] - x / scale, y: still[1] - y / scale, scale });
  }

  /** Shows everything; an empty board in its middle. */
  fit() {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const { points } of this.strokes) {
      for (const [x, y] of points) {
        [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
      }
    }
    if (left > right) [left, top, right, bottom] = Array(4).fill(this.side / 2);
    const [width, height] = [innerWidth - 2 * MARGIN.x, innerHeight - MARGIN.top - MARGIN.bottom];
    const scale = Math.max(ZOOM[0], Math.min(1, width / (right - left), height / (bottom - top)));
    const middle = [MARGIN.x + width / 2, MARGIN.top + height / 2];
    this.#look({ x: (left + right) / 2 - middle[0] / scale, y: (top + bottom) / 2 - middle[1] / scale, scale });
  }

  #look({ x, y, scale }) {
    // The window's middle stays on the board.
    const [width, height] = [innerWidth / scale / 2, innerHeight / scale / 2];
    const within = (n, half) => Math.min(this.side - half, Math.max(-half, n));
    this.view = { x: within(x, width), y: within(y, height), scale };
    this.#redraw();
    this.moved();
  }

  // ---------------------------------------------------------------- drawing

  #redraw() {
    if (!this.#drawn) return;
    this.#drawn = false;
    requestAnimationFrame(() => {
      const ratio = devicePixelRatio || 1;
      [this.#canvas.width, this.#canvas.height] = [Math.round(innerWidth * ratio), Math.round(innerHeight * ratio)];
      const { x, y, scale } = this.view;
      const grid = GRID * scale * Math.max(1, 2 ** Math.ceil(Math.log2(0.5 / scale)));
      this.#canvas.style.backgroundSize = `${grid}px ${grid}px`;
      this.#canvas.style.backgroundPosition = `${-x * scale}px ${-y * scale}px`;
      this.#drawn = true;
      this.#within(() => {
        for (const stroke of this.strokes) this.#draw(stroke, 0);
      });
    });
  }

  #within(draw) {
    if (!this.#drawn) return; // it will be, with everything else
    const { x, y, scale } = this.view;
    const pixels = scale * (devicePixelRatio || 1);
    this.#pen.setTransform(pixels, 0, 0, pixels, -x * pixels, -y * pixels);
    draw();
  }

  /** From one point on, as a curve through the middles between the points. */
  #draw({ pen, points }, from) {
    const middle = (n) => [(points[n - 1][0] + points[n][0]) / 2, (points[n - 1][1] + points[n][1]) / 2];
    this.#pen.strokeStyle = COLOURS[pen.colour] ?? COLOURS[0];
    this.#pen.lineWidth = pen.width;
    this.#pen.lineCap = this.#pen.lineJoin = "round";
    this.#pen.beginPath();
    const start = Math.max(1, from - 1);
    this.#pen.moveTo(...(start > 1 ? middle(start) : points[0]));
    for (let n = start; n < points.length - 1; n += 1) this.#pen.quadraticCurveTo(...points[n], ...middle(n + 1));
    this.#pen.lineTo(...points.at(-1));
    this.#pen.stroke();
  }
}
