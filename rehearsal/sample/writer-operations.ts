import { createHash } from 'node:crypto';
import { type Connection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { type Random } from './random';
import { type Columns, type RememberedRow, type RememberedRows } from './remembered-rows';
import { headline, note, opinion, personName, place, productName, searchWords } from './words';

/**
 * Something the application does: one statement, one procedure call or one transaction. It carries a key of its own (a number, an address, a
 * lock version), so that after a lost connection the application can look whether it has happened.
 */
export interface Operation {
  /** Sends the statements; may be called again when an earlier attempt has failed. */
  run(connection: Connection): Promise<void>;
  /** Whether an earlier attempt, whose answer was lost, has been carried out. */
  isDone(connection: Connection): Promise<boolean>;
  /** Enters the outcome into the memory, once it is known that the operation was carried out; returns the row it is about. */
  remember(): RememberedRow;
  /** The known row that the operation changes or deletes: nobody knows its content any more if the outcome stays unknown. */
  readonly row?: RememberedRow | undefined;
  /** True where nothing in the table prevents that two attempts are both carried out: such an operation is not sent again. */
  readonly once?: boolean;
}

/** The application did not find what it had left: repeating does not help, and the verification will name the row. */
export class UnexpectedRowsError extends Error {
  public override readonly name = 'UnexpectedRows';
  public readonly code = 'UNEXPECTED_ROWS';
}

/** What of the shop existed when the writer started. */
export interface ExistingRows {
  readonly products: readonly number[];
  readonly suppliers: readonly string[];
  readonly categories: readonly number[];
  /** The customers and orders of this session; no other session of the writer touches them. */
  readonly customers: readonly number[];
  readonly orders: readonly number[];
}

/** Tables whose rows have a lock version. */
type UpdatedTable = 'customers' | 'orders' | 'reviews';

const STATUSES = ['支払待ち', '発送準備', '発送済み', '完了', '取消'] as const;

/**
 * One session of the shop's application: decides what to do next. It touches only rows of its own, so that it always knows what they contain.
 */
export class ShopSession {
  private customers: RememberedRow[] = [];
  private orders: RememberedRow[] = [];
  private reviews: RememberedRow[] = [];
  private count = 0;

  /**
   * @param name short and different for each session that ever writes to the database; part of the keys of its rows.
   * @param mayGrow false once the memory is full: from then on the session only updates.
   */
  constructor(
    private readonly name: string,
    private readonly random: Random,
    private readonly existing: ExistingRows,
    private readonly memory: RememberedRows,
    private readonly mayGrow: () => boolean,
  ) {}

  /** The next thing this session does. */
  public next(): Operation {
    this.count++;
    const { random } = this;
    if (!this.mayGrow()) return this.changeOwnRow();
    const dice = random.integer(1, 100);
    if (dice <= 18) return this.logAccess();
    if (dice <= 34) return this.placeOrder();
    if (dice <= 50) return this.changeCustomer();
    if (dice <= 62) return this.changeOrder();
    if (dice <= 74) return this.addReview();
    if (dice <= 80) return this.changeReview();
    if (dice <= 84) return this.deleteRow(this.reviews, 'reviews');
    if (dice <= 88) return this.deleteRow(this.orders, 'orders');
    if (dice <= 93) return this.registerCustomer();
    if (dice <= 95) return this.deleteRow(this.customers, 'customers');
    if (dice <= 98) return this.addProduct();
    return this.addCoupon();
  }

  /** Takes rows that may have changed behind the application's back out of what it touches. */
  public avoid(row: RememberedRow): void {
    this.customers = this.customers.filter((other) => other !== row);
    this.orders = this.orders.filter((other) => other !== row);
    this.reviews = this.reviews.filter((other) => other !== row);
    for (const child of row.children) this.avoid(child);
  }

  private changeOwnRow(): Operation {
    const kind = this.random.integer(1, 3);
    if (kind === 1 && this.orders.length > 0) return this.changeOrder();
    if (kind === 2 && this.reviews.length > 0) return this.changeReview();
    return this.changeCustomer();
  }

  /** Not longer than 20 characters, and never used before. */
  private key(): string {
    return `${this.name}-${this.count}`;
  }

  private hexadecimalKey(): string {
    return createHash('sha256').update(this.key()).digest('hex').slice(0, 32);
  }

  private logAccess(): Operation {
    const key: Columns = { request_id: this.hexadecimalKey() };
    const content: Columns = { path: `/検索?page=${this.random.integer(1, 9)}`, search_words: searchWords(this.random), user_agent: 'Mozilla/5.0', logged_at: '2026-01-31 12:34:56' };
    return {
      run: (connection) => insert(connection, 'access_log', { ...key, ...content }).then(() => undefined),
      isDone: (connection) => exists(connection, 'access_log', key),
      remember: () => this.memory.written('access_log', key, content),
      once: true,
    };
  }

  private registerCustomer(): Operation {
    const person = personName(this.random);
    const home = place(this.random);
    const content: Columns = {
      email: `${this.key()}@Example.jp`, family_name: person.family, given_name: person.given, kana: person.kana, gender: '回答しない', points: 0,
      memo: note(this.random), lock_version: 0,
    };
    const address: Columns = {
      label: '自宅', postal_code: home.postalCode, prefecture: home.prefecture, city: home.city, street: home.street, building: home.building,
    };
    let id = 0;
    return {
      run: (connection) => transaction(connection, async () => {
        id = await insert(connection, 'customers', { ...content, registered_at: '2026-01-31 00:00:00' });
        await insert(connection, 'addresses', { customer_id: id, ...address });
      }),
      isDone: async (connection) => (id = await idOf(connection, 'customers', { email: content['email'] ?? null })) > 0,
      remember: () => {
        const customer = this.memory.written('customers', { id }, { ...content, full_name: `${person.family}　${person.given}` });
        this.customers.push(customer);
        this.memory.written('addresses', { customer_id: id }, address, customer);
        return customer;
      },
    };
  }

  private changeCustomer(): Operation {
    const known = this.customers.length > 0 && this.random.chance(0.5) ? this.random.pick(this.customers) : undefined;
    const id = known ? Number(known.key['id']) : this.random.pick(this.existing.customers);
    const person = personName(this.random);
    if (this.random.chance(0.3)) return this.renameCustomer(id, person.family, person.given);
    return this.update('customers', { id }, { points: this.random.integer(0, 5000), memo: note(this.random), kana: person.kana });
  }

  private renameCustomer(id: number, family: string, given: string): Operation {
    const content: Columns = { family_name: family, given_name: given, full_name: `${family}　${given}` };
    return this.updateOnce('customers', { id }, content, async (connection, version) => {
      const [result] = await connection.execute<ResultSetHeader>('CALL rename_customer(?, ?, ?, ?)', [id, family, given, version]);
      return result.affectedRows;
    });
  }

  private placeOrder(): Operation {
    const customer = this.customers.length > 0 && this.random.chance(0.6) ? this.random.pick(this.customers) : undefined;
    const customerId = customer ? Number(customer.key['id']) : this.random.pick(this.existing.customers);
    const home = place(this.random);
    const content: Columns = {
      number: this.key(), customer_id: customerId, status: '受付', ship_to: home.prefecture + home.city + home.street,
      note: this.random.chance(0.5) ? note(this.random) : null, total: `${this.random.integer(100, 99_999)}.50`, lock_version: 0,
    };
    const items: Columns[] = Array.from({ length: this.random.integer(1, 3) }, (_, index) => ({
      line_no: index + 1, product_id: this.random.pick(this.existing.products), product_name: productName(this.random).name,
      options: this.random.chance(0.5) ? '色：青' : null, quantity: this.random.integer(1, 9), unit_price: `${this.random.integer(1, 9999)}.00`,
    }));
    let id = 0;
    return {
      run: (connection) => transaction(connection, async () => {
        id = await insert(connection, 'orders', { ...content, ordered_at: '2026-01-31 12:00:00.123' });
        for (const item of items) await insert(connection, 'order_items', { order_id: id, ...item });
      }),
      isDone: async (connection) => (id = await idOf(connection, 'orders', { number: content['number'] ?? null })) > 0,
      remember: () => {
        const order = this.memory.written('orders', { id }, content, customer);
        this.orders.push(order);
        for (const { line_no: line = 0, ...item } of items) this.memory.written('order_items', { order_id: id, line_no: line }, item, order);
        return order;
      },
    };
  }

  private changeOrder(): Operation {
    const known = this.orders.length > 0 && this.random.chance(0.7) ? this.random.pick(this.orders) : undefined;
    const id = known ? Number(known.key['id']) : this.random.pick(this.existing.orders);
    return this.update('orders', { id }, { status: this.random.pick(STATUSES), note: `${note(this.random)}（${this.key()}）` });
  }

  private addReview(): Operation {
    const key: Columns = { submission_key: this.hexadecimalKey() };
    const customer = this.customers.length > 0 && this.random.chance(0.5) ? this.random.pick(this.customers) : undefined;
    const content: Columns = {
      product_id: this.random.pick(this.existing.products), customer_id: customer ? Number(customer.key['id']) : this.random.pick(this.existing.customers),
      rating: this.random.integer(1, 5), title: headline(this.random), body: opinion(this.random, 6), lock_version: 0,
    };
    return {
      run: async (connection) => {
        const values = [key['submission_key'], content['product_id'], content['customer_id'], content['rating'], content['title'], content['body']];
        await connection.execute('CALL add_review(?, ?, ?, ?, ?, ?)', values.map((value) => value ?? null));
      },
      isDone: (connection) => exists(connection, 'reviews', key),
      remember: () => {
        const review = this.memory.written('reviews', key, content, customer);
        this.reviews.push(review);
        return review;
      },
    };
  }

  private changeReview(): Operation {
    if (this.reviews.length === 0) return this.addReview();
    const row = this.random.pick(this.reviews);
    const content: Columns = { title: headline(this.random), body: opinion(this.random, 4), reply: `ご意見ありがとうございます。（${this.key()}）` };
    return this.update('reviews', row.key, content);
  }

  private addProduct(): Operation {
    const { name, kana } = productName(this.random);
    const key: Columns = { code: this.key() };
    const content: Columns = {
      supplier_code: this.random.pick(this.existing.suppliers), category_id: this.random.pick(this.existing.categories), name, name_kana: kana,
      description: opinion(this.random, 2), tags: '新商品,送料無料', price: `${this.random.integer(1, 9)}000.00`, tax_rate: '0.080',
    };
    const price = Number(content['price']) * 1.08;
    return {
      run: (connection) => insert(connection, 'products', { ...key, ...content }).then(() => undefined),
      isDone: (connection) => exists(connection, 'products', key),
      remember: () => this.memory.written('products', key, { ...content, price_with_tax: price.toFixed(2) }),
    };
  }

  private addCoupon(): Operation {
    const key: Columns = { code: `お得${this.key()}` };
    const content: Columns = { title: '春の割引　特別', kind: '送料無料', channels: 'web,店頭', value: '0.00', state: 'active', valid_until: '2099-12-31' };
    return {
      run: (connection) => insert(connection, 'coupons', { ...key, ...content }).then(() => undefined),
      isDone: (connection) => exists(connection, 'coupons', key),
      remember: () => this.memory.written('coupons', key, content),
    };
  }

  private update(table: UpdatedTable, key: Columns, content: Columns): Operation {
    return this.updateOnce(table, key, content, async (connection, version) => {
      const [result] = await connection.query<ResultSetHeader>(
        `UPDATE ${table} SET ? WHERE ${where(key)} AND lock_version = ?`, [{ ...content, lock_version: version + 1 }, ...Object.values(key), version]);
      return result.affectedRows;
    });
  }

  /** An update that happens at most once: it raises the row's lock version, and only from the version that the application knows. */
  private updateOnce(table: UpdatedTable, key: Columns, content: Columns, send: (connection: Connection, version: number) => Promise<number>): Operation {
    const row = this.memory.find(table, key);
    // what is remembered goes before what the database says, as the latter would hide that an update was lost.
    let version = row?.lockVersion;
    return {
      row,
      run: async (connection) => {
        version ??= await lockVersion(connection, table, key);
        const changed = await send(connection, version);
        if (changed !== 1) throw new UnexpectedRowsError(`an update of ${table} ${JSON.stringify(key)} from version ${version} should change one row, changed ${changed}`);
      },
      isDone: async (connection) => version !== undefined && await lockVersion(connection, table, key) === version + 1,
      remember: () => this.memory.written(table, key, { ...content, lock_version: (version ?? 0) + 1 }),
    };
  }

  /** Deletes a row of this session, and with it what hangs on it; something else is done if there is none. */
  private deleteRow(rows: readonly RememberedRow[], table: UpdatedTable): Operation {
    if (rows.length === 0) return this.logAccess();
    const row = this.random.pick(rows);
    return {
      row,
      run: async (connection) => { await connection.query(`DELETE FROM ${table} WHERE ${where(row.key)}`, Object.values(row.key)); },
      isDone: async (connection) => !await exists(connection, table, row.key),
      remember: () => {
        this.memory.deleted(row);
        this.avoid(row);
        return row;
      },
    };
  }
}

function where(key: Columns): string {
  return Object.keys(key).map((column) => `${column} = ?`).join(' AND ');
}

/** Inserts one row; returns its AUTO_INCREMENT value, 0 if the table has none. */
async function insert(connection: Connection, table: string, columns: Columns): Promise<number> {
  const [result] = await connection.query<ResultSetHeader>(`INSERT INTO ${table} SET ?`, [columns]);
  return result.insertId;
}

async function exists(connection: Connection, table: string, key: Columns): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(`SELECT 1 FROM ${table} WHERE ${where(key)}`, Object.values(key));
  return rows.length > 0;
}

async function idOf(connection: Connection, table: string, key: Columns): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>(`SELECT id FROM ${table} WHERE ${where(key)}`, Object.values(key));
  return Number(rows[0]?.['id'] ?? 0);
}

async function lockVersion(connection: Connection, table: string, key: Columns): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>(`SELECT lock_version FROM ${table} WHERE ${where(key)}`, Object.values(key));
  const version = rows[0]?.['lock_version'] as number | undefined;
  if (version === undefined) throw new UnexpectedRowsError(`${table} ${JSON.stringify(key)} should be there, as this session has not deleted it`);
  return version;
}

async function transaction(connection: Connection, statements: () => Promise<void>): Promise<void> {
  await connection.beginTransaction();
  await statements();
  await connection.commit();
}
