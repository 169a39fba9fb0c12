// Writes the table of docs/permissions.md from the template of examples/utf8mb4: npx tsx scripts/permissions-table.ts
import fs from 'node:fs';
import path from 'node:path';
import { App, Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Utf8mb4Stack } from '../examples/utf8mb4/utf8mb4-stack';
import { type BlueGreenPipelineProps, RetireBlue } from '../lib';
import { TASKS } from '../lib/private/functions';
import { replacePart } from './document-parts';
import { writeIfChanged } from './generated';
import { root } from './stages';

/** The page with the table. */
export const permissionsPage = path.join(root, 'docs', 'permissions.md');

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

interface Policy {
  readonly Roles: readonly { readonly Ref: string }[];
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

/** What each role of the pipeline may do, as CloudFormation creates it: a line for each permission, with the roles that have it. */
export function permissionsTable(): string {
  return tableOf(rowsOf({}));
}

/** What `retireBlue` adds, the permission to lift deletion protection included. */
export function retirementPermissionsTable(): string {
  const before = new Map(rowsOf({}).map(({ may, whose }) => [may, whose]));
  const after = rowsOf({ retireBlue: RetireBlue.after(Duration.days(7), { removeDeletionProtection: true }) });
  const added = after.map(({ may, whose }) => ({ may, whose: whose.filter((name) => before.get(may)?.includes(name) !== true) }));
  return tableOf(added.filter(({ whose }) => whose.length > 0 && !whose.includes(STATE_MACHINE)));
}

/** A line of the table. */
interface Row {
  readonly may: string;
  readonly whose: readonly string[];
}

function tableOf(rows: readonly Row[]): string {
  return ['| who | may | on |', '|---|---|---|', ...rows.map(({ may, whose }) => `| ${whose.join(', ')} | ${may} |`)].join('\n');
}

function rowsOf(pipeline: Partial<BlueGreenPipelineProps>): Row[] {
  const template = Template.fromStack(new Utf8mb4Stack(new App(), 'Utf8mb4', { pipeline }));
  const owners = ownersOf(template);
  // what is too long for a role's own policy, CDK puts into managed ones.
  const resources = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) => Object.values(template.findResources(type)));
  const policies = resources.map(({ Properties }) => Properties as Policy);
  const rows = new Map<string, string[]>();
  for (const owner of [...Object.keys(TASKS), STATE_MACHINE, AFTERMATH, AFTERMATH_RULE]) {
    const its = policies.filter(({ Roles }) => Roles.some(({ Ref }) => owners.get(Ref) === owner));
    const statements = its.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const shown = statements.filter((statement) => !(owner in TASKS) || !isLogging(statement));
    for (const [actions, resources] of resourcesByActions(shown)) {
      const row = `${actions} | ${resourcesInText(resources)}`;
      rows.set(row, [...rows.get(row) ?? [], owner]);
    }
  }
  return [...rows].map(([may, whose]) => ({ may, whose }));
}

const STATE_MACHINE = 'state machine';
const AFTERMATH = 'aftermath';
const AFTERMATH_RULE = 'rule of the aftermath';

/** Whose role it is, by its logical id. */
function ownersOf(template: Template): Map<string, string> {
  return new Map(Object.entries(template.findResources('AWS::IAM::Role')).map(([id, { Properties }]) => {
    const { Description: description = '' } = Properties as { Description?: string };
    const other = description.startsWith('Aftermath of ') ? AFTERMATH : description.startsWith('Aftermath rule of ') ? AFTERMATH_RULE : STATE_MACHINE;
    return [id, /^Task (\S+) of /.exec(description)?.[1] ?? other];
  }));
}

/** Every function writes its own log and nothing else's; that is said once, above the table. */
function isLogging({ Action }: Statement): boolean {
  return listOf(Action).every((action) => action.startsWith('logs:'));
}

function resourcesByActions(statements: readonly Statement[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { Effect, Action, Resource } of statements) {
    const actions = `${Effect === 'Deny' ? '**never** ' : ''}${listOf(Action).map((action) => `\`${action}\``).join(', ')}`;
    found.set(actions, [...new Set([...found.get(actions) ?? [], ...(Array.isArray(Resource) ? Resource : [Resource]).map(textOf)])]);
  }
  return found;
}

function resourcesInText(resources: readonly string[]): string {
  // the second ARN of a function means its versions.
  const distinct = resources.filter((resource) => !resource.endsWith(':*') || !resources.includes(resource.slice(0, -2)));
  return distinct.length > 8 ? `its own ${distinct.length} functions` : distinct.map((resource) => `\`${resource}\``).join(', ');
}

function listOf(action: string | readonly string[]): readonly string[] {
  return typeof action === 'string' ? [action] : action;
}

/** A CloudFormation value as a reader takes it in: an ARN without what is the same everywhere. */
function textOf(value: unknown): string {
  return spelled(value).replace(/^arn:[^:]+:([^:]+):[^:]*:[^:]*:/, '$1:');
}

function spelled(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[key, content] = ['', undefined]] = Object.entries(value as Record<string, unknown>);
  if (key === 'Ref') return PSEUDO[String(content)] ?? `<${named(String(content))}>`;
  if (key === 'Fn::GetAtt') return `<${named(String((content as unknown[])[0]))}>`;
  if (key === 'Fn::Join') return (content as [string, unknown[]])[1].map(spelled).join((content as [string, unknown[]])[0]);
  throw new Error(`the template has a resource that this script cannot spell: ${JSON.stringify(value)}`);
}

const PSEUDO: Readonly<Record<string, string>> = { 'AWS::Partition': 'aws', 'AWS::Region': 'REGION', 'AWS::AccountId': 'ACCOUNT' };

/** Logical ids end in a hash. */
function named(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

if (require.main === module) {
  const page = replacePart(fs.readFileSync(permissionsPage, 'utf8'), 'permissions', permissionsTable());
  writeIfChanged(permissionsPage, replacePart(page, 'retirement-permissions', retirementPermissionsTable()));
}
