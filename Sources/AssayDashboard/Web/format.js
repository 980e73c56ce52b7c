/* Numbers, times and words as people read them. */

const labelWords = {
  baseline: "baseline", keep: "keep", discard: "discard", crash: "crash", preflight_crash: "preflight crash",
  size_blocked: "size blocked", train_budget_overrun: "train budget overrun", eval_budget_overrun: "eval budget overrun",
  disqualified: "disqualified", illegal: "illegal", harness_abort: "harness abort", in_flight: "in flight", revoked: "revoked",
};

function words(name) { return labelWords[name] || String(name).replaceAll("_", " "); }

/* A score keeps its digits; only more than six after the point are cut. */
function score(text) {
  if (text === null || text === undefined || text === "") return "–";
  const value = Number(text);
  if (!Number.isFinite(value)) return String(text).slice(0, 24);
  return shortNumber(value, 6);
}

function shortNumber(value, digits) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(3);
  const text = value.toFixed(size >= 1000 ? 2 : digits);
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}

function signed(text) {
  if (text === null || text === undefined || text === "") return "";
  const value = Number(text);
  return (value > 0 ? "+" : value < 0 ? "−" : "") + shortNumber(Math.abs(value), 6);
}

function seconds(value) {
  if (!Number.isFinite(value)) return "–";
  if (value < 10) return value.toFixed(value < 1 ? 2 : 1) + " s";
  if (value < 120) return Math.round(value) + " s";
  if (value < 7200) return Math.round(value / 60) + " min";
  if (value < 172800) return (value / 3600).toFixed(1) + " h";
  return (value / 86400).toFixed(1) + " d";
}

function bytes(value) {
  if (!value) return "–";
  if (value < 1000) return value + " B";
  if (value < 1e6) return (value / 1e3).toFixed(value < 1e4 ? 1 : 0) + " kB";
  if (value < 1e9) return (value / 1e6).toFixed(value < 1e7 ? 1 : 0) + " MB";
  return (value / 1e9).toFixed(1) + " GB";
}

function count(value) { return Number(value).toLocaleString("en"); }

/* What requests cost; those to a model without a price are told as such. */
function dollars(entry) {
  if (!entry.dollars && entry.unpriced) return "no price";
  if (!entry.dollars) return "–";
  return "$" + entry.dollars.toFixed(entry.dollars < 1 ? 4 : 2) + (entry.unpriced ? " +" : "");
}

function plural(value, one, many) { return count(value) + " " + (value === 1 ? one : many || one + "s"); }

function clock(milliseconds) {
  if (!milliseconds) return "–";
  return new Date(milliseconds).toLocaleString(undefined, {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
}

function timeOfDay(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function day(milliseconds) {
  return new Date(milliseconds).toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });
}

/* The steps of an axis: 1, 2 or 5 times a power of ten. */
function niceTicks(low, high, wanted) {
  if (!(high > low)) return [low];
  const raw = (high - low) / Math.max(1, wanted);
  const power = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw);
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high + step * 1e-9; k++) ticks.push(k * step);
  return ticks;
}

function tickText(value, step) {
  if (value === 0) return "0";
  const digits = Math.max(0, Math.min(8, -Math.floor(Math.log10(step) + 1e-9)));
  return Math.abs(value) >= 1e6 ? shortNumber(value, 3) : value.toFixed(digits);
}
