import { splitStatements } from '../../../../lib/private/sql/splitter';

describe('splits', () => {
  test.each<[string, string, [number, string][]]>([
    ['at semicolons', 'A;\nB;', [[1, 'A'], [2, 'B']]],
    ['a last statement without one', 'A;\nB', [[1, 'A'], [2, 'B']]],
    ['several in a line', 'A; B ;C', [[1, 'A'], [1, 'B'], [1, 'C']]],
    ['nothing out of blanks and semicolons', ';;\n ;\r\n', []],
    ['nothing out of comments', '-- a;\n# b;\n/* c; */\n--\n', []],
    ['after comments, with the line of the first word', '-- one\n/* two\n three */\n  A\n  B;', [[4, 'A\n  B']]],
    ['not in a comment to the end of the line', 'A -- x; y\nB; C # ;\n;', [[1, 'A -- x; y\nB'], [2, 'C # ;']]],
    ['not in a comment within a statement', 'A /* ; */ B;', [[1, 'A /* ; */ B']]],
    ['two hyphens that are no comment', 'SELECT 1--1;SELECT 2', [[1, 'SELECT 1--1'], [1, 'SELECT 2']]],
    ['two hyphens at the very end', 'A;--', [[1, 'A']]],
    ['not in quotes', `A ';' B;`, [[1, `A ';' B`]]],
    ['not in double quotes', 'A ";" B;', [[1, 'A ";" B']]],
    ['not in backticks', 'A `;` B;', [[1, 'A `;` B']]],
    ['not at doubled quotes', `A 'it''s;' ;B`, [[1, `A 'it''s;'`], [1, 'B']]],
    ['not at escaped quotes', `A 'it\\'s;' ;B`, [[1, `A 'it\\'s;'`], [1, 'B']]],
    ['behind an escaped backslash', `A '\\\\' ;B`, [[1, `A '\\\\'`], [1, 'B']]],
    ['behind a backslash in backticks, which escapes nothing', 'A `\\`;B', [[1, 'A `\\`'], [1, 'B']]],
    ['no comments in quotes', `A '-- /* #' ;B`, [[1, `A '-- /* #'`], [1, 'B']]],
    ['quotes in comments away', `-- it's\nA;\n/* " */ B;`, [[2, 'A'], [3, 'B']]],
    ['an executable comment as a part of its statement', '/*!80000 A; B */;\nC', [[1, '/*!80000 A; B */'], [2, 'C']]],
    ['quotes in an executable comment', `/*! A '*/' */; B`, [[1, `/*! A '*/' */`], [1, 'B']]],
    ['an optimizer hint', 'SELECT /*+ MAX_EXECUTION_TIME(1) */ 1;', [[1, 'SELECT /*+ MAX_EXECUTION_TIME(1) */ 1']]],
    ['at another delimiter', 'DELIMITER //\nA; B; END//\nDELIMITER ;\nC;', [[2, 'A; B; END'], [4, 'C']]],
    ['at a delimiter that touches a word', 'delimiter $$\nBEGIN; END$$\nDelimiter ;\nC', [[2, 'BEGIN; END'], [4, 'C']]],
    ['not at a delimiter in quotes', `DELIMITER //\nA 'http://x' //\nDELIMITER ;`, [[2, `A 'http://x'`]]],
    ['what is written behind a DELIMITER away', 'DELIMITER // is it now\nA//', [[2, 'A']]],
    ['a column named delimiter', 'SELECT delimiter, a FROM t;', [[1, 'SELECT delimiter, a FROM t']]],
    ['words that begin like DELIMITER', 'A;\ndelimiters;', [[1, 'A'], [2, 'delimiters']]],
    ['lines of Windows', 'A;\r\nB\r\n;\r\n', [[1, 'A'], [2, 'B']]],
    ['four-byte characters', `A '𠮷;';B`, [[1, `A '𠮷;'`], [1, 'B']]],
  ])('%s', (_, text, found) => {
    expect(splitStatements(text)).toEqual(found.map(([line, sql]) => ({ line, sql })));
  });

  test('ten thousand statements at once', () => {
    expect(splitStatements(`INSERT INTO t VALUES ('${'x'.repeat(200)}');\n`.repeat(10_000)).at(-1)?.line).toBe(10_000);
  });
});

describe('fails', () => {
  test.each([
    ['for a text that does not end', `A;\nB 'x;\nC;`, 2, /^a text in quotes does not end; close it with '/],
    ['for a name that does not end', 'A `x;', 1, /^a name in backticks does not end/],
    ['for a comment that does not end', 'A;\n\n/* B;', 3, /^a comment that begins with \/\* does not end/],
    ['for an executable comment that does not end', 'A;\n/*! B;', 2, /^a comment that begins with \/\*! does not end/],
    ['for a DELIMITER without one', 'A;\nDELIMITER\nB', 2, /^DELIMITER is followed by nothing/],
    ['for a DELIMITER of quotes', `DELIMITER '`, 1, /^DELIMITER is followed by '''; backslashes and quotes/],
    ['for a statement that goes on at the next DELIMITER', 'DELIMITER //\nA;\nEND\nDELIMITER ;\n', 2, /^the statement that begins here has not been ended by its delimiter '\/\/' before the DELIMITER of line 4/],
    ['for a statement that goes on at the end', 'DELIMITER //\n\nA;\nEND;\n', 3, /^the statement that begins here has not been ended by its delimiter '\/\/' when the file ends/],
  ])('%s', (_, text, line, message) => {
    expect(() => splitStatements(text)).toThrow(expect.objectContaining({ line, message: expect.stringMatching(message) as string }));
  });
});
