// The package as a stranger gets it: packed, installed beside aws-cdk-lib and constructs and nothing else, and used for the README's first example.

import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { command, oneTest, root, type StageResult } from './stages';

/** What `files` of package.json names and the compiler does not make. */
const SHIPPED_AS_THEY_ARE = ['lambda/dist', 'CHANGELOG.md'];

/** What the README's examples take for granted, as an empty project has to say it. */
const SURROUNDINGS = `
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: 'vpc-1', availabilityZones: ['eu-central-1a'], privateSubnetIds: ['subnet-1'], privateSubnetRouteTableIds: ['rtb-1'],
    });
    const secret = secretsmanager.Secret.fromSecretNameV2(this, 'Secret', 'shop/master');
    const databaseSecurityGroup = ec2.SecurityGroup.fromSecurityGroupId(this, 'SecurityGroup', 'sg-1');
`;

/**
 * Packs a compiled copy of the library, installs it in an empty project and synthesizes the README's first example there.
 *
 * @param library a folder with package.json, README.md and what the compiler has made.
 * @param folder an empty folder for the project.
 */
export function useAsConsumer(library: string, folder: string): Promise<StageResult> {
  const project = path.join(folder, 'project');
  return oneTest(
    () => {
      for (const name of SHIPPED_AS_THEY_ARE) fs.cpSync(path.join(root, name), path.join(library, name), { recursive: true });
      return command('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: library });
    },
    () => {
      fs.mkdirSync(project);
      fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: 'a-consumer', private: true }));
      const [tarball] = fs.readdirSync(folder).filter((name) => name.endsWith('.tgz'));
      const peers = ['aws-cdk-lib', 'constructs'].map((name) => path.join(root, 'node_modules', name));
      return command('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--install-links=false', path.join(folder, tarball ?? ''), ...peers], { cwd: project });
    },
    () => {
      fs.writeFileSync(path.join(project, 'app.js'), firstExample());
      return command('cdk', ['synth', '--quiet', '--no-notices', '--no-version-reporting', '--app', `${process.execPath} app.js`], { cwd: project });
    },
    () => Promise.resolve(synthesized(project)),
  );
}

/** A program of the README's first TypeScript block. */
function firstExample(): string {
  const snippet = /^```ts\n([\s\S]*?)^```$/m.exec(fs.readFileSync(path.join(root, 'README.md'), 'utf8'))?.[1];
  if (snippet === undefined) throw new Error('README.md has no example in TypeScript');
  const lines = snippet.split('\n');
  const imports = lines.filter((line) => line.startsWith('import '));
  const statements = lines.filter((line) => !line.startsWith('import '));
  const program = `
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
${imports.join('\n')}
class Example extends Stack {
  constructor(scope: any, id: string) {
    super(scope, id);
${SURROUNDINGS}
${statements.join('\n')}
  }
}
void rds;
new Example(new App(), 'Example');
`;
  return ts.transpileModule(program, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true } }).outputText;
}

/** The project's template has a state machine, and the assembly has the code of the functions. */
function synthesized(project: string): { readonly succeeded: boolean; readonly output: string } {
  const assembly = path.join(project, 'cdk.out');
  const template = fs.readFileSync(path.join(assembly, 'Example.template.json'), 'utf8');
  const bundles = fs.readdirSync(assembly).filter((name) => name.startsWith('asset.') && fs.existsSync(path.join(assembly, name, 'index.js')));
  const succeeded = template.includes('AWS::StepFunctions::StateMachine') && bundles.length > 10;
  return { succeeded, output: `the assembly should hold a state machine and the code of its functions, got ${bundles.length} bundles` };
}
