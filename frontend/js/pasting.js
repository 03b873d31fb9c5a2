/* A table that is pasted from Excel or Word comes along as HTML, in which merged cells can be seen. This turns it into
   the text that the server reads, with a mark where a cell was merged: ↑ with the one above, ← with the one to the left.
   Anything else than one or more tables is left to the browser, so that no words get lost. */

const ABOVE = "\u2191";
const LEFT = "\u2190";
const BLOCKS = new Set(["P", "DIV", "LI", "TR", "H1", "H2", "H3", "H4", "H5", "H6"]);

function words(node) {
  if (node.nodeType === 3) return node.data.replace(/[ \t\r\n]+/g, " ");
  if (node.nodeType !== 1 || ["STYLE", "SCRIPT"].includes(node.tagName)) return "";
  if (node.tagName === "BR") return "\n";
  const inner = [...node.childNodes].map(words).join("");
  if (node.tagName === "LI") return `\n- ${inner.trim()}`;
  return BLOCKS.has(node.tagName) ? `\n${inner}\n` : inner;
}

function textOf(cell) {
  return words(cell).replace(/[ \t]*\n[ \t]*/g, "\n").replace(/\n{2,}/g, "\n").trim();
}

function fill(grid, row, column, cell) {
  const height = Math.min(cell.rowSpan || 1, 500);
  const width = Math.min(cell.colSpan || 1, 40);
  for (let down = 0; down < height; down += 1) {
    grid[row + down] ??= [];
    for (let right = 0; right < width; right += 1) grid[row + down][column + right] = right ? LEFT : ABOVE;
  }
  grid[row][column] = textOf(cell);
}

/* The cells of a table, each in its own place, also under a cell that reaches over several rows. */
function gridOf(table) {
  const grid = [];
  const rows = [...table.rows];
  rows.forEach((row, number) => {
    grid[number] ??= [];
    for (const cell of row.cells) {
      let column = 0;
      while (grid[number][column] !== undefined) column += 1;
      fill(grid, number, column, cell);
    }
  });
  return grid.slice(0, rows.length);
}

const quoted = (text) => (/["\t\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/* Looks say nothing here, and the security policy of the page would complain about each of them. */
const withoutLooks = (html) => html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\sstyle=(?:"[^"]*"|'[^']*')/gi, "");

/** The tables in `html` as tab-separated text with their size; null when there is anything else in it. */
export function tablesAsText(html) {
  const page = new DOMParser().parseFromString(withoutLooks(html), "text/html");
  const tables = [...page.querySelectorAll("table")].filter((table) => !table.parentElement.closest("table"));
  const grid = tables.flatMap(gridOf);
  for (const part of [...tables, ...page.querySelectorAll("style, script, title")]) part.remove();
  if (!grid.length || page.body.textContent.trim()) return null;
  const lines = grid.map((row) => Array.from(row, (text) => quoted(text ?? "")).join("\t"));
  return { text: `${lines.join("\n")}\n`, rows: grid.length, columns: Math.max(...grid.map((row) => row.length)) };
}

document.addEventListener("paste", (event) => {
  const area = event.target.closest?.("textarea[data-paste-table]");
  const html = area && event.clipboardData?.getData("text/html");
  const found = html && tablesAsText(html);
  if (!found) return;
  event.preventDefault();
  area.setRangeText(found.text, area.selectionStart, area.selectionEnd, "end");
  const said = area.form.querySelector("[data-paste-said]");
  if (said) said.textContent = said.dataset.pasteSaid.replace("{rows}", found.rows).replace("{columns}", found.columns);
});
