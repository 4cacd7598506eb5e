// Puts the third-party browser files where Django finds them: keshu/desk/static/vendor. Run by `npm run build`.
// Copies nothing that is already there unchanged, so that a second run costs nothing.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const out = join(root, 'keshu', 'desk', 'static', 'vendor');
const stamp = join(out, 'stamp.txt');

const copied = {
  'tabler.min.css': '@tabler/core/dist/css/tabler.min.css',
  'htmx.min.js': 'htmx.org/dist/htmx.min.js',
};
const licences = { tabler: '@tabler/core', echarts: 'echarts', htmx: 'htmx.org' };
const outputs = [...Object.keys(copied), 'echarts.min.js', 'LICENSES.txt'];

function fail(what) {
  console.error(what);
  process.exit(1);
}

if (!existsSync(join(modules, 'echarts', 'package.json'))) fail('前端文件还没有装。先运行 npm ci，再运行 npm run build。');

// The lock file pins every version, so its digest (with the two files of this folder) says whether anything can have changed.
const digest = createHash('sha256');
for (const file of ['package-lock.json', 'frontend/build.mjs', 'frontend/echarts.mjs']) digest.update(readFileSync(join(root, file)));
const want = digest.digest('hex');
const have = existsSync(stamp) ? readFileSync(stamp, 'utf8').trim() : '';
if (have === want && outputs.every((name) => existsSync(join(out, name)))) {
  console.log('前端文件没有变，不用重做。');
  process.exit(0);
}

mkdirSync(out, { recursive: true });
for (const old of readdirSync(out)) if (![...outputs, 'stamp.txt'].includes(old)) rmSync(join(out, old), { recursive: true });

for (const [name, source] of Object.entries(copied)) {
  // A pointer to a source map that is not shipped makes Django's manifest storage stop; it goes.
  const text = readFileSync(join(modules, source), 'utf8').replace(/\n?\/[/*]# sourceMappingURL=[^\n]*/g, '');
  writeFileSync(join(out, name), text);
}

const { build } = await import('esbuild').catch(() => fail('esbuild 没有装好。删掉 node_modules，再运行 npm ci。'));
await build({
  entryPoints: [join(root, 'frontend', 'echarts.mjs')],
  bundle: true,
  minify: true,
  format: 'iife',
  globalName: 'echarts',
  target: ['chrome87'],
  legalComments: 'none',
  outfile: join(out, 'echarts.min.js'),
  logLevel: 'error',
});

const notices = Object.entries(licences).map(([name, source]) => {
  const folder = join(modules, source);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(licen[cs]e|notice)/i.test(entry.name))
    .map((entry) => readFileSync(join(folder, entry.name), 'utf8').trim());
  return `${name} ${version} (${license})\n\n${texts.join('\n\n')}`;
});
writeFileSync(join(out, 'LICENSES.txt'), notices.join(`\n\n${'-'.repeat(78)}\n\n`) + '\n');
writeFileSync(stamp, want + '\n');
console.log(`前端文件已放到 keshu/desk/static/vendor（${outputs.length} 个）。`);
