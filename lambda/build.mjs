// Bundles every task in lambda/tasks/ into lambda/dist/<task>/index.js, and the command into command/dist/index.js: the code that ships prebuilt in the package.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const tasks = (await readdir(path.join(here, 'tasks'))).filter((file) => file.endsWith('.ts')).map((file) => path.basename(file, '.ts')).sort();

/**
 * Credentials in Lambda come from the environment. The SDK's default chain (files, SSO, container, instance metadata) would more than
 * double the bundle and its start-up time.
 */
const credentialsFromEnvironment = {
  name: 'credentials-from-environment',
  setup(context) {
    context.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({ path: 'credentials', namespace: 'environment' }));
    context.onLoad({ filter: /.*/, namespace: 'environment' }, () => ({
      contents: `import { fromEnv } from '@aws-sdk/credential-provider-env'; export const defaultProvider = () => fromEnv();`,
      resolveDir: here,
    }));
  },
};

/** Writes a file aside and renames it, so that whoever reads at this moment sees the old or the new content, never a part. */
async function publish(file, contents) {
  const aside = `${file}.${process.pid}.tmp`;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(aside, contents);
  await rename(aside, file);
}

const same = async (file, contents) => {
  const present = await readFile(file).catch(() => undefined);
  return present !== undefined && createHash('sha256').update(present).digest('hex') === createHash('sha256').update(contents).digest('hex');
};

/** How everything is bundled. */
const OPTIONS = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  // the runtime in AWS is newer, but rehearsals run the same bundles on the user's Node.
  target: 'node20',
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  write: false,
  legalComments: 'none',
  logLevel: 'warning',
};

const result = await build({
  ...OPTIONS,
  entryPoints: Object.fromEntries(tasks.map((task) => [`${task}/index`, path.join(here, 'tasks', `${task}.ts`)])),
  outdir: path.join(here, 'dist'),
  metafile: true,
  plugins: [credentialsFromEnvironment],
});

for (const file of result.outputFiles) {
  if (!(await same(file.path, file.contents))) await publish(file.path, file.contents);
}
const inputs = Object.fromEntries(Object.entries(result.metafile.outputs).map(([output, { bytes, inputs }]) => [path.basename(path.dirname(output)), { bytes, inputs: Object.keys(inputs) }]));
const metafile = Buffer.from(`${JSON.stringify(inputs, undefined, 1)}\n`);
if (!(await same(path.join(here, 'dist', 'contents.json'), metafile))) await publish(path.join(here, 'dist', 'contents.json'), metafile);

// the command is run by people: with every kind of credentials, and as a file of its own.
const command = await build({
  ...OPTIONS,
  entryPoints: [path.join(here, '..', 'command', 'main.ts')],
  outfile: path.join(here, '..', 'command', 'dist', 'index.js'),
  banner: { js: '#!/usr/bin/env node' },
});
for (const file of command.outputFiles) {
  if (!(await same(file.path, file.contents))) await publish(file.path, file.contents);
}

// a task that was renamed or removed must not be shipped any more.
for (const entry of await readdir(path.join(here, 'dist'))) {
  const folder = path.join(here, 'dist', entry);
  if ((await stat(folder)).isDirectory() && !tasks.includes(entry)) await rm(folder, { recursive: true });
}
