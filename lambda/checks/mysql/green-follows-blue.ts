import { replicaStatus } from '../../mysql/dialect';
import { lastingError } from '../../replication/catch-up';
import { blocker, type Check, FINE, type Problem } from '../check';
import { type GreenContext } from './context';

/** We are connected to Green, and it is the replica of this very Blue: nothing may ever be altered on another server. */
export const greenFollowsBlue: Check<GreenContext> = {
  id: 'green-follows-blue',
  scopes: ['green', 'before-switchover'],
  async run({ blue, green, situation }) {
    const [blueUuid, greenUuid] = await Promise.all([blue, green].map(async (session) => (await session.row<{ uuid: string }>('SELECT @@server_uuid AS uuid'))?.uuid));
    const name = situation.target?.identifier;
    if (blueUuid === greenUuid) {
      return blocker(`the endpoints of Blue and of Green '${name}' lead to one and the same server (${blueUuid}): nothing may be altered there. Wait for DNS, then start again`);
    }
    const status = await replicaStatus(green);
    if (status === undefined) {
      return blocker(`'${name}' is not a replica of anything, so it is not Green (or has stopped being it): nothing may be altered there. Look at the deployment in the RDS console`);
    }
    const problems: Problem[] = [];
    if (status.sourceUuid !== '' && status.sourceUuid !== blueUuid) {
      problems.push(...blocker(`'${name}' follows server ${status.sourceUuid}, and Blue is ${blueUuid}: it is not the Green of this Blue. Look at the deployment in the RDS console`));
    }
    // an I/O thread that connects again has not stopped; whether it has come back, replication-caught-up and Wait For Replication ask.
    const error = lastingError(status);
    if (error !== undefined) {
      problems.push(...blocker(`replication to '${name}' has stopped with error ${error.errno}: ${error.message}`));
    }
    return problems.length > 0 ? problems : FINE;
  },
};
