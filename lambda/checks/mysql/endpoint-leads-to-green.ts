import { type Check, type Problem } from '../check';
import { type GreenContext } from './context';

/** The production endpoint answers with the new server; the old Blue takes no writes any more. */
export const endpointLeadsToGreen: Check<GreenContext> = {
  id: 'endpoint-leads-to-green',
  scopes: ['after-switchover'],
  async run({ blue, green, situation }) {
    const ask = 'SELECT @@server_uuid AS uuid, @@global.read_only AS readOnly, @@global.innodb_read_only AS innodbReadOnly';
    const [old, present] = await Promise.all([blue, green].map((session) => session.row<{ uuid: string; readOnly: number; innodbReadOnly: number }>(ask)));
    const problems: Problem[] = [];
    if (old === undefined || present === undefined) throw new Error('a server did not answer its own variables');
    if (old.uuid === present.uuid) {
      problems.push({ severity: 'blocker', message: `the production endpoint of '${situation.target?.identifier}' still leads to the old Blue (server ${old.uuid}): DNS may need some seconds` });
    }
    if (old.uuid !== present.uuid && !old.readOnly && !old.innodbReadOnly) {
      problems.push({
        severity: 'blocker',
        message: `the old Blue '${situation.source?.identifier}' takes writes: a client with an old address could write there and lose it. Set read_only=1 in its cluster parameter group`,
      });
    }
    return problems;
  },
};
