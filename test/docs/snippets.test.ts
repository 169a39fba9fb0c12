import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from '../../scripts/stages';
import { type Block, blocks } from './pages';

const FIXTURE = fs.readFileSync(path.join(root, 'rosetta', 'default.ts-fixture'), 'utf8');

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.Node20,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  strict: true,
  esModuleInterop: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
  paths: { 'cdk-rds-blue-green': [path.join(root, 'lib', 'index.ts')] },
};

/** A snippet that has to be refused; compiled together with the others, because loading the types takes longest. */
const WRONG: Block = { where: 'nowhere', language: 'ts', text: `import { DatabaseAccess } from 'cdk-rds-blue-green';\nDatabaseAccess.secret({ vpc, secret, subnets: [] });\n` };

describe('TypeScript in README and docs', () => {
  const snippets = blocks('ts');
  let errors: string[];

  beforeAll(() => {
    errors = errorsIn(new Map([...snippets, WRONG].map((block, index) => [path.join(root, `snippet-${index}.ts`), block])));
  });

  test('compiles against the library, in the surroundings that rosetta gives it', () => {
    expect(snippets.length).toBeGreaterThan(5);
    expect(errors.filter((error) => !error.startsWith(WRONG.where))).toEqual([]);
  });

  test('fails when a snippet names a property that does not exist', () => {
    expect(errors.filter((error) => error.startsWith(WRONG.where))).toEqual([expect.stringMatching(/'subnets' does not exist/)]);
  });
});

/** What the compiler has to say about snippets, which exist in memory only. */
function errorsIn(snippets: ReadonlyMap<string, Block>): string[] {
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  const textOf = (file: string) => {
    const block = snippets.get(path.normalize(file));
    return block === undefined ? undefined : inFixture(block.text);
  };
  host.fileExists = (file) => textOf(file) !== undefined || fileExists(file);
  host.readFile = (file) => textOf(file) ?? readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const text = textOf(file);
    return text === undefined ? getSourceFile(file, ...rest) : ts.createSourceFile(file, text, ts.ScriptTarget.ES2023);
  };
  const program = ts.createProgram({ rootNames: [...snippets.keys()], options: OPTIONS, host });
  return [...snippets].flatMap(([file, { where }]) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ messageText }) => `${where}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
}

/** Puts a snippet where the fixture says, its imports to the top, as rosetta does. */
function inFixture(snippet: string): string {
  const imports = snippet.split('\n').filter((line) => line.startsWith('import '));
  const statements = snippet.split('\n').filter((line) => !line.startsWith('import '));
  return `${imports.join('\n')}\n${FIXTURE.replace('/// here', () => statements.join('\n'))}`;
}
