// The editor of a revision's files: Ace where the browser runs scripts, the plain field where it does not.

import { keysOf, meaningOf, placeAt, schemaAt, wordsOf } from "./studio_keys.js";

const CHECK_AFTER = 400;
const form = document.querySelector("form[data-editor]");
const words = JSON.parse(form.dataset.words);
const token = document.querySelector("meta[name='csrf-token']").content;
const area = form.elements.text;
const status = form.querySelector("[data-status]");

const known = { schema: null, names: { where: {}, names: {} } };
let editor = null;
let stored = area.value;
let asked = 0;

function theme() {
  return document.documentElement.dataset.bsTheme === "dark" ? "ace/theme/one_dark" : "ace/theme/chrome";
}

function open() {
  const { ace } = window;
  ace.config.set("useStrictCSP", true);
  ace.config.set("loadWorkerFromBlob", false);
  ace.config.set("basePath", `${form.dataset.base}ace`);
  const holder = form.querySelector("[data-ace]");
  holder.hidden = false;
  area.hidden = true;
  editor = ace.edit(holder);
  editor.session.setUseWorker(false);
  editor.session.setMode(form.elements.path.value.endsWith(".html") ? "ace/mode/html" : "ace/mode/yaml");
  editor.session.setUseWorker(false);
  editor.setTheme(theme());
  editor.setOptions({
    tabSize: 2, useSoftTabs: true, wrap: true, indentedSoftWrap: false, showPrintMargin: false, fontSize: 14,
    fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono CJK SC", monospace',
    enableBasicAutocompletion: true, enableLiveAutocompletion: true, enableSnippets: false,
    readOnly: !form.dataset.editable, scrollPastEnd: 0.2,
  });
  editor.session.setValue(area.value);
  editor.session.setNewLineMode("unix");
  new MutationObserver(() => editor.setTheme(theme())).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  const line = Number(form.dataset.line);
  if (line) {
    editor.gotoLine(line, 0, false);
    const { Range } = ace.require("ace/range");
    editor.session.addMarker(new Range(line - 1, 0, line - 1, 1), "studio-marked", "fullLine");
  }
  if (form.dataset.editable) {
    editor.session.on("change", debounced(check, CHECK_AFTER));
    editor.commands.addCommand({ name: "save", bindKey: { win: "Ctrl-S", mac: "Command-S" }, exec: save });
    window.ace.require("ace/ext/language_tools").setCompleters([{ getCompletions: complete, identifierRegexps: [/[\w.一-鿿]/] }]);
  }
  editor.on("mousemove", hover);
}

function debounced(run, wait) {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(run, wait); };
}

function text() {
  return editor ? editor.getValue() : area.value;
}

function send(address, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return fetch(address, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": token } });
}

async function check() {
  const number = ++asked;
  const answer = await send(form.dataset.check, { path: form.elements.path.value, text: text() }).catch(() => null);
  if (!answer?.ok || number !== asked) return;
  const found = await answer.json();
  show(found.diagnostics, found.elsewhere);
}

function show(found, elsewhere = []) {
  if (editor) {
    editor.session.setAnnotations(found.map((one) => ({
      row: one.line - 1, column: one.column - 1, type: one.severity,
      text: `${one.text}${one.hint ? `\n${one.hint}` : ""} (${one.code})`,
    })));
  }
  const list = document.querySelector("[data-faults-list]");
  list.replaceChildren(...found.map((one) => fault(one.severity === "error", `${one.line}: ${one.text}`, one.hint, () => editor?.gotoLine(one.line, one.column - 1, true))));
  if (elsewhere.length) {
    const head = document.createElement("li");
    head.textContent = words.elsewhere;
    list.append(head, ...elsewhere.map((one) => fault(true, `${one.place} ${one.text}`, "", null, one.href)));
  }
  if (!found.length && !elsewhere.length && form.dataset.editable) status.textContent = words.none;
  else if (status.textContent === words.none) status.textContent = "";
}

function fault(grave, said, hint, go, href) {
  const item = document.createElement("li");
  item.className = grave ? "is-fault" : "is-warning";
  const icon = document.createElement("i");
  icon.className = `bi bi-${grave ? "x-octagon" : "exclamation-triangle"}`;
  const body = document.createElement("div");
  const link = document.createElement(href ? "a" : "button");
  if (href) link.href = href; else { link.type = "button"; link.className = "btn btn-link p-0 text-start"; link.addEventListener("click", go); }
  link.textContent = said;
  body.append(link);
  if (hint) { const more = document.createElement("div"); more.className = "form-text"; more.textContent = hint; body.append(more); }
  item.append(icon, body);
  return item;
}

async function save() {
  status.textContent = words.saving;
  const sent = text();
  const answer = await send(form.action, { path: form.elements.path.value, text: sent, seen: form.elements.seen.value }).catch(() => null);
  const told = answer && answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
  status.textContent = told?.message ?? words.failed;
  if (!told?.seen) return;
  form.elements.seen.value = told.seen;
  const other = document.querySelector("[data-theirs]");
  other.hidden = answer.ok;
  if (answer.ok) { stored = sent; return; }
  other.querySelector("pre").textContent = told.theirs;
}

function complete(_editor, session, position, prefix, answer) {
  if (!known.schema) return answer(null, []);
  const at = placeAt(session.getDocument().getAllLines(), position.row, position.column - prefix.length);
  const offered = [];
  const add = (name, meta, about, suffix = "") => offered.push({ caption: name, value: name + suffix, meta, docText: about, score: 1000 - offered.length });
  if (at.value || at.path.at(-1) === "*") {
    const key = at.key || at.path.filter((part) => part !== "*").at(-1) || "";
    for (const word of wordsOf(schemaAt(known.schema, at.key ? [...at.path, at.key] : at.path))) add(word, "", "");
    const kind = known.names.where[key];
    for (const [name, title] of known.names.names[kind] ?? []) add(name, title || kind, title);
  }
  if (!at.value) for (const [name, about] of keysOf(schemaAt(known.schema, at.path), known.schema)) add(name, "", about, ": ");
  answer(null, offered);
}

function hover(event) {
  const position = event.getDocumentPosition();
  const line = editor.session.getLine(position.row);
  const key = /^\s*(?:- +)*([\w-]+)\s*:/.exec(line);
  const holder = form.querySelector("[data-ace]");
  let about = "";
  if (key && known.schema && position.column <= line.indexOf(":")) {
    const at = placeAt(editor.session.getDocument().getAllLines(), position.row, line.indexOf(key[1]));
    about = meaningOf(known.schema, [...at.path, key[1]]);
  }
  if (holder.title !== about) holder.title = about;
}

async function learn() {
  const [schemas, names] = await Promise.all([form.dataset.schema, form.dataset.names].map((address) => fetch(address, { headers: { Accept: "application/json" } }).then((answer) => answer.json())));
  known.schema = schemas[form.dataset.kind];
  known.names = names;
}

form.addEventListener("submit", (event) => {
  if (editor) { event.preventDefault(); save(); } else stored = area.value;
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s" && form.dataset.editable) { event.preventDefault(); save(); }
});
window.addEventListener("beforeunload", (event) => {
  if (form.dataset.editable && text() !== stored) event.preventDefault();
});

if (window.ace) {
  open();
  stored = text();
  form.dataset.ready = "1";
}
show(JSON.parse(form.dataset.faults));
if (form.dataset.editable) learn().catch(() => { known.schema = null; });
if (window.matchMedia("(min-width: 992px)").matches) document.querySelector("[data-tree]").open = true;
