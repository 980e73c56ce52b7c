/* Views by address, and changes as they come. */

class App {
  constructor() {
    this.source = new Source();
    this.main = document.getElementById("main");
    this.chooser = document.getElementById("run");
    this.chosen = 0;
    this.pending = false;
  }

  get run() { return this.source.runs[this.chosen]; }

  async start() {
    try {
      await this.useToken();
      await this.source.open();
    } catch (error) {
      if (error.status === 401) return this.askForToken();
      replace(this.main, h("p", { class: "empty", role: "alert" }, `The record could not be read: ${error.message}`));
      return;
    }
    this.views = {
      overview: new OverviewView(this), tree: new TreeView(this), trials: new TableView(this), trial: new TrialView(this),
      compare: new CompareView(this),
    };
    replace(this.chooser, this.source.runs.map((run, index) => h("option", { value: index }, run.view.task === run.view.folder ? run.view.task : `${run.view.task} · ${run.view.folder}`)));
    this.chooser.addEventListener("change", () => { this.choose(Number(this.chooser.value)); this.route(); });
    this.source.listeners.add((index, changed) => this.changed(index, changed));
    addEventListener("hashchange", () => this.route(true));
    addEventListener("keydown", (event) => this.keydown(event));
    this.route();
  }

  choose(index) {
    this.chosen = index;
    this.chooser.value = String(index);
  }

  /* A token in the address becomes a cookie that scripts cannot read, and leaves the address. */
  async useToken(given) {
    const token = given || (location.hash.startsWith("#token=") ? location.hash.slice(7) : null);
    if (!token) return;
    history.replaceState(null, "", location.pathname);
    const response = await fetch("/api/session", { headers: { Authorization: `Bearer ${token}` }, credentials: "same-origin" });
    if (!response.ok) throw Object.assign(new Error("the token is not the right one"), { status: 401 });
  }

  askForToken() {
    const input = h("input", { type: "password", "aria-label": "Token", autocomplete: "off", required: true });
    const note = h("p", { class: "soft", role: "alert" });
    const form = h("form", { on: { submit: async (event) => {
      event.preventDefault();
      try {
        await this.useToken(input.value.trim());
        location.reload();
      } catch (error) {
        note.textContent = error.message;
      }
    } } }, input, h("button", { class: "button" }, "Open"));
    replace(this.main, h("section", { class: "card gate" }, h("div", { class: "body" },
      h("h1", {}, "Token"), h("p", { class: "soft" }, "`assay dashboard` printed an address with a token. Open that address, or give the token here."), form, note)));
    input.focus();
  }

  async route(moved) {
    const [path, query] = location.hash.replace(/^#/, "").split("?");
    const parts = path.split("/").filter(Boolean);
    const name = parts[0] || "overview";
    const turn = this.turn = (this.turn || 0) + 1;
    tip.hide();
    for (const link of document.querySelectorAll("#tabs a")) {
      const isHere = link.dataset.view === name || (name === "trial" && link.dataset.view === "trials");
      if (isHere) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
    this.drawState();
    let node;
    if (name === "trial") {
      node = await this.views.trial.show(this.run, this.chosen, Number(parts[1]));
    } else if (name === "compare") {
      node = this.views.compare.show();
    } else if (this.views[name]) {
      node = this.views[name].show(this.run, query ? new URLSearchParams(query) : null);
    } else {
      node = h("p", { class: "empty" }, "There is no such view.");
    }
    /* A slower answer to an older question is not shown. */
    if (turn !== this.turn) return;
    if (this.main.firstChild !== node || this.main.childNodes.length > 1) replace(this.main, node);
    this.here = { name, trial: name === "trial" ? Number(parts[1]) : null };
    const title = name === "trial" ? `Trial ${parts[1]}` : name[0].toUpperCase() + name.slice(1);
    document.title = `${title} · ${this.run.view.task} · Assay`;
    if (moved) { scrollTo(0, 0); this.main.focus({ preventScroll: true }); }
  }

  drawState() {
    const pill = document.getElementById("state");
    const { view } = this.run;
    const name = this.source.connected ? view.state : "lost";
    const text = !this.source.connected ? "connection lost, trying again" : !this.source.isLive
      ? `report of ${clock(this.source.embedded.generated_ms)}` : view.phase && view.state === "running" ? view.phase : view.state;
    if (pill.textContent === text && pill.classList.contains(name)) return;
    pill.className = "pill " + name;
    pill.textContent = text;
  }

  changed(index, trials) {
    if (index !== null && index !== this.chosen && this.here?.name !== "compare") return;
    if (this.pending) { this.pendingTrials.push(...trials); return; }
    this.pending = true;
    this.pendingTrials = [...trials];
    requestAnimationFrame(() => {
      this.pending = false;
      this.drawState();
      const here = this.here;
      if (!here) return;
      if (here.name === "trial") {
        if (this.pendingTrials.includes(here.trial)) this.route();
      } else if (here.name === "overview") {
        this.views.overview.refresh();
        this.views.overview.drawChart();
      } else {
        this.views[here.name].refresh();
      }
    });
  }

  keydown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const views = { 1: "#/", 2: "#/tree", 3: "#/trials", 4: "#/compare" };
    if (views[event.key]) location.hash = views[event.key];
    else if (event.key === "/") {
      const field = this.main.querySelector("input[type=search]");
      if (!field) { location.hash = "#/trials"; return; }
      field.focus();
    } else if (this.here?.name === "trial" && (event.key === "[" || event.key === "]")) {
      const next = this.here.trial + (event.key === "]" ? 1 : -1);
      if (this.run.rows.has(next)) location.hash = `#/trial/${next}`;
    } else return;
    event.preventDefault();
  }
}

const app = new App();
app.start();
