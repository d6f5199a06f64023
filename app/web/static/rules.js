// Forms that react while they are filled in. The page hands over, for each field, functions made from the YAML's
// expressions; each takes the scope (field values) and the runtime of the expression language. The server applies
// the same expressions again and decides.
//
// rules: { fields: { name: { type, show, required, read_only, formula, options_when: [[when, [option…]]…] } },
//          groups: { index: show }, facts: { me, now, today, state, … } }; every rule is a function of the scope
// that answers with plain JSON.

const NUMBERS = new Set(["integer", "decimal", "money", "percent", "rating"]);

export function react(form, rules) {
  const run = () => apply(form, rules);
  form.addEventListener("input", run);
  form.addEventListener("change", run);
  run();
}

// Values as the expressions know them: empty is null, numbers stay exact decimal texts, choices are option names.
export function readScope(form, rules) {
  const zone = document.documentElement.dataset.zone || "UTC";
  const scope = { ...rules.facts };
  for (const [name, rule] of Object.entries(rules.fields)) scope[name] = valueOf(form, name, rule.type, zone);
  return scope;
}

// What a date-and-time box holds is the portal's local time; the expressions want the offset with it.
function withOffset(text, zone) {
  const utc = new Date(`${text}Z`);
  if (Number.isNaN(utc.getTime())) return null;
  const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  const offset = (at) => new Date(`${shown.format(at).replace(" ", "T")}Z`) - at;
  const first = new Date(utc - offset(utc));
  return new Date(utc - offset(first)).toISOString();
}

function valueOf(form, name, type, zone) {
  const fields = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].filter((f) => !f.closest("template"));
  if (!fields.length) return null;
  if (type === "boolean") {
    const box = fields.find((f) => f.type === "checkbox");
    if (box) return box.checked;
    const value = fields[0].value;
    return value === "" ? null : value === "true" || value === "y" || value === "1";
  }
  if (type === "choices" || type === "links") {
    const chosen = fields.flatMap((f) => (f.selectedOptions ? [...f.selectedOptions].map((o) => o.value) : f.checked ? [f.value] : []));
    return chosen.filter(Boolean);
  }
  const field = fields.find((f) => f.type !== "radio") ?? fields.find((f) => f.checked);
  const text = field ? field.value.trim() : "";
  if (text === "") return null;
  if (NUMBERS.has(type)) return /^-?\d+(\.\d+)?$/.test(text) ? text : null;
  if (type === "datetime") return withOffset(text, zone);
  if (type === "link" || type === "person" || type === "unit") return Number(text);
  return text;
}

function apply(form, rules) {
  let scope = readScope(form, rules);
  for (const [name, rule] of Object.entries(rules.fields)) {
    if (!rule.formula) continue;
    const value = ask(rule.formula, scope);
    scope = { ...scope, [name]: value };
    const output = form.querySelector(`[data-formula="${CSS.escape(name)}"]`);
    if (output) output.value = value === null || value === undefined ? "" : rule.type === "money" ? money(value) : value;
  }
  for (const [name, rule] of Object.entries(rules.fields)) {
    const box = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
    if (!box) continue;
    const shown = !rule.show || ask(rule.show, scope) === true;
    box.hidden = !shown;
    if (rule.required) markRequired(box, shown && ask(rule.required, scope) === true);
    if (rule.read_only) setReadOnly(box, ask(rule.read_only, scope) === true);
    if (rule.options_when?.length) limitOptions(box, rule.options_when, scope);
  }
  for (const [index, show] of Object.entries(rules.groups ?? {})) {
    const group = form.querySelector(`[data-group="${CSS.escape(index)}"]`);
    if (group) group.hidden = ask(show, scope) !== true;
  }
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
  if (mark) mark.hidden = !needed;
  box.querySelectorAll("input:not([type=hidden]):not([type=file]):not([role=combobox]), select, textarea").forEach((field) => {
    field.setAttribute("aria-required", String(needed));
  });
}

function setReadOnly(box, still) {
  box.querySelectorAll("input:not([type=hidden]), textarea").forEach((field) => {
    field.readOnly = still;
  });
  box.querySelectorAll("select").forEach((field) => {
    field.classList.toggle("pe-none", still);
    field.tabIndex = still ? -1 : 0;
  });
}

function limitOptions(box, table, scope) {
  const row = table.find(([when]) => !when || ask(when, scope) === true);
  box.querySelectorAll("option").forEach((option) => {
    const allowed = option.value === "" || !row || row[1].includes(option.value);
    option.hidden = !allowed;
    option.disabled = !allowed;
    if (!allowed && option.selected) option.selected = false;
  });
}
