import { type CreateBlueGreenDeployment$ } from '@aws-sdk/client-rds';
import { NormalizedSchema } from '@smithy/core/schema';
import { invalidParameterValue, type ServiceError } from './service-error';

/*
 * AWS Query, from the server's side: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 * Names of members and list items come from the schemas the SDK itself reads and writes with, so that a wrong name cannot be dropped in silence.
 */

/** An operation of the RDS API as the SDK describes it, e.g. `CreateBlueGreenDeployment$`. */
export type OperationSchema = typeof CreateBlueGreenDeployment$;

const API_VERSION = '2014-10-31';
const NAMESPACE = 'http://rds.amazonaws.com/doc/2014-10-31/';

/** The name of an operation as it stands in `Action=...`. */
export const actionOf = (operation: OperationSchema): string => operation[2];

/**
 * The `Action` and the other pairs of a form-encoded request.
 *
 * @throws ServiceError when the action is missing or the version is not the SDK's.
 */
export function readForm(body: string): { action: string; members: [string, string][] } {
  const pairs = [...new URLSearchParams(body)];
  const action = pairs.find(([key]) => key === 'Action')?.[1];
  const version = pairs.find(([key]) => key === 'Version')?.[1];
  if (!action) throw invalidParameterValue('The request must contain the parameter Action.');
  if (version !== API_VERSION) throw invalidParameterValue(`Version should be ${API_VERSION}, got '${String(version)}'.`);
  return { action, members: pairs.filter(([key]) => key !== 'Action' && key !== 'Version') };
}

/**
 * The input of an operation, read by its schema.
 *
 * @throws ServiceError when a member is unknown to the schema or a value has the wrong form.
 */
export function readInput(operation: OperationSchema, members: [string, string][]): unknown {
  const root = new FormNode();
  for (const [key, value] of members) root.at(key.split('.')).value = value;
  return readValue(NormalizedSchema.of(operation[4]), root, actionOf(operation));
}

/**
 * The XML document of an answer.
 *
 * @throws Error when the answer has a member or a type the schema does not know: a mistake of ours.
 */
export function writeOutput(operation: OperationSchema, output: unknown, requestId: string): string {
  const action = actionOf(operation);
  const schema = NormalizedSchema.of(operation[5]);
  const result = schema.isUnitSchema() ? '' : `<${action}Result>${writeContent(schema, output, action)}</${action}Result>`;
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return `<${action}Response xmlns="${NAMESPACE}">${result}${metadata}</${action}Response>`;
}

/** The XML document of an error. */
export function writeError(error: ServiceError, requestId: string): string {
  const type = error.status >= 500 ? 'Receiver' : 'Sender';
  const content = `<Type>${type}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`;
  return `<ErrorResponse xmlns="${NAMESPACE}"><Error>${content}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}

/** One part of a form: `Filters.Filter.1.Name=x` is a chain of four nodes. */
class FormNode {
  public value?: string;
  public readonly children = new Map<string, FormNode>();

  public at(path: string[]): FormNode {
    const [head, ...rest] = path;
    if (head === undefined) return this;
    const child = this.children.get(head) ?? new FormNode();
    this.children.set(head, child);
    return child.at(rest);
  }
}

const nameOf = (schema: NormalizedSchema, otherwise: string): string => String(schema.getMergedTraits().xmlName ?? otherwise);

function readValue(schema: NormalizedSchema, node: FormNode, path: string): unknown {
  if (schema.isStructSchema()) return readStructure(schema, node, path);
  if (schema.isListSchema()) return readList(schema, node, path);
  const text = node.value;
  if (text === undefined || node.children.size > 0) throw invalidParameterValue(`${path} should be a plain value.`);
  if (schema.isBooleanSchema()) {
    if (text !== 'true' && text !== 'false') throw invalidParameterValue(`${path} should be true or false, got '${text}'.`);
    return text === 'true';
  }
  if (schema.isNumericSchema()) {
    if (!/^-?\d+$/.test(text)) throw invalidParameterValue(`${path} should be an integer, got '${text}'.`);
    return Number(text);
  }
  if (schema.isTimestampSchema()) {
    const date = new Date(text);
    if (Number.isNaN(date.getTime())) throw invalidParameterValue(`${path} should be a time in ISO 8601, got '${text}'.`);
    return date;
  }
  if (schema.isStringSchema()) return text;
  throw new Error(`${path} has a type that RDS requests do not use: ${String(schema.getName(true))}`);
}

function readStructure(schema: NormalizedSchema, node: FormNode, path: string): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const unread = new Map(node.children);
  for (const [member, memberSchema] of schema.structIterator()) {
    const name = nameOf(memberSchema, member);
    const child = unread.get(name);
    if (!child) continue;
    unread.delete(name);
    input[member] = readValue(memberSchema, child, `${path}.${member}`);
  }
  const [unknown] = unread.keys();
  if (unknown !== undefined) throw invalidParameterValue(`${path} has no member '${unknown}'.`);
  return input;
}

function readList(schema: NormalizedSchema, node: FormNode, path: string): unknown[] {
  // an empty list is sent as the list's name with an empty value.
  if (node.children.size === 0 && node.value === '') return [];
  const item = schema.getValueSchema();
  const itemName = nameOf(item, 'member');
  const parent = schema.getMergedTraits().xmlFlattened ? node : node.children.get(itemName);
  if (!parent || (parent !== node && node.children.size > 1)) throw invalidParameterValue(`${path} should be a list of '${itemName}' items.`);
  return [...parent.children]
    .sort(([left], [right]) => Number(left) - Number(right))
    .map(([index, child]) => {
      if (!/^[1-9]\d*$/.test(index)) throw invalidParameterValue(`${path} should have items numbered from 1, got '${index}'.`);
      return readValue(item, child, `${path}.${index}`);
    });
}

function writeContent(schema: NormalizedSchema, value: unknown, path: string): string {
  if (schema.isStructSchema()) return writeStructure(schema, value, path);
  if (schema.isBooleanSchema() && typeof value === 'boolean') return String(value);
  if (schema.isNumericSchema() && typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (schema.isTimestampSchema() && value instanceof Date) return value.toISOString();
  if (schema.isStringSchema() && typeof value === 'string') return escapeXml(value);
  throw new Error(`our answer has a value at ${path} that does not fit ${String(schema.getName(false))}: ${JSON.stringify(value)}`);
}

function writeStructure(schema: NormalizedSchema, value: unknown, path: string): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`our answer should have a structure at ${path}, got ${JSON.stringify(value)}`);
  const unwritten = new Map(Object.entries(value));
  let xml = '';
  for (const [member, memberSchema] of schema.structIterator()) {
    const memberValue: unknown = unwritten.get(member);
    unwritten.delete(member);
    if (memberValue === undefined) continue;
    xml += writeMember(memberSchema, nameOf(memberSchema, member), memberValue, `${path}.${member}`);
  }
  const [unknown] = unwritten.keys();
  if (unknown !== undefined) throw new Error(`our answer has a member the API does not know: ${path}.${unknown}`);
  return xml;
}

function writeMember(schema: NormalizedSchema, name: string, value: unknown, path: string): string {
  if (!schema.isListSchema()) return element(name, writeContent(schema, value, path));
  if (!Array.isArray(value)) throw new Error(`our answer should have a list at ${path}, got ${JSON.stringify(value)}`);
  const item = schema.getValueSchema();
  const flattened = Boolean(schema.getMergedTraits().xmlFlattened);
  const itemName = flattened ? name : nameOf(item, 'member');
  const items = value.map((entry: unknown, index) => element(itemName, writeContent(item, entry, `${path}[${index}]`))).join('');
  return flattened ? items : element(name, items);
}

const element = (name: string, content: string) => `<${name}>${content}</${name}>`;

function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#xD;', '\n': '&#xA;' };
  return text.replace(/[&<>"\r\n]/g, (character) => entities[character] ?? character);
}
