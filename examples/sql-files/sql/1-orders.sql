-- orders have more than 2^31 lines soon.
ALTER TABLE orders MODIFY id BIGINT NOT NULL AUTO_INCREMENT;
ALTER TABLE order_lines MODIFY order_id BIGINT NOT NULL;

# found by its day, newest first.
CREATE INDEX placed ON orders (placed_at DESC);
