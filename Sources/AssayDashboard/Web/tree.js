/* The lineage: who was edited from whom. */

class TreeView {
  constructor(app) {
    this.app = app;
    this.open = new Set();
    this.filter = "";
    this.keptOnly = false;
    this.list = new VirtualList({
      label: "Lineage tree", role: "tree", rowHeight: 32,
      render: (item) => this.row(item),
      open: (item) => { location.hash = `#/trial/${item.row.trial}`; },
      key: (event, item) => this.key(event, item),
    });
    this.list.node.addEventListener("click", (event) => {
      const twist = event.target.closest(".twist");
      if (twist) this.toggle(this.list.items[Number(twist.closest(".row").dataset.index)].row.trial);
    });
    this.note = h("span", { class: "note soft" });
    this.kept = this.switchButton("Kept lines only", () => { this.keptOnly = !this.keptOnly; this.refresh(); });
    this.search = h("input", { type: "search", class: "grow", placeholder: "Find trials by words, label or specialist",
      "aria-label": "Find in tree", on: { input: () => { this.filter = this.search.value.trim().toLowerCase(); this.refresh(); } } });
    this.node = h("section", { class: "card" },
      h("header", {}, h("h2", {}, "Lineage"), this.note),
      h("div", { class: "body tools" }, this.search, this.kept,
        h("button", { class: "button", type: "button", on: { click: () => this.expand(true) } }, "Expand all"),
        h("button", { class: "button", type: "button", on: { click: () => this.expand(false) } }, "Best line only")),
      this.list.node);
    this.opened = null;
  }

  switchButton(text, action) {
    return h("button", { class: "button", type: "button", "aria-pressed": "false", on: { click: action } }, text);
  }

  show(run) {
    if (this.opened !== run) {
      this.opened = run;
      this.open = new Set(run.facts.lineage);
    }
    this.run = run;
    this.refresh();
    return this.node;
  }

  expand(all) {
    this.open = new Set(all ? this.run.facts.children.keys() : this.run.facts.lineage);
    this.refresh();
  }

  toggle(trial) {
    if (this.open.has(trial)) this.open.delete(trial); else this.open.add(trial);
    this.refresh();
  }

  /* Rows in order of descent; nothing recurses, so a chain may be as long as a run. */
  items() {
    const { rows } = this.run;
    const { children, all, lineage } = this.run.facts;
    let wanted = null;
    if (this.filter || this.keptOnly) {
      wanted = new Set();
      for (const row of all) {
        const fits = (!this.keptOnly || isKept(row) || row.state === "baseline")
          && (!this.filter || `${row.trial} ${row.specialist} ${words(row.label)} ${row.state} ${row.hypothesis} ${row.reason}`
            .toLowerCase().includes(this.filter));
        let next = fits ? row.trial : null;
        while (next !== null && next !== undefined && !wanted.has(next)) {
          wanted.add(next);
          next = rows.get(next)?.parent;
        }
      }
    }
    const items = [];
    const stack = all.filter((row) => row.parent === null || !rows.has(row.parent)).reverse()
      .map((row) => ({ row, depth: 0, place: 1, of: 1 }));
    while (stack.length) {
      const item = stack.pop();
      if (wanted && !wanted.has(item.row.trial)) continue;
      items.push(item);
      const below = children.get(item.row.trial) || [];
      item.below = below.length;
      item.isOpen = below.length > 0 && (this.open.has(item.row.trial) || (wanted !== null && this.filter !== ""));
      item.isBest = lineage.has(item.row.trial);
      if (!item.isOpen) continue;
      /* The line to the best comes first, then the newest. */
      const ordered = [...below].sort((a, b) => lineage.has(b) - lineage.has(a) || b - a);
      for (let i = ordered.length - 1; i >= 0; i--) {
        const row = rows.get(ordered[i]);
        if (row) stack.push({ row, depth: item.depth + 1, place: i + 1, of: ordered.length });
      }
    }
    return items;
  }

  refresh() {
    this.kept.setAttribute("aria-pressed", this.keptOnly);
    this.kept.classList.toggle("on", this.keptOnly);
    const items = this.items();
    this.list.set(items, (item) => item.row.trial);
    this.note.textContent = `${plural(items.length, "row")} of ${plural(this.run.rows.size, "trial")} · arrows move, → opens, ← closes, Enter shows`;
  }

  row(item) {
    const { row } = item;
    const guides = Math.min(item.depth, innerWidth < 720 ? 6 : 24);
    return h("div", {
      role: "treeitem", "aria-level": item.depth + 1, "aria-setsize": item.of, "aria-posinset": item.place,
      "aria-expanded": item.below ? String(item.isOpen) : null,
    },
      Array.from({ length: guides }, () => h("span", { class: "guide", "aria-hidden": "true" })),
      item.below
        ? h("button", { class: "twist", type: "button", tabindex: "-1", "aria-hidden": "true" }, item.isOpen ? "▾" : "▸")
        : h("span", { class: "twist", "aria-hidden": "true" }),
      glyph(row.state),
      h("span", { class: "c" + (item.isBest ? " best" : "") }, String(row.trial)),
      h("span", { class: "c soft" }, row.state === "baseline" ? "baseline" : row.specialist),
      h("span", { class: "c" }, row.score === null ? words(row.label) : score(row.score)),
      row.delta !== null ? h("span", { class: "c faint narrow" }, signed(row.delta)) : null,
      ancestorTag(row),
      item.below && !item.isOpen ? h("span", { class: "tag" }, plural(item.below, "child", "children")) : null,
      h("span", { class: "c fillrest" }, (row.state === "failed" || row.state === "revoked") && row.reason ? row.reason : row.hypothesis));
  }

  key(event, item) {
    if (!item) return false;
    if (event.key === "ArrowRight") {
      if (item.below && !item.isOpen) this.toggle(item.row.trial); else if (item.below) this.list.select(this.list.selected + 1);
    } else if (event.key === "ArrowLeft") {
      if (item.isOpen && this.open.has(item.row.trial)) this.toggle(item.row.trial);
      else {
        const at = this.list.items.findIndex((other) => other.row.trial === item.row.parent);
        if (at >= 0) this.list.select(at);
      }
    } else return false;
    return true;
  }
}
