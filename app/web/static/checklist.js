// Running a checklist: answers are kept on this device at once and on the server as soon as it answers, the
// score is shown while one works, and what a failed item still needs is said beside it. A trial (of a draft in the
// studio) keeps and sends nothing: its evidence is only counted.
import { askedItems, score } from "./checklist_score.js";
import { shrink } from "./files.js";
import { forgetPhoto, keepPhoto, keptPhotos } from "./photo_store.js";

export function start(form, spec, conditions) {
  const run = { form, spec, conditions, items: readItems(form, spec), key: `run:${form.dataset.runKey}`, timer: 0, trial: "runTrial" in form.dataset };
  run.sections = readSections(run);
  run.head = readHead(run);
  if (!run.trial) restore(run);
  readAll(run);
  form.addEventListener("input", (e) => changed(run, e));
  form.addEventListener("click", (e) => clicked(run, e));
  form.querySelector("[data-run-next]").addEventListener("click", () => nextOpen(run));
  form.querySelectorAll("textarea[data-grow]").forEach(grow);
  form.querySelector("[data-focus]")?.focus();
  if (!run.trial) keeping(run);
  refresh(run);
}

function keeping(run) {
  run.form.addEventListener("submit", (e) => submitting(run, e));
  addEventListener("online", () => flush(run));
  addEventListener("pagehide", () => {
    readAll(run);
    keepLocally(run);
  });
  restorePhotos(run);
}

function readItems(form, spec) {
  const items = new Map();
  for (const section of spec.sections)
    for (const item of section.items)
      items.set(item.id, { ...item, section, drawn: {}, ...partsOf(form, item) });
  return items;
}

function partsOf(form, item) {
  const box = form.querySelector(`[data-item="${CSS.escape(item.id)}"]`);
  const named = (name) => form.elements[`${name}.${item.id}`];
  return { box, need: box.querySelector("[data-need]"), field: named("answer"), skip: named("na"), note: named("remark") };
}

// What is looked up once: a long page is slow to search.
function readHead({ form }) {
  const names = ["figure", "grade", "score", "done", "total", "bar", "progress", "saved"];
  const head = Object.fromEntries(names.map((name) => [name, document.querySelector(`[data-run-${name}]`)]));
  return { ...head, next: form.querySelector("[data-run-next]"), submit: form.querySelector("[data-run-submit]") };
}

function readSections(run) {
  return [...run.form.querySelectorAll("[data-section]")].map((box) => ({
    box,
    count: box.querySelector("[data-section-count]"),
    items: run.spec.sections.find((one) => one.id === box.dataset.section).items.map((one) => run.items.get(one.id)),
  }));
}

// --- answers

function answerOf(item) {
  const skipped = item.skip?.checked ?? false;
  const value = item.field ? String(item.field.value ?? "").trim() : "";
  const photos = item.box.querySelectorAll("[data-photos] .thumb").length;
  return {
    answer: value === "not_applicable" ? "" : value,
    na: skipped || value === "not_applicable",
    remark: (item.note?.value ?? "").trim(),
    photos,
    sent: sentPhotos(item),
    ...countsOf(item),
  };
}

// What a trial says is attached: figures instead of photos and files.
function countsOf(item) {
  const counts = [...item.box.querySelectorAll("[data-count]")];
  return Object.fromEntries(counts.map((field) => [field.dataset.count === "photo" ? "photos" : field.dataset.count, Number.parseInt(field.value, 10) || 0]));
}

// Of a long list only the item that was touched is read again.
function readAgain(run, item) {
  run.answers[item.id] = answerOf(item);
}

function readAll(run) {
  run.answers = {};
  for (const item of run.items.values()) readAgain(run, item);
}

// --- drawing

function refresh(run) {
  const shown = askedItems(run.spec, run.answers, run.conditions);
  const result = score(run.spec, run.answers, shown);
  let done = 0;
  let missing = 0;
  run.open = [];
  for (const item of run.items.values()) {
    const line = shown.has(item.id) ? result.items[item.id] : null;
    drawItem(run, item, line);
    if (!line) continue;
    if (line.answered) done += 1;
    else if (item.required) missing += 1;
    if (line.evidence.length) missing += 1;
    if (!line.answered || line.evidence.length) run.open.push(item);
  }
  drawHead(run, result, done, shown.size);
  drawSections(run, result, shown);
  run.head.next.hidden = run.open.length === 0;
  run.head.submit.classList.toggle("btn-primary", missing === 0);
  run.head.submit.classList.toggle("btn-outline-secondary", missing > 0);
}

// Only what is different is drawn: the rest of a long list stays untouched.
function drawItem(run, item, line) {
  const visible = line !== null;
  if (item.drawn.visible !== visible) {
    item.box.hidden = !visible;
    item.box.disabled = !visible;
    item.drawn.visible = visible;
  }
  if (!visible || item.drawn.line === line) return;
  item.drawn.line = line;
  item.box.toggleAttribute("data-done", line.answered);
  item.box.toggleAttribute("data-failed", line.failed);
  const wants = line.evidence.map((kind) => run.spec.words[kind] ?? kind);
  item.need.textContent = wants.length ? `${run.spec.words.needed} ${wants.join("、")}` : "";
}

function drawHead(run, result, done, total) {
  const { head } = run;
  head.figure.textContent = result.score ?? "–";
  head.grade.textContent = result.grade ?? "";
  head.score.dataset.passed = result.passed === null ? "" : result.passed ? "yes" : "no";
  head.done.textContent = String(done);
  head.total.textContent = String(total);
  head.bar.style.width = total ? `${(100 * done) / total}%` : "0";
  head.progress.setAttribute("aria-valuenow", String(done));
  head.progress.setAttribute("aria-valuemax", String(total));
}

function drawSections(run, result, shown) {
  for (const section of run.sections) {
    let asked = 0;
    let answered = 0;
    for (const { id } of section.items) {
      if (!shown.has(id)) continue;
      asked += 1;
      if (result.items[id].answered) answered += 1;
    }
    const text = `${answered} / ${asked}`;
    if (section.text === text) continue;
    section.text = text;
    section.box.hidden = asked === 0;
    section.count.textContent = text;
  }
}

function nextOpen(run) {
  const item = run.open[0];
  if (!item) return;
  item.box.scrollIntoView({ behavior: "smooth", block: "center" });
  item.box.querySelector("input, textarea")?.focus({ preventScroll: true });
}

function grow(area) {
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  };
  area.addEventListener("input", fit);
  if (area.value) fit();
}

// --- events

function changed(run, event) {
  if (event.target.matches("[data-item-photo]")) {
    takePhotos(run, event.target);
    return;
  }
  run.submittedAs = undefined;
  const item = run.items.get(event.target.closest("[data-item]")?.dataset.item);
  if (item) readAgain(run, item);
  else readAll(run);
  refresh(run);
  if (run.trial) return;
  keepLocally(run);
  clearTimeout(run.timer);
  run.timer = setTimeout(() => sendDraft(run), 900);
}

function clicked(run, event) {
  const step = event.target.closest("[data-step]");
  const remove = event.target.closest("[data-photo-remove]");
  if (step) {
    const field = step.parentElement.querySelector("input");
    field.value = String(Math.max(0, (Number.parseInt(field.value, 10) || 0) + Number(step.dataset.step)));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (remove) {
    const thumb = remove.closest(".thumb");
    if (thumb.dataset.kept) forgetPhoto(thumb.dataset.kept);
    thumb.remove();
    run.form.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function submitting(run, event) {
  const done = event.submitter?.value === "submit";
  run.submittedAs = done ? run.form.elements.version.value : undefined;
  readAll(run);
  keepLocally(run);
  if (!navigator.onLine) {
    event.preventDefault();
    say(run, run.form.dataset.wordLocal);
    return;
  }
  if (!done || !run.form.querySelector(".thumb[data-pending]")) return;
  event.preventDefault();
  flush(run).then(() => {
    if (!run.form.querySelector(".thumb[data-pending]")) run.form.requestSubmit(event.submitter);
    else say(run, run.form.dataset.wordLocal);
  });
}

// --- keeping what was answered

function say(run, words) {
  run.head.saved.textContent = words;
}

// Photos that the server has are kept by their ids: a tab that closes before the draft is sent loses none.
function sentPhotos(item) {
  return [...item.box.querySelectorAll(".thumb")]
    .map((thumb) => [thumb.querySelector("input[type=hidden]"), thumb.querySelector("img"), thumb.dataset.thumbnail])
    .filter(([field]) => field)
    .map(([field, img, small]) => ({ id: field.value, name: img.alt, src: small ?? img.getAttribute("src") }));
}

// What is submitted stays here until the record has moved on: the connection may fail on the way.
function keepLocally(run) {
  const { answers, submittedAs } = run;
  localStorage.setItem(run.key, JSON.stringify({ at: new Date().toISOString(), answers, submittedAs }));
}

function restore(run) {
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(run.key) ?? "null");
  } catch {
    localStorage.removeItem(run.key);
  }
  if (kept?.submittedAs && kept.submittedAs !== run.form.elements.version.value) {
    localStorage.removeItem(run.key); // it arrived
    return;
  }
  if (!kept || (run.spec.draft_saved_at && run.spec.draft_saved_at >= kept.at)) return;
  let touched = false;
  for (const [id, given] of Object.entries(kept.answers)) {
    const item = run.items.get(id);
    if (!item) continue;
    touched = fill(item, given) || touched;
  }
  if (touched) say(run, run.form.dataset.wordRestored);
}

function fill(item, given) {
  const value = given.na && !item.skip ? "not_applicable" : given.answer;
  const before = JSON.stringify(answerOf(item));
  if (item.field) item.field.value = value;
  if (item.skip) item.skip.checked = given.na;
  if (item.note) item.note.value = given.remark;
  if (given.sent) fillPhotos(item, given.sent);
  return JSON.stringify(answerOf(item)) !== before;
}

function fillPhotos(item, sent) {
  const kept = new Set(sent.map((photo) => photo.id));
  const there = new Set();
  for (const field of item.box.querySelectorAll(".thumb input[type=hidden]")) {
    if (kept.has(field.value)) there.add(field.value);
    else field.closest(".thumb").remove();
  }
  for (const photo of sent) if (!there.has(photo.id)) holdId(item, addThumb(item, photo.src, photo.name), photo.id);
}

function holdId(item, thumb, id) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: `photo_id.${item.id}`, value: String(id) });
  thumb.append(field);
}

function token() {
  return document.querySelector('meta[name="csrf-token"]').content;
}

async function sendDraft(run) {
  readAll(run);
  const payload = { answers: {} };
  for (const [id, { sent, ...given }] of Object.entries(run.answers))
    payload.answers[id] = { ...given, photo_ids: sent.map((photo) => Number(photo.id)) };
  say(run, run.form.dataset.wordSaving);
  try {
    const answer = await fetch(run.form.dataset.runDraft, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify(payload),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { saved_at: savedAt } = await answer.json();
    run.spec.draft_saved_at = savedAt;
    say(run, `${run.form.dataset.wordSaved} ${new Date(savedAt).toLocaleTimeString()}`);
  } catch {
    say(run, run.form.dataset.wordLocal);
  }
}

// --- photos: sent one by one as they are taken; without a connection they wait on the device

async function takePhotos(run, input) {
  const item = run.items.get(input.closest("[data-item]").dataset.item);
  const files = [...input.files];
  input.value = "";
  for (const file of files) {
    const small = await shrink(file);
    const thumb = addThumb(item, URL.createObjectURL(small), small.name);
    thumb.dataset.pending = "yes";
    thumb.dataset.kept = await keepPhoto(run.key, item.id, small);
    await sendPhoto(run, item, thumb, small);
  }
  run.form.dispatchEvent(new Event("input", { bubbles: true }));
}

function addThumb(item, src, name) {
  const thumb = document.createElement("div");
  thumb.className = "thumb";
  const img = document.createElement("img");
  Object.assign(img, { src, alt: name });
  const remove = document.createElement("button");
  Object.assign(remove, { type: "button", className: "thumb-remove", textContent: "×" });
  remove.dataset.photoRemove = "";
  remove.setAttribute("aria-label", `× ${name}`);
  thumb.append(img, remove);
  item.box.querySelector("[data-photos]").insertBefore(thumb, item.box.querySelector(".run-camera"));
  return thumb;
}

async function sendPhoto(run, item, thumb, file) {
  const body = new FormData();
  body.set("item", item.id);
  body.set("file", file, file.name);
  try {
    const answer = await fetch(run.form.dataset.runPhoto, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token() }, body });
    if (answer.status === 422) {
      const { message } = await answer.json();
      forgetPhoto(thumb.dataset.kept);
      thumb.remove();
      readAgain(run, item);
      say(run, message);
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const { id, thumbnail } = await answer.json();
    holdId(item, thumb, id);
    if (thumbnail) thumb.dataset.thumbnail = thumbnail;
    delete thumb.dataset.pending;
    readAgain(run, item);
    keepLocally(run);
    forgetPhoto(thumb.dataset.kept);
  } catch {
    say(run, run.form.dataset.wordLocal);
  }
}

async function restorePhotos(run) {
  for (const kept of await keptPhotos(run.key)) {
    const item = run.items.get(kept.item);
    if (!item) continue;
    const thumb = addThumb(item, URL.createObjectURL(kept.file), kept.file.name);
    thumb.dataset.pending = "yes";
    thumb.dataset.kept = kept.id;
  }
  await flush(run);
  readAll(run);
  refresh(run);
}

async function flush(run) {
  const kept = await keptPhotos(run.key);
  for (const photo of kept) {
    const item = run.items.get(photo.item);
    const thumb = item?.box.querySelector(`.thumb[data-pending][data-kept="${photo.id}"]`);
    if (thumb) await sendPhoto(run, item, thumb, photo.file);
  }
  if (!document.querySelector(".thumb[data-pending]") && kept.length) sendDraft(run);
}
