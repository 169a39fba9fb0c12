import { handler } from '../../../lambda/tasks/judge-approval';
import { eventOf, NOW } from '../shared/event';

const evidence = { hash: 'e1', approved: false, subject: '', text: ['', '', '', ''] } as const;

const judged = async (answer: unknown) => handler(eventOf({ evidence, answer }));

test('Judge Approval takes a yes for the evidence that was shown', async () => {
  expect(await judged({ approved: true })).toEqual({ evidence: 'e1', at: NOW });
});

test.each([
  ['ApprovalTimedOut', /nobody answered.*Nothing was switched over.*asks again/s, { Error: 'States.Timeout', Cause: '' }],
  ['ApprovalRejected', /was refused: not on a Friday\. Nothing was switched over/, { Error: 'ApprovalRejected', Cause: 'not on a Friday' }],
  ['ApprovalRejected', /no reason was given/, { Error: 'Whatever' }],
  ['ApprovalNotSent', /could not be published.*is not authorized/, { Error: 'SNS.AuthorizationErrorException', Cause: 'the role is not authorized' }],
  ['ApprovalRejected', /not with \{"approved":true\}|not with \{"approved": true\}/, { approved: 'true' }],
  ['ApprovalRejected', /counts as refused/, null],
  ['ApprovalRejected', /counts as refused/, 'yes'],
])('Judge Approval ends with %s: %s', async (name, message, answer) => {
  const error = await judged(answer).then(() => { throw new Error('it was approved'); }, (thrown: Error) => thrown);
  expect(error).toMatchObject({ name, message: expect.stringMatching(message) as string });
});

test('Judge Approval says of a retirement that nothing was deleted', async () => {
  const answer = { Error: 'States.Timeout', Cause: '' };
  await expect(handler(eventOf({ evidence, answer }, { subject: 'retirement' }))).rejects.toMatchObject({ name: 'ApprovalTimedOut', message: expect.stringMatching(/Nothing was deleted: production is as it was, and the old Blue stays/) as string });
});
