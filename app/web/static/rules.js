// Forms that react while they are filled in. The page hands over, for each field, functions made from the YAML's
// expressions; each takes the scope (field values) and answers with plain JSON. The server applies the same
// expressions again and decides.
//
// rules: { fields: { name: { type, show, required, read_only, formula, default, options_when: [[when, [option…]]…] } },
//          lines: { name: { column: { the same } } }, groups: { index: show },
//          facts: { me, now, today, state, old, … }, stored: whether the record exists already }
// Fields stand in an order in which each formula comes after those that it reads.

const NUMBERS = new Set(["integer", "decimal", "money", "percent", "rating"]);
const SEVERAL = new Set(["choices", "links"]);
const LINKS = new Set(["link", "person", "unit"]);
const MOST_ROUNDS = 8;

export function react(form, rules) {
  const page = survey(form, rules);
  const run = () => apply(page);
  const touch = (event) => {
    const field = event.target.name ?? "";
    if (page.fields.has(field)) page.touched.add(field);
    run();
  };
  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  form.addEventListener("submit", () => sayEmptied(page));
  run();
}

// --- what there is on the page, looked up once

function survey(form, rules) {
  const zone = document.documentElement.dataset.zone || "UTC";
  const inLine = (element) => element.closest("[data-line]") !== null;
  const fields = new Map();
  for (const [name, rule] of Object.entries(rules.fields)) {
    const own = (selector) => [...form.querySelectorAll(selector)].filter((one) => !inLine(one));
    fields.set(name, {
      rule,
      controls: own(`[name="${CSS.escape(name)}"]`),
      box: own(`[data-field="${CSS.escape(name)}"]`)[0],
      output: own(`[data-formula="${CSS.escape(name)}"]`)[0],
    });
  }
  const groups = Object.entries(rules.groups ?? {}).map(([index, show]) => {
    const box = form.querySelector(`[data-group="${CSS.escape(index)}"]`);
    const within = box ? [...box.querySelectorAll("[data-field]")].map((one) => one.dataset.field) : [];
    return { show, box, within };
  });
  return { form, rules, zone, fields, groups, touched: new Set(), shown: new Map(), kept: null };
}

function rowsOf(page, name) {
  const box = page.form.querySelector(`[data-field="${CSS.escape(name)}"] [data-line-rows]`);
  if (!box) return [];
  return [...box.querySelectorAll(":scope > [data-line]:not([hidden])")].map((row) => {
    const prefix = row.querySelector("[data-line-deleted]")?.name.replace(/deleted$/, "") ?? "";
    const fields = new Map();
    for (const [column, rule] of Object.entries(page.rules.lines[name])) {
      fields.set(column, {
        rule,
        controls: [...row.querySelectorAll(`[name="${CSS.escape(prefix + column)}"]`)],
        box: row.querySelector(`[data-field="${CSS.escape(column)}"]`),
        output: row.querySelector(`[data-formula="${CSS.escape(column)}"]`),
      });
    }
    return fields;
  });
}

// --- values as the expressions know them: empty is null, numbers stay exact decimal texts, choices are option names

// What a date-and-time box holds is the portal's local time; the expressions want the offset with it.
const localParts = (at, zone) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(at).replace(" ", "T");

function withOffset(text, zone) {
  const utc = new Date(`${text}Z`);
  if (Number.isNaN(utc.getTime())) return null;
  const offset = (at) => new Date(`${localParts(at, zone)}Z`) - at;
  const first = new Date(utc - offset(utc));
  return new Date(utc - offset(first)).toISOString();
}

function valueOf({ rule: { type }, controls }, zone) {
  if (!controls.length) return SEVERAL.has(type) ? [] : null;
  if (type === "boolean") {
    const box = controls.find((f) => f.type === "checkbox");
    return box ? box.checked : { true: true, y: true, 1: true }[controls[0].value] ?? (controls[0].value === "" ? null : false);
  }
  if (SEVERAL.has(type)) {
    const chosen = controls.flatMap((f) => (f.selectedOptions ? [...f.selectedOptions].map((o) => o.value) : f.checked ? [f.value] : []));
    return chosen.filter(Boolean);
  }
  const field = controls.find((f) => f.type !== "radio") ?? controls.find((f) => f.checked);
  const text = field ? field.value.trim() : "";
  if (text === "") return null;
  if (NUMBERS.has(type)) return numberOf(text);
  if (type === "datetime") return withOffset(text, zone);
  if (type === "month") return `${text}-01`;
  return LINKS.has(type) ? Number(text) : text;
}

function numberOf(text) {
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) return text.replaceAll(",", "").replace("+", "");
  return /^[+-]?(\d+(\.\d+)?|\.\d+)$/.test(text) ? text.replace("+", "") : null;
}

// --- one round: defaults, formulas, what is hidden; as on the server, a field that is hidden counts as empty, which
// may hide others, until nothing changes

function apply(page) {
  const { fields, rules } = page;
  const typed = new Map([...fields].map(([name, field]) => [name, field.rule.formula ? null : valueOf(field, page.zone)]));
  const lines = Object.fromEntries(Object.keys(rules.lines ?? {}).map((name) => [name, rowsOf(page, name)]));
  const rows = Object.entries(lines).map(([name, found]) => [
    name,
    found.map((row) => ({ row, values: Object.fromEntries([...row].map(([column, field]) => [column, valueOf(field, page.zone)])) })),
  ]);
  let hidden = new Set();
  let scope;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    scope = { ...rules.facts };
    for (const [name, value] of typed) scope[name] = hidden.has(name) ? keptValue(page, name) : value;
    for (const [name, found] of rows) scope[name] = hidden.has(name) ? [] : found.map((one) => one.values);
    if (round === 0) fillDefaults(page, scope, typed);
    for (const [, found] of rows) found.forEach((one) => computeRow(one, scope));
    for (const [name, { rule }] of fields) if (rule.formula) scope[name] = ask(rule.formula, scope);
    const found = hiddenFields(page, scope);
    if (page.kept === null) page.kept = rules.stored ? new Map([...found].map((name) => [name, scope[name]])) : new Map();
    const same = found.size === hidden.size && [...found].every((name) => hidden.has(name));
    hidden = found;
    if (same) break;
  }
  draw(page, scope, hidden, rows);
}

// What was hidden before stays as it was stored; what is hidden now is given up.
const keptValue = (page, name) => page.kept?.get(name) ?? (SEVERAL.has(page.fields.get(name).rule.type) ? [] : null);

function computeRow(one, scope) {
  one.scope = { ...one.values, me: scope.me, now: scope.now, today: scope.today, this: scope };
  for (const [column, { rule }] of one.row) {
    if (rule.formula) one.values[column] = one.scope[column] = ask(rule.formula, one.scope);
  }
}

function hiddenFields(page, scope) {
  const hidden = new Set();
  for (const [name, { rule }] of page.fields) if (rule.show && ask(rule.show, scope) !== true) hidden.add(name);
  for (const group of page.groups) {
    group.shown = ask(group.show, scope) === true;
    if (!group.shown) group.within.forEach((name) => hidden.add(name));
  }
  return hidden;
}

function fillDefaults(page, scope, typed) {
  for (const [name, field] of page.fields) {
    if (!field.rule.default || page.touched.has(name) || !field.controls.length) continue;
    const value = ask(field.rule.default, scope);
    const empty = typed.get(name) === null || typed.get(name) === false;
    if (!empty && field.filled === undefined) continue; // the server gave it a value of its own
    const text = asTyped(value, field.rule.type, page.zone);
    if (text === field.filled || (value === null && field.filled === undefined)) continue;
    field.filled = text;
    put(field, text);
    scope[name] = valueOf(field, page.zone);
    typed.set(name, scope[name]);
  }
}

function asTyped(value, type, zone) {
  if (value === null || value === undefined) return "";
  if (type === "datetime") return localParts(new Date(value), zone).slice(0, 16);
  if (type === "month") return String(value).slice(0, 7);
  return typeof value === "boolean" ? value : String(value);
}

function put({ controls, rule }, text) {
  const box = rule.type === "boolean" ? controls.find((f) => f.type === "checkbox") : null;
  if (box) box.checked = text === true;
  else controls[0].value = text;
}

// A default that was taken away on purpose stays away: the server is told.
function sayEmptied(page) {
  page.form.querySelectorAll("input[name=_emptied]").forEach((one) => one.remove());
  for (const [name, field] of page.fields) {
    if (!field.rule.default || !page.touched.has(name) || valueOf(field, page.zone) !== null) continue;
    const note = Object.assign(document.createElement("input"), { type: "hidden", name: "_emptied", value: name });
    page.form.append(note);
  }
}

// --- drawing

function draw(page, scope, hidden, rows) {
  for (const [name, field] of page.fields) drawField(field, scope, !hidden.has(name), scope[name]);
  for (const group of page.groups) if (group.box) group.box.hidden = !group.shown;
  for (const [, found] of rows) {
    for (const { row, scope: own } of found) {
      for (const [column, field] of row) {
        const shown = !field.rule.show || ask(field.rule.show, own) === true;
        drawField(field, own, shown, own[column]);
      }
    }
  }
}

function drawField({ rule, box, output }, scope, shown, value) {
  if (output && rule.formula) {
    const text = value === null || value === undefined ? "" : rule.type === "money" ? money(value) : String(value);
    if (output.value !== text) output.value = text;
  }
  if (!box) return;
  if (rule.show && box.hidden === shown) box.hidden = !shown;
  if (rule.required) markRequired(box, shown && ask(rule.required, scope) === true);
  if (rule.read_only) lock(box, ask(rule.read_only, scope) === true);
  if (rule.options_when?.length) limitOptions(box, rule.options_when, scope);
}

function money(value) {
  const { lang, dataset } = document.documentElement;
  return new Intl.NumberFormat(lang, { style: "currency", currency: dataset.currency }).format(value);
}

// A rule that cannot be worked out here (a half-typed date) counts as empty; the server says what is wrong.
function ask(rule, scope) {
  try {
    return rule(scope);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return null;
    throw error;
  }
}

function markRequired(box, needed) {
  const mark = box.querySelector("[data-required-mark]");
  if (!mark || mark.hidden === !needed) return;
  mark.hidden = !needed;
  box.querySelectorAll("input:not([type=hidden]):not([type=file]):not([role=combobox]), select, textarea").forEach((field) => {
    field.setAttribute("aria-required", String(needed));
  });
}

// What was locked when the form was opened stays so: the server goes by the record as it is stored.
function lock(box, still) {
  box.dataset.locked ??= String(still);
  setReadOnly(box, still || (box.dataset.locked === "true" && box.closest("form").querySelector("[name=_version]") !== null));
}

// A control that cannot be read-only (a box, a list) still sends its value; only the hand is kept off.
function setReadOnly(box, still) {
  if (box.dataset.still === String(still)) return;
  box.dataset.still = String(still);
  box.querySelectorAll("input:not([type=hidden]), textarea").forEach((field) => {
    field.readOnly = still;
  });
  box.querySelectorAll("select, input[type=checkbox], input[type=radio], input[type=file], button").forEach((field) => {
    field.classList.toggle("pe-none", still);
    field.tabIndex = still ? -1 : 0;
  });
}

function limitOptions(box, table, scope) {
  const row = table.find(([when]) => !when || ask(when, scope) === true);
  const allowed = (value) => value === "" || !row || row[1].includes(value);
  const wanted = row ? row[1].join(" ") : "*";
  if (box.dataset.options === wanted) return;
  box.dataset.options = wanted;
  box.querySelectorAll("option").forEach((option) => {
    option.hidden = option.disabled = !allowed(option.value);
    if (option.disabled && option.selected) option.selected = false;
  });
  box.querySelectorAll(".check-group input").forEach((one) => {
    one.closest(".form-check").hidden = one.disabled = !allowed(one.value);
    if (one.disabled) one.checked = false;
  });
}
