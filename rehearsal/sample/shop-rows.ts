import { escape } from 'mysql2';
import { Random } from './random';
import { type ShopTable, shopTables } from './shop-schema';
import { headline, note, opinion, personName, place, productName, searchWords } from './words';

type Value = string | number | null | Buffer;

/** How many rows each table of the shop gets. */
export type ShopSize = Readonly<Record<ShopTable, number>>;

/** How to make the rows of one table. */
interface RowMaker {
  readonly columns: readonly string[];
  /** The row with this number, counted from 1. */
  row(number: number, size: ShopSize, random: Random): readonly Value[];
}

/** Fewer rows than these do not give every table one. */
const MINIMUM_ROWS = 300;

/** Rows of each table per thousand; the access log takes what remains. */
const perThousand: Readonly<Partial<Record<ShopTable, number>>> = {
  suppliers: 2, products: 20, customers: 100, addresses: 100, coupons: 5, orders: 150, order_items: 300, order_history: 60, reviews: 70,
  stock_movements: 70,
};

const MAXIMUM_CATEGORIES = 40;
const FIRST_MOMENT = Date.UTC(2019, 3, 1);
const MOMENTS_SECONDS = 6 * 365 * 86_400;

/**
 * Divides `rows` among the tables of the shop, so that they add up exactly.
 *
 * @throws RangeError if `rows` is too small for every table to have one.
 */
export function shopSize(rows: number): ShopSize {
  if (!Number.isInteger(rows) || rows < MINIMUM_ROWS) throw new RangeError(`'rows' should be a whole number of at least ${MINIMUM_ROWS}, got '${rows}'`);
  const share = (table: ShopTable) => Math.max(1, Math.floor(rows * (perThousand[table] ?? 0) / 1000));
  const size = Object.fromEntries(shopTables.map((table) => [table, share(table)])) as Record<ShopTable, number>;
  size.categories = Math.min(MAXIMUM_CATEGORIES, Math.ceil(rows / 100));
  size.access_log = 0;
  size.access_log = rows - Object.values(size).reduce((sum, count) => sum + count, 0);
  return size;
}

/**
 * The INSERT statements for one table, each of about `bytes` bytes of SQL, in the order of the primary key.
 */
export function* insertStatements(table: ShopTable, size: ShopSize, seed: number, bytes: number): Generator<string> {
  const maker = makers[table];
  // each table has its own sequence, so that a change in one does not change the data of the others.
  const random = new Random(seed * 100 + shopTables.indexOf(table));
  const head = `INSERT INTO ${table} (${maker.columns.join(', ')}) VALUES `;
  let rows: string[] = [];
  let length = 0;
  for (let number = 1; number <= size[table]; number++) {
    const row = `(${maker.row(number, size, random).map(literal).join(',')})`;
    rows.push(row);
    // a Japanese character is one unit of the string and three bytes of the packet.
    length += row.length * 2;
    if (length >= bytes) {
      yield head + rows.join(',');
      rows = [];
      length = 0;
    }
  }
  if (rows.length > 0) yield head + rows.join(',');
}

function literal(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (Buffer.isBuffer(value)) return `X'${value.toString('hex')}'`;
  return /['"\\\0\n\r\x1a]/.test(value) ? escape(value) : `'${value}'`;
}

function moment(random: Random): string {
  return new Date(FIRST_MOMENT + random.integer(0, MOMENTS_SECONDS) * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

function day(random: Random, firstYear: number, lastYear: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${random.integer(firstYear, lastYear)}-${two(random.integer(1, 12))}-${two(random.integer(1, 28))}`;
}

/** The code of the supplier with this number, counted from 1. */
export function supplierCode(number: number): string {
  return `SUP${String(number).padStart(5, '0')}`;
}

function couponCode(number: number): string {
  return `夏セール-${number.toString(36).toUpperCase()}`;
}

const makers: Readonly<Record<ShopTable, RowMaker>> = {
  suppliers: {
    columns: ['code', 'name', 'name_kana', 'country', 'active'],
    row(number, _size, random) {
      const person = personName(random);
      return [supplierCode(number), `株式会社${person.family}商店`, `${person.kana.split(' ')[0] ?? ''}ショウテン`, random.pick(['JP', 'JP', 'JP', 'TW', 'FR']), random.chance(0.9) ? 1 : 0];
    },
  },
  categories: {
    columns: ['id', 'parent_id', 'slug', 'name', 'position'],
    row(number, size, random) {
      const roots = Math.max(1, Math.floor(size.categories / 4));
      const name = random.pick(['台所用品', '食器', '文房具', '寝具', '食品', '照明', '家具', '贈り物']);
      return [number, number <= roots ? null : random.integer(1, roots), `category-${number}`, `${name}${number}`, number * 10];
    },
  },
  products: {
    columns: ['id', 'code', 'supplier_code', 'category_id', 'name', 'name_kana', 'description', 'tags', 'price', 'tax_rate', 'weight', 'attributes', 'picture_digest', 'stock',
      'created_at', 'updated_at'],
    row(number, size, random) {
      const { name, kana } = productName(random);
      return [
        number, `P-${String(number).padStart(7, '0')}`, supplierCode(random.integer(1, size.suppliers)), random.integer(1, size.categories),
        // a few names fill their column to the last character, as somebody always finds the limit.
        number % 97 === 0 ? '長'.repeat(120) : name, kana, random.chance(0.9) ? opinion(random, 3) : null,
        random.pick(['', '新商品', '限定,送料無料', '新商品,取り寄せ']), random.integer(80, 30_000), random.pick(['0.100', '0.080']),
        random.chance(0.7) ? random.integer(1, 400) / 8 : null,
        random.chance(0.5) ? JSON.stringify({ 色: random.pick(['赤', '青', '生成り']), size: random.integer(1, 9) }) : null,
        random.chance(0.5) ? Buffer.from(random.hexadecimal(32), 'hex') : null, random.integer(0, 500), moment(random), moment(random),
      ];
    },
  },
  customers: {
    columns: ['id', 'email', 'family_name', 'given_name', 'kana', 'gender', 'phone', 'password_hash', 'birthday', 'points', 'memo', 'registered_at', 'updated_at'],
    row(number, _size, random) {
      const person = personName(random);
      return [
        // upper and lower case differ in a _bin column and nowhere else.
        number, `${random.pick(['user', 'User', 'mail'])}.${number}@example.jp`, person.family, person.given, person.kana, random.pick(['女性', '男性', '回答しない']),
        random.chance(0.8) ? `0${random.integer(3, 9)}0-${random.integer(1000, 9999)}-${random.integer(1000, 9999)}` : null, `$2b$10$${random.hexadecimal(53)}`,
        random.chance(0.7) ? day(random, 1940, 2005) : null, random.integer(0, 9000), random.chance(0.2) ? note(random) : null, moment(random), moment(random),
      ];
    },
  },
  addresses: {
    columns: ['id', 'customer_id', 'label', 'postal_code', 'prefecture', 'city', 'street', 'building'],
    row(number, size, random) {
      const { postalCode, prefecture, city, street, building } = place(random);
      return [number, random.integer(1, size.customers), random.pick(['自宅', '自宅', '勤務先', '実家']), postalCode, prefecture, city, street, building];
    },
  },
  coupons: {
    columns: ['code', 'title', 'kind', 'channels', 'value', 'state', 'valid_until'],
    row(number, _size, random) {
      return [
        couponCode(number), `${random.pick(['夏', '冬', '誕生日', '創業祭'])}の割引${random.pick(['券', 'クーポン', '　特別'])}`, random.pick(['percent', 'amount', '送料無料']),
        random.pick(['web', 'web,app', 'web,app,店頭', '店頭']), random.integer(1, 20) * 5, random.pick(['used', 'expired', 'used']), day(random, 2019, 2024),
      ];
    },
  },
  orders: {
    columns: ['id', 'number', 'customer_id', 'status', 'coupon_code', 'ship_to', 'note', 'total', 'ordered_at', 'updated_at'],
    row(number, size, random) {
      const { prefecture, city, street } = place(random);
      return [
        number, `R-${String(number).padStart(12, '0')}`, random.integer(1, size.customers), random.pick(['受付', '支払待ち', '発送準備', '発送済み', '完了', '完了', '取消']),
        random.chance(0.1) ? couponCode(random.integer(1, size.coupons)) : null, prefecture + city + street, random.chance(0.2) ? note(random) : null,
        random.integer(500, 90_000), `${moment(random)}.${random.integer(100, 999)}`, moment(random),
      ];
    },
  },
  order_items: {
    columns: ['order_id', 'line_no', 'product_id', 'product_name', 'options', 'quantity', 'unit_price'],
    row(number, size, random) {
      const [order, line] = orderLine(number, size);
      return [
        order, line, random.integer(1, size.products), productName(random).name, random.chance(0.2) ? `色：${random.pick(['赤', '青', '生成り'])}、ラッピング有り` : null,
        random.integer(1, 5), random.integer(80, 30_000),
      ];
    },
  },
  order_history: {
    columns: ['id', 'order_id', 'message', 'happened_at'],
    row(number, size, random) {
      return [number, random.integer(1, size.orders), `状態変更：受付 → ${random.pick(['支払待ち', '発送準備', '取消'])}`, moment(random)];
    },
  },
  reviews: {
    columns: ['id', 'product_id', 'customer_id', 'submission_key', 'rating', 'title', 'body', 'reply', 'created_at'],
    row(number, size, random) {
      return [
        number, random.integer(1, size.products), random.integer(1, size.customers), random.chance(0.8) ? random.hexadecimal(32) : null, random.integer(1, 5),
        headline(random), opinion(random, 4), random.chance(0.1) ? `ご利用ありがとうございます。${opinion(random, 2)}` : null, moment(random),
      ];
    },
  },
  stock_movements: {
    columns: ['id', 'product_id', 'kind', 'quantity', 'warehouse', 'memo', 'moved_at'],
    row(number, size, random) {
      return [
        number, random.integer(1, size.products), random.pick(['入荷', '出荷', '棚卸', '返品']), random.integer(-50, 200), random.pick(['東京第一倉庫', '大阪倉庫', '福岡倉庫']),
        random.chance(0.3) ? note(random) : '', moment(random),
      ];
    },
  },
  access_log: {
    columns: ['request_id', 'customer_id', 'path', 'search_words', 'user_agent', 'logged_at'],
    row(_number, size, random) {
      const search = random.chance(0.4);
      return [
        random.hexadecimal(32), random.chance(0.6) ? random.integer(1, size.customers) : null, search ? '/検索' : `/products/${random.integer(1, size.products)}`,
        search ? searchWords(random) : null, random.pick(['Mozilla/5.0 (iPhone)', 'Mozilla/5.0 (Windows NT 10.0)', 'curl/7.58.0']), moment(random),
      ];
    },
  },
};

/** Spreads the lines evenly over the orders; the first orders get what does not divide. */
function orderLine(number: number, size: ShopSize): readonly [number, number] {
  const lines = Math.floor(size.order_items / size.orders);
  const longer = size.order_items % size.orders;
  const inLonger = longer * (lines + 1);
  const index = number - 1;
  if (index < inLonger) return [Math.floor(index / (lines + 1)) + 1, index % (lines + 1) + 1];
  return [longer + Math.floor((index - inLonger) / lines) + 1, (index - inLonger) % lines + 1];
}
