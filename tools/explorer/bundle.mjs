// Bundles the explorer into the folder given. Run by tools/bundle_explorer.py, in a folder with node_modules.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, version } from 'esbuild';

const out = process.argv[2];
const done = await build({
  entryPoints: { explorer: 'explorer.jsx' },
  outdir: out,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022'],
  jsx: 'automatic',
  charset: 'utf8',
  legalComments: 'none',
  loader: { '.woff': 'empty', '.woff2': 'empty', '.ttf': 'empty' },
  define: { 'process.env.NODE_ENV': '"production"' },
  metafile: true,
  logLevel: 'warning',
});

// The system's fonts do: those of GraphiQL would be four fifths of its style sheet.
const style = join(out, 'explorer.css');
writeFileSync(style, readFileSync(style, 'utf8').replace(/@font-face\{[^}]*\}/g, ''));

// What is in the bundle, with its licence: by the files that were read.
const folders = new Set();
for (const name of Object.keys(done.metafile.inputs)) {
  const found = name.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
  if (found) folders.add(found[1]);
}
const packages = [...folders].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  return { name, version, license, text: file ? readFileSync(join(folder, file), 'utf8').trim() : '' };
});
packages.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
const head = `The explorer is bundled from these packages (esbuild ${version}).\n`;
const list = packages.map(({ name, version, license }) => `${name} ${version} (${license})`).join('\n');
const texts = packages
  .map(({ name, version, license, text }) => `${'-'.repeat(70)}\n${name} ${version} (${license})\n\n${text || `License: ${license}`}\n`)
  .join('\n');
writeFileSync(join(out, 'LICENSES.txt'), `${head}\n${list}\n\n${texts}`.replace(/\r/g, '').replace(/[ \t]+$/gm, ''));
