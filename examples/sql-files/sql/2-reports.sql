CREATE TABLE daily_sales (
  day DATE NOT NULL PRIMARY KEY,
  orders INT NOT NULL,
  total DECIMAL(12, 2) NOT NULL
) COMMENT 'one row a day; filled by close_day()';

DELIMITER //
CREATE PROCEDURE close_day(IN closed DATE)
BEGIN
  REPLACE INTO daily_sales
    SELECT closed, COUNT(*), COALESCE(SUM(total), 0) FROM orders WHERE placed_at >= closed AND placed_at < closed + INTERVAL 1 DAY;
END//
DELIMITER ;

CREATE OR REPLACE VIEW best_days AS SELECT day, total FROM daily_sales ORDER BY total DESC LIMIT 10;
