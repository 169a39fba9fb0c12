/** A table as it is on both sides, and what is written into it on Blue. */
export interface Shape {
  /** What Green's table is, in words. */
  readonly name: string;
  /** What stands in the parentheses of CREATE TABLE, and behind them. */
  readonly blue: string;
  readonly green: string;
  /** What follows INSERT INTO and the table's name; a table has `id`, and `n`, a number that is changed afterwards. */
  readonly rows: string;
  readonly renamed?: Readonly<Record<string, string>>;
  /** Columns of a unique key. */
  readonly unique?: readonly string[];
}

const ID = 'id INT NOT NULL PRIMARY KEY';
const BLUE = `${ID}, n INT NOT NULL, a VARCHAR(10), b VARCHAR(10)`;
const ROWS = `(id, n, a, b) VALUES (1, 10, 'x', 'y'), (2, -20, 'é', NULL), (3, 30, '', '中'), (4, 2147483647, 'w', 'v')`;
const GENERATED = `${ID}, n INT NOT NULL, g INT AS (n + 1)`;
const WITHOUT_B = `(id, n, a) VALUES (1, 10, 'x'), (2, -20, NULL), (3, 30, '')`;

function plain(name: string, green: string, blue = BLUE, rows = ROWS): Shape {
  return { name, blue: inParentheses(blue), green: inParentheses(green), rows };
}

function inParentheses(columns: string): string {
  return columns.startsWith('(') ? columns : `(${columns})`;
}

function keyed(name: string, collation: string, texts: readonly [string, string]): Shape {
  const columns = (text: string) => `(${ID}, n INT NOT NULL, a VARCHAR(10) ${text} UNIQUE)`;
  return {
    name, blue: columns('CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci'), green: columns(`CHARACTER SET utf8mb4 COLLATE ${collation}`),
    rows: `(id, n, a) VALUES (1, 10, '${texts[0]}'), (2, 20, 'other'), (3, 30, '${texts[1]}')`, unique: ['a'],
  };
}

/** Tables that differ in the number, the order and the kind of their columns, and in their keys. */
export const SHAPES: readonly Shape[] = [
  plain('as it was', BLUE),
  plain('with a column at the end', `${BLUE}, z INT`),
  plain('with a column at the end that is never NULL and has no default', `${BLUE}, z INT NOT NULL`),
  plain('with a column at the end that has a default', `${BLUE}, z VARCHAR(5) NOT NULL DEFAULT 'none'`),
  plain('with a column at the end that has an expression for its default', `${BLUE}, z CHAR(36) DEFAULT (UUID())`),
  plain('with a column at the end that knows the last change', `${BLUE}, z TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP`),
  plain('with an invisible column at the end', `${BLUE}, z INT NOT NULL DEFAULT 5 INVISIBLE`),
  plain('with a stored generated column at the end', `${BLUE}, z INT AS (n DIV 2) STORED`),
  plain('with a virtual generated column at the end', `${BLUE}, z VARCHAR(30) AS (CONCAT(a, b)) VIRTUAL`),
  plain('with a number that counts at the end', `${BLUE}, z INT NOT NULL AUTO_INCREMENT UNIQUE`),
  plain('with a column at the end, and a wider one', `${ID}, n BIGINT NOT NULL, a VARCHAR(20), b VARCHAR(10), z INT`),
  plain('with a column in the middle, of the same type as the next', `${ID}, n INT NOT NULL, z VARCHAR(10), a VARCHAR(10), b VARCHAR(10)`),
  plain('with a column in the middle, of another type than the next', `${ID}, n INT NOT NULL, z DATE, a VARCHAR(10), b VARCHAR(10)`),
  plain('with a column in front', `z INT, ${BLUE}`),
  plain('with a virtual generated column in the middle', `${ID}, n INT NOT NULL, z VARCHAR(10) AS ('z') VIRTUAL, a VARCHAR(10), b VARCHAR(10)`),
  plain('with a stored generated column in the middle', `${ID}, n INT NOT NULL, z VARCHAR(10) AS ('z') STORED, a VARCHAR(10), b VARCHAR(10)`),
  plain('with an invisible column in the middle', `${ID}, n INT NOT NULL, z VARCHAR(10) INVISIBLE, a VARCHAR(10), b VARCHAR(10)`),
  plain('with two columns of one type swapped', `${ID}, n INT NOT NULL, b VARCHAR(10), a VARCHAR(10)`),
  plain('with two columns of different types swapped', `${ID}, a VARCHAR(10), n INT NOT NULL, b VARCHAR(10)`),
  plain('with a column moved to the end', `${ID}, n INT NOT NULL, b VARCHAR(10), z VARCHAR(10), a VARCHAR(10)`),
  plain('without the last column', `${ID}, n INT NOT NULL, a VARCHAR(10)`),
  plain('without a column in the middle', `${ID}, n INT NOT NULL, b VARCHAR(10)`),
  plain('with another column instead of the last', `${ID}, n INT NOT NULL, a VARCHAR(10), z VARCHAR(10)`),
  { ...plain('with a renamed column', `${ID}, n INT NOT NULL, a VARCHAR(10), z VARCHAR(10)`), renamed: { b: 'z' } },
  plain('with a column that has become invisible', `${ID}, n INT NOT NULL, a VARCHAR(10) INVISIBLE, b VARCHAR(10)`),
  plain('with a column that has become visible', BLUE, `${ID}, n INT NOT NULL, a VARCHAR(10) INVISIBLE, b VARCHAR(10)`),
  ...['VIRTUAL', 'STORED'].flatMap((kind) => [
    plain(`with the same ${kind.toLowerCase()} generated column, and a wider one behind it`, `${GENERATED} ${kind}, a VARCHAR(20)`, `${GENERATED} ${kind}, a VARCHAR(10)`, WITHOUT_B),
    plain(`with another expression of a ${kind.toLowerCase()} generated column`, `${ID}, n INT NOT NULL, g INT AS (n + 2) ${kind}, a VARCHAR(10)`, `${GENERATED} ${kind}, a VARCHAR(10)`, WITHOUT_B),
    plain(`with a plain column that is ${kind.toLowerCase()} and generated on Blue`, `${ID}, n INT NOT NULL, g INT, a VARCHAR(10)`, `${GENERATED} ${kind}, a VARCHAR(10)`, WITHOUT_B),
    plain(`without a ${kind.toLowerCase()} generated column at the end`, `${ID}, n INT NOT NULL`, `${GENERATED} ${kind}`, '(id, n) VALUES (1, 10), (2, 20), (3, 30)'),
  ]),
  plain('with a generated column that is plain on Blue', `${GENERATED} STORED, a VARCHAR(10)`, `${ID}, n INT NOT NULL, g INT, a VARCHAR(10)`, `(id, n, g, a) VALUES (1, 10, 5, 'x'), (2, 20, 6, 'y'), (3, 30, 7, '')`),
  plain('with an index on an expression', `${BLUE}, KEY ((n + 1))`),
  plain('with an index on an expression, and a column at the end', `${BLUE}, z VARCHAR(10), KEY ((n DIV 2))`),
  plain('without an index on an expression', BLUE, `${BLUE}, KEY ((n DIV 2))`),
  plain('with a column at the end, and the same index on an expression', `${BLUE}, z INT, KEY ((n DIV 2))`, `${BLUE}, KEY ((n DIV 2))`),
  plain('with another primary key', 'id INT NOT NULL, n INT NOT NULL PRIMARY KEY, a VARCHAR(10), b VARCHAR(10)'),
  plain('without a primary key', 'id INT NOT NULL, n INT NOT NULL, a VARCHAR(10), b VARCHAR(10)'),
  plain('with a primary key where Blue has none', BLUE, 'id INT NOT NULL, n INT NOT NULL, a VARCHAR(10), b VARCHAR(10)'),
  plain('with more indexes', `${BLUE}, KEY (a), KEY (b, n)`),
  plain('in partitions', `(${BLUE}) PARTITION BY HASH (id) PARTITIONS 3`),
  plain('no longer in partitions', BLUE, `(${BLUE}) PARTITION BY HASH (id) PARTITIONS 3`),
  keyed('with another collation in a unique key, which makes two rows equal', 'utf8mb4_0900_ai_ci', ['ss', 'ß']),
  keyed('with another collation in a unique key, which makes none equal', 'utf8mb4_0900_ai_ci', ['one', 'two']),
  keyed('with the same family of collation in a unique key', 'utf8mb4_general_ci', ['one', 'two']),
];
