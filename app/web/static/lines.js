// Child lines inside a form: rows are added from a <template data-line-template> and removed in place.
// Field names carry the row's index where the template says __index__.

export function enhanceLines(root, enhance) {
  root.querySelectorAll("[data-lines]:not([data-lines-ready])").forEach((box) => {
    box.dataset.linesReady = "yes";
    const template = box.querySelector("template[data-line-template]");
    const body = box.querySelector("[data-line-rows]") ?? box;
    let next = Number(box.dataset.linesNext ?? body.querySelectorAll("[data-line]").length);
    const limit = Number(box.dataset.linesMax || Infinity);
    const refresh = () => {
      const count = body.querySelectorAll("[data-line]:not([hidden])").length;
      const add = box.querySelector("[data-line-add]");
      if (add) add.disabled = count >= limit;
      const empty = box.querySelector("[data-lines-empty]");
      if (empty) empty.hidden = count > 0;
    };
    box.addEventListener("click", (e) => {
      const add = e.target.closest("[data-line-add]");
      const remove = e.target.closest("[data-line-remove]");
      if (add && template) {
        e.preventDefault();
        const holder = document.createElement("div");
        holder.innerHTML = template.innerHTML.replaceAll("__index__", String(next));
        next += 1;
        const row = holder.querySelector("[data-line]");
        body.append(row);
        enhance(row);
        row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
        refresh();
        box.dispatchEvent(new Event("input", { bubbles: true }));
      } else if (remove) {
        e.preventDefault();
        const row = remove.closest("[data-line]");
        const gone = row.querySelector("[data-line-deleted]");
        if (gone) {
          gone.value = "1";
          row.hidden = true;
        } else {
          row.remove();
        }
        refresh();
        box.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    refresh();
  });
}
