// The score while one works: the same arithmetic as the server's, in exact fractions. The server scores again
// when the checklist is submitted; a test holds the two against each other.
//
// spec: { scoring: {method, full, total, places, rescale, floor, pass}, grades: [{title, from}] from the best,
//         sections: [{id, weight, items: [{id, answer, worth, best, counts, points, per_unit, min, max, expect,
//         required, not_applicable, critical, limit: {op, low, high}, shares, fails, evidence, fail_evidence}]}] }
// answers: { item: {answer, na, remark, photos} } - all figures are decimal texts.

const gcd = (a, b) => {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y) [x, y] = [y, x % y];
  return x || 1n;
};
const ratio = (n, d = 1n) => {
  const g = gcd(n, d);
  return { n: n / g, d: d / g };
};
export const decimal = (text) => {
  const found = /^\s*([+-]?)(\d*)(?:\.(\d*))?\s*$/.exec(String(text ?? ""));
  if (!found || !(found[2] || found[3])) return null;
  const digits = BigInt(found[2] + (found[3] ?? ""));
  return ratio(found[1] === "-" ? -digits : digits, 10n ** BigInt((found[3] ?? "").length));
};
const ZERO = ratio(0n);
const ONE = ratio(1n);
const add = (a, b) => ratio(a.n * b.d + b.n * a.d, a.d * b.d);
const sub = (a, b) => ratio(a.n * b.d - b.n * a.d, a.d * b.d);
const mul = (a, b) => ratio(a.n * b.n, a.d * b.d);
const div = (a, b) => (b.n < 0n ? ratio(-a.n * b.d, a.d * -b.n) : ratio(a.n * b.d, a.d * b.n));
const less = (a, b) => a.n * b.d < b.n * a.d;
const same = (a, b) => a.n === b.n && a.d === b.d;
// Values of one denominator are added as they are: a long list has few of them.
const total = (values) => {
  const sums = new Map();
  for (const { n, d } of values) sums.set(d, (sums.get(d) ?? 0n) + n);
  return [...sums].map(([d, n]) => ratio(n, d)).reduce(add, ZERO);
};
const floor = ({ n, d }) => (n < 0n && n % d ? n / d - 1n : n / d);
const ceiling = ({ n, d }) => -floor({ n: -n, d });
const or = (value, other) => (value === null || value === undefined ? other : value);

// Halves away from zero, always with `places` decimals.
function rounded(value, places) {
  const scale = 10n ** BigInt(places);
  const size = value.n < 0n ? -value.n : value.n;
  const whole = (2n * size * scale + value.d) / (2n * value.d);
  const digits = whole.toString().padStart(places + 1, "0");
  const text = places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
  return value.n < 0n && whole > 0n ? `-${text}` : text;
}

// --- one answer

function holds(limit, value) {
  const low = decimal(limit.low);
  const high = decimal(limit.high);
  const above = low === null || less(low, value) || (same(low, value) && limit.op !== "gt");
  const below = high === null || less(value, high) || (same(high, value) && limit.op !== "lt");
  return above && below;
}

// The answer in the form of its kind, or null where there is none that counts.
export function read(item, given) {
  if (given.na) return null;
  if (item.answer === "photo") {
    const least = Math.max(1, Number(or(item.min, 1)));
    return given.photos >= least && (item.max === null || given.photos <= Number(item.max)) ? String(given.photos) : null;
  }
  if (!given.answer) return null;
  if (["pass_fail", "yes_no", "text"].includes(item.answer)) return given.answer;
  if (item.answer === "choice") return given.answer in item.shares ? given.answer : null;
  const value = decimal(given.answer);
  if (value === null) return null;
  const low = item.min !== null ? decimal(item.min) : item.answer === "number" ? null : ZERO;
  const high = item.answer === "score" ? decimal(item.best) : decimal(item.max);
  if ((low && less(value, low)) || (high && less(high, value))) return null;
  return item.answer === "count" && value.d !== 1n ? null : given.answer.trim();
}

function judge(item, value) {
  const verdict = (passed, share = passed ? ONE : ZERO, lost = null) => ({ state: passed ? "passed" : "failed", share, lost });
  const number = decimal(value);
  switch (item.answer) {
    case "pass_fail":
      return verdict(value === "pass");
    case "yes_no":
      return verdict(value === item.expect);
    case "choice":
      return verdict(!item.fails.includes(value), decimal(item.shares[value]));
    case "score": {
      const best = decimal(item.best);
      const failed = item.limit ? !holds(item.limit, number) : !less(or(decimal(item.min), ZERO), number);
      return verdict(!failed, best && best.n ? div(number, best) : ZERO);
    }
    case "number":
    case "count":
      return judgeFigure(item, number, verdict);
    default:
      return { state: "recorded", share: ONE, lost: null };
  }
}

function judgeFigure(item, number, verdict) {
  if (!item.limit && item.answer === "number") return { state: "recorded", share: ONE, lost: null };
  const passed = item.limit ? holds(item.limit, number) : number.n === 0n;
  if (passed || item.per_unit === null) return verdict(passed);
  let lost = mul(outside(item, number), decimal(item.per_unit));
  const points = decimal(item.points);
  if (points && less(points, lost)) lost = points;
  return verdict(false, points && points.n > 0n ? sub(ONE, div(lost, points)) : ZERO, lost);
}

// How far it lies outside: a count from the nearest whole number that keeps the limit, another figure from the bound.
function outside(item, number) {
  let low = item.limit ? decimal(item.limit.low) : ZERO;
  let high = item.limit ? decimal(item.limit.high) : ZERO;
  if (item.answer === "count" && item.limit) {
    if (low) low = ratio(item.limit.op === "gt" ? floor(low) + 1n : ceiling(low));
    if (high) high = ratio(item.limit.op === "lt" ? ceiling(high) - 1n : floor(high));
  }
  if (low && less(number, low)) return sub(low, number);
  return high && less(high, number) ? sub(number, high) : ONE;
}

// --- all answers

const METHODS = {
  deduct(spec, counted) {
    const base = total(counted.map((one) => one.worth));
    const lost = total(counted.map((one) => sub(one.worth, one.earned)));
    const full = decimal(spec.scoring.full);
    if (!full && base.n === 0n) return null;
    if (!spec.scoring.rescale || base.n <= 0n) return sub(full ?? base, lost);
    return mul(full ?? decimal(spec.scoring.total), sub(ONE, div(lost, base)));
  },
  sum(spec, counted) {
    const base = total(counted.map((one) => one.worth));
    const earned = total(counted.map((one) => one.earned));
    if (base.n === 0n && earned.n === 0n) return null;
    if (!spec.scoring.rescale || base.n <= 0n) return earned;
    return div(mul(decimal(spec.scoring.full) ?? decimal(spec.scoring.total), earned), base);
  },
  pass_rate(spec, counted) {
    const passed = counted.filter((one) => one.passed).length;
    return mul(decimal(spec.scoring.full) ?? ratio(100n), ratio(BigInt(passed), BigInt(counted.length)));
  },
  weighted(spec, counted) {
    const shares = new Map();
    for (const [id, items] of bySection(counted)) {
      const worth = total(items.map((one) => one.worth));
      if (worth.n > 0n) shares.set(id, div(total(items.map((one) => one.earned)), worth));
    }
    return byWeight(spec, shares, decimal(spec.scoring.full) ?? ratio(100n));
  },
  average(spec, counted) {
    const full = decimal(spec.scoring.full);
    const sections = bySection(counted);
    const weighted = spec.sections.some((one) => sections.has(one.id) && one.weight !== null);
    const share = (one) => (one.worth.n > 0n ? div(one.earned, one.worth) : one.passed ? ONE : ZERO);
    const mean = (items) => div(total(items.map((one) => (full ? share(one) : one.earned))), ratio(BigInt(items.length)));
    if (!weighted) return mul(mean(counted), full ?? ONE);
    return byWeight(spec, new Map([...sections].map(([id, items]) => [id, mean(items)])), full ?? ONE);
  },
};

function bySection(counted) {
  const sections = new Map();
  for (const one of counted) {
    if (!sections.has(one.section)) sections.set(one.section, []);
    sections.get(one.section).push(one);
  }
  return sections;
}

function byWeight(spec, values, scale) {
  const weight = (id) => decimal(spec.sections.find((one) => one.id === id).weight) ?? ONE;
  const base = total([...values.keys()].map(weight));
  if (base.n === 0n) return null;
  return mul(div(total([...values].map(([id, value]) => mul(value, weight(id)))), base), scale);
}

function contribution(item, section, verdict) {
  const worth = decimal(item.worth) ?? ZERO;
  let earned = mul(worth, verdict.share);
  if (verdict.lost && item.points === null) earned = sub(worth, verdict.lost);
  return { section, worth, earned, passed: verdict.state !== "failed" };
}

// What one answer comes to is worked out once: an answer is never changed, another one takes its place.
const known = new WeakMap();

function lineOf(item, section, given) {
  const line = known.get(given);
  if (line?.item === item) return line;
  const value = read(item, given);
  const skipped = given.na && item.not_applicable;
  const verdict = skipped || value === null ? null : judge(item, value);
  const failed = verdict?.state === "failed";
  const wanted = verdict ? [...item.evidence, ...(failed ? item.fail_evidence : [])] : [];
  const made = {
    item,
    value,
    complete: Boolean(verdict || skipped || !(item.required || given.answer)),
    vetoed: failed && item.critical,
    counted: verdict && item.counts ? contribution(item, section, verdict) : null,
    shown: { answered: Boolean(verdict) || skipped, failed, evidence: lacking([...new Set(wanted)], given) },
  };
  known.set(given, made);
  return made;
}

// Which items are asked: conditions see only the answers to items that are asked themselves. Items that are asked
// by the score (`late`) come last: it is the score of all the others.
export function askedItems(spec, answers, conditions) {
  const all = spec.sections.flatMap((section) => section.items.map((item) => ({ section: section.id, item })));
  const early = all.filter(({ item }) => !item.late);
  const first = settledItems(spec, early, answers, conditions, null);
  if (early.length === all.length) return first;
  return settledItems(spec, all, answers, conditions, score(spec, answers, first).score);
}

function settledItems(spec, all, answers, conditions, points) {
  const asked = new Set();
  const open = [];
  const seen = {};
  for (const one of all) {
    const { section, item } = one;
    const value = lineOf(item, section, answers[item.id]).value;
    if (value !== null) seen[item.id] = value;
    if (conditions[`section:${section}`] || conditions[`item:${item.id}`]) open.push({ ...one, value });
    else asked.add(item.id);
  }
  let held = new Set(open);
  for (let round = 0; round <= all.length && open.length; round += 1) {
    for (const one of open) {
      if (held.has(one) && one.value !== null) seen[one.item.id] = one.value;
      else delete seen[one.item.id];
    }
    const scope = { ...spec.facts, $answers: seen, $score: points };
    const sections = new Map();
    const holds = (key) => !conditions[key] || conditions[key](scope) === true;
    const inside = (section) => {
      if (!sections.has(section)) sections.set(section, holds(`section:${section}`));
      return sections.get(section);
    };
    const found = new Set(open.filter(({ section, item }) => inside(section) && holds(`item:${item.id}`)));
    const settled = found.size === held.size && [...found].every((one) => held.has(one));
    held = found;
    if (settled) break;
  }
  for (const { item } of held) asked.add(item.id);
  return asked;
}

// { score, grade, passed, complete, items: { id: {answered, failed, evidence} } }; nothing scored is null.
export function score(spec, answers, asked) {
  const items = {};
  const counted = [];
  let complete = true;
  let vetoed = false;
  for (const section of spec.sections) {
    for (const item of section.items) {
      if (!asked.has(item.id)) continue;
      const line = lineOf(item, section.id, answers[item.id]);
      complete &&= line.complete;
      vetoed ||= line.vetoed;
      if (line.counted) counted.push(line.counted);
      items[item.id] = line.shown;
    }
  }
  const exact = counted.length ? METHODS[spec.scoring.method](spec, counted) : null;
  return { ...verdictOf(spec, exact, complete, vetoed), complete, items };
}

function lacking(wanted, given) {
  return wanted.filter((kind) => !(kind === "remark" ? given.remark.trim() : kind === "photo" ? given.photos : given[kind]));
}

function verdictOf(spec, exact, complete, vetoed) {
  const shown = exact ? floored(spec, exact) : null;
  const value = decimal(shown);
  const bound = decimal(spec.scoring.pass);
  const critical = spec.sections.some((section) => section.items.some((item) => item.critical));
  let passed = null;
  if (vetoed) passed = false;
  else if (complete && !bound) passed = critical ? true : null;
  else if (complete && value) passed = !less(value, bound);
  if (!complete || !value || !spec.grades.length) return { score: shown, grade: null, passed };
  const reached = spec.grades.find((one) => one.from === null || !less(value, decimal(one.from)));
  return { score: shown, grade: (vetoed ? spec.grades.at(-1) : reached)?.title ?? null, passed };
}

function floored(spec, exact) {
  const text = rounded(exact, spec.scoring.places);
  const floor = decimal(spec.scoring.floor);
  return floor && less(decimal(text), floor) ? String(spec.scoring.floor) : text;
}
