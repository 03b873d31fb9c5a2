/* The page module. Every page works without it; it only makes some things smoother. */
import "./pasting.js";

const fine = () => !window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/* Menus made of <details>: close on Escape (and give the focus back) and on a click elsewhere. */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/* A chosen file is named beside its button, so that people see what they are about to send. */
document.addEventListener("change", (event) => {
  const input = event.target.closest(".kv-upload input[type=file]");
  if (!input) return;
  const place = input.closest(".kv-upload").querySelector(".kv-upload__name");
  if (place) place.textContent = [...input.files].map((file) => file.name).join(", ") || place.dataset.empty;
});

/* After a refused form the summary of errors gets the focus; a screen reader starts there. */
function focusErrors(root) {
  const summary = root.querySelector?.("[data-error-summary]");
  if (summary) summary.focus({ preventScroll: false });
}

/* "Print this page" exists only where there is a script to do it. */
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

/* Charts: the server's drawing is there already; the module replaces it by one that answers to the pointer. */
async function enhanceCharts(root) {
  const charts = [...(root.querySelectorAll?.("[data-chart-spec]:not([data-drawn])") ?? [])];
  const source = document.querySelector("meta[name=koersvast-charts]")?.content;
  if (!charts.length || !source) return;
  const { draw } = await import(source);
  for (const chart of charts) {
    chart.dataset.drawn = "";
    draw(chart, { animate: fine() }).catch((error) => console.warn("The chart stays a picture:", error));
  }
}

function start(root) {
  document.documentElement.classList.add("kv-scripted");
  focusErrors(root);
  enhanceCharts(root);
}

start(document);
document.addEventListener("htmx:after:swap", (event) => start(event.detail?.ctx?.target ?? event.target ?? document));
