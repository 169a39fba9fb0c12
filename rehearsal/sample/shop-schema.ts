/**
 * The sample shop: a schema as it grew in years past. Everything is utf8mb3 by default; some columns have their own collation or are
 * ascii; there are keys on text, prefixes, a foreign key on a code, a self reference, a table without a primary key, and stored programs
 * whose parameters and variables have the database's character set of the day they were written.
 */

/** Rows are loaded in this order: parents first. */
export const shopTables = [
  'suppliers', 'categories', 'products', 'customers', 'addresses', 'coupons', 'orders', 'order_items', 'order_history', 'reviews',
  'stock_movements', 'access_log',
] as const;

/** A table of the sample shop. */
export type ShopTable = typeof shopTables[number];

/** The database itself. */
export const createDatabase = 'CREATE DATABASE shop CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci';

/** The statement that defines each table. */
export const createTables: Readonly<Record<ShopTable, string>> = {
  suppliers: `
    CREATE TABLE suppliers (
      code CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT '仕入先コード',
      name VARCHAR(100) NOT NULL,
      name_kana VARCHAR(100) COLLATE utf8mb3_unicode_ci NOT NULL DEFAULT '',
      country CHAR(2) CHARACTER SET ascii NOT NULL DEFAULT 'JP',
      active TINYINT(1) NOT NULL DEFAULT 1,
      PRIMARY KEY (code),
      KEY name_kana (name_kana)
    ) ENGINE=InnoDB COMMENT='仕入先'`,
  categories: `
    CREATE TABLE categories (
      id INT UNSIGNED NOT NULL AUTO_INCREMENT,
      parent_id INT UNSIGNED DEFAULT NULL,
      slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
      name VARCHAR(64) NOT NULL COMMENT '表示名',
      position SMALLINT NOT NULL DEFAULT 0,
      PRIMARY KEY (id),
      UNIQUE KEY slug (slug),
      UNIQUE KEY name_in_parent (parent_id, name),
      CONSTRAINT categories_parent FOREIGN KEY (parent_id) REFERENCES categories (id) ON DELETE CASCADE
    ) ENGINE=InnoDB COMMENT='商品カテゴリー'`,
  products: `
    CREATE TABLE products (
      id INT UNSIGNED NOT NULL AUTO_INCREMENT,
      code VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      supplier_code CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      category_id INT UNSIGNED NOT NULL,
      name VARCHAR(120) NOT NULL COMMENT '商品名（全角可）',
      name_kana VARCHAR(120) COLLATE utf8mb3_unicode_ci NOT NULL DEFAULT '',
      description TEXT,
      tags SET('新商品','限定','送料無料','取り寄せ') NOT NULL DEFAULT '',
      price DECIMAL(10,2) NOT NULL,
      tax_rate DECIMAL(4,3) NOT NULL DEFAULT 0.100,
      price_with_tax DECIMAL(12,2) GENERATED ALWAYS AS (ROUND(price * (1 + tax_rate), 2)) STORED,
      weight FLOAT DEFAULT NULL COMMENT 'kg',
      attributes JSON DEFAULT NULL,
      picture_digest BINARY(16) DEFAULT NULL,
      stock INT NOT NULL DEFAULT 0,
      lock_version INT UNSIGNED NOT NULL DEFAULT 0,
      created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
      updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
      PRIMARY KEY (id),
      UNIQUE KEY code (code),
      KEY name (name(20)),
      KEY name_kana (name_kana(12)),
      KEY category_price (category_id, price),
      CONSTRAINT products_supplier FOREIGN KEY (supplier_code) REFERENCES suppliers (code) ON UPDATE CASCADE,
      CONSTRAINT products_category FOREIGN KEY (category_id) REFERENCES categories (id)
    ) ENGINE=InnoDB COMMENT='商品'`,
  customers: `
    CREATE TABLE customers (
      id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
      email VARCHAR(190) COLLATE utf8mb3_bin NOT NULL,
      family_name VARCHAR(40) NOT NULL,
      given_name VARCHAR(40) NOT NULL,
      full_name VARCHAR(90) GENERATED ALWAYS AS (CONCAT(family_name, '　', given_name)) STORED,
      kana VARCHAR(90) COLLATE utf8mb3_unicode_ci NOT NULL DEFAULT '',
      gender ENUM('女性','男性','回答しない') NOT NULL DEFAULT '回答しない',
      phone VARCHAR(20) CHARACTER SET ascii DEFAULT NULL,
      password_hash CHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
      birthday DATE DEFAULT NULL,
      withdrawn_on DATE NOT NULL DEFAULT '0000-00-00' COMMENT '退会日（0000-00-00 は会員）',
      points INT UNSIGNED NOT NULL DEFAULT 0,
      memo TINYTEXT,
      lock_version INT UNSIGNED NOT NULL DEFAULT 0,
      registered_at DATETIME NOT NULL,
      updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
      PRIMARY KEY (id),
      UNIQUE KEY email (email),
      KEY kana (kana(16)),
      KEY name (family_name, given_name)
    ) ENGINE=InnoDB COMMENT='顧客'`,
  addresses: `
    CREATE TABLE addresses (
      id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
      customer_id BIGINT UNSIGNED NOT NULL,
      label VARCHAR(30) NOT NULL DEFAULT '自宅',
      postal_code CHAR(8) CHARACTER SET ascii NOT NULL,
      prefecture VARCHAR(10) NOT NULL,
      city VARCHAR(40) NOT NULL,
      street VARCHAR(100) NOT NULL,
      building VARCHAR(100) DEFAULT NULL,
      PRIMARY KEY (id),
      KEY postal_code (postal_code),
      KEY prefecture_city (prefecture, city(10)),
      CONSTRAINT addresses_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
    ) ENGINE=InnoDB COMMENT='配送先'`,
  coupons: `
    CREATE TABLE coupons (
      code VARCHAR(24) COLLATE utf8mb3_bin NOT NULL,
      title VARCHAR(80) NOT NULL,
      kind ENUM('percent','amount','送料無料') NOT NULL,
      channels SET('web','app','店頭') NOT NULL DEFAULT 'web',
      value DECIMAL(8,2) NOT NULL DEFAULT 0.00,
      state ENUM('active','used','expired') CHARACTER SET ascii NOT NULL DEFAULT 'active',
      valid_until DATE NOT NULL,
      PRIMARY KEY (code),
      UNIQUE KEY title (title, code),
      KEY state (state, valid_until)
    ) ENGINE=InnoDB COMMENT='クーポン'`,
  orders: `
    CREATE TABLE orders (
      id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
      number CHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT '注文番号',
      customer_id BIGINT UNSIGNED NOT NULL,
      status ENUM('受付','支払待ち','発送準備','発送済み','完了','取消') NOT NULL DEFAULT '受付',
      coupon_code VARCHAR(24) COLLATE utf8mb3_bin DEFAULT NULL,
      ship_to VARCHAR(255) NOT NULL DEFAULT '',
      note TEXT,
      total DECIMAL(12,2) NOT NULL DEFAULT 0.00,
      lock_version INT UNSIGNED NOT NULL DEFAULT 0,
      ordered_at DATETIME(3) NOT NULL,
      updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
      PRIMARY KEY (id),
      UNIQUE KEY number (number),
      KEY customer (customer_id, ordered_at),
      KEY status (status, ordered_at),
      KEY coupon (coupon_code),
      KEY note (note(10)),
      CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
    ) ENGINE=InnoDB COMMENT='注文'`,
  order_items: `
    CREATE TABLE order_items (
      order_id BIGINT UNSIGNED NOT NULL,
      line_no SMALLINT UNSIGNED NOT NULL,
      product_id INT UNSIGNED NOT NULL,
      product_name VARCHAR(120) NOT NULL COMMENT '注文時の商品名',
      options VARCHAR(200) DEFAULT NULL,
      quantity SMALLINT UNSIGNED NOT NULL DEFAULT 1,
      unit_price DECIMAL(10,2) NOT NULL,
      PRIMARY KEY (order_id, line_no),
      KEY product (product_id),
      CONSTRAINT order_items_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
      CONSTRAINT order_items_product FOREIGN KEY (product_id) REFERENCES products (id)
    ) ENGINE=InnoDB COMMENT='注文明細'`,
  order_history: `
    CREATE TABLE order_history (
      id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
      order_id BIGINT UNSIGNED NOT NULL,
      message VARCHAR(200) NOT NULL,
      happened_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
      PRIMARY KEY (id),
      KEY order_time (order_id, happened_at),
      CONSTRAINT order_history_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
    ) ENGINE=InnoDB COMMENT='注文履歴（トリガーが書く）'`,
  reviews: `
    CREATE TABLE reviews (
      id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
      product_id INT UNSIGNED NOT NULL,
      customer_id BIGINT UNSIGNED NOT NULL,
      submission_key CHAR(32) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT '二重投稿防止',
      rating TINYINT UNSIGNED NOT NULL,
      title VARCHAR(100) NOT NULL,
      body TEXT NOT NULL,
      reply MEDIUMTEXT COMMENT '店舗からの返信',
      lock_version INT UNSIGNED NOT NULL DEFAULT 0,
      created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
      PRIMARY KEY (id),
      UNIQUE KEY submission (submission_key),
      KEY product (product_id, created_at),
      KEY title (title(12)),
      CONSTRAINT reviews_product FOREIGN KEY (product_id) REFERENCES products (id) ON DELETE CASCADE,
      CONSTRAINT reviews_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
    ) ENGINE=InnoDB COMMENT='レビュー'`,
  stock_movements: `
    CREATE TABLE stock_movements (
      id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
      product_id INT UNSIGNED NOT NULL,
      kind ENUM('入荷','出荷','棚卸','返品') NOT NULL,
      quantity INT NOT NULL,
      warehouse VARCHAR(30) NOT NULL DEFAULT '東京第一倉庫',
      memo VARCHAR(255) COLLATE utf8mb3_unicode_ci NOT NULL DEFAULT '',
      moved_at DATETIME NOT NULL,
      PRIMARY KEY (id),
      KEY product (product_id, moved_at),
      KEY warehouse (warehouse, kind),
      CONSTRAINT stock_movements_product FOREIGN KEY (product_id) REFERENCES products (id)
    ) ENGINE=InnoDB COMMENT='在庫移動'`,
  access_log: `
    CREATE TABLE access_log (
      request_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      customer_id BIGINT UNSIGNED DEFAULT NULL,
      path VARCHAR(200) NOT NULL,
      search_words VARCHAR(100) DEFAULT NULL COMMENT '検索語',
      user_agent VARCHAR(255) CHARACTER SET ascii NOT NULL DEFAULT '',
      logged_at DATETIME NOT NULL,
      KEY request (request_id)
    ) ENGINE=InnoDB COMMENT='アクセスログ（主キーなし）'`,
};

/** Functions, procedures, triggers, the event and the view; created after the rows, so that no trigger adds to what is loaded. */
export const createPrograms: readonly string[] = [
  `CREATE FUNCTION display_name(p_family VARCHAR(40), p_given VARCHAR(40)) RETURNS VARCHAR(90) DETERMINISTIC
    COMMENT '表示用の氏名'
    RETURN CONCAT(p_family, '　', p_given, ' 様')`,
  `CREATE PROCEDURE add_review(
      IN p_submission_key CHAR(32), IN p_product_id INT UNSIGNED, IN p_customer_id BIGINT UNSIGNED, IN p_rating TINYINT UNSIGNED,
      IN p_title VARCHAR(100), IN p_body TEXT)
    MODIFIES SQL DATA COMMENT 'レビューを投稿する'
    BEGIN
      DECLARE v_title VARCHAR(100);
      SET v_title = IF(p_title = '', '（無題）', p_title);
      INSERT INTO reviews (product_id, customer_id, submission_key, rating, title, body)
      VALUES (p_product_id, p_customer_id, p_submission_key, p_rating, v_title, p_body);
    END`,
  `CREATE PROCEDURE rename_customer(IN p_customer_id BIGINT UNSIGNED, IN p_family VARCHAR(40), IN p_given VARCHAR(40), IN p_lock_version INT UNSIGNED)
    MODIFIES SQL DATA COMMENT '改姓・改名'
    UPDATE customers SET family_name = p_family, given_name = p_given, lock_version = p_lock_version + 1
    WHERE id = p_customer_id AND lock_version = p_lock_version`,
  `CREATE TRIGGER reviews_before_insert BEFORE INSERT ON reviews FOR EACH ROW
    BEGIN
      DECLARE v_title VARCHAR(100);
      SET v_title = TRIM(NEW.title);
      SET NEW.title = v_title;
    END`,
  `CREATE TRIGGER orders_after_update AFTER UPDATE ON orders FOR EACH ROW
    BEGIN
      IF NEW.status <> OLD.status THEN
        INSERT INTO order_history (order_id, message) VALUES (NEW.id, CONCAT('状態変更：', OLD.status, ' → ', NEW.status));
      END IF;
    END`,
  `CREATE EVENT expire_coupons ON SCHEDULE EVERY 1 HOUR STARTS '2020-01-01 00:30:00' ENABLE COMMENT '期限切れクーポン'
    DO UPDATE coupons SET state = 'expired' WHERE state = 'active' AND valid_until < CURRENT_DATE`,
  `CREATE VIEW order_overview AS
    SELECT orders.number, orders.status, customers.full_name, orders.total, orders.ordered_at,
      (SELECT COUNT(*) FROM order_items WHERE order_items.order_id = orders.id) AS line_count
    FROM orders JOIN customers ON customers.id = orders.customer_id`,
];
