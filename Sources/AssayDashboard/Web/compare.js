/* Runs beside one another. */

const runColors = ["--accent", "--keep", "--withdrawn", "--baseline", "--fail", "--plain"];
const runDashes = [[], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 2]];

class CompareView {
  constructor(app) {
    this.app = app;
    this.axis = "trials";
    this.chart = new ScoreChart({
      label: "Improvement of each run over its own baseline",
      open: (row, series) => { this.app.choose(series.index); location.hash = `#/trial/${row.trial}`; },
    });
    this.chart.suffix = " %";
    this.chart.yName = "better than its own baseline";
    this.legend = h("div", { class: "legend" });
    this.table = h("div", { class: "scroll" });
    this.node = h("div", { class: "grid" },
      h("section", { class: "card" },
        h("header", {}, h("h2", {}, "Improvement over the baseline"),
          h("span", { class: "note" }, axisSwitch(() => this.axis, (axis) => { this.axis = axis; this.refresh(); }))),
        h("div", { class: "body" }, this.chart.node, this.legend)),
      card("Figures", null, this.table));
  }

  show() {
    requestAnimationFrame(() => this.refresh());
    return this.node;
  }

  refresh() {
    const runs = this.app.source.runs;
    const series = runs.map((run, index) => {
      const { steps, baseline, ordered, end, cpu } = run.facts;
      const from = baseline?.value ?? NaN;
      const gain = (value) => ((run.view.minimize ? from - value : value - from) / (Math.abs(from) || 1)) * 100;
      const lifted = steps.map((step) => ({ ...step, value: gain(step.value), y: gain(step.value), noise: null }));
      return {
        name: run.view.folder, index, many: true, color: runColors[index % runColors.length], dash: runDashes[index % runDashes.length],
        onlyLine: true, minimize: false, steps: lifted, points: lifted,
        end: { trials: Math.max(0, ordered.length - 1), wall: end, cpu },
      };
    });
    this.chart.set(series, this.axis);
    replace(this.legend, series.map((one) => h("span", {},
      h("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" }, h("line", { x1: 0, x2: 14, y1: 7, y2: 7, "stroke-width": 2.5, stroke: `var(${one.color})`, "stroke-dasharray": one.dash.join(" ") || null })),
      one.name)),
      runs.length < 2 ? h("span", { class: "soft" }, this.app.source.isLive
        ? "Start the dashboard with the folders of several runs to put them beside one another." : "Write the report with the folders of several runs to put them beside one another.") : null);
    const lines = [
      ["Run", (run) => h("span", { class: "mono" }, run.view.run)], ["Task", (run) => run.view.task], ["State", (run) => run.view.state],
      ["Lineage", (run) => (run.view.state === "imported" ? "–" : run.view.lineage_enabled ? "shown to agents" : "hidden from agents")],
      ["Trials", (run) => count(run.facts.ordered.length)],
      ["Kept", (run) => count(run.facts.labels.get("keep") || 0)],
      ["Revoked", (run) => count(run.facts.labels.get("revoked") || 0)],
      ["Failed", (run) => count(run.facts.all.filter((row) => row.state === "failed").length)],
      ["Baseline", (run) => `${score(run.view.baseline_score)} ${run.view.unit}`],
      ["Best", (run) => `${score(run.view.best_score)} ${run.view.unit}`],
      ["Re-scored gain", (run) => (run.view.final ? `${score(run.view.final.improvement)} ± ${score(run.view.final.half_width)}` : "–")],
      ["CPU time", (run) => seconds(run.facts.cpu)], ["Wall time", (run) => seconds(run.facts.end)],
      ["CPU time a keep", (run) => (run.facts.labels.get("keep") ? seconds(run.facts.cpu / run.facts.labels.get("keep")) : "–")],
    ];
    replace(this.table, h("table", {},
      h("thead", {}, h("tr", {}, h("th", {}, ""), runs.map((run) => h("th", { scope: "col" }, run.view.folder)))),
      h("tbody", {}, lines.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), runs.map((run) => h("td", { class: "num" }, value(run))))))));
  }
}
