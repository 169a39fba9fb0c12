import { hookFolders } from '../../rehearsal/hook-folders';

describe('the hooks of npm start', () => {
  test('are none without a word', () => {
    expect(hookFolders([]).functions).toEqual([]);
  });

  test.each([
    ['beforeSwichover=.', `'--hook' should be NAME=FOLDER, where NAME is beforeMigration, beforeSwitchover, afterSwitchover, onFailure, got 'beforeSwichover=.'`],
    ['onFailure', `'--hook onFailure' should be a folder with an index.js that exports 'handler', got ''`],
    ['onFailure=/nowhere', `'--hook onFailure' should be a folder with an index.js that exports 'handler', got '/nowhere'`],
  ])('are refused where nothing could run: %s', (word, message) => {
    expect(() => hookFolders([word])).toThrow(message);
  });
});
