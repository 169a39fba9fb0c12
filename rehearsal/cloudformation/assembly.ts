import fs from 'node:fs';
import path from 'node:path';
import { type JsonObject, objectAt, parseObject, textAt } from './json';

/** A synthesized stack as it lies in a cloud assembly. */
export interface SynthesizedStack {
  /** The name CloudFormation knows the stack by. */
  readonly name: string;
  readonly template: JsonObject;
  /** The construct path of each logical id, without a leading slash. */
  readonly paths: ReadonlyMap<string, string>;
  /** The absolute path of each asset, by its object key in the assets bucket. */
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * Reads a stack of a cloud assembly (the folder that `cdk synth` writes).
 *
 * @param stackName the name of the stack or of its artifact.
 * @throws Error where there is no such stack; it lists the ones there are.
 */
export function readStack(directory: string, stackName: string): SynthesizedStack {
  const artifacts = objectAt(readJson(path.join(directory, 'manifest.json')), 'artifacts');
  const stacks = Object.keys(artifacts).filter((id) => textAt(objectAt(artifacts, id), 'type') === 'aws:cloudformation:stack');
  const nameOf = (id: string) => textAt(objectAt(objectAt(artifacts, id), 'properties'), 'stackName') ?? id;
  const id = stacks.find((candidate) => candidate === stackName || nameOf(candidate) === stackName);
  if (!id) throw new Error(`there is no stack '${stackName}' in '${directory}'; it has ${stacks.map(nameOf).join(', ') || 'none'}`);

  const artifact = objectAt(artifacts, id);
  const templateFile = textAt(objectAt(artifact, 'properties'), 'templateFile');
  if (!templateFile) throw new Error(`the stack '${stackName}' in '${directory}' names no template file: synthesize it again`);
  return {
    name: nameOf(id),
    template: readJson(path.join(directory, templateFile)),
    paths: readPaths(directory, artifact),
    assets: readAssets(directory, artifacts, artifact),
  };
}

function readPaths(directory: string, artifact: JsonObject): ReadonlyMap<string, string> {
  const file = textAt(artifact, 'additionalMetadataFile');
  const metadata = { ...objectAt(artifact, 'metadata'), ...(file ? readJson(path.join(directory, file)) : {}) };
  const paths = new Map<string, string>();
  for (const [constructPath, entries] of Object.entries(metadata)) {
    for (const entry of Array.isArray(entries) ? entries as JsonObject[] : []) {
      const logicalId = textAt(entry, 'data');
      if (entry.type === 'aws:cdk:logicalId' && logicalId) paths.set(logicalId, constructPath.replace(/^\//, ''));
    }
  }
  return paths;
}

function readAssets(directory: string, artifacts: JsonObject, stack: JsonObject): ReadonlyMap<string, string> {
  const dependencies = Array.isArray(stack.dependencies) ? stack.dependencies as string[] : [];
  const assets = new Map<string, string>();
  for (const dependency of dependencies) {
    const artifact = objectAt(artifacts, dependency);
    const file = textAt(objectAt(artifact, 'properties'), 'file');
    if (textAt(artifact, 'type') !== 'cdk:asset-manifest' || !file) continue;
    const files = objectAt(readJson(path.join(directory, file)), 'files');
    for (const id of Object.keys(files)) {
      const source = textAt(objectAt(objectAt(files, id), 'source'), 'path');
      const destinations = objectAt(objectAt(files, id), 'destinations');
      for (const destination of Object.keys(destinations)) {
        const key = textAt(objectAt(destinations, destination), 'objectKey');
        if (key && source) assets.set(key, path.resolve(directory, source));
      }
    }
  }
  return assets;
}

function readJson(file: string): JsonObject {
  return parseObject(fs.readFileSync(file, 'utf8'), file);
}
