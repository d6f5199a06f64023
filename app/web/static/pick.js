// A long choice list: the plain <select data-pick-url> becomes a box that asks the server while one types.
// The select stays the form's field, so the form works the same without this script.

let serial = 0;

export function enhancePickers(root) {
  root.querySelectorAll("select[data-pick-url]:not([data-pick-ready])").forEach(enhancePicker);
}

function enhancePicker(select) {
  select.dataset.pickReady = "yes";
  const box = document.createElement("div");
  const input = document.createElement("input");
  const menu = document.createElement("ul");
  const id = `pick-${(serial += 1)}`;
  box.className = "pick";
  Object.assign(input, { type: "text", className: select.className.replace("form-select", "form-control"), autocomplete: "off" });
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", id);
  input.placeholder = select.dataset.pickPlaceholder ?? "";
  input.disabled = select.disabled;
  const label = select.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  if (label) {
    input.id = `${select.id}-pick`;
    label.htmlFor = input.id;
  }
  Object.assign(menu, { id, className: "pick-menu", hidden: true });
  menu.setAttribute("role", "listbox");
  select.hidden = true;
  select.before(box);
  box.append(select, input, menu);

  let timer = 0;
  let asked = "";
  let active = -1;
  const chosenText = () => select.selectedOptions[0]?.value ? select.selectedOptions[0].textContent.trim() : "";
  const close = () => {
    menu.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  };
  const choose = (value, text) => {
    let option = [...select.options].find((o) => o.value === String(value));
    if (!option) {
      option = new Option(text, value);
      select.add(option);
    }
    select.value = String(value);
    input.value = chosenText();
    close();
    select.dispatchEvent(new Event("input", { bubbles: true }));
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const mark = (index) => {
    const options = [...menu.querySelectorAll('[role="option"]')];
    if (!options.length) return;
    active = (index + options.length) % options.length;
    options.forEach((o, i) => o.setAttribute("aria-selected", String(i === active)));
    options[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[active].id);
  };
  const draw = (results, note) => {
    menu.replaceChildren();
    const rows = [...(select.required ? [] : [{ id: "", text: select.dataset.pickNone ?? "—" }]), ...results];
    rows.forEach((row, i) => {
      const item = document.createElement("li");
      item.id = `${id}-${i}`;
      item.setAttribute("role", "option");
      item.textContent = row.text;
      item.addEventListener("mousedown", (e) => {
        e.preventDefault();
        choose(row.id, row.id === "" ? "" : row.text);
      });
      item.dataset.value = row.id;
      menu.append(item);
    });
    if (note) {
      const item = document.createElement("li");
      item.className = "pick-note";
      item.textContent = note;
      menu.append(item);
    }
    menu.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };
  const ask = async () => {
    const words = input.value === chosenText() ? "" : input.value.trim();
    asked = words;
    const url = new URL(select.dataset.pickUrl, location.href);
    url.searchParams.set("q", words);
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const { results, more } = await answer.json();
      if (asked === words && document.activeElement === input) {
        draw(results, results.length ? (more ? select.dataset.pickMore ?? "…" : "") : select.dataset.pickEmpty ?? "∅");
      }
    } catch {
      if (document.activeElement === input) draw([], select.dataset.pickFailed ?? "!");
    }
  };
  input.value = chosenText();
  input.addEventListener("focus", () => {
    input.select();
    ask();
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 180);
  });
  input.addEventListener("blur", () => {
    if (!input.value.trim() && !select.required && select.value) choose("", "");
    input.value = chosenText();
    close();
  });
  input.addEventListener("keydown", (e) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (menu.hidden) ask();
      else mark(active + (e.key === "ArrowDown" ? 1 : -1));
    } else if (e.key === "Enter" && !menu.hidden && active >= 0) {
      e.preventDefault();
      const item = menu.querySelectorAll('[role="option"]')[active];
      choose(item.dataset.value, item.textContent);
    } else if (e.key === "Escape") {
      input.value = chosenText();
      close();
    }
  });
  select.addEventListener("portal:refresh", () => {
    input.value = chosenText();
    input.disabled = select.disabled;
  });
}
