/* Draws a compiled Vega chart under a strict content security policy: expressions are interpreted as a syntax
   tree (no eval), the tooltip has its style in our own file, and nothing is written into style attributes of ours. */

import { parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { Handler } from "vega-tooltip";

const tooltip = new Handler({ disableDefaultStyle: true, theme: "koersvast" });

/* The specification is at an address, or in a JSON block of the page when it starts with '#'. */
async function specification(where) {
  if (where.startsWith("#")) return JSON.parse(document.getElementById(where.slice(1)).textContent);
  const answer = await fetch(where, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${where} answered ${answer.status}`);
  return answer.json();
}

/* Narrower than this the labels would overlap; the region around the chart scrolls instead. */
const SMALLEST_PX = 500;
const SMALLEST_PLOT_PX = 420;

const padding = (view) => {
  const { left = 0, right = 0 } = view.padding() ?? {};
  return left + right;
};

export async function draw(figure) {
  const spec = await specification(figure.dataset.chartSpec);
  const place = document.createElement("div");
  place.className = "kv-chart__drawing kv-chart__drawing--live";
  place.setAttribute("aria-hidden", "true");
  const picture = figure.querySelector(".kv-chart__drawing");
  const view = new View(parse(spec, null, { ast: true }), { expr: expressionInterpreter, renderer: "svg", hover: true });
  view.tooltip(tooltip.call);
  picture.after(place);
  const fits = typeof spec.width === "number" || spec.signals?.some((signal) => signal.name === "width");
  const fit = async () => {
    const wide = Math.max(place.clientWidth, SMALLEST_PX) - padding(view);
    if (!fits || wide <= 0) return;
    const overhead = view.container() ? place.querySelector("svg").viewBox.baseVal.width - view.width() : 60;
    await view.width(Math.max(SMALLEST_PLOT_PX, wide - overhead)).runAsync();
  };
  try {
    await view.initialize(place).runAsync();
    await fit();
  } catch (error) {
    place.remove();
    throw error;
  }
  /* The server's picture stays for screen readers (it carries the description) and for print. */
  picture.classList.add("kv-chart__drawing--replaced");
  /* Where the chart is wider than the screen, the latest years are in sight first. */
  const region = place.parentElement;
  region.scrollLeft = region.scrollWidth;
  let last = place.clientWidth;
  new ResizeObserver(() => {
    if (Math.abs(place.clientWidth - last) < 2) return;
    last = place.clientWidth;
    fit();
  }).observe(place);
  return view;
}
