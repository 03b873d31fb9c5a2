/* Design tokens: keep the ones that a stylesheet reads, directly or through another token.

   A municipality's theme file overrides --basis-* tokens, so every --basis-* token stays. */

const DECLARATION = /^\s*(--[\w-]+):\s*(.+);$/gm;
const REFERENCE = /var\(\s*(--[\w-]+)/g;

const references = (text) => [...text.matchAll(REFERENCE)].map((match) => match[1]);

export function pruneTokens(theme, css) {
  const tokens = new Map([...theme.matchAll(DECLARATION)].map(([, name, value]) => [name, value]));
  const wanted = new Set();
  const waiting = [...references(css), ...[...tokens.keys()].filter((name) => name.startsWith("--basis-"))];
  while (waiting.length) {
    const name = waiting.pop();
    if (wanted.has(name) || !tokens.has(name)) continue;
    wanted.add(name);
    waiting.push(...references(tokens.get(name)));
  }
  const lines = [...tokens].filter(([name]) => wanted.has(name)).map(([name, value]) => `${name}:${value};`);
  return `:root{${lines.join("\n")}}\n`;
}
