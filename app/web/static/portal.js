// The frame of every page: navigation drawer, light and dark, questions before harm, lists, form helpers.
import { enhancePickers } from "./pick.js";
import { enhanceLines } from "./lines.js";
import { enhanceFiles } from "./files.js";
import { enhanceSignatures } from "./signature.js";

const on = (root, event, selector, handler) =>
  root.addEventListener(event, (e) => {
    const target = e.target.closest(selector);
    if (target && root.contains(target)) handler(e, target);
  });

function navigation() {
  const side = document.getElementById("sidebar");
  const shade = document.querySelector("[data-nav-shade]");
  const toggle = document.querySelector("[data-nav-toggle]");
  if (!side || !toggle) return;
  const set = (open) => {
    side.classList.toggle("open", open);
    shade.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    if (open) side.querySelector("a")?.focus();
  };
  toggle.addEventListener("click", () => set(!side.classList.contains("open")));
  shade.addEventListener("click", () => set(false));
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape" && side.classList.contains("open")) {
      set(false);
      toggle.focus();
    }
  });
  side.querySelector(".nav-entry.active")?.scrollIntoView({ block: "nearest" });
}

function theme() {
  on(document, "click", "[data-theme-toggle]", () => {
    const root = document.documentElement;
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", next);
    localStorage.setItem("portal-theme", next);
  });
}

// A form or link that does harm asks first; without JavaScript the server asks on a page of its own.
function confirmation() {
  const dialog = document.querySelector("[data-confirm-dialog]");
  if (!dialog) return;
  let proceed = null;
  const ask = (text, then) => {
    dialog.querySelector("[data-confirm-text]").textContent = text;
    proceed = then;
    dialog.showModal();
  };
  dialog.querySelector("[data-confirm-no]").addEventListener("click", () => dialog.close());
  dialog.querySelector("[data-confirm-yes]").addEventListener("click", () => {
    dialog.close();
    proceed?.();
  });
  document.addEventListener("submit", (e) => {
    const source = e.submitter?.dataset.confirm ? e.submitter : e.target;
    if (!source.dataset?.confirm || e.target.dataset.confirmed) return;
    e.preventDefault();
    ask(source.dataset.confirm, () => {
      e.target.dataset.confirmed = "yes";
      e.target.requestSubmit(e.submitter);
    });
  });
  on(document, "click", "a[data-confirm]", (e, link) => {
    e.preventDefault();
    ask(link.dataset.confirm, () => {
      location.href = link.href;
    });
  });
}

function lists() {
  on(document, "change", "[data-select-all]", (_e, box) => {
    const form = box.closest("form") ?? document;
    form.querySelectorAll("[data-select-row]").forEach((row) => {
      row.checked = box.checked;
    });
    showBulk(form);
  });
  on(document, "change", "[data-select-row]", (_e, box) => showBulk(box.closest("form") ?? document));
  on(document, "change", "[data-autosubmit]", (_e, field) => field.form?.requestSubmit());
  document.querySelectorAll("form").forEach(showBulk);
}

function showBulk(form) {
  const bar = form.querySelector("[data-bulk]");
  if (!bar) return;
  const chosen = form.querySelectorAll("[data-select-row]:checked").length;
  bar.hidden = chosen === 0;
  const figure = bar.querySelector("[data-bulk-count]");
  if (figure) figure.textContent = String(chosen);
}

// What was typed is not lost by a slip of the finger.
function unsaved() {
  document.querySelectorAll("form[data-guard]").forEach((form) => {
    let dirty = false;
    form.addEventListener("input", () => {
      dirty = true;
    });
    form.addEventListener("submit", () => {
      dirty = false;
    });
    addEventListener("beforeunload", (e) => {
      if (dirty) e.preventDefault();
    });
  });
}

// One press is one save.
function once() {
  document.addEventListener("submit", (e) => {
    if (e.defaultPrevented || e.target.method?.toLowerCase() !== "post") return;
    setTimeout(() => {
      e.target.querySelectorAll("button[type=submit], button:not([type])").forEach((button) => {
        button.disabled = true;
      });
    });
  });
  addEventListener("pageshow", () => {
    document.querySelectorAll("form button:disabled").forEach((button) => {
      if (!button.hasAttribute("data-keep-disabled")) button.disabled = false;
    });
  });
}

function locate() {
  on(document, "click", "[data-locate]", (_e, button) => {
    const field = document.getElementById(button.dataset.locate);
    if (!field || !navigator.geolocation) return;
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        field.value = `${coords.latitude.toFixed(6)},${coords.longitude.toFixed(6)}`;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        button.disabled = false;
      },
      () => {
        button.disabled = false;
        field.focus();
      },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
}

export function enhance(root) {
  enhancePickers(root);
  enhanceLines(root, enhance);
  enhanceFiles(root);
  enhanceSignatures(root);
}

navigation();
theme();
confirmation();
lists();
unsaved();
once();
locate();
enhance(document);
