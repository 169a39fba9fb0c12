import { type DatabaseLogin, EnvironmentName, type PipelineSettings } from '../../lib/private/contract';

/**
 * The value of an environment variable the construct always sets.
 *
 * @throws when it is missing: the function was deployed by hand or changed afterwards.
 */
export function requireEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`environment variable '${name}' is not set: deploy the function with the BlueGreenPipeline construct`);
  }
  return value;
}

/** What the construct tells every function. */
export function readSettings(): PipelineSettings {
  const settings = JSON.parse(requireEnvironment(EnvironmentName.SETTINGS)) as PipelineSettings;
  // RDS keeps names in lower case; one that was known only at deployment may be written otherwise.
  const targetClusterParameterGroup = settings.targetClusterParameterGroup?.toLowerCase();
  const clusterIdentifier = settings.clusterIdentifier.toLowerCase();
  return targetClusterParameterGroup === undefined ? { ...settings, clusterIdentifier } : { ...settings, clusterIdentifier, targetClusterParameterGroup };
}

/** How the database functions log in. */
export function readLogin(): DatabaseLogin {
  return JSON.parse(requireEnvironment(EnvironmentName.LOGIN)) as DatabaseLogin;
}
