/* Builds what the browser gets, into src/koersvast/web/static/built/ (ignored by git, carried by the wheel).

   koersvast.css   the design system's component CSS that our templates use, then our own
   thema-basis.css the design tokens on :root, without the tokens that no rule reads
   koersvast.js    small page module; charts.js is loaded by it, only on a page with a chart
   fonts/          woff2 for pages;  fonts-ttf/ for documents and server-made charts
   test/           axe-core, for the accessibility tests only

   Works offline after `npm ci`. Django's manifest storage adds the hashes. */

import { build } from "esbuild";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pruneTokens } from "./tokens.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "..", "node_modules");
const out = join(here, "..", "src", "koersvast", "web", "static", "built");

const TOKENS = "@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css";
const WEB_FONTS = "@fontsource-variable/source-sans-3";
const WEB_FONT_FILES = ["latin-wght-normal", "latin-wght-italic", "latin-ext-wght-normal", "latin-ext-wght-italic"];
const TTF_FONTS = "@expo-google-fonts/noto-sans";
const TTF_WEIGHTS = ["400Regular", "400Regular_Italic", "600SemiBold", "700Bold", "700Bold_Italic"];
const LARGEST_CSS_BYTES = 250_000;

async function buildCss() {
  await build({
    entryPoints: [join(here, "css", "koersvast.css")],
    outfile: join(out, "koersvast.css"),
    bundle: true,
    minify: true,
    legalComments: "none",
    external: ["./fonts/*", "../koersvast/*"],
    target: ["chrome111", "firefox113", "safari16.4"],
    nodePaths: [modules],
  });
  const css = await readFile(join(out, "koersvast.css"), "utf8");
  if (css.length > LARGEST_CSS_BYTES) throw new Error(`koersvast.css is ${css.length} bytes; the limit is ${LARGEST_CSS_BYTES}.`);
  const theme = await readFile(join(modules, TOKENS), "utf8");
  const pruned = pruneTokens(theme.replace(".voorbeeld-theme", ":root"), css);
  await writeFile(join(out, "thema-basis.css"), pruned);
  return { "koersvast.css": css.length, "thema-basis.css": pruned.length };
}

async function buildScripts() {
  const result = await build({
    entryPoints: [join(here, "js", "koersvast.js"), join(here, "js", "charts.js")],
    outdir: out,
    bundle: true,
    minify: true,
    format: "esm",
    legalComments: "none",
    target: ["chrome111", "firefox113", "safari16.4"],
    nodePaths: [modules],
    metafile: true,
  });
  return Object.fromEntries(Object.entries(result.metafile.outputs).map(([file, { bytes }]) => [file.split("/").pop(), bytes]));
}

async function copyFonts() {
  await mkdir(join(out, "fonts"), { recursive: true });
  await mkdir(join(out, "fonts-ttf"), { recursive: true });
  for (const name of WEB_FONT_FILES) {
    const file = `source-sans-3-${name}.woff2`;
    await cp(join(modules, WEB_FONTS, "files", file), join(out, "fonts", file));
  }
  await cp(join(modules, WEB_FONTS, "LICENSE"), join(out, "fonts", "LICENSE.txt"));
  for (const weight of TTF_WEIGHTS) {
    const file = `NotoSans_${weight}.ttf`;
    await cp(join(modules, TTF_FONTS, weight, file), join(out, "fonts-ttf", file));
  }
  await cp(join(modules, TTF_FONTS, "LICENSE_FONT"), join(out, "fonts-ttf", "LICENSE.txt"));
}

async function copyTestTools() {
  await mkdir(join(out, "test"), { recursive: true });
  await cp(join(modules, "axe-core", "axe.min.js"), join(out, "test", "axe.min.js"));
}

const started = performance.now();
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const [css, scripts] = await Promise.all([buildCss(), buildScripts(), copyFonts(), copyTestTools()]);
for (const [file, bytes] of Object.entries({ ...css, ...scripts })) console.log(`${file.padEnd(18)} ${(bytes / 1000).toFixed(0).padStart(5)} kB`);
console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
