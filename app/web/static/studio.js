// The studio's tables: marks what was changed, and asks before changes are left behind.

function guard(form) {
  const first = new Map();
  const fields = () => form.querySelectorAll("input[name^='v:']");
  for (const field of fields()) first.set(field, form.querySelector(`[name="${CSS.escape("s:" + field.name.slice(2))}"]`)?.value ?? field.value);
  const changed = () => [...fields()].some((field) => field.value.trim() !== first.get(field).trim());
  let leaving = false;
  form.addEventListener("input", (event) => {
    const row = event.target.closest("tr");
    if (row && first.has(event.target)) row.classList.toggle("is-changed", event.target.value.trim() !== first.get(event.target).trim());
  });
  form.addEventListener("submit", () => { leaving = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && changed()) event.preventDefault();
  });
}

for (const form of document.querySelectorAll("form[data-tuning]")) guard(form);

document.querySelector(".source-lines .is-marked")?.scrollIntoView({ block: "center" });
