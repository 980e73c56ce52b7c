/* How the run goes: the curve, what became of its trials, who paid for what. */

function axisSwitch(current, choose) {
  const buttons = Object.entries(axes).map(([key, axis]) => h("button", {
    type: "button", "aria-pressed": String(current() === key),
    on: { click: () => {
      choose(key);
      buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(Object.keys(axes)[at] === key)));
    } },
  }, axis.name));
  return h("span", { class: "switch", role: "group", "aria-label": "Horizontal axis" }, buttons);
}

function feedItem(run, row) {
  return h("li", {}, h("a", { href: `#/trial/${row.trial}` },
    h("b", { class: "num" }, String(row.trial)),
    h("span", {}, stateTag(row), " ", h("span", { class: "soft" }, row.specialist)),
    h("span", { class: "num" }, row.score === null ? "" : score(row.score), row.delta === null ? "" : h("span", { class: "faint narrow" }, "  " + signed(row.delta))),
    h("span", { class: "words" }, (row.state === "failed" || row.state === "revoked") && row.reason ? row.reason : row.hypothesis || row.reason)));
}

function revokedTrials(run) { return run.facts.all.filter((row) => row.state === "revoked"); }

class OverviewView {
  constructor(app) {
    this.app = app;
    this.axis = "trials";
    this.chart = new ScoreChart({
      label: "Scores of trials, the best so far, and the noise band that a keep has to leave. Arrow keys move between trials, up and down between kept ones, Enter opens one; the Trials view has the same as a table.",
      open: (row) => { location.hash = `#/trial/${row.trial}`; },
    });
    this.figures = h("div", { class: "figures" });
    this.curveTitle = h("h2", {}, "Best so far");
    this.legend = h("div", { class: "legend" });
    this.mix = h("div", { class: "body" });
    this.specialists = h("div", { class: "body scroll" });
    this.work = h("div", { class: "body" });
    this.feed = h("div", { class: "body" });
    this.final = h("div", { hidden: true });
    this.orphans = h("div", { hidden: true });
    this.audits = h("div", { hidden: true });
    this.models = h("div", { class: "body scroll" });
    this.views = h("div", { class: "body scroll" });
    this.notices = h("section", { class: "card notices", hidden: true });
    const titled = (title, note, body) => h("section", { class: "card" }, h("header", {}, h("h2", {}, title), note ? h("span", { class: "note" }, note) : null), body);
    this.node = h("div", { class: "grid" }, this.notices, this.figures, this.final,
      h("section", { class: "card" },
        h("header", {}, this.curveTitle, h("span", { class: "note" }, axisSwitch(() => this.axis, (axis) => { this.axis = axis; this.drawChart(); }))),
        h("div", { class: "body" }, this.chart.node, this.legend)),
      h("div", { class: "grid wide" },
        h("div", { class: "stack" }, titled("Specialists", "what each brought, and what it cost", this.specialists), this.modelCard = titled("Model requests", "from the evaluator's ledger", this.models), this.viewCard = titled("What proposals were made from", "by the lineage's own count", this.views), titled("Latest", null, this.feed)),
        h("div", { class: "stack" }, titled("Outcomes", null, this.mix), this.audits, this.orphans, titled("Runners and queue", null, this.work))));
    const entry = (state, text) => h("span", {}, glyph(state), text);
    replace(this.legend, entry("confirmed", "kept"), entry("withdrawn", "withdrawn: luck"), entry("discarded", "discarded"), entry("failed", "failed"),
      h("span", {}, h("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" }, h("rect", { x: 0, y: 2, width: 14, height: 10, fill: "var(--band)" }), h("line", { x1: 0, x2: 14, y1: 7, y2: 7, stroke: "var(--keep)", "stroke-width": 2 })), "best so far and its noise"),
      h("a", { href: "#/trials" }, "as a table"));
  }

  show(run) {
    this.run = run;
    requestAnimationFrame(() => this.drawChart());
    this.refresh();
    return this.node;
  }

  drawChart() {
    const { points, steps, margin, ordered, end, cpu } = this.run.facts;
    this.chart.yName = `${this.run.view.metric}${this.run.view.unit ? ` in ${this.run.view.unit}` : ""}, ${this.run.view.minimize ? "lower" : "higher"} is better`;
    this.chart.set([{
      name: "best", points, steps, margin, band: true, minimize: this.run.view.minimize,
      end: { trials: Math.max(1, ordered.length - 1), wall: end, cpu },
    }], this.axis);
  }

  refresh() {
    const { run } = this;
    const { view, facts } = { view: run.view, facts: run.facts };
    this.curveTitle.textContent = `${view.task}: best so far`;
    const figure = (name, value, ...sub) => h("div", { class: "figure" },
      h("div", { class: "name" }, name), h("div", { class: "value" }, value), h("div", { class: "sub" }, sub));
    const from = Number(view.baseline_score);
    const to = Number(view.best_score);
    const gain = view.best && from ? Math.abs((from - to) / from) * 100 : 0;
    const waiting = facts.all.filter((row) => row.label === "in_flight").length;
    const decided = facts.ordered.filter((row) => row.state !== "baseline").length;
    replace(this.figures,
      figure("Best", score(view.best_score), view.best ? [h("span", { class: "good" }, `${gain.toFixed(gain < 10 ? 1 : 0)} % better`), " · ", trialLink(run, view.best, `trial ${view.best}`)] : view.unit),
      figure("Baseline", score(view.baseline_score), view.unit),
      figure("Keep margin", score(view.keep_margin ?? ""), "what a keep has to gain"),
      figure("Trials", count(decided) + (view.max_trials ? ` / ${count(view.max_trials)}` : ""), waiting ? `${waiting} in flight` : view.phase || "none in flight"),
      figure("Kept", count(facts.labels.get("keep") || 0), facts.labels.get("revoked") ? `${count(facts.labels.get("revoked"))} revoked` : facts.labels.get("withdrawn") ? `${count(facts.labels.get("withdrawn"))} withdrawn` : facts.labels.get("provisional") ? `${facts.labels.get("provisional")} provisional` : "none withdrawn"),
      figure(view.state === "imported" ? "Time as recorded" : "CPU time", seconds(facts.cpu), `${seconds(facts.end)} since the start`));
    const notices = view.notices || [];
    this.notices.hidden = !notices.length;
    replace(this.notices, h("div", { class: "body" }, notices.slice(0, 6).map((text) => h("p", {}, text)),
      notices.length > 6 ? h("p", { class: "soft" }, `and ${notices.length - 6} more: \`assay audit\` lists them`) : null));
    this.drawFinal(view);
    this.drawMix(facts);
    this.drawSpecialists(facts, run);
    this.drawOrphans(view, run);
    this.drawAudits(view, run);
    this.drawWork(view);
    const latest = [...facts.all].sort((a, b) => (b.decided ?? Infinity) - (a.decided ?? Infinity) || b.trial - a.trial).slice(0, 9);
    replace(this.feed, latest.length ? h("ul", { class: "feed" }, latest.map((row) => feedItem(run, row)))
      : h("p", { class: "soft" }, view.phase || "No trial yet."));
  }

  drawFinal(view) {
    this.final.hidden = !view.final;
    if (!view.final) return;
    const { final } = view;
    replace(this.final, card("Re-scored at the end", `fresh seeds, ${final.split} data`,
      h("p", { style: { margin: 0, "font-size": "15px" } },
        "Best ", h("b", { class: "num" }, score(final.best_mean)), ", baseline ", h("b", { class: "num" }, score(final.baseline_mean)), ": improvement ",
        h("b", { class: "num" }, score(final.improvement)), final.half_width ? ` ± ${score(final.half_width)} (95 %)` : "", " ",
        h("span", { class: "tag " + (final.better_beyond_noise ? "keep" : "withdrawn") }, final.better_beyond_noise ? "better beyond noise" : "within the noise"))));
  }

  drawOrphans(view, run) {
    const orphans = (view.orphans || []).filter((orphan) => run.rows.has(orphan.trial));
    this.orphans.hidden = !orphans.length;
    if (!orphans.length) return;
    replace(this.orphans, card("Orphaned wins", "kept, but not in the best recipe",
      h("ul", { class: "slots" }, orphans.slice(0, 8).map((orphan) => h("li", {}, glyph("kept"), trialLink(run, orphan.trial, `trial ${orphan.trial}`),
        h("span", { class: "soft" }, run.rows.get(orphan.trial).specialist),
        h("span", { class: "tag " + (orphan.applies ? "keep" : "") }, orphan.applies ? "still applies" : "collides")))),
      orphans.length > 8 ? h("p", { class: "soft" }, `and ${orphans.length - 8} more: assay trials --view orphaned`) : null));
  }

  drawAudits(view, run) {
    const audits = view.audits || [];
    const revoked = revokedTrials(run);
    this.audits.hidden = !audits.length && !revoked.length;
    if (this.audits.hidden) return;
    replace(this.audits, card("Audits and revocations", null,
      audits.length ? h("ul", { class: "slots" }, [...audits].reverse().slice(0, 6).map((audit) => h("li", {}, h("span", {},
        `Rules version ${audit.rules_version}: ${plural(audit.screened, "trial")} screened, ${audit.revoked.length ? `${count(audit.revoked.length)} revoked` : "none revoked"}`),
        h("span", { class: "soft" }, `${audit.requested_by}, ${day(audit.audited_ms)}`)))) : null,
      revoked.length ? h("ul", { class: "feed" }, revoked.slice(-6).reverse().map((row) => feedItem(run, row))) : null,
      revoked.length > 6 ? h("p", { class: "soft" }, h("a", { href: "#/trials?label=revoked" }, `all ${count(revoked.length)} revoked trials`)) : null));
  }

  drawMix(facts) {
    const order = ["keep", "provisional", "withdrawn", "revoked", "discard", "in_flight", "baseline"];
    const entries = [...facts.labels].sort((a, b) => {
      const [x, y] = [order.indexOf(a[0]), order.indexOf(b[0])];
      return (x < 0) - (y < 0) || (x < 0 ? b[1] - a[1] : x - y);
    });
    const most = Math.max(1, ...entries.map((entry) => entry[1]));
    const kind = { keep: "keep", withdrawn: "withdrawn", revoked: "failed", discard: "discarded", in_flight: "waiting", provisional: "provisional", baseline: "baseline" };
    replace(this.mix, entries.length ? h("div", { class: "bars" }, entries.map(([name, number]) => [
      h("button", { type: "button", on: { click: () => { location.hash = `#/trials?label=${encodeURIComponent(name)}`; } } }, words(name)),
      h("div", { class: "track", "aria-hidden": "true" }, h("div", { class: "fill " + (kind[name] || "failed"), style: { width: (number / most) * 100 + "%" } })),
      h("span", { class: "num" }, count(number))])) : h("p", { class: "soft" }, "No trial yet."));
  }

  drawSpecialists(facts, run) {
    const most = Math.max(1e-12, ...facts.specialists.map((entry) => entry.gain));
    const paid = facts.specialists.some((entry) => entry.tokens);
    this.drawModels(run.view);
    this.drawViews(run.view.views);
    replace(this.specialists, facts.specialists.length ? h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Specialist"), ["Trials", "Kept", "Failed", "Gain", "", "CPU time", "CPU a keep", ...(paid ? ["Tokens", "Dollars"] : [])].map((name) => h("th", { class: "n" + (name === "" || name === "Failed" || name === "CPU a keep" ? " narrow" : ""), scope: "col" }, name)))),
      h("tbody", {}, facts.specialists.map((entry) => h("tr", {},
        h("td", {}, h("a", { href: `#/trials?specialist=${encodeURIComponent(entry.name)}` }, entry.name)),
        h("td", { class: "n" }, count(entry.trials)), h("td", { class: "n" }, count(entry.kept)), h("td", { class: "n narrow" }, count(entry.failed)),
        h("td", { class: "n" }, entry.gain ? score(String(entry.gain)) : "–"),
        h("td", { class: "narrow", style: { width: "22%" } }, h("div", { class: "meter" }, h("i", { style: { width: (entry.gain / most) * 100 + "%" } }))),
        h("td", { class: "n" }, seconds(entry.cpu)), h("td", { class: "n narrow" }, entry.kept ? seconds(entry.cpu / entry.kept) : "–"),
        paid ? [h("td", { class: "n" }, count(entry.tokens)), h("td", { class: "n" }, dollars(entry))] : null))))
      : h("p", { class: "soft" }, "No specialist has submitted yet."));
  }

  drawModels(view) {
    const models = view.models || [];
    this.modelCard.hidden = !models.length;
    replace(this.models, h("table", {},
      h("thead", {}, h("tr", {}, ["Specialist", "Model"].map((name) => h("th", { scope: "col" }, name)),
        ["Requests", "Tokens in", "out", "cached", "Dollars"].map((name) => h("th", { class: "n" + (name === "cached" ? " narrow" : ""), scope: "col" }, name)))),
      h("tbody", {}, models.slice(0, 200).map((model) => h("tr", {},
        h("td", {}, model.specialist), h("td", {}, `${model.provider} ${model.model}, ${model.purpose}`),
        h("td", { class: "n", title: `${plural(model.unsettled, "request")} whose use is not known, ${count(model.refunded)} refunded` }, count(model.requests)),
        h("td", { class: "n" }, count(model.input_tokens)), h("td", { class: "n" }, count(model.output_tokens)),
        h("td", { class: "n narrow" }, count(model.cache_read_tokens + model.cache_write_tokens)), h("td", { class: "n" }, dollars(model)))))));
  }

  drawViews(figures) {
    this.viewCard.hidden = !figures;
    if (!figures) return;
    const gaps = [figures.partial ? `Of ${plural(figures.partial, "proposal")} only a part is known. ` : "", figures.unknown ? `Of ${count(figures.unknown)} nothing is known. ` : ""].join("");
    replace(this.views, h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "View"),
        ["Proposals", "Kept", "Gain", "kB", "Without it", "Kept"].map((name, place) => h("th", { class: "n" + (place === 3 ? " narrow" : ""), scope: "col" }, name)))),
      h("tbody", {}, figures.views.map((line) => h("tr", {},
        h("td", {}, words(line.view)), h("td", { class: "n" }, count(line.proposals)), h("td", { class: "n" }, count(line.kept)),
        h("td", { class: "n" }, line.gain ? score(String(line.gain)) : "–"), h("td", { class: "n narrow" }, count(Math.round(line.bytes / 1000))),
        h("td", { class: "n" }, count(line.other_proposals)), h("td", { class: "n" }, count(line.other_kept)))))),
      h("p", { class: "soft" }, gaps, "What went together, not what was the cause: a view that every session begins with has seen every gain."));
  }

  drawWork(view) {
    const live = view.queued_jobs !== undefined && view.queued_jobs !== null;
    const uses = new Map(view.runners.map((runner) => [runner.name.split("#").pop(), runner]));
    const hosts = (view.hosts || []).map((host) => h("section", { class: "host" },
      h("div", {}, h("b", {}, host.name), " ",
        h("span", { class: "tag " + ({ active: "keep", quarantined: "failed" }[host.state] || "unverified"), title: host.reason }, host.state),
        host.labels.map((label) => [" ", h("span", { class: "tag" }, label)])),
      host.reason ? h("p", { class: "soft" }, host.reason) : null,
      h("ul", { class: "slots" }, host.slots.map((slot) => h("li", {},
        glyph(slot.phase ? "waiting" : "discarded"), h("span", {}, slot.name.split("/").pop() || slot.name),
        h("span", { class: "soft" }, slot.is_silent ? "not heard of" : slot.phase ? [slot.phase, slot.trial === undefined || slot.trial === null ? " for another run" : [" of ", trialLink(this.run, slot.trial, `trial ${slot.trial}`)], slot.gpus ? `, ${plural(slot.gpus, "GPU")}` : ""] : "waits for work")))),
      host.gpus.length ? h("p", { class: "soft num", title: host.gpus.map((gpu) => `${gpu.uuid} ${gpu.model}, ${bytes(gpu.memory_bytes)}`).join("\n") },
        `${plural(host.gpus.reduce((sum, gpu) => sum + (gpu.number ?? 1), 0), "GPU")}: ${count(host.gpus_held)} held, ${count(host.gpus_free)} free`,
        host.kept_for ? `, kept for a job with ${host.kept_for}` : "") : null,
      host.gpus.filter((gpu) => gpu.out_of_service).map((gpu) => h("p", { class: "tag unverified" }, `${gpu.uuid} is out of service: ${gpu.out_of_service}`)),
      h("p", { class: "soft num" }, plural(host.jobs_done, "job"), " done",
        host.failures ? `, ${count(host.failures)} failed${host.failures_alone ? `, ${count(host.failures_alone)} of them here only` : ""}` : "")));
    replace(this.work,
      live ? h("dl", {}, h("dt", {}, "Jobs running"), h("dd", { class: "num" }, view.leased_jobs),
        h("dt", {}, "Jobs waiting"), h("dd", { class: "num" }, view.queued_jobs),
        view.hardware ? [h("dt", {}, "Measured on"), h("dd", {}, view.hardware)] : null,
        hosts.length ? null : [h("dt", {}, "Slots connected"), h("dd", { class: "num" }, view.runners_connected ?? 0)]) : h("p", { class: "soft" }, view.state === "imported" ? "Imported: who ran it is not in the record." : "The run's services are down."),
      (view.unmet || []).map((text) => h("p", { class: "tag unverified" }, text)),
      hosts,
      uses.size ? h("table", {},
        h("thead", {}, h("tr", {}, h("th", {}, "Measured by"), h("th", { class: "n" }, "Phases"), h("th", { class: "n" }, "CPU time"))),
        h("tbody", {}, [...uses].map(([name, runner]) => h("tr", {}, h("td", {}, name), h("td", { class: "n" }, count(runner.phases)), h("td", { class: "n" }, seconds(runner.cpu_seconds)))))) : null);
  }
}
