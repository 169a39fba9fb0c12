import { Leaks } from '../../rehearsal/leaks';

const SECRET = 'a "quoted" secret';

function leaks(): Leaks {
  const all = new Leaks();
  all.watch(SECRET);
  return all;
}

test.each([['as it is', `login with ${SECRET}`], ['within JSON', JSON.stringify({ password: SECRET })]])('a secret is found %s', (_, text) => {
  const all = leaks();
  all.lookAt('a log', text);
  expect(all.found).toEqual(['a log']);
  expect(() => all.mustBeNone()).toThrow('the password of the database stands in a log: it must never leave the function that logs in');
});

test('nothing is found where nothing is', () => {
  const all = leaks();
  all.lookAt('a log', 'login as admin');
  expect(() => all.mustBeNone()).not.toThrow();
});

test('the error does not tell the secret', () => {
  const all = leaks();
  all.lookAt('a state', SECRET);
  expect(() => all.mustBeNone()).toThrow(expect.objectContaining({ message: expect.not.stringContaining('quoted') }) as Error);
});
