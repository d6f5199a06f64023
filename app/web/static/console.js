// The console's tables: deleting asks first, and the actions on chosen rows answer to a press.
document.addEventListener("submit", (e) => {
  const question = e.target.dataset.consoleConfirm;
  if (question && !confirm(question)) e.preventDefault();
});
document.addEventListener("click", (e) => {
  const entry = e.target.closest("[data-console-action]");
  if (entry) modelActions.execute(entry.dataset.consoleAction);
});
