/* Kept, and not taken back. */
function isKept(row) { return row.label === "keep" && row.state !== "revoked"; }

function nobody(name) {
  return { name, trials: 0, kept: 0, failed: 0, waiting: 0, cpu: 0, gain: 0, tokens: 0, dollars: 0, unpriced: 0 };
}

function tokensOf(model) {
  return model.input_tokens + model.output_tokens + model.cache_read_tokens + model.cache_write_tokens;
}

/* The record in memory: rows by trial, and what follows from them. */

class Run {
  constructor(view) {
    this.view = view;
    this.rows = new Map();
    this.version = 0;
    this.derived = null;
  }

  take(columns) {
    const { specialists, labels, states, motives } = columns;
    for (let i = 0; i < columns.trial.length; i++) {
      this.rows.set(columns.trial[i], {
        trial: columns.trial[i], parent: columns.parent[i] ?? null, specialist: specialists[columns.specialist[i]],
        label: labels[columns.label[i]], state: states[columns.state[i]], motive: motives[columns.motive[i]],
        score: columns.score[i] ?? null, value: columns.score[i] === null ? NaN : Number(columns.score[i]),
        delta: columns.delta[i] ?? null, noise: columns.noise[i] ?? null, seconds: columns.seconds[i],
        cpu: columns.cpu_seconds[i], memory: columns.memory_bytes[i], artifact: columns.artifact_bytes[i],
        submitted: columns.submitted_ms[i], decided: columns.decided_ms[i] ?? null,
        hypothesis: columns.hypothesis[i], reason: columns.reason[i], repeats: columns.repeats?.[i] ?? null,
        revokedAncestor: columns.revoked_ancestor?.[i] ?? null, barred: columns.barred?.[i] ?? false,
      });
    }
    this.derived = null;
  }

  get facts() { return this.derived || (this.derived = this.derive()); }

  isBetter(a, b) { return this.view.minimize ? a < b : a > b; }

  derive() {
    const all = [...this.rows.values()].sort((a, b) => a.trial - b.trial);
    const ordered = all.filter((row) => row.decided !== null)
      .sort((a, b) => a.decided - b.decided || a.trial - b.trial);
    const children = new Map();
    for (const row of all) {
      if (row.parent === null || row.parent === row.trial) continue;
      if (!children.has(row.parent)) children.set(row.parent, []);
      children.get(row.parent).push(row.trial);
    }
    const start = this.view.started_ms || (all.length ? all[0].submitted : 0);
    /* A line of the best so far: each step is a trial that was kept. */
    const steps = [];
    const points = [];
    let cpu = 0;
    let noise = null;
    let number = 0;
    for (const row of ordered) {
      cpu += row.cpu;
      const place = { row, trials: number, wall: Math.max(0, (row.decided - start) / 1000), cpu };
      number += 1;
      if (row.noise !== null) noise = Number(row.noise);
      points.push(place);
      if ((row.state === "baseline" || isKept(row)) && !row.barred) {
        steps.push({ ...place, value: row.value, noise });
      }
    }
    /* The width that counts at the end is the one a trial has to beat now. */
    const margin = this.view.keep_margin === null || this.view.keep_margin === undefined
      ? noise : Number(this.view.keep_margin);
    const lineage = new Set();
    let next = this.view.best;
    while (next !== null && next !== undefined && !lineage.has(next)) {
      lineage.add(next);
      next = this.rows.get(next)?.parent;
    }
    const specialists = new Map();
    for (const row of all) {
      if (row.state === "baseline") continue;
      const entry = specialists.get(row.specialist) || nobody(row.specialist);
      entry.trials += 1;
      entry.cpu += row.cpu;
      if (isKept(row)) { entry.kept += 1; entry.gain += Math.abs(Number(row.delta || 0)); }
      if (row.state === "failed") entry.failed += 1;
      if (row.label === "in_flight") entry.waiting += 1;
      specialists.set(row.specialist, entry);
    }
    for (const model of this.view.models || []) {
      const entry = specialists.get(model.specialist) || nobody(model.specialist);
      entry.tokens += tokensOf(model);
      entry.dollars += model.dollars;
      entry.unpriced += model.unpriced;
      specialists.set(model.specialist, entry);
    }
    const labels = new Map();
    for (const row of all) {
      const name = row.state === "revoked" ? "revoked" : row.state === "withdrawn" ? "withdrawn" : row.state === "provisional" ? "provisional" : row.label;
      labels.set(name, (labels.get(name) || 0) + 1);
    }
    const baseline = this.rows.get(0);
    const best = this.view.best === null || this.view.best === undefined ? null : this.rows.get(this.view.best);
    return {
      all, ordered, points, steps, children, start, margin, lineage, labels, baseline, best, cpu,
      specialists: [...specialists.values()].sort((a, b) => b.gain - a.gain || b.trials - a.trials),
      end: ordered.length ? Math.max(0, (ordered[ordered.length - 1].decided - start) / 1000) : 0,
    };
  }

  ancestors(trial) {
    const chain = [];
    const seen = new Set();
    let next = trial;
    while (next !== null && next !== undefined && !seen.has(next)) {
      seen.add(next);
      chain.unshift(next);
      next = this.rows.get(next)?.parent;
    }
    return chain;
  }
}

/* Where the record comes from: blocks inside this file, or the server that sent it. */
class Source {
  constructor() {
    const block = document.getElementById("record");
    this.embedded = block ? JSON.parse(block.textContent) : null;
    this.runs = [];
    this.epoch = "";
    this.listeners = new Set();
    this.connected = true;
    this.pages = new Map();
  }

  get isLive() { return this.embedded === null; }

  async open() {
    if (this.embedded) {
      this.runs = this.embedded.runs.map((view, index) => {
        const run = new Run(view);
        run.take(this.embedded.columns[index]);
        return run;
      });
      return;
    }
    const { epoch, runs } = await this.ask("/api/runs");
    this.epoch = epoch;
    this.runs = runs.map((view) => new Run(view));
    await Promise.all(this.runs.map(async (run, index) => {
      const answer = await this.ask(`/api/runs/${index}/trials`);
      run.view = answer.view;
      run.version = answer.version;
      run.take(answer.columns);
    }));
    this.follow();
  }

  async ask(path) {
    const response = await fetch(path, { credentials: "same-origin", cache: "no-store" });
    if (!response.ok) {
      const answer = await response.json().catch(() => ({}));
      const failure = new Error(answer.error || `the server answered ${response.status}`);
      failure.status = response.status;
      throw failure;
    }
    return response.json();
  }

  follow() {
    const seen = [this.epoch, ...this.runs.map((run) => run.version)].join(".");
    const events = new EventSource("/api/events?after=" + encodeURIComponent(seen));
    events.onopen = () => this.setConnected(true);
    events.onerror = () => this.setConnected(false);
    events.addEventListener("reload", () => location.reload());
    events.onmessage = (event) => {
      const update = JSON.parse(event.data);
      const run = this.runs[update.run];
      if (!run) return;
      run.version = update.version;
      if (update.view) { run.view = update.view; run.derived = null; }
      const changed = update.columns.trial;
      run.take(update.columns);
      for (const trial of changed) this.pages.delete(`${update.run}/${trial}`);
      for (const listener of this.listeners) listener(update.run, changed);
    };
  }

  setConnected(connected) {
    if (this.connected === connected) return;
    this.connected = connected;
    for (const listener of this.listeners) listener(null, []);
  }

  /* Everything of one trial; null when this file leaves it out. */
  async page(run, trial) {
    if (this.embedded) {
      const block = document.getElementById(`trial-${run}-${trial}`);
      return block ? JSON.parse(block.textContent) : null;
    }
    const key = `${run}/${trial}`;
    if (!this.pages.has(key)) {
      const page = await this.ask(`/api/runs/${run}/trials/${trial}`);
      if (this.pages.size > 200) this.pages.clear();
      /* What may still be proven is asked for again. */
      if (page.proof.state !== "verified") return page;
      this.pages.set(key, page);
    }
    return this.pages.get(key);
  }
}
