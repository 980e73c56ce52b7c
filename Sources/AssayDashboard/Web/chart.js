/* Scores against trials, time or cost, on a canvas: ten thousand points are one drawing. */

const axes = {
  trials: { name: "trials", text: (value) => count(value) },
  wall: { name: "wall time", text: seconds },
  cpu: { name: "CPU time", text: seconds },
};

class ScoreChart {
  /* series: a function that returns [{name, color, points, steps, margin, minimize, end}] of the chosen axis. */
  constructor({ label, height, open, onSelect }) {
    this.open = open;
    this.onSelect = onSelect || (() => {});
    this.axis = "trials";
    this.series = [];
    this.selected = null;
    this.canvas = h("canvas", { tabindex: "0", role: "img", "aria-label": label });
    this.node = h("div", { class: "chart" }, this.canvas);
    if (height) this.node.style.height = height;
    this.canvas.addEventListener("pointermove", (event) => this.hover(event));
    this.canvas.addEventListener("pointerleave", () => { this.pointed = null; tip.hide(); this.draw(); });
    this.canvas.addEventListener("click", (event) => {
      const near = this.nearest(event.offsetX, event.offsetY, 18);
      if (near) this.open(near.place.row, near.series);
    });
    this.canvas.addEventListener("keydown", (event) => this.keydown(event));
    this.canvas.addEventListener("blur", () => { tip.hide(); });
    new ResizeObserver(() => this.draw()).observe(this.node);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  set(series, axis) {
    this.series = series;
    this.axis = axis;
    this.draw();
  }

  color(name) { return getComputedStyle(this.node).getPropertyValue(name).trim() || "#888"; }

  /* The range in which what matters is told apart; wild scores are marked at its edge. */
  range() {
    let low = Infinity;
    let high = -Infinity;
    const scores = [];
    for (const series of this.series) {
      for (const step of series.steps) {
        const pad = series.band && step.noise ? step.noise : 0;
        low = Math.min(low, step.value - pad);
        high = Math.max(high, step.value + pad);
      }
      for (const place of series.points) if (Number.isFinite(place.row.value)) scores.push(place.y ?? place.row.value);
    }
    scores.sort((a, b) => a - b);
    if (scores.length) {
      const minimize = this.series[0].minimize;
      const span = Math.max(high - low, 1e-12);
      const near = scores.filter((value) => minimize ? value <= high + span * .6 : value >= low - span * .6);
      if (near.length) {
        low = Math.min(low, near[0]);
        high = Math.max(high, near[near.length - 1]);
      }
    }
    if (!(low <= high)) return [0, 1];
    const pad = (high - low || Math.abs(high) || 1) * .06;
    return [low - pad, high + pad];
  }

  layout() {
    const box = this.node.getBoundingClientRect();
    const width = Math.max(1, box.width);
    const height = Math.max(1, box.height);
    const [low, high] = this.range();
    let end = 0;
    for (const series of this.series) {
      for (const place of series.points) end = Math.max(end, place[this.axis]);
      end = Math.max(end, series.end?.[this.axis] || 0);
    }
    end = end || 1;
    const left = 62;
    const right = 14;
    const top = 12;
    const bottom = 44;
    const rug = 14;
    return {
      width, height, left, right, top, bottom, rug, low, high, end,
      x: (value) => left + (value / end) * (width - left - right),
      y: (value) => top + ((high - value) / (high - low)) * (height - top - bottom - rug),
      floor: height - bottom - rug,
    };
  }

  draw() {
    if (!this.node.isConnected) return;
    const plan = this.plan = this.layout();
    const ratio = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = Math.round(plan.width * ratio);
    this.canvas.height = Math.round(plan.height * ratio);
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.font = "11px " + getComputedStyle(this.node).fontFamily;
    this.drawGrid(pen, plan);
    for (const series of this.series) this.drawSeries(pen, plan, series);
    if (this.pointed || this.selected) this.drawFocus(pen, plan, this.pointed || this.selected);
  }

  drawGrid(pen, plan) {
    pen.lineWidth = 1;
    pen.strokeStyle = this.color("--line");
    pen.fillStyle = this.color("--soft");
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    const ticks = niceTicks(plan.low, plan.high, Math.max(3, Math.floor(plan.height / 60)));
    const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
    for (const value of ticks) {
      const y = Math.round(plan.y(value)) + .5;
      if (y > plan.floor) continue;
      pen.beginPath(); pen.moveTo(plan.left, y); pen.lineTo(plan.width - plan.right, y); pen.stroke();
      pen.fillText(tickText(value, step) + (this.suffix || ""), plan.left - 8, y);
    }
    pen.textAlign = "center";
    pen.textBaseline = "top";
    const axis = axes[this.axis];
    let last = -Infinity;
    for (const value of niceTicks(0, plan.end, Math.max(2, Math.floor(plan.width / 130)))) {
      if (this.axis === "trials" && value % 1) continue;
      const x = plan.x(value);
      const text = axis.text(value);
      const half = pen.measureText(text).width / 2;
      if (x - half < last + 8 || x + half > plan.width) continue;
      last = x + half;
      pen.fillText(text, x, plan.height - plan.bottom + 8);
    }
    pen.textAlign = "right";
    pen.fillText(axis.name, plan.width - plan.right, plan.height - 15);
    pen.textAlign = "left";
    if (this.yName) pen.fillText(this.yName, plan.left, plan.height - 15);
  }

  drawSeries(pen, plan, series) {
    const { steps, points } = series;
    const line = series.color ? this.color(series.color) : this.color("--keep");
    const end = plan.x(series.end ? series.end[this.axis] : plan.end);
    if (series.band) {
      pen.fillStyle = this.color("--band");
      steps.forEach((step, index) => {
        const noise = index === steps.length - 1 && Number.isFinite(series.margin) ? series.margin : step.noise;
        if (!Number.isFinite(noise) || noise === null) return;
        const x = plan.x(step[this.axis]);
        const until = index + 1 < steps.length ? plan.x(steps[index + 1][this.axis]) : end;
        const top = Math.max(plan.top, plan.y(step.value + noise));
        const bottom = Math.min(plan.floor, plan.y(step.value - noise));
        pen.fillRect(x, top, Math.max(1, until - x), bottom - top);
      });
    }
    if (!series.onlyLine) this.drawPoints(pen, plan, points);
    pen.strokeStyle = line;
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    pen.setLineDash(series.dash || []);
    pen.beginPath();
    steps.forEach((step, index) => {
      const x = plan.x(step[this.axis]);
      const y = plan.y(step.y ?? step.value);
      if (index === 0) pen.moveTo(x, y);
      else { pen.lineTo(x, plan.y(steps[index - 1].y ?? steps[index - 1].value)); pen.lineTo(x, y); }
    });
    if (steps.length) pen.lineTo(end, plan.y(steps[steps.length - 1].y ?? steps[steps.length - 1].value));
    pen.stroke();
    pen.setLineDash([]);
    if (!series.onlyLine) {
      for (const place of points) if (isKept(place.row) || place.row.state === "baseline") this.mark(pen, plan, place);
    }
  }

  drawPoints(pen, plan, points) {
    const many = points.length > 1500;
    const dot = this.color("--plain");
    const fail = this.color("--fail");
    pen.globalAlpha = many ? .35 : .75;
    pen.fillStyle = dot;
    for (const place of points) {
      if (place.row.state !== "discarded") continue;
      const y = Math.min(plan.floor - 2, Math.max(plan.top, plan.y(place.row.value)));
      const size = many ? 2 : 4;
      pen.fillRect(plan.x(place[this.axis]) - size / 2, y - size / 2, size, size);
    }
    pen.globalAlpha = many ? .3 : .8;
    pen.strokeStyle = fail;
    pen.lineWidth = 1.2;
    pen.beginPath();
    const rug = plan.floor + plan.rug - 5;
    for (const place of points) {
      if (place.row.state !== "failed") continue;
      const x = plan.x(place[this.axis]);
      if (many) { pen.moveTo(x, rug - 4); pen.lineTo(x, rug + 4); }
      else { pen.moveTo(x - 3, rug - 3); pen.lineTo(x + 3, rug + 3); pen.moveTo(x + 3, rug - 3); pen.lineTo(x - 3, rug + 3); }
    }
    pen.stroke();
    pen.globalAlpha = 1;
    for (const place of points) if (place.row.state === "withdrawn" || place.row.state === "revoked") this.mark(pen, plan, place, many ? 3 : 5);
  }

  where(plan, place) {
    const { row } = place;
    const x = plan.x(place[this.axis]);
    if (!Number.isFinite(row.value)) return [x, plan.floor + plan.rug - 5];
    return [x, Math.min(plan.floor - 2, Math.max(plan.top, plan.y(place.y ?? row.value)))];
  }

  mark(pen, plan, place, size = 5) {
    const [x, y] = this.where(plan, place);
    const color = this.color(stateColors[place.row.state]);
    pen.fillStyle = color;
    pen.strokeStyle = color;
    pen.lineWidth = 2;
    pen.beginPath();
    if (place.row.state === "withdrawn") {
      pen.lineWidth = size < 5 ? 1 : 2;
      pen.moveTo(x, y - size); pen.lineTo(x + size, y); pen.lineTo(x, y + size); pen.lineTo(x - size, y); pen.closePath();
      pen.fillStyle = this.color("--card"); pen.fill(); pen.stroke();
    } else if (place.row.state === "revoked") {
      pen.arc(x, y, size, 0, 7); pen.moveTo(x - size * .7, y - size * .7); pen.lineTo(x + size * .7, y + size * .7); pen.stroke();
    } else if (place.row.state === "baseline") {
      pen.rect(x - 5, y - 5, 10, 10); pen.fill();
    } else {
      pen.arc(x, y, 4.5, 0, 7); pen.fill();
      pen.strokeStyle = this.color("--card"); pen.lineWidth = 1.5; pen.stroke();
    }
  }

  drawFocus(pen, plan, focus) {
    const [x, y] = this.where(plan, focus.place);
    pen.strokeStyle = this.color("--accent");
    pen.lineWidth = 1;
    pen.setLineDash([3, 3]);
    pen.beginPath(); pen.moveTo(x, plan.top); pen.lineTo(x, plan.floor + plan.rug); pen.stroke();
    pen.setLineDash([]);
    pen.lineWidth = 2;
    pen.beginPath(); pen.arc(x, y, 8, 0, 7); pen.stroke();
  }

  nearest(x, y, limit) {
    const plan = this.plan;
    if (!plan) return null;
    let best = null;
    let least = limit * limit;
    for (const series of this.series) {
      for (const place of series.onlyLine ? series.steps : series.points) {
        const [px, py] = this.where(plan, place);
        const distance = (px - x) ** 2 + (py - y) ** 2;
        if (distance < least) { least = distance; best = { place, series }; }
      }
    }
    return best;
  }

  hover(event) {
    const near = this.nearest(event.offsetX, event.offsetY, 24);
    if (near?.place !== this.pointed?.place) { this.pointed = near; this.draw(); }
    if (near) this.tell(near, event.clientX, event.clientY);
    else tip.hide();
  }

  tell(near, x, y) {
    const { row } = near.place;
    tip.show(x, y,
      h("div", {}, h("b", {}, `Trial ${row.trial}`), " ", near.series.many ? near.series.name : row.specialist, " ", stateTag(row)),
      h("div", { class: "num" }, score(row.score), row.delta ? ` (${signed(row.delta)})` : "", " · ", seconds(row.cpu), " CPU"),
      h("p", { class: "soft" }, row.state === "failed" || row.state === "revoked" ? row.reason : row.hypothesis));
  }

  keydown(event) {
    const series = this.series[0];
    if (!series?.points.length) return;
    const points = series.points;
    let at = this.selected ? points.indexOf(this.selected.place) : points.length;
    const kept = (index, by) => {
      for (let i = index + by; i >= 0 && i < points.length; i += by) if (isKept(points[i].row)) return i;
      return index;
    };
    if (event.key === "ArrowRight") at = Math.min(points.length - 1, at + 1);
    else if (event.key === "ArrowLeft") at = Math.max(0, at - 1);
    else if (event.key === "ArrowUp") at = kept(at, 1);
    else if (event.key === "ArrowDown") at = kept(at, -1);
    else if (event.key === "Home") at = 0;
    else if (event.key === "End") at = points.length - 1;
    else if (event.key === "Enter" && this.selected) { this.open(this.selected.place.row, series); return; }
    else if (event.key === "Escape") { this.selected = null; tip.hide(); this.draw(); return; }
    else return;
    event.preventDefault();
    if (at >= points.length || at < 0) at = points.length - 1;
    this.selected = { place: points[at], series };
    this.draw();
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = this.where(this.plan, points[at]);
    this.tell(this.selected, box.left + x, box.top + y);
    const row = points[at].row;
    say(`trial ${row.trial}, ${row.specialist || "baseline"}, ${stateWords[row.state]}, ${row.score ?? words(row.label)}`);
  }
}

/* Scores of seeds on a line, with the band that a keep had to leave. */
function seedStrip(page, row, run) {
  const values = page.seed_scores.map(Number).filter(Number.isFinite);
  if (values.length < 2) return null;
  const incumbent = row.delta === null || row.score === null ? null : Number(row.score) - Number(row.delta);
  const noise = row.noise === null ? null : Number(row.noise);
  const marks = [...values];
  if (incumbent !== null) marks.push(incumbent - (noise || 0), incumbent + (noise || 0));
  const low = Math.min(...marks);
  const span = Math.max(...marks) - low || 1;
  const x = (value) => 10 + ((value - low) / span) * 380;
  return h("svg", { class: "seeds", viewBox: "0 0 400 46", width: "100%", role: "img",
    "aria-label": `scores of ${values.length} seeds: ${values.map((v) => shortNumber(v, 6)).join(", ")}` },
    incumbent !== null && noise
      ? h("rect", { x: x(incumbent - noise), y: 8, width: Math.max(1, x(incumbent + noise) - x(incumbent - noise)), height: 30, fill: "var(--band)" }) : null,
    incumbent !== null ? h("line", { x1: x(incumbent), x2: x(incumbent), y1: 6, y2: 40, stroke: "var(--keep)", "stroke-width": 2 }) : null,
    h("line", { x1: 10, x2: 390, y1: 23, y2: 23, stroke: "var(--line)" }),
    values.map((value) => h("circle", { cx: x(value), cy: 23, r: 5, fill: "var(--accent)", "fill-opacity": .75 })));
}
