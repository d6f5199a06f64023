// Runs before the page is drawn: light or dark as chosen here before, or as the device asks.
(() => {
  const chosen = localStorage.getItem("portal-theme");
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();
