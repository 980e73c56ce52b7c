/* Elements. Words of agents and recipes reach the page as text only: nothing here ever parses markup. */

const svgNames = new Set(["svg", "path", "circle", "rect", "line", "g"]);

function h(tag, attributes, ...children) {
  const isSVG = svgNames.has(tag);
  const node = isSVG ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    } else if (name === "style") {
      for (const [key, setting] of Object.entries(value)) node.style.setProperty(key, setting);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(4)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

function replace(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

function card(title, note, ...body) {
  return h("section", { class: "card" },
    h("header", {}, h("h2", {}, title), note ? h("span", { class: "note" }, note) : null),
    h("div", { class: "body" }, body));
}

/* The mark of a state: its shape tells as much as its colour. */
const stateShapes = {
  confirmed: "disc", kept: "disc", baseline: "square", withdrawn: "diamond", provisional: "ring", waiting: "dots",
  discarded: "dot", failed: "cross", revoked: "barred",
};
const stateWords = {
  confirmed: "kept, confirmed", kept: "kept", baseline: "baseline", withdrawn: "withdrawn", provisional: "provisional",
  waiting: "in flight", discarded: "discarded", failed: "failed", revoked: "revoked",
};
const stateTitles = {
  confirmed: "Better than the incumbent, and again so on fresh seeds beside it.",
  kept: "Better than the incumbent by more than the noise.",
  baseline: "The recipe as the task's author wrote it.",
  withdrawn: "Looked better at first; fresh seeds beside the incumbent said it was luck.",
  provisional: "Looks better; is being measured again on fresh seeds beside the incumbent.",
  waiting: "Queued or running.",
  discarded: "Legal, but not better by more than the noise.",
  failed: "Has no legal score; its label says what has to change.",
  revoked: "The verdict was taken back; the reason says why.",
};
const stateColors = {
  confirmed: "--keep", kept: "--keep", baseline: "--baseline", withdrawn: "--withdrawn", provisional: "--provisional",
  waiting: "--provisional", discarded: "--plain", failed: "--fail", revoked: "--fail",
};

function glyph(state) {
  const color = `var(${stateColors[state] || "--plain"})`;
  const shape = stateShapes[state] || "dot";
  const line = { fill: "none", stroke: color, "stroke-width": 2 };
  const part = {
    disc: () => h("circle", { cx: 7, cy: 7, r: 5, fill: color }),
    square: () => h("rect", { x: 2.5, y: 2.5, width: 9, height: 9, fill: color }),
    diamond: () => h("path", { d: "M7 1.5 12.5 7 7 12.5 1.5 7Z", ...line }),
    ring: () => h("circle", { cx: 7, cy: 7, r: 4.5, ...line }),
    dots: () => h("g", { fill: color }, [2.5, 7, 11.5].map((x) => h("circle", { cx: x, cy: 7, r: 1.6 }))),
    barred: () => h("g", { ...line }, h("circle", { cx: 7, cy: 7, r: 5 }), h("path", { d: "M3.5 3.5 10.5 10.5" })),
    dot: () => h("circle", { cx: 7, cy: 7, r: 3, fill: color }),
    cross: () => h("path", { d: "M3 3 11 11M11 3 3 11", ...line }),
  }[shape]();
  return h("svg", { class: "glyph", viewBox: "0 0 14 14", "aria-hidden": "true" }, part);
}

function stateTag(row) {
  const name = row.state === "failed" ? words(row.label) : stateWords[row.state] || words(row.label);
  return h("span", { class: "tag " + row.state, title: stateTitles[row.state] || "" }, glyph(row.state), name);
}

/* That a trial descends from one that was revoked; nothing for others. */
function ancestorTag(row) {
  if (row.revokedAncestor === null) return null;
  return h("span", { class: "tag unverified", title: row.barred
    ? `Descends from trial ${row.revokedAncestor}, which a person revoked: it cannot be the best.`
    : `Descends from trial ${row.revokedAncestor}, which broke a rule; it was screened itself.` },
  row.barred ? `barred by ${row.revokedAncestor}` : `of revoked ${row.revokedAncestor}`);
}

function trialLink(run, trial, ...content) {
  return h("a", { href: `#/trial/${trial}` }, content.length ? content : String(trial));
}

const tip = {
  show(x, y, ...content) {
    const node = replace(document.getElementById("tip"), content);
    node.hidden = false;
    const box = node.getBoundingClientRect();
    node.style.left = Math.max(8, Math.min(x + 14, innerWidth - box.width - 8)) + "px";
    node.style.top = Math.max(8, y + box.height + 24 > innerHeight ? y - box.height - 12 : y + 14) + "px";
  },
  hide() { document.getElementById("tip").hidden = true; },
};

function say(text) { document.getElementById("live").textContent = text; }

async function copyText(text, button) {
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch (refused) {
    const area = h("textarea", { class: "sr" });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  button.textContent = done ? "Copied" : "Select and copy";
  setTimeout(() => { button.textContent = "Copy"; }, 1600);
}

/* A list of any length: only the rows in sight are in the document. */
class VirtualList {
  constructor({ label, role, rowHeight, render, open, key }) {
    this.rowHeight = rowHeight;
    this.render = render;
    this.open = open;
    this.key = key || (() => false);
    this.items = [];
    this.selected = 0;
    this.shown = new Map();
    this.space = h("div", { class: "space", role: "presentation" });
    this.node = h("div", {
      class: "list", role, "aria-label": label, tabindex: "0",
      on: { scroll: () => this.draw(), keydown: (event) => this.keydown(event) },
    }, this.space);
    this.node.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (!row) return;
      this.select(Number(row.dataset.index), false);
      if (!event.target.closest(".twist")) this.open(this.items[this.selected], event);
    });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.node);
  }

  set(items, keep) {
    const before = this.items[this.selected];
    this.items = items;
    if (keep && before) {
      const at = items.findIndex((item) => keep(item) === keep(before));
      this.selected = at < 0 ? Math.min(this.selected, Math.max(0, items.length - 1)) : at;
    } else {
      this.selected = Math.min(this.selected, Math.max(0, items.length - 1));
    }
    this.space.style.height = items.length * this.rowHeight + "px";
    this.clear();
    this.draw();
  }

  clear() {
    for (const row of this.shown.values()) row.remove();
    this.shown.clear();
  }

  draw() {
    const top = this.node.scrollTop;
    const first = Math.max(0, Math.floor(top / this.rowHeight) - 6);
    const last = Math.min(this.items.length, Math.ceil((top + this.node.clientHeight) / this.rowHeight) + 6);
    for (const [index, row] of this.shown) {
      if (index < first || index >= last) { row.remove(); this.shown.delete(index); }
    }
    for (let index = first; index < last; index++) {
      if (this.shown.has(index)) continue;
      const row = this.render(this.items[index], index);
      row.classList.add("row");
      row.dataset.index = index;
      row.id = `${this.node.getAttribute("role")}-${index}`;
      row.style.height = this.rowHeight + "px";
      row.style.top = index * this.rowHeight + "px";
      row.setAttribute("aria-selected", index === this.selected ? "true" : "false");
      this.shown.set(index, row);
      this.space.append(row);
    }
    if (this.shown.has(this.selected)) {
      this.node.setAttribute("aria-activedescendant", `${this.node.getAttribute("role")}-${this.selected}`);
    }
  }

  select(index, scroll) {
    if (!this.items.length) return;
    this.selected = Math.max(0, Math.min(this.items.length - 1, index));
    if (scroll !== false) {
      const top = this.selected * this.rowHeight;
      const height = this.node.clientHeight;
      if (top < this.node.scrollTop) this.node.scrollTop = top;
      if (top + this.rowHeight > this.node.scrollTop + height) this.node.scrollTop = top + this.rowHeight - height;
    }
    for (const [at, row] of this.shown) row.setAttribute("aria-selected", at === this.selected ? "true" : "false");
    this.draw();
  }

  keydown(event) {
    const page = Math.max(1, Math.floor(this.node.clientHeight / this.rowHeight) - 1);
    const moves = {
      ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.items.length, End: this.items.length,
    };
    if (event.key in moves) this.select(this.selected + moves[event.key]);
    else if (event.key === "Enter") { if (this.items.length) this.open(this.items[this.selected], event); }
    else if (!this.key(event, this.items[this.selected])) return;
    event.preventDefault();
  }
}
