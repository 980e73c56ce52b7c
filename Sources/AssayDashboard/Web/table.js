/* All trials as a table: what the chart shows, for reading, sorting and finding. */

const tableColumns = [
  { key: "trial", name: "Trial", width: 62, value: (row) => row.trial, right: true },
  { key: "specialist", name: "Specialist", width: 104, value: (row) => row.specialist, narrow: true },
  { key: "state", name: "Outcome", width: 168, value: (row) => row.label },
  { key: "score", name: "Score", width: 96, value: (row) => row.value, right: true, text: (row) => score(row.score) },
  { key: "delta", name: "Δ incumbent", width: 96, value: (row) => (row.delta === null ? NaN : Number(row.delta)), right: true, text: (row) => signed(row.delta), narrow: true },
  { key: "parent", name: "Parent", width: 62, value: (row) => row.parent ?? -1, right: true, text: (row) => row.parent ?? "–", narrow: true },
  { key: "cpu", name: "CPU", width: 70, value: (row) => row.cpu, right: true, text: (row) => seconds(row.cpu), narrow: true },
  { key: "memory", name: "Memory", width: 74, value: (row) => row.memory, right: true, text: (row) => bytes(row.memory), narrow: true },
  { key: "artifact", name: "Artifact", width: 74, value: (row) => row.artifact, right: true, text: (row) => bytes(row.artifact), narrow: true },
];

class TableView {
  constructor(app) {
    this.app = app;
    this.sort = { key: "trial", descends: true };
    this.list = new VirtualList({
      label: "Trials", role: "listbox", rowHeight: 34, render: (row) => this.row(row),
      open: (row) => { location.hash = `#/trial/${row.trial}`; },
    });
    this.search = h("input", { type: "search", class: "grow", placeholder: "Find in hypotheses and reasons", "aria-label": "Find trials",
      on: { input: () => this.refresh() } });
    this.label = h("select", { class: "field", "aria-label": "Outcome", on: { change: () => this.refresh() } });
    this.specialist = h("select", { class: "field", "aria-label": "Specialist", on: { change: () => this.refresh() } });
    this.head = h("div", { class: "headrow", role: "group", "aria-label": "Sort by" });
    this.note = h("span", { class: "note" });
    this.node = h("section", { class: "card" },
      h("header", {}, h("h2", {}, "Trials"), this.note),
      h("div", { class: "body tools" }, this.search, this.label, this.specialist), this.head, this.list.node);
  }

  choices(select, all, names) {
    const before = select.value;
    replace(select, h("option", { value: "" }, all), names.map((name) => h("option", { value: name }, words(name))));
    select.value = names.includes(before) ? before : "";
  }

  show(run, query) {
    this.run = run;
    const { labels, specialists } = run.facts;
    this.choices(this.label, "Any outcome", [...labels.keys()]);
    this.choices(this.specialist, "Any specialist", specialists.map((entry) => entry.name));
    if (query?.has("label")) this.label.value = query.get("label");
    if (query?.has("specialist")) this.specialist.value = query.get("specialist");
    this.refresh();
    return this.node;
  }

  refresh() {
    const text = this.search.value.trim().toLowerCase();
    const label = this.label.value;
    const column = tableColumns.find((entry) => entry.key === this.sort.key);
    const rows = this.run.facts.all.filter((row) => (!label || row.state === label || (row.label === label && row.state !== "revoked"))
      && (!this.specialist.value || row.specialist === this.specialist.value)
      && (!text || `${row.trial} ${row.hypothesis} ${row.reason}`.toLowerCase().includes(text)));
    const sign = this.sort.descends ? -1 : 1;
    rows.sort((a, b) => {
      const [x, y] = [column.value(a), column.value(b)];
      if (typeof x === "string") return sign * x.localeCompare(y) || b.trial - a.trial;
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y) || b.trial - a.trial;
      return sign * (x - y) || b.trial - a.trial;
    });
    replace(this.head, tableColumns.map((entry) => h("button", {
      type: "button", class: (entry.narrow ? "narrow " : "") + (entry.right ? "right" : ""), style: { width: entry.width + "px", "text-align": entry.right ? "right" : "left" },
      "aria-sort": entry.key === this.sort.key ? (this.sort.descends ? "descending" : "ascending") : null,
      on: { click: () => {
        this.sort = { key: entry.key, descends: this.sort.key === entry.key ? !this.sort.descends : entry.key !== "specialist" };
        this.refresh();
      } },
    }, entry.name, entry.key === this.sort.key ? (this.sort.descends ? " ↓" : " ↑") : "")),
      h("span", { class: "fillrest narrow" }, "Hypothesis or reason"));
    this.list.set(rows, (row) => row.trial);
    this.note.textContent = rows.length === this.run.rows.size ? plural(rows.length, "trial") : `${count(rows.length)} of ${plural(this.run.rows.size, "trial")}`;
  }

  row(row) {
    return h("div", { role: "option" },
      tableColumns.map((entry) => {
        const style = { width: entry.width + "px" };
        const name = "c" + (entry.right ? " right" : "") + (entry.narrow ? " narrow" : "");
        if (entry.key === "state") return h("span", { class: name, style }, stateTag(row), " ", ancestorTag(row));
        const value = entry.text ? entry.text(row) : entry.value(row);
        const best = entry.key === "trial" && this.run.view.best === row.trial ? " best" : "";
        return h("span", { class: name + best, style }, value);
      }),
      h("span", { class: "c fillrest" }, row.state === "failed" || row.state === "revoked" ? row.reason : row.hypothesis));
  }
}
