import { ErrorName } from '../../lib/private/contract';
import { messageOf, PipelineError, property } from '../shared/errors';
import { type Server, Session } from './session';

/**
 * Opens a session with an old Blue, hands it to `use`, and closes it.
 *
 * @throws `LoginRefused` with a remedy of its own: a secret that was rotated since the switchover has reached production only.
 */
export async function inOldBlue<Result>(server: Server, use: (session: Session) => Promise<Result>): Promise<Result> {
  try {
    return await Session.use(server, use);
  } catch (thrown) {
    if (property(thrown, 'name') !== ErrorName.LOGIN_REFUSED) throw thrown;
    throw new PipelineError(
      ErrorName.LOGIN_REFUSED,
      `${messageOf(thrown)}. This is the old Blue, which has kept the passwords of the switchover: if that of the secret was rotated since, give the old Blue the same one (aws rds modify-db-cluster --db-cluster-identifier NAME --master-user-password … `
      + 'for the master user; RDS may refuse that as long as the deployment exists), or the secret the old one for as long',
      { cause: thrown },
    );
  }
}
