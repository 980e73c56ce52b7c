/* One trial: what was tried, what it changed, what was measured, and what proves it. */

class TrialView {
  constructor(app) { this.app = app; }

  async show(run, index, trial) {
    const row = run.rows.get(trial);
    if (!row) return h("p", { class: "empty" }, `There is no trial ${trial} in this run.`);
    let page = null;
    let failure = null;
    try {
      page = await this.app.source.page(index, trial);
    } catch (error) {
      failure = error.message;
    }
    const children = run.facts.children.get(trial) || [];
    const chain = run.ancestors(trial);
    return h("article", { class: "grid" },
      h("div", {},
        h("nav", { class: "crumbs", "aria-label": "Ancestors" },
          chain.length > 9 ? [trialLink(run, chain[0]), "›", "…", "›"] : null,
          chain.slice(-8).map((number, at) => [at ? "›" : null,
            number === trial ? h("span", { "aria-current": "page" }, String(number)) : trialLink(run, number)])),
        h("div", { class: "trialhead" },
          h("h1", {}, `Trial ${trial}`), stateTag(row),
          run.view.best === trial ? h("span", { class: "tag keep" }, "best so far") : null,
          row.revokedAncestor !== null ? h("a", { class: "tag unverified", href: `#/trial/${row.revokedAncestor}` }, `descends from revoked trial ${row.revokedAncestor}${row.barred ? ": cannot be the best" : ""}`) : null,
          row.repeats !== null ? h("a", { class: "tag unverified", href: `#/trial/${row.repeats}` }, `same change as trial ${row.repeats}`) : null,
          (run.view.orphans || []).some((orphan) => orphan.trial === trial) ? h("span", { class: "tag unverified" }, "orphaned: the best recipe lacks it") : null,
          h("span", { class: "soft" }, row.specialist || "the task's own recipe"),
          h("span", { class: "nav" },
            this.jump("‹ Previous", trial - 1, run), this.jump("Next ›", trial + 1, run)))),
      this.figures(run, row),
      failure ? h("p", { class: "empty" }, `Its page could not be read: ${failure}`) : null,
      !page && !failure ? card("Not in this file", null,
        h("p", {}, "This report leaves out the page of this trial to stay small. Where the run is: "), this.command(`assay show ${trial}`)) : null,
      page?.revocation ? this.revocation(page.revocation) : null,
      page ? this.words(row, page) : null,
      page ? this.diff(run, row, page) : null,
      page ? h("div", { class: "grid split" }, this.verdict(run, row, page), this.proof(run, index, row, page)) : null,
      page?.usage.length ? this.budgets(page) : null,
      page?.provenance?.length ? this.provenance(page) : null,
      page?.log ? card("Log", "the recipe's own output: not evidence", h("pre", { class: "log", tabindex: "0" }, page.log)) : null,
      children.length ? card(plural(children.length, "trial was", "trials were") + " edited from this one", null,
        h("ul", { class: "feed" }, children.slice(-40).reverse().map((number) => feedItem(run, run.rows.get(number))))) : null);
  }

  jump(text, trial, run) {
    return run.rows.has(trial)
      ? h("a", { class: "button", href: `#/trial/${trial}` }, text)
      : h("button", { class: "button", type: "button", disabled: true }, text);
  }

  figures(run, row) {
    const figure = (name, value, sub) => h("div", { class: "figure" },
      h("div", { class: "name" }, name), h("div", { class: "value" }, value), h("div", { class: "sub" }, sub || " "));
    return h("div", { class: "figures" },
      figure("Score", score(row.score), run.view.unit),
      figure("Against the incumbent", signed(row.delta) || "–",
        row.noise !== null ? `noise ±${score(row.noise)}` : run.view.minimize ? "lower is better" : "higher is better"),
      figure("Edited from", row.parent === null ? "–" : trialLink(run, row.parent, `trial ${row.parent}`), row.motive || " "),
      figure("CPU time", seconds(row.cpu), `${seconds(row.seconds)} on runners`),
      figure("Memory", bytes(row.memory), row.artifact ? `artifact ${bytes(row.artifact)}` : " "),
      figure("Decided", row.decided ? timeOfDay(row.decided) : "not yet", row.decided ? `${day(row.decided)}, after ${seconds((row.decided - row.submitted) / 1000)}` : `submitted ${clock(row.submitted)}`));
  }

  words(row, page) {
    if (!page.hypothesis && !page.notes) return null;
    return card("Hypothesis", `the words of ${page.submitted_by || row.specialist || "the task's author"}`,
      h("blockquote", {}, page.hypothesis),
      page.expected_delta ? h("p", { class: "soft" }, `expected change of the score: ${page.expected_delta}`) : null,
      page.notes ? h("p", { class: "soft" }, page.notes) : null);
  }

  verdict(run, row, page) {
    const facts = [];
    const fact = (name, ...value) => facts.push(h("dt", {}, name), h("dd", {}, value));
    fact("Label", words(row.label));
    if (page.recorded_as) fact("Recorded as", page.recorded_as);
    if (page.flags?.length) fact("Flagged", page.flags.map((text) => h("div", {}, text)));
    if (page.reason) fact("Reason", page.reason);
    if (page.rule) fact("Rule", page.rule, page.rule_version ? ` (rules version ${page.rule_version})` : "");
    if (page.evidence) fact("Evidence", h("pre", {}, page.evidence));
    if (page.incumbent_then !== undefined && page.incumbent_then !== null && row.trial !== 0) {
      fact("Incumbent then", trialLink(run, page.incumbent_then, `trial ${page.incumbent_then}`));
    }
    if (page.seed_scores.length > 1) fact("Seeds", h("span", { class: "num" }, page.seed_scores.map((text) => score(text)).join("  ")));
    if (page.snapshot) fact("Recipe", h("span", { class: "mono" }, page.snapshot.slice(0, 16) + "…"));
    return card("Verdict", page.recorded_as ? "as somebody wrote it down" : row.decided ? "decided by the evaluator alone" : "still open",
      h("dl", {}, facts), seedStrip(page, row, run));
  }

  revocation(note) {
    const facts = [];
    const fact = (name, ...value) => facts.push(h("dt", {}, name), h("dd", {}, value));
    fact("Reason", note.reason);
    if (note.rule) fact("Rule", note.rule, ` (rules version ${note.rules_version})`);
    if (note.evidence) fact("Evidence", h("pre", {}, note.evidence));
    fact("Asked for by", note.requested_by, note.rule ? ", in an audit" : "");
    fact("When", clock(note.revoked_ms));
    fact("Signed by", note.signed_by ? ["the run's evaluator, ", h("span", { class: "mono" }, note.signed_by)]
      : h("span", { class: "tag broken" }, "Broken: the run's evaluator did not sign this of this verdict"));
    return h("section", { class: "card notices", id: "revocation" },
      h("header", {}, h("h2", {}, "Revoked"), h("span", { class: "note" }, "the verdict below was taken back; it stays as it was signed")),
      h("div", { class: "body" }, h("dl", {}, facts),
        h("details", {}, h("summary", { class: "soft" }, "Signed statement"), h("pre", { class: "log" }, statement(note.envelope)))));
  }

  proof(run, index, row, page) {
    const { proof } = page;
    const explain = {
      verified: "Verified", unverified: "Not yet proven", broken: "Broken: do not believe it",
    };
    return card("Proof", null,
      h("div", { class: "proof" }, h("span", { class: "tag " + proof.state }, explain[proof.state] || proof.state), h("span", {}, proof.detail)),
      proof.command ? [h("p", { class: "soft" }, "Check it with a program of your own:"), this.command(proof.command)] : null,
      proof.state === "verified" && this.app.source.isLive
        ? h("p", {}, h("a", { class: "button", href: `/api/runs/${index}/trials/${row.trial}/proof`, download: `${row.trial}.proof` }, "Download the proof")) : null,
      page.envelope ? h("details", {}, h("summary", { class: "soft" }, "Signed statement"), h("pre", { class: "log" }, statement(page.envelope))) : null);
  }

  command(text) {
    const button = h("button", { class: "button", type: "button", on: { click: () => copyText(text, button) } }, "Copy");
    return h("div", { class: "command" }, h("code", {}, text), button);
  }

  budgets(page) {
    const meter = (used, limit) => (limit ? h("div", { class: "meter", title: `${Math.round((used / limit) * 100)} % of the limit` },
      h("i", { class: used > limit ? "over" : "", style: { width: Math.min(100, (used / limit) * 100) + "%" } })) : null);
    return card("Budgets", "measured by the runner, from outside the sandbox",
      h("div", { class: "scroll" }, h("table", {},
        h("thead", {}, h("tr", {}, ["Phase", "Seed", "CPU", "of limit", "Wall", "Memory", "Artifact", "of limit", "Runner"].map((name, at) =>
          h("th", { class: at > 1 && at < 8 && name !== "of limit" ? "n" : "", scope: "col" }, name)))),
        h("tbody", {}, page.usage.map((use) => h("tr", {},
          h("td", {}, use.phase), h("td", { class: "mono faint" }, use.seed), h("td", { class: "n" }, seconds(use.cpu_seconds)),
          h("td", {}, meter(use.cpu_seconds, use.cpu_limit_seconds)), h("td", { class: "n" }, seconds(use.wall_seconds)),
          h("td", { class: "n" }, bytes(use.memory_bytes)), h("td", { class: "n" }, bytes(use.artifact_bytes)),
          h("td", {}, meter(use.artifact_bytes, use.artifact_limit_bytes)), h("td", {}, use.runner)))))));
  }

  provenance(page) {
    return card("Hosts and software", "as the runners stated it, under signatures of their own",
      page.provenance.map((text, at) => {
        let statement = null;
        try { statement = JSON.parse(text); } catch (unreadable) { return h("pre", { class: "log" }, text); }
        const facts = [];
        flatten(statement.predicate?.buildDefinition?.internalParameters, "", facts);
        flatten(statement.predicate?.runDetails, "", facts);
        return h("details", { open: at === 0 },
          h("summary", {}, statement.predicate?.runDetails?.builder?.id || `statement ${at + 1}`),
          h("dl", {}, facts.slice(0, 60).map(([name, value]) => [h("dt", {}, name), h("dd", { class: "mono" }, value)])));
      }));
  }

  diff(run, row, page) {
    if (row.trial === 0) return null;
    if (!page.changes) {
      return page.edit ? card("Edit as submitted", "it led to no recipe that could be run", h("pre", { class: "log" }, page.edit)) : null;
    }
    if (!page.changes.length) return card("Changes", null, h("p", { class: "soft" }, "Nothing differs from the parent's recipe."));
    return card("Changes", `against trial ${row.parent}, between the recipes that were executed`,
      page.changes.map((file) => h("div", { class: "diff" },
        h("div", { class: "path" }, file.path, file.change === "modified" ? "" : ` (${file.change})`),
        file.hunks.map((hunk) => [
          h("div", { class: "hunk" }, `lines ${hunk.old_start} → ${hunk.new_start}`), sideBySide(hunk)]))));
  }
}

/* The leaves of a JSON value with their paths; bounded, since others wrote it. */
function flatten(value, path, found, depth = 0) {
  if (value === null || value === undefined || found.length > 200 || depth > 8) return;
  if (typeof value !== "object") { found.push([path, String(value)]); return; }
  for (const [name, part] of Object.entries(value)) flatten(part, path ? `${path} ${name}` : name, found, depth + 1);
}

/* The payload of a DSSE envelope, indented. */
function statement(envelope) {
  try {
    const payload = JSON.parse(envelope).payload;
    const raw = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return JSON.stringify(JSON.parse(new TextDecoder().decode(raw)), null, 2);
  } catch (unreadable) {
    return envelope;
  }
}

function sideBySide(hunk) {
  const rows = [];
  let [left, right] = [hunk.old_start, hunk.new_start];
  let [minus, plus] = [[], []];
  const flush = () => {
    for (let i = 0; i < Math.max(minus.length, plus.length); i++) {
      rows.push([minus[i] || null, plus[i] || null]);
    }
    [minus, plus] = [[], []];
  };
  for (const line of hunk.lines) {
    const [mark, text] = [line[0], line.slice(1)];
    if (mark === "-") minus.push({ at: left++, text, kind: "minus" });
    else if (mark === "+") plus.push({ at: right++, text, kind: "plus" });
    else { flush(); rows.push([{ at: left++, text, kind: "" }, { at: right++, text, kind: "" }]); }
  }
  flush();
  return rows.map(([old, fresh]) => {
    const [a, b] = old && fresh && old.kind ? changedParts(old.text, fresh.text) : [old?.text, fresh?.text];
    const side = (line, text) => (line
      ? h("div", { class: "side " + line.kind }, h("span", { class: "at" }, String(line.at)), h("span", { class: "text" }, text))
      : h("div", { class: "side gap", "aria-hidden": "true" }, h("span", { class: "at" }), h("span", {})));
    return h("div", { class: "sides" + (old && fresh && !old.kind ? " same" : "") }, side(old, a), side(fresh, b));
  });
}

/* What differs between two lines: all but their common beginning and end. */
function changedParts(a, b) {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  /* Words are marked whole. */
  const isWord = (character) => /[\w.]/.test(character || "");
  while (start > 0 && isWord(a[start - 1]) && (isWord(a[start]) || isWord(b[start]))) start--;
  while (end > 0 && isWord(a[a.length - end]) && (isWord(a[a.length - end - 1]) || isWord(b[b.length - end - 1]))) end--;
  if (start + end < Math.min(a.length, b.length) * .25) return [a, b];
  const part = (text) => [text.slice(0, start), h("mark", {}, text.slice(start, text.length - end)), text.slice(text.length - end)];
  return [part(a), part(b)];
}
